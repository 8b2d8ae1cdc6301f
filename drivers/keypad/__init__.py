"""Keypads."""
