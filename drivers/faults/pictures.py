"""Faults of cameras, document scanners and of reading what they see."""

from __future__ import annotations
