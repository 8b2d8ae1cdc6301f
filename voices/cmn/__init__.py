"""Mandarin: words and number grammar."""
