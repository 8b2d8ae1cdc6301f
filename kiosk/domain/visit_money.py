"""Rows of the machine for bills and payments, appointments."""

from __future__ import annotations

from kiosk.domain.visit_rows import Part

PART = Part()
