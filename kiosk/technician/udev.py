"""The line of a udev rule that gives a device its lasting name /dev/kiosk/<class> (udev(7))."""

from __future__ import annotations

import re

from drivers.transport.found import Found, Kind

_SUBSYSTEM = {Kind.SERIAL: "tty", Kind.INPUT: "input", Kind.CAMERA: "video4linux"}
_KERNEL = {Kind.INPUT: 'KERNEL=="event*", ', Kind.CAMERA: 'ATTR{index}=="0", ', Kind.SERIAL: ""}
"""A camera has a second node that carries no picture."""
GROUP = "kiosk"
_PLAIN = re.compile(r"[\w.:+@ -]+", re.ASCII)


class NoRule(Exception):
    """udev cannot tell this thing from others; the text says why."""


def rule(device_class: str, found: Found) -> str:
    """:raises NoRule:"""
    if found.kind not in _SUBSYSTEM:
        raise NoRule(f"a {found.kind.value} is found by its name, not by a node")
    match = f'SUBSYSTEM=="{_SUBSYSTEM[found.kind]}", {_KERNEL[found.kind]}{_identity(found)}'
    ignored = ', ENV{ID_MM_DEVICE_IGNORE}="1"' if found.kind is Kind.SERIAL else ""
    return f'{match}, SYMLINK+="kiosk/{device_class}", GROUP="{GROUP}", MODE="0660"{ignored}'


def _identity(found: Found) -> str:
    """All ATTRS of one rule must be of one parent: these three are the USB device's own."""
    if found.usb_id and found.serial and _PLAIN.fullmatch(found.serial):
        vendor, product = found.usb_id.split(":")
        return f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}", ATTRS{{serial}}=="{found.serial}"'
    if found.location:
        return f'KERNELS=="{found.location}"'
    raise NoRule(f"{found.path} has neither a serial number nor a USB place: its node's name is all there is")
