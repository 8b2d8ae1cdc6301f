"""Faces before the camera."""
