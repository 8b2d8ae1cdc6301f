"""Scanners of documents."""
