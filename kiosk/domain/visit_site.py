"""Rows of the machine for the life of a site between visits."""

from __future__ import annotations

from kiosk.domain.visit_rows import Part

PART = Part()
