"""Faults of keypads, lights, doors, relays and the uninterruptible power supply."""

from __future__ import annotations
