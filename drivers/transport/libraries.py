"""Which file may import which foreign device library; a test reads this table."""

from __future__ import annotations

from collections.abc import Mapping

IMPORTED_BY: Mapping[str, str] = {
    "serial": "transport/serial_port.py",
}
"""Top-level module -> the one file under drivers/ that imports it. The standard library is free."""
