"""The page on which a native speaker hears every text and says what is right, wrong, or better."""
