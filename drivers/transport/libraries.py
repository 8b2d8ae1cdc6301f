"""Which file may import which foreign device library; a test reads this table."""

from __future__ import annotations

from collections.abc import Mapping

IMPORTED_BY: Mapping[str, str] = {
    "aiohttp": "transport/ipp.py",
    "cv2": "vision/ sim/",
    "pyipp": "transport/ipp.py",
    "pymodbus": "codec/modbus.py",
    "pypdf": "transport/pdf_file.py",
    "pyzbar": "vision/codes/readers.py",
    "rapidocr": "vision/faces/engine.py",
    "serial": "transport/serial_port.py",
    "zxingcpp": "vision/codes/readers.py",
}
"""Top-level module -> the one file under drivers/ that imports it, or the one folder (`…/`); pictures are taken
apart in one folder and made for simulated cameras in another.

The standard library is free.
"""

LOADED_BY: Mapping[str, str] = {
    "libpcsclite.so.1": "transport/pcsc_library.py",
}
"""Shared library -> the one file under drivers/ that loads it by ctypes."""
