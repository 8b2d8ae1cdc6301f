"""Numbered schema migrations; run by the server itself when it starts."""
