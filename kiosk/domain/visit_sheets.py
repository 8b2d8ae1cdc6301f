"""Rows of the machine for what is looked up, printed and explained, and what somebody is due."""

from __future__ import annotations

from kiosk.domain.visit_rows import Part

PART = Part()
