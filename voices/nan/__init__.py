"""Minnan: words, number grammar, sound sources."""
