"""Whom this program believes on the wire: read once, for reading the system's authorities takes longer than a call."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def trusted() -> ssl.SSLContext:
    """The system's authorities; shared by every client of this process."""
    return ssl.create_default_context()
