"""A simulated sound jack: an input node that writes `struct input_event`.

Control: `insert`, `remove`. A pty cannot be asked for its switches, so the node tells its state when
it appears, as the first events that its reader finds.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Mapping

from drivers.sim.core import Twin


class HeadphoneTwin(Twin):
    """See the module."""

    models = ("evdev_switch",)
    unasked_models = frozenset({"evdev_switch"})
    default_baud = None

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        self._plugged = settings.get("plugged", False) is True
        self.ops["insert"] = lambda _request: self._set(True)
        self.ops["remove"] = lambda _request: self._set(False)

    def on_bytes(self, data: bytes) -> None:
        """Nobody writes to an input node of this kind; what comes is ignored."""

    def on_power_up(self) -> None:
        self._tell()

    def status(self) -> dict[str, object]:
        return {**super().status(), "inserted": self._plugged}

    def _set(self, plugged: bool) -> Mapping[str, object]:
        if plugged is not self._plugged:
            self._plugged = plugged
            self._tell()
        return {}

    def _tell(self) -> None:
        now_ns = time.time_ns()
        stamp = (now_ns // 1_000_000_000, now_ns // 1_000 % 1_000_000)
        switch = struct.pack("@llHHi", *stamp, 5, 2, int(self._plugged))
        report = struct.pack("@llHHi", *stamp, 0, 0, 0)
        self.send(switch + report)


TWIN = HeadphoneTwin
