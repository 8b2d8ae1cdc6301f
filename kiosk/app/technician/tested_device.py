"""Which device a kept self-test is of: a test of one reader says nothing about the reader that took its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.app.technician.redact import without_credentials

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Binding:
    """What tells one device from another of its class."""

    model: str
    port: str
    """As devices.toml names it, or its whole table where it has no port."""
    adapter: str = ""
    """USB ids and serial number of what is plugged in there; empty where nothing can be known."""


def marks_of(bound: Binding, says: str | None) -> dict[str, object]:
    """What a kept self-test holds of its device.

    :param says: product, firmware and serial number as the device itself gives them.
    """
    port = without_credentials(bound.port)
    return {"model": bound.model, "port": port, "adapter": bound.adapter, "says": says or ""}


def kept_test(row: Row | None, bound: Binding, says: str | None = None) -> Row | None:
    """The row when it is this device's, otherwise None. A row without a port does not say whose it is.

    What either side leaves empty tells nothing apart: not every device can be asked.
    """
    if not row:
        return None
    marks = marks_of(bound, says)
    if any(row.get(key) != marks[key] for key in ("model", "port")):
        return None
    known = (key for key in ("adapter", "says") if row.get(key) and marks[key])
    return row if all(row[key] == marks[key] for key in known) else None
