"""Reading the face of an identity card whose chip is dead."""
