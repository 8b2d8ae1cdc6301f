"""Rows of the machine for other ways in: deputies, typed numbers with a witness, slips that resume."""

from __future__ import annotations

from kiosk.domain.visit_rows import Part

PART = Part()
