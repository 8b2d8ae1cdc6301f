"""Rows of the machine for the communication aid, what could not be done, and ratings."""

from __future__ import annotations

from kiosk.domain.visit_rows import Part

PART = Part()
