"""Codes in pictures."""
