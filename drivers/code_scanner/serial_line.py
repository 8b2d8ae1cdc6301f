"""Code scanner that writes each code as a line on a serial port (USB-CDC or RS-232).

Keyboard mode is refused on purpose: it types into whatever field has the focus. Such a scanner has no
common question to ask, so `open` proves only that the port exists and nobody else holds it.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers import settings
from drivers.api import CodeScanner
from drivers.code_scanner._line_reader import LineReader


class SerialLineScanner(LineReader):
    """See `drivers.api.CodeScanner`. Settings: `port`, `baud` (default 9600)."""

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, "port", "baud")
        super().__init__(settings.text(table, "port"), settings.whole(table, "baud", 9600))


def DRIVER(table: Mapping[str, object]) -> CodeScanner:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return SerialLineScanner(table)
