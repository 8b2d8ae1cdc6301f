"""Document scanners and the reading of an identity card's printed face."""

from __future__ import annotations
