"""Rows of the machine for choosing by ear and by keys."""

from __future__ import annotations

from kiosk.domain.visit_rows import Part

PART = Part()
