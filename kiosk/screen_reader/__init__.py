"""What is on the screen, told to a screen reader through AccessKit and AT-SPI, in a process of its own."""
