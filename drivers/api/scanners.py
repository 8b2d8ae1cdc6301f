"""Code scanners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from drivers.api.device import Device


@dataclass(frozen=True, slots=True, repr=False)
class ScannedCode:
    """One code. The payload is never logged and never reaches a widget unparsed."""

    symbology: str
    text: str
    raw: bytes

    def __repr__(self) -> str:
        return f"ScannedCode({self.symbology}, {len(self.raw)} bytes)"


class CodeScanner(Device, Protocol):
    """XFS4IoT BarcodeReader."""

    def read(self, timeout_s: float) -> ScannedCode | None:
        """Wait for one code; None when none was shown. :raises DeviceError:"""
