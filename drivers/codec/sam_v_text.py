"""The 256-byte text block of an identity card's chip: four layouts, each declared once.

Encoding and decoding both walk the same tables. The layout is decided by the marker at byte 248
before anything is sliced. Text is UTF-16LE, padded with spaces or, by some issuers, with NUL.
Sources: GA/T 467 text block as published for readers; the layouts of HMT
residence permits and of foreigners' permanent residence cards as published in open readers' code
(each checked against two).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from drivers import faults
from drivers.api import CompletionCode, DeviceError, IdCard, IdDocument
from drivers.codec.citizen_number import check_character
from drivers.codec.sam_v import NEW_ADDRESS_BYTES, TEXT_BYTES

MARKER_AT = 248
_SPACE = " "
_PADDING = " \0"
UNLIMITED = "长期"
RESERVED = "reserved"
FINGERPRINT_BYTES = 512
"""One template (GA/T 1012); a card has none, one or two."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    offset: int
    size: int
    """Bytes; two a UTF-16 unit."""


@dataclass(frozen=True, slots=True)
class Layout:
    document: IdDocument
    marker: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.fields if f.name != RESERVED)


def _layout(document: IdDocument, marker: str, *sizes: tuple[str, int]) -> Layout:
    fields, offset = [], 0
    for name, size in sizes:
        fields.append(Field(name, offset, size))
        offset += size
    return Layout(document, marker, tuple(fields))


LAYOUTS = (
    _layout(
        IdDocument.RESIDENT, " ",
        ("name", 30), ("sex", 2), ("nation", 4), ("birth", 16), ("address", 70), ("number", 36), ("issuer", 30),
        ("valid_from", 16), ("valid_until", 16), (RESERVED, 28), ("marker", 2), (RESERVED, 6),
    ),
    _layout(
        IdDocument.HMT, "J",
        ("name", 30), ("sex", 2), (RESERVED, 4), ("birth", 16), ("address", 70), ("number", 36), ("issuer", 30),
        ("valid_from", 16), ("valid_until", 16), ("pass_number", 18), ("issues", 4), (RESERVED, 6), ("marker", 2),
        (RESERVED, 6),
    ),
    _layout(
        IdDocument.FOREIGNER_2017, "I",
        ("english_name", 120), ("sex", 2), ("number", 30), ("nationality", 6), ("chinese_name", 30),
        ("valid_from", 16), ("valid_until", 16), ("birth", 16), ("version", 4), ("authority", 8), ("marker", 2),
        (RESERVED, 6),
    ),
    _layout(
        IdDocument.FOREIGNER_2023, "Y",
        ("chinese_name", 30), ("sex", 2), ("renewals", 4), ("birth", 16), ("english_name", 70), ("number", 36),
        (RESERVED, 30), ("valid_from", 16), ("valid_until", 16), ("english_name_rest", 22), ("nationality", 6),
        ("marker", 2), ("old_number_link", 6),
    ),
)  # fmt: skip
LAYOUT_OF = {layout.document: layout for layout in LAYOUTS}
_COMMON = frozenset(
    {"name", "sex", "nation", "birth", "address", "number", "issuer", "valid_from", "valid_until", "marker"}
)
_SPLIT_NAMES = frozenset({"chinese_name", "english_name_rest"})


def _bad(what: str, completion: CompletionCode = CompletionCode.INVALID_DATA) -> DeviceError:
    return DeviceError(faults.CRD_DATA, what, completion)


def layout_of_block(block: bytes) -> Layout:
    """The layout that the marker names. :raises DeviceError: CRD-003 for an unknown letter, CRD-008 for a bad size."""
    if len(block) != TEXT_BYTES:
        raise _bad(f"text block of {len(block)} bytes")
    # A resident's card has no marker there: the field is padding.
    marker = int.from_bytes(block[MARKER_AT : MARKER_AT + 2], "little") or ord(_SPACE)
    for layout in LAYOUTS:
        if marker == ord(layout.marker):
            return layout
    raise DeviceError(faults.CRD_INVALID, f"marker U+{marker:04X}", CompletionCode.UNSUPPORTED_DATA)


def _spaced(text: str) -> str:
    """Padding by NUL as padding by spaces; a NUL inside a text stays and is no text."""
    bare = text.rstrip(_PADDING)
    return bare + _SPACE * (len(text) - len(bare))


def split_block(block: bytes) -> tuple[Layout, dict[str, str]]:
    """The named fields, padded with spaces. :raises DeviceError: CRD-003, CRD-008."""
    layout = layout_of_block(block)
    values: dict[str, str] = {}
    for item in layout.fields:
        if item.name == RESERVED:
            continue
        try:
            values[item.name] = _spaced(block[item.offset : item.offset + item.size].decode("utf-16-le"))
        except UnicodeDecodeError:
            # Not chained: the original's text quotes the bytes, and those are personal.
            raise _bad(f"{item.name} is no UTF-16") from None
        if "\0" in values[item.name]:
            raise _bad(f"{item.name} has a NUL inside")
    return layout, values


def join_block(layout: Layout, values: Mapping[str, str]) -> bytes:
    """The inverse of `split_block`; missing and reserved fields are spaces. :raises ValueError: one does not fit."""
    parts = []
    for item in layout.fields:
        text = layout.marker if item.name == "marker" else values.get(item.name, "")
        raw = text.encode("utf-16-le")
        if len(raw) > item.size:
            raise ValueError(f"{item.name} needs {len(raw)} bytes of {item.size}")
        parts.append(raw + b" \0" * ((item.size - len(raw)) // 2))
    return b"".join(parts)


def decode_text(block: bytes, photo: bytes = b"", new_address: str = "") -> IdCard:
    """What the chip's text block says.

    :raises DeviceError: CRD-003 for an unknown marker, CRD-008 when any field does not parse or the number's
        check digit is wrong; never a card with a doubtful name.
    """
    layout, raw = split_block(block)
    fields = {name: value.rstrip(" ") for name, value in raw.items()}
    if "english_name_rest" in raw:
        # A space may be the 35th character: join before stripping.
        fields["english_name"] = (raw["english_name"] + raw["english_name_rest"]).rstrip(" ")
    birth = _date("birth", fields["birth"])
    return IdCard(
        document=layout.document,
        name=_name(fields),
        sex=_one_of("sex", fields["sex"], "0129"),
        nation=_nation(fields.get("nation", "")),
        birth=birth,
        address=fields.get("address", ""),
        number=_number(layout.document, fields["number"], birth),
        issuer=fields.get("issuer", ""),
        valid_from=_date("valid_from", fields["valid_from"]),
        valid_until=None if fields["valid_until"] == UNLIMITED else _date("valid_until", fields["valid_until"]),
        extras={name: fields[name] for name in layout.names if name not in _COMMON | _SPLIT_NAMES},
        photo_wlt=photo,
        new_address=new_address,
    )


def encode_text(card: IdCard) -> bytes:
    """The text block that `decode_text` reads as `card`. :raises ValueError: when a field does not fit."""
    layout = LAYOUT_OF[card.document]
    english = card.extras.get("english_name", "")
    values = dict(card.extras)
    values |= {
        "name": card.name,
        "chinese_name": "" if card.name == english else card.name,
        "sex": card.sex,
        "nation": card.nation,
        "birth": _day(card.birth),
        "address": card.address,
        "number": card.number,
        "issuer": card.issuer,
        "valid_from": _day(card.valid_from),
        "valid_until": UNLIMITED if card.valid_until is None else _day(card.valid_until),
    }
    if card.document is IdDocument.FOREIGNER_2023:
        values["english_name"], values["english_name_rest"] = english[:35], english[35:]
    return join_block(layout, values)


def encode_base(text: bytes, photo: bytes, fingerprint: bytes | None = None) -> bytes:
    """Data of a reply to 30 01, or to 30 10 when `fingerprint` is given (it may be empty)."""
    head = len(text).to_bytes(2, "big") + len(photo).to_bytes(2, "big")
    if fingerprint is None:
        return head + text + photo
    return head + len(fingerprint).to_bytes(2, "big") + text + photo + fingerprint


def decode_base(data: bytes) -> tuple[bytes, bytes]:
    """Text block and photo of a reply to 30 01. :raises DeviceError: CRD-008 when the inner lengths do not add up."""
    text_bytes, photo_bytes = int.from_bytes(data[0:2], "big"), int.from_bytes(data[2:4], "big")
    if len(data) != 4 + text_bytes + photo_bytes or text_bytes != TEXT_BYTES:
        raise _bad(f"inner lengths {text_bytes}+{photo_bytes} in {len(data)} bytes")
    return data[4 : 4 + text_bytes], data[4 + text_bytes :]


def decode_base_fp(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Text block, photo and fingerprint templates (0, 512 or 1024 bytes, opaque) of a reply to 30 10.

    :raises DeviceError: CRD-008 when the inner lengths do not add up.
    """
    text_bytes, photo_bytes, print_bytes = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2, 4))
    right = len(data) == 6 + text_bytes + photo_bytes + print_bytes and text_bytes == TEXT_BYTES
    if not right or print_bytes % FINGERPRINT_BYTES:
        raise _bad(f"inner lengths {text_bytes}+{photo_bytes}+{print_bytes} in {len(data)} bytes")
    rest = data[6 + text_bytes :]
    return data[6 : 6 + text_bytes], rest[:photo_bytes], rest[photo_bytes:]


def encode_new_address(address: str) -> bytes:
    raw = address.encode("utf-16-le")
    if len(raw) > NEW_ADDRESS_BYTES:
        raise ValueError(f"new address needs {len(raw)} bytes")
    return raw + b" \0" * ((NEW_ADDRESS_BYTES - len(raw)) // 2)


def decode_new_address(data: bytes) -> str:
    """:raises DeviceError: CRD-008."""
    try:
        return _spaced(data.decode("utf-16-le")).rstrip(" ")
    except UnicodeDecodeError:
        raise _bad("new address is no UTF-16") from None


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")


def _date(name: str, text: str) -> date:
    if not re.fullmatch(r"[0-9]{8}", text):
        raise _bad(f"{name} is no date")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise _bad(f"{name} is no date") from None


def _one_of(name: str, text: str, allowed: str) -> str:
    if len(text) != 1 or text not in allowed:
        raise _bad(f"{name} is no code")
    return text


def _nation(text: str) -> str:
    if text and not re.fullmatch(r"[0-9]{2}", text):
        raise _bad("nation is no code")
    return text


def _name(fields: Mapping[str, str]) -> str:
    """Inner spaces, · and private-use characters stay; only a control character or nothing at all is no name."""
    name = fields.get("name") or fields.get("chinese_name") or fields.get("english_name") or ""
    if not name.strip() or any(ord(character) < 0x20 for character in name):
        raise _bad("no name")
    return name


_NUMBER_SHAPES = {
    IdDocument.RESIDENT: r"[1-9][0-9]{16}[0-9X]",
    IdDocument.HMT: r"8[123]0000[0-9]{11}[0-9X]",
    IdDocument.FOREIGNER_2017: r"[A-Z]{3}[0-9]{12}",
    IdDocument.FOREIGNER_2023: r"9[0-9]{16}[0-9X]",
}


def _number(document: IdDocument, number: str, birth: date) -> str:
    """Of a foreigner's number of 2017 only the form is looked at: we know no published rule for its last digit."""
    number = number.upper()
    if not re.fullmatch(_NUMBER_SHAPES[document], number, re.ASCII):
        raise _bad("number has not the form of its kind")
    if document is IdDocument.FOREIGNER_2017:
        return number
    if check_character(number[:17]) != number[17]:
        raise _bad("number fails its check digit")
    if number[6:14] != _day(birth):
        raise _bad("number and birth disagree")
    return number
