"""Register scan engines: EM2000, EM3095, GM6x and clones; the bytes are in `drivers.codec.scanner.register_engine`."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.api import CodeScanner
from drivers.code_scanner._command_reader import CommandReader
from drivers.codec.scanner import register_engine


def DRIVER(table: Mapping[str, object]) -> CodeScanner:
    """Make the driver from its devices.toml table, see `CommandReader`. :raises ValueError: for unusable settings."""
    return CommandReader(table, register_engine.FAMILY)
