"""Rows of the machine for pictures of papers, commitments and signatures."""

from __future__ import annotations

from kiosk.domain.visit_rows import Part

PART = Part()
