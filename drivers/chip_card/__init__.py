"""Chip-card readers, one module a model."""
