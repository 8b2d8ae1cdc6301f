"""A simulated social security card for the virtual PC/SC reader: `pcscd` with `vpcd` are the real reader's side.

Putting the card in connects to the reader's slot, pulling it out ends the connection; without a card there is no
wire. Settings: `reader` ("private": this process brings a pcscd of its own, whose socket is then at the link),
`host` (127.0.0.1), `vpcd_port` (35963; the second slot is the next port), `residents_file`,
`contact_time_percent` (100; cards and readers agree on other speeds).
Control: `present {"resident": KEY} | {"card": {...}} | {"unknown_kind": true}`, `lift`, and faults.
"""

from __future__ import annotations

import functools
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from drivers.sim import _pcsc_peer
from drivers.sim.core import BadControl, Twin
from drivers.sim.faultbook import LINE_FAULTS, FaultBook
from drivers.sim.virtual_social_card import ATR, QUIRKS, Image, VirtualSocialCard, make_image, tag_of
from drivers.sim.vpcd_wire import VpcdWire

PRIVATE = "private"
POWER_OFF, POWER_ON, RESET, ASK_ATR = 0, 1, 2, 4
CHIP_S = 0.005
"""How long the chip thinks about a command."""
BYTE_S = 12 / 9600
"""A character with its guard time on the contacts, at the speed that every card begins with (ISO/IEC 7816-3)."""
_CONTACT_FAULTS = ("mute", "late")
"""Of the faults of a serial line these two exist here; others are caught by reader and card among themselves."""


class ChipCardTwin(Twin):
    """See the module."""

    models = ("pcsc_social",)
    default_baud = None
    own_faults: ClassVar[Mapping[str, str]] = {
        **QUIRKS,
        "wrong_atr": "the card answers power-up with bytes that are no ATR",
        "pulled": "the card is pulled out while `on` (select, read, fetch) runs",
        "short": "the answer has only its first `at` bytes (default 1)",
    }

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        self.faults = FaultBook(self.fault_names("pcsc_social"))
        self._host = str(settings.get("host", "127.0.0.1"))
        self._port = _whole(settings, "vpcd_port", _pcsc_peer.VPCD_PORT)
        self._contact_time = _whole(settings, "contact_time_percent", 100) / 100
        self._residents = _residents(settings.get("residents_file"))
        self._heard = bytearray()
        self._card: VirtualSocialCard | None = None
        self._counts = dict.fromkeys(("power_ups", "select", "read", "fetch", "verify", "other"), 0)
        # The reader is a real one: its cable is not ours to pull.
        del self.ops["unplug"], self.ops["replug"]
        self.ops["present"] = self._op_present
        self.ops["lift"] = self._op_lift

    @classmethod
    def missing(cls, settings: Mapping[str, object]) -> str:
        return _pcsc_peer.missing() if settings.get("reader") == PRIVATE else ""

    @classmethod
    def prepare(cls, settings: Mapping[str, object], link: Path, arguments: Sequence[str]) -> None:
        if settings.get("reader") == PRIVATE and not os.environ.get(_pcsc_peer.INSIDE):
            _pcsc_peer.enter(link, arguments)

    @classmethod
    def fault_names(cls, model: str) -> Mapping[str, str]:
        return {**{name: LINE_FAULTS[name] for name in _CONTACT_FAULTS}, **cls.own_faults}

    def status(self) -> dict[str, object]:
        return {**super().status(), "card": self._line is not None, **self._counts}

    def plug(self, link: Path | None = None) -> None:
        """No card, no wire: `present` makes it."""
        self._link = link or self._link

    def hear(self, now_s: float) -> None:
        super().hear(now_s)
        if isinstance(self._line, VpcdWire) and self._line.has_ended:
            self.unplug()

    def on_bytes(self, data: bytes) -> None:
        self._heard += data
        while len(self._heard) >= 2:
            length = int.from_bytes(self._heard[:2], "big")
            if len(self._heard) < 2 + length:
                return
            message = bytes(self._heard[2 : 2 + length])
            del self._heard[: 2 + length]
            if length == 1:
                self._obey_reader(message[0])
            elif message:
                self._obey(message)

    def _obey_reader(self, control: int) -> None:
        if self._card is None:
            return
        if control == ASK_ATR:
            wrong = self.faults.take("wrong_atr") is not None
            self.put(_framed(b"\x00\x00" if wrong else ATR))
        elif control in (POWER_OFF, POWER_ON, RESET):
            self._counts["power_ups"] += control == POWER_ON
            self._card.reset()

    def _obey(self, command: bytes) -> None:
        tag = tag_of(command)
        self._counts[tag] += 1
        if self._card is None:
            return
        answer = self._card.answer(command)
        if self.faults.take("pulled", tag):
            self.unplug()
            return
        if fault := self.faults.take("short", tag):
            answer = answer[: fault.number("at", 1)]
        contacts_s = CHIP_S + BYTE_S * (len(command) + len(answer))
        self.after(contacts_s * self._contact_time, functools.partial(self.send, _framed(answer), tag))

    def _quirk(self, name: str, tag: str) -> Mapping[str, object] | None:
        fault = self.faults.take(name, tag)
        return None if fault is None else {"name": name, **fault.args}

    # --- hands ---

    def _op_lift(self, _request: Mapping[str, object]) -> Mapping[str, object]:
        self.unplug()
        return {}

    def _op_present(self, request: Mapping[str, object]) -> Mapping[str, object]:
        image = Image() if request.get("unknown_kind") is True else self._image(request)
        self.unplug()
        try:
            self._line = VpcdWire(self._host, self._port)
        except OSError as error:
            raise BadControl(f"no virtual reader at {self._host}:{self._port}: {error}") from error
        self._heard.clear()
        self._card = VirtualSocialCard(image, self._quirk)
        return {}

    def _image(self, request: Mapping[str, object]) -> Image:
        """`card` beside `resident` changes single fields of that resident's card."""
        changes = request.get("card", {})
        if not ({"resident", "card"} & set(request)) or not isinstance(changes, dict):
            raise BadControl("present needs resident or card")
        key = request.get("resident")
        if key is not None and key not in self._residents:
            raise BadControl(f"no resident {key!r}; known: {', '.join(sorted(self._residents))}")
        try:
            return make_image({**self._residents.get(str(key), {}), **changes})
        except (KeyError, ValueError) as error:
            raise BadControl(f"this card cannot be made: {error}") from error

    def _op_fault(self, request: Mapping[str, object]) -> Mapping[str, object]:
        if not re.fullmatch("[0-9A-Fa-f]{4}", str(request.get("word", "6982"))):
            raise BadControl("word is four hex digits")
        return super()._op_fault(request)


def _framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


def _whole(settings: Mapping[str, object], key: str, default: int) -> int:
    value = settings.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadControl(f"{key} is a whole number")
    return value


def _residents(path: object) -> dict[str, Mapping[str, object]]:
    """The residents file named by the setting; none when it is not set. :raises BadControl: when it cannot be read."""
    if path is None:
        return {}
    try:
        return tomllib.loads(Path(str(path)).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadControl(f"residents {path}: {error}") from error


TWIN = ChipCardTwin
