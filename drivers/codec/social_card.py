"""The two files of a social security card that this kiosk reads, and what their records mean.

Records are TAG LEN VALUE (one byte each of tag and length); they are parsed, never sliced by the length that was
asked for. Source: file structure V2.0 of social security cards (2012), commands LD/T 32.5-2015; tags and lengths
as published by readers' makers. Single-byte values occur as a digit character and as a number; both are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from drivers import faults
from drivers.api import CompletionCode, DeviceError, HolderLock, SocialCard, SocialHolder
from drivers.codec.apdu import Command
from drivers.codec.citizen_number import check_character

APPLICATION = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
"""The SSSE directory's name: ASCII `sx1.sh.` and four characters in GBK."""
PADDING = b"\x00\x20\xff"
NUMBER_CHARACTERS = 18


@dataclass(frozen=True, slots=True)
class Field:
    """One record. `number` is its place in the file, `size` its value's usual bytes."""

    tag: int
    number: int
    size: int
    required: bool = False


@dataclass(frozen=True, slots=True)
class CardFile:
    file_id: int
    fields: tuple[Field, ...]


EF05 = CardFile(
    0xEF05,
    (
        Field(0x01, 1, 16, required=True), Field(0x02, 2, 1), Field(0x03, 3, 4), Field(0x04, 4, 12),
        Field(0x05, 5, 4), Field(0x06, 6, 4), Field(0x07, 7, 9, required=True),
    ),
)  # fmt: skip
"""Public: identifier, category, version, issuer, issued on, valid until, card number."""
EF06 = CardFile(
    0xEF06,
    (
        Field(0x08, 1, 18, required=True), Field(0x09, 2, 30, required=True), Field(0x4E, 3, 20),
        Field(0x0A, 4, 1), Field(0x0B, 5, 1), Field(0x0C, 6, 3), Field(0x0D, 7, 4),
    ),
)  # fmt: skip
"""The holder: number, name, the name's rest, sex, nation, birthplace, birth. Newer cards keep it closed."""

Records = Mapping[int, bytes]
"""Tag -> value; an absent optional record is missing."""


def select_application() -> Command:
    return Command(0x00, 0xA4, 0x04, 0x00, APPLICATION, 0)


def select_file(file_id: int, by_parent: bool) -> Command:
    """:param by_parent: P1 02, as the specification has it; some cards know only P1 00."""
    return Command(0x00, 0xA4, 0x02 if by_parent else 0x00, 0x00, file_id.to_bytes(2, "big"), 0)


def read_record(field: Field, by_tag: bool, le: int = 0) -> Command:
    """:param by_tag: P1 is the tag and P2 00; otherwise P1 is the record's number and P2 04."""
    p1, p2 = (field.tag, 0x00) if by_tag else (field.number, 0x04)
    return Command(0x00, 0xB2, p1, p2, le=le)


def record_value(data: bytes, tag: int) -> bytes | None:
    """The value of a record; None when it is another record. :raises DeviceError: CHP-006 when it is cut short."""
    if len(data) >= 1 and data[0] != tag:
        return None
    if len(data) < 2 or len(data) < 2 + data[1]:
        raise _bad(f"record {tag:02X} of {len(data)} bytes")
    return data[2 : 2 + data[1]]


def decode_card(public: Records, holder: Records | None, lock: HolderLock) -> SocialCard:
    """:param holder: EF06's records; None when the card keeps them closed. :raises DeviceError: CHP-006."""
    identifier = public[0x01]
    if len(identifier) < 3:
        raise _bad("identifier")
    return SocialCard(
        card_number=_ascii(public[0x07], "card number"),
        region=_digits(identifier[:3], "region"),
        identifier=identifier.hex().upper(),
        category=_small_number(public.get(0x02, b"")),
        version=_ascii(public.get(0x03, b""), "version"),
        issuer=_text_or_hex(public.get(0x04, b"")),
        issued_on=_day(public.get(0x05, b""), "issue date"),
        valid_until=_day(public.get(0x06, b""), "validity"),
        holder=None if holder is None else decode_holder(holder),
        lock=lock,
    )


def decode_holder(records: Records) -> SocialHolder:
    """:raises DeviceError: CHP-006; a doubtful number or name is never returned."""
    name = _name(records[0x09], records.get(0x4E, b""))
    number = _ascii(records[0x08], "number")
    if len(number) != NUMBER_CHARACTERS:
        raise _bad("number")
    # A foreigner's number has letters and no check digit.
    if number[:-1].isdigit() and check_character(number[:-1]) != number[-1]:
        raise _bad("the number's check digit")
    return SocialHolder(
        name=name,
        number=number,
        sex=_small_number(records.get(0x0A, b"")),
        nation=_two_digits(records.get(0x0B, b"")),
        birthplace=_digits(records.get(0x0C, b""), "birthplace"),
        birth=_day(records.get(0x0D, b""), "birth"),
    )


def _name(first: bytes, rest: bytes) -> str:
    """GB18030 in one or two records; a character may lie across the border of both."""
    joined = first.rstrip(PADDING) + rest.rstrip(PADDING)
    try:
        name = joined.decode("gb18030")
    except UnicodeDecodeError as error:
        # The original error holds the bytes of a name; it is not kept.
        raise _bad(f"name, byte {error.start}") from None
    if not name or not name.isprintable():
        raise _bad("name")
    return name


def _day(value: bytes, what: str) -> date | None:
    """BCD YYYYMMDD; None for no date: absent, zeros, nines or FF. :raises DeviceError: CHP-006."""
    digits = value.hex()
    if not digits or set(digits) in ({"0"}, {"9"}, {"f"}):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        raise _bad(what) from None


def _digits(value: bytes, what: str) -> str:
    """Packed digits; empty when absent or all FF."""
    digits = value.hex()
    if not digits or set(digits) == {"f"}:
        return ""
    if not digits.isdigit():
        raise _bad(what)
    return digits


def _small_number(value: bytes) -> str:
    """One digit, as a character or as a number; empty when absent or neither."""
    if len(value) != 1:
        return ""
    return chr(value[0]) if 0x30 <= value[0] <= 0x39 else str(value[0]) if value[0] <= 9 else ""


def _two_digits(value: bytes) -> str:
    """Packed (0x56 is nation 56); empty when absent, zero or no digits."""
    digits = value.hex() if len(value) == 1 else ""
    return digits if digits.isdigit() and digits != "00" else ""


def _ascii(value: bytes, what: str) -> str:
    try:
        text = value.rstrip(PADDING).decode("ascii")
    except UnicodeDecodeError:
        raise _bad(what) from None
    if not text.isprintable():
        raise _bad(what)
    return text


def _text_or_hex(value: bytes) -> str:
    bare = value.rstrip(PADDING)
    return bare.decode("ascii") if bare.isascii() and bare.decode("ascii").isprintable() else value.hex().upper()


def _bad(what: str) -> DeviceError:
    return DeviceError(faults.CHP_DATA, what, CompletionCode.INVALID_DATA)
