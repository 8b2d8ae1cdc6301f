"""A simulated identity-card reader with its security module: the device's side of SAM_V.

Its request parser and its rules (find before select, select before read, a lifted card is forgotten)
are written from the protocol, not from the driver. Card contents come from the declared layouts.

Settings: `baud`, `residents_file` (residents.toml, for `present {"resident": KEY}`), `radio_time_percent`
(100; modules differ in how fast they talk to a card), `finds_read_card` (true; false = a module that does not
find a card again that it has read until it was lifted).
Control: `present {"resident": KEY} | {"card": {...}} | {"block_hex": "..."} [, "wrong_way": true,
"unknown_kind": true, "two_cards": true, "new_address": "...", "fingers": 0 to 2]`, `lift`; faults `sw3`, `lifted`,
`keeps_speed`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from pathlib import Path
from typing import ClassVar

from drivers.api import IdCard, IdDocument
from drivers.codec.sam_v import Reply, encode_reply
from drivers.codec.sam_v_text import encode_base, encode_new_address, encode_text
from drivers.sim.core import BadControl, Twin

SYNC = b"\xaa\xaa\xaa\x96\x69"
LONGEST_REQUEST = 64
RF_DELAY_S: Mapping[str, float] = {"find": 0.05, "select": 0.06, "read": 0.35, "read_fp": 0.55, "read_address": 0.08}
"""How long module and card talk by radio before the answer; everything else answers in 5 ms."""
PHOTO = bytes(range(256)) * 4
"""A real photo is a closed format (WLT); nothing here looks into it."""
CARD_KEYS = (
    "document", "name", "sex", "nation", "birth", "address", "number", "issuer", "valid_from", "valid_until"
)  # fmt: skip
EXTRA_KEYS = (
    "pass_number", "issues", "english_name", "nationality", "version", "authority", "renewals", "old_number_link"
)  # fmt: skip
COMMAND_NAMES = {
    (0x10, 0xFF): "reset",
    (0x11, 0xFF): "status",
    (0x12, 0xFF): "sam_id",
    (0x20, 0x01): "find",
    (0x20, 0x02): "select",
    (0x30, 0x01): "read",
    (0x30, 0x03): "read_address",
    (0x30, 0x10): "read_fp",
    **{(0x60, parameter): "baud" for parameter in range(5)},
}
SPEEDS = (115200, 57600, 38400, 19200, 9600)
"""What 60 00 to 60 04 set."""
FINGERPRINT = bytes((n * 73 + 11) & 0xFF for n in range(512))
SAM_IDENTITY = bytes.fromhex("05000300FB02330187D61200B168DE3A")


@dataclass(frozen=True, slots=True)
class LaidCard:
    """What lies on the reader."""

    text: bytes = b""
    new_address: str = ""
    wrong_way: bool = False
    """Answers the field but cannot be selected: bent, on its edge, or on a coin."""
    unknown_kind: bool = False
    """A card of another kind: a bus card, a bank card."""
    two_cards: bool = False
    """A second one lies in the field: both answer, none can be selected."""
    fingers: int = 0
    """Fingerprints on the chip: cards older than 2013 have none."""


class Session(Enum):
    """How far module and card have come."""

    NOTHING = auto()
    FOUND = auto()
    SELECTED = auto()
    READ = auto()


class IdCardTwin(Twin):
    """See the module."""

    models = ("sam_v",)
    own_faults: ClassVar[Mapping[str, str]] = {
        "sw3": "the next answer is SW3 `code` (hex), also written `sw3:41`; `on` names the command",
        "lifted": "the card is lifted during `on` (find, select, read); with `at`, after that many bytes of the answer",
        "keeps_speed": "a change of speed is acknowledged but not carried out",
    }

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        self._residents = _residents(settings.get("residents_file"))
        percent = settings.get("radio_time_percent", 100)
        if isinstance(percent, bool) or not isinstance(percent, int):
            raise BadControl("radio_time_percent is a whole number")
        self._radio_time = percent / 100
        self._finds_read_card = settings.get("finds_read_card", True) is True
        self._was_read = False
        self._speed_wanted = SPEEDS[0]
        self._card: LaidCard | None = None
        self._session = Session.NOTHING
        self._heard = bytearray()
        self._commands: dict[str, int] = dict.fromkeys([*COMMAND_NAMES.values(), "bad"], 0)
        self.ops["present"] = self._op_present
        self.ops["lift"] = self._op_lift

    def status(self) -> dict[str, object]:
        return {**super().status(), "card": self._card is not None, **self._commands}

    def on_power_up(self) -> None:
        self._session = Session.NOTHING
        self._heard.clear()

    # --- requests ---

    def on_bytes(self, data: bytes) -> None:
        self._heard += data
        while (request := self._next_request()) is not None:
            self._obey(request)

    def _next_request(self) -> bytes | None:
        """CMD PARA DATA of the next whole request; empty when its checksum is wrong; None when none is whole."""
        start = self._heard.find(SYNC)
        if start < 0:
            del self._heard[: max(0, len(self._heard) - len(SYNC) + 1)]
            return None
        del self._heard[:start]
        if len(self._heard) < 7:
            return None
        length = self._heard[5] << 8 | self._heard[6]
        if not 3 <= length <= LONGEST_REQUEST:
            del self._heard[:1]
            return self._next_request()
        if len(self._heard) < 7 + length:
            return None
        frame = bytes(self._heard[: 7 + length])
        del self._heard[: 7 + length]
        total = 0
        for byte in frame[5:]:
            total ^= byte
        return frame[7:-1] if total == 0 else b""

    def _obey(self, request: bytes) -> None:
        name = COMMAND_NAMES.get((request[0], request[1]), "bad") if len(request) >= 2 else "bad"
        self._commands[name] += 1
        if not request:
            self._answer(name, 0x10)
        elif name == "bad":
            self._answer(name, 0x21)
        elif fault := self.faults.take("sw3", name):
            self._session = Session.NOTHING
            self._answer(name, int(str(fault.args.get("code", "24")), 16))
        else:
            if name == "baud":
                self._speed_wanted = SPEEDS[request[1]]
            self.after(RF_DELAY_S.get(name, 0.005) * self._radio_time, lambda: self._perform(name))

    def _perform(self, name: str) -> None:
        lifted = self.faults.take("lifted", name)
        if lifted and "at" not in lifted.args:
            self._lift()
        sw3, data = self._result(name)
        if lifted and "at" in lifted.args:
            self._lift()
            self.put(encode_reply(Reply(0, 0, sw3, data))[: lifted.number("at", 0)])
        else:
            self._answer(name, sw3, data)

    def _answer(self, name: str, sw3: int, data: bytes = b"") -> None:
        self.send(encode_reply(Reply(0, 0, sw3, data)), tag=name)

    # --- the module's rules ---

    def _result(self, name: str) -> tuple[int, bytes]:
        if name == "reset":
            self._session = Session.NOTHING
            return 0x90, b""
        if name == "status":
            return 0x90, b""
        if name == "sam_id":
            return 0x90, SAM_IDENTITY
        if name == "baud":
            self._change_speed(self._speed_wanted)
            return 0x90, b""
        if name == "find":
            return self._find()
        if name == "select":
            return self._select()
        return self._read(name)

    def _change_speed(self, wanted: int) -> None:
        """The answer still leaves at the old speed."""
        if not self.faults.take("keeps_speed"):
            self.after(0.005 + 12 * 10 / (self.baud or wanted), lambda: self.set_baud(wanted))

    def _find(self) -> tuple[int, bytes]:
        self._session = Session.NOTHING
        if self._card is None or (self._was_read and not self._finds_read_card):
            return 0x80, b""
        if self._card.unknown_kind:
            return 0x40, b""
        self._session = Session.FOUND
        return 0x9F, bytes(4)

    def _select(self) -> tuple[int, bytes]:
        found, self._session = self._session is Session.FOUND, Session.NOTHING
        if not found or self._card is None or self._card.wrong_way or self._card.two_cards:
            return 0x81, b""
        self._session = Session.SELECTED
        return 0x90, bytes(8)

    def _read(self, name: str) -> tuple[int, bytes]:
        """Reading needs an authenticated card each time; only the added address may follow a reading."""
        allowed = (Session.SELECTED, Session.READ) if name == "read_address" else (Session.SELECTED,)
        before, self._session = self._session, Session.NOTHING
        if before not in allowed:
            return 0x34 if before is Session.NOTHING and self._card is None else 0x23, b""
        if self._card is None:
            return 0x41, b""
        if name == "read_address":
            self._session = Session.READ
            address = self._card.new_address
            return (0x90, encode_new_address(address)) if address else (0x91, b"")
        self._session = Session.READ
        self._was_read = True
        return 0x90, encode_base(
            self._card.text, PHOTO, FINGERPRINT * self._card.fingers if name == "read_fp" else None
        )

    def _lift(self) -> None:
        # The session survives as a number: the module notices at the next word to the card.
        self._card = None
        self._was_read = False

    # --- hands ---

    def _op_lift(self, _request: Mapping[str, object]) -> Mapping[str, object]:
        self._lift()
        return {}

    def _op_present(self, request: Mapping[str, object]) -> Mapping[str, object]:
        unknown_kind, fingers = request.get("unknown_kind") is True, request.get("fingers", 0)
        if fingers not in (0, 1, 2):
            raise BadControl("fingers is 0, 1 or 2")
        self._was_read = False
        self._card = LaidCard(
            text=b"" if unknown_kind else self._block(request),
            new_address=str(request.get("new_address", "")),
            wrong_way=request.get("wrong_way") is True,
            two_cards=request.get("two_cards") is True,
            unknown_kind=unknown_kind,
            fingers=int(str(fingers)),
        )
        self._session = Session.NOTHING
        return {}

    def _block(self, request: Mapping[str, object]) -> bytes:
        """The text block; `card` beside `resident` changes single fields of that resident's card."""
        changes = request.get("card", {})
        if not ({"block_hex", "resident", "card"} & set(request)) or not isinstance(changes, dict):
            raise BadControl("present needs resident, card or block_hex")
        key = request.get("resident")
        if key is not None and key not in self._residents:
            raise BadControl(f"no resident {key!r}; known: {', '.join(sorted(self._residents))}")
        try:
            if "block_hex" in request:
                return bytes.fromhex(str(request["block_hex"]))
            return encode_text(card_from({**self._residents.get(str(key), {}), **changes}))
        except ValueError as error:
            raise BadControl(f"this card cannot be made: {error}") from error


def card_from(table: Mapping[str, object]) -> IdCard:
    """A card from residents.toml's or a request's fields; `valid_until` empty means 长期. :raises ValueError:"""
    values = {key: str(table.get(key, "")) for key in CARD_KEYS}
    return IdCard(
        document=IdDocument(values["document"] or "resident"),
        name=values["name"],
        sex=values["sex"],
        nation=values["nation"],
        birth=date.fromisoformat(values["birth"]),
        address=values["address"],
        number=values["number"],
        issuer=values["issuer"],
        valid_from=date.fromisoformat(values["valid_from"]),
        valid_until=date.fromisoformat(values["valid_until"]) if values["valid_until"] else None,
        extras={key: str(table[key]) for key in EXTRA_KEYS if key in table},
    )


def _residents(path: object) -> dict[str, Mapping[str, object]]:
    """The residents file named by the setting; none when it is not set. :raises BadControl: when it cannot be read."""
    if path is None:
        return {}
    try:
        return tomllib.loads(Path(str(path)).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadControl(f"residents {path}: {error}") from error


TWIN = IdCardTwin
