"""What a social security card answers: its files, its rules, and the ways in which cards differ.

Written from the published file structure and ISO/IEC 7816-4, and from nothing in the driver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

AID = b"sx1.sh." + "".join(map(chr, (0x793E, 0x4F1A, 0x4FDD, 0x969C))).encode("gbk")
ATR = bytes.fromhex("3B660000") + b"SSSE01"
NAME_BYTES, NAME_REST_BYTES = 30, 20
QUIRKS: Mapping[str, str] = {
    "dialect_61": "data is kept back: 61xx, fetched by GET RESPONSE",
    "dialect_6c": "a wrong Le is answered 6Cxx",
    "exact_le": "a wrong Le is answered 6700",
    "by_number_only": "a record asked for by its tag is answered 6A83",
    "by_tag_only": "a record asked for by its number is answered 6A83",
    "select_p1_00": "a file selected with P1 02 is answered `word` (default 6A86)",
    "aid_unknown": "the application is answered 6A82, its files work",
    "holder_locked": "EF06 answers `word` (default 6982): it wants a PIN or a security module",
    "all_locked": "EF05 answers `word` (default 6982)",
    "sw": "`on` (select, read, fetch) answers `word` (default 6F00)",
    "bad_name": "the name's record is no GB18030",
    "bad_digit": "the number's check digit is wrong",
    "endless": "every answer announces more",
}
DEFAULT_WORD = {"sw": "6F00", "select_p1_00": "6A86"}

Quirk = Callable[[str, str], Mapping[str, object] | None]
"""Asks whether a quirk holds for a command with that tag: its arguments, or None."""


@dataclass(frozen=True, slots=True)
class Image:
    """File identifier -> its records in order, each (tag, value)."""

    files: Mapping[int, tuple[tuple[int, bytes], ...]] = field(default_factory=dict)


def make_image(table: Mapping[str, object]) -> Image:
    """A card of a resident of residents.toml (the `social_…` keys). :raises ValueError: for what fits no card."""
    text = {key: str(value) for key, value in table.items()}
    name = text["name"].encode("gb18030")
    if len(name) > NAME_BYTES + NAME_REST_BYTES:
        raise ValueError("the name is too long")
    region = text.get("social_region", "350200")
    public = (
        (
            0x01,
            bytes.fromhex(region) + bytes.fromhex("00D156000005") + text["social_card"].encode()[-7:].rjust(7, b"0"),
        ),
        (0x02, b"1"),
        (0x03, text.get("social_version", "3.00").encode().ljust(4)),
        (0x04, text.get("social_issuer", "350200000001").encode().ljust(12)),
        (0x05, _bcd_day(text["social_issued"])),
        (0x06, _bcd_day(text.get("social_until", ""))),
        (0x07, text["social_card"].encode().ljust(9)),
    )
    holder = (
        (0x08, text["number"].encode().ljust(18)),
        (0x09, name[:NAME_BYTES].ljust(NAME_BYTES, b"\x00")),
        (0x4E, name[NAME_BYTES:].ljust(NAME_REST_BYTES, b"\x00")),
        (0x0A, text["sex"].encode()),
        (0x0B, bytes.fromhex(text["nation"] or "00")),
        (0x0C, bytes.fromhex(text["number"][:6])),
        (0x0D, _bcd_day(text["birth"])),
    )
    return Image({0xEF05: public, 0xEF06: holder})


def _bcd_day(day: str) -> bytes:
    """An ISO date; zeros for none."""
    return bytes.fromhex(day.replace("-", "") or "00000000")


class VirtualSocialCard:
    """One session of a powered card. `verifications` counts the PINs it was offered."""

    def __init__(self, image: Image, quirk: Quirk) -> None:
        self._image = image
        self._quirk = quirk
        self._selected: int | None = None
        self._kept = b""
        self.verifications = 0

    def answer(self, apdu: bytes) -> bytes:
        """Data and status word."""
        tag = tag_of(apdu)
        if args := self._quirk("sw", tag):
            return _word(args, "sw")
        if self._quirk("endless", tag) is not None:
            return b"\x00\x61\x10"
        if tag == "fetch":
            data, self._kept = self._kept, b""
            return data + b"\x90\x00" if data else b"\x69\x85"
        answer = self._perform(tag, apdu)
        if len(answer) > 2 and self._quirk("dialect_61", tag) is not None:
            self._kept = answer[:-2]
            return bytes((0x61, len(self._kept)))
        return answer

    def reset(self) -> None:
        self._selected, self._kept = None, b""

    def _perform(self, tag: str, apdu: bytes) -> bytes:
        if tag == "select" and apdu[2] == 0x04:
            return self._select_application(apdu[5 : 5 + apdu[4]])
        if tag == "select" and apdu[2] in (0x00, 0x02):
            return self._select_file(apdu)
        if tag == "read":
            return self._read(apdu)
        if tag == "verify":
            self.verifications += 1
            return b"\x63\xc2"
        return b"\x6d\x00"

    def _select_application(self, name: bytes) -> bytes:
        if name != AID or not self._image.files or self._quirk("aid_unknown", "select") is not None:
            return b"\x6a\x82"
        return bytes((0x6F, len(AID) + 2, 0x84, len(AID))) + AID + b"\x90\x00"

    def _select_file(self, apdu: bytes) -> bytes:
        if apdu[2] == 0x02 and (args := self._quirk("select_p1_00", "select")) is not None:
            return _word(args, "select_p1_00")
        file_id = int.from_bytes(apdu[5:7], "big")
        if file_id not in self._image.files:
            return b"\x6a\x82"
        self._selected = file_id
        return b"\x90\x00"

    def _read(self, apdu: bytes) -> bytes:
        if self._selected is None:
            return b"\x69\x86"
        lock = "holder_locked" if self._selected == 0xEF06 else "all_locked"
        if (args := self._quirk(lock, "read")) is not None:
            return _word(args, lock)
        record = self._record(apdu[2], by_number=apdu[3] == 0x04)
        if record is None:
            return b"\x6a\x83"
        return self._cut(record, apdu[4] if len(apdu) > 4 else 0)

    def _record(self, which: int, by_number: bool) -> bytes | None:
        if self._quirk("by_tag_only" if by_number else "by_number_only", "read") is not None:
            return None
        records = self._image.files[self._selected or 0]
        for number, (tag, value) in enumerate(records, 1):
            if which == (number if by_number else tag):
                value = self._spoiled(tag, value)
                return bytes((tag, len(value))) + value
        return None

    def _spoiled(self, tag: int, value: bytes) -> bytes:
        if tag == 0x09 and self._quirk("bad_name", "read") is not None:
            return b"\xff\x81" + value[2:]
        if tag == 0x08 and self._quirk("bad_digit", "read") is not None:
            return value[:-1] + (b"0" if value[-1:] != b"0" else b"1")
        return value

    def _cut(self, record: bytes, le: int) -> bytes:
        if le != len(record):
            if self._quirk("dialect_6c", "read") is not None:
                return bytes((0x6C, len(record)))
            if self._quirk("exact_le", "read") is not None:
                return b"\x67\x00"
        return record[: le or 256] + b"\x90\x00"


def tag_of(apdu: bytes) -> str:
    """What faults call this command: select, read, fetch, verify or other."""
    names = {0xA4: "select", 0xB2: "read", 0xC0: "fetch", 0x20: "verify"}
    return names.get(apdu[1], "other") if len(apdu) >= 4 else "other"


def _word(args: Mapping[str, object], name: str) -> bytes:
    return bytes.fromhex(str(args.get("word", DEFAULT_WORD.get(name, "6982"))))
