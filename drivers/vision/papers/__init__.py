"""Papers in pictures."""
