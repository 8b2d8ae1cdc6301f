"""What the cameras see: a process of its own."""
