"""Rows of the machine for typed questions of forms."""

from __future__ import annotations

from kiosk.domain.visit_rows import Part

PART = Part()
