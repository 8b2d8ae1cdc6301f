"""Honeywell (and some Datalogic) scanners on a serial line; the bytes are in `drivers.codec.scanner.honeywell`."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.api import CodeScanner
from drivers.code_scanner._command_reader import CommandReader
from drivers.codec.scanner import honeywell


def DRIVER(table: Mapping[str, object]) -> CodeScanner:
    """Make the driver from its devices.toml table, see `CommandReader`. :raises ValueError: for unusable settings."""
    return CommandReader(table, honeywell.FAMILY)
