"""What a decision brings: notes in the office's own register, and requests that would ask for the same once more."""
