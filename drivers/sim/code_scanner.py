"""A simulated code scanner on a serial line.

Settings: `baud`, `family` = serial_line (default), newland_unified, register_engine, honeywell_serial;
`suffix` = cr (default), crlf, none; `stx_etx` and `aim` = true or false.
Control: `show {"text", "symbology"?: "qr", "encoding"?: "utf-8" | "gb18030"}` or `show {"hex"}`; `hide`.
By sight a shown code is sent at once; by command it lies there until the lamp is on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drivers.sim.core import BadControl, Twin
from drivers.sim.scanner_engines import ENGINES, Happening

SUFFIXES = {"cr": b"\r", "crlf": b"\r\n", "none": b""}
AIM_PREFIXES = {"qr": b"]Q1", "code128": b"]C0", "ean": b"]E0", "pdf417": b"]L0", "datamatrix": b"]d1"}
ENCODINGS = ("utf-8", "gb18030")
THINKING_S = 0.01


class CodeScannerTwin(Twin):
    """See the module."""

    models = tuple(ENGINES)
    unasked_models = frozenset({"serial_line"})
    default_baud = 9600
    own_faults: ClassVar[Mapping[str, str]] = {
        "refuse": "the next command is refused (NAK)",
        "ack_before_code": "the next answer waits and leaves glued to the front of the next code",
        "ack_behind_code": "the next answer waits and leaves glued to the end of the next code",
    }

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        suffix, family = str(settings.get("suffix", "cr")), str(settings.get("family", "serial_line"))
        if suffix not in SUFFIXES:
            raise BadControl(f"suffix {suffix!r}; known: {', '.join(SUFFIXES)}")
        if family not in ENGINES:
            raise BadControl(f"family {family!r}; known: {', '.join(ENGINES)}")
        self._suffix = SUFFIXES[suffix]
        self._framed = settings.get("stx_etx", False) is True
        self._aim = settings.get("aim", False) is True
        self._family = family
        self._shown = 0
        self._power_on()
        self.ops["show"] = self._op_show
        self.ops["hide"] = self._op_hide

    @classmethod
    def bench_settings(cls, model: str) -> Mapping[str, object]:
        return {"family": model}

    def _power_on(self) -> None:
        self._engine = ENGINES[self._family]()
        self._lamp = self._by_command = False
        self._commands = self._lit_times = 0
        self._in_view = self._owed_before = self._owed_behind = b""

    def on_power_up(self) -> None:
        self._power_on()

    def on_bytes(self, data: bytes) -> None:
        wanted = self.faults.first("refuse") is not None
        self._engine.refuse_next = wanted
        happenings = self._engine.obey(data)
        if wanted and not self._engine.refuse_next:
            self.faults.take("refuse")  # a whole command has come and was refused
        self._engine.refuse_next = False
        for happening in happenings:
            self._commands += 1
            self._happen(happening)

    def _happen(self, happening: Happening) -> None:
        if happening.by_command is not None:
            self._by_command = happening.by_command
        if happening.lamp is not None:
            self._lit_times += happening.lamp and not self._lamp
            self._lamp = happening.lamp
        if happening.answer and self.faults.take("ack_before_code", happening.tag):
            self._owed_before = happening.answer
        elif happening.answer and self.faults.take("ack_behind_code", happening.tag):
            self._owed_behind = happening.answer
        elif happening.answer:
            self.after(THINKING_S, lambda: self.send(happening.answer, tag=happening.tag))
        self._look()

    def _look(self) -> None:
        """Read what lies in view, if reading is on now; a commanded reading ends with its code."""
        if self._in_view and (self._lamp or not self._by_command):
            code, self._in_view, self._lamp = self._in_view, b"", False
            code, self._owed_before, self._owed_behind = self._owed_before + code + self._owed_behind, b"", b""
            self.after(THINKING_S, lambda: self.send(code, tag="code"))

    def status(self) -> dict[str, object]:
        return {
            **super().status(),
            "shown": self._shown,
            "lamp": self._lamp,
            "by_command": self._by_command,
            "commands": self._commands,
            "lit_times": self._lit_times,
            "in_view": bool(self._in_view),
        }

    def _op_hide(self, _request: Mapping[str, object]) -> Mapping[str, object]:
        self._in_view = b""
        return {}

    def _op_show(self, request: Mapping[str, object]) -> Mapping[str, object]:
        payload = self._payload(request)
        if self._aim:
            payload = AIM_PREFIXES.get(str(request.get("symbology", "qr")), b"]X0") + payload
        if self._framed:
            payload = b"\x02" + payload + b"\x03"
        self._shown += 1
        self._in_view = payload + self._suffix
        self._look()
        return {}

    def _payload(self, request: Mapping[str, object]) -> bytes:
        encoding = str(request.get("encoding", "utf-8")).lower()
        if encoding not in ENCODINGS:
            raise BadControl(f"encoding {encoding!r}; known: {', '.join(ENCODINGS)}")
        try:
            if "hex" in request:
                return bytes.fromhex(str(request["hex"]))
            return str(request["text"]).encode(encoding)
        except (KeyError, ValueError) as error:
            raise BadControl("show needs text, or hex") from error


TWIN = CodeScannerTwin
