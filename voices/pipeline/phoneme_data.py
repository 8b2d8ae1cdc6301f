"""The engine's phoneme data on disk: tables, program words, sound data and its list of contents.

Layout (espeak-ng 1.52, data version 0x014801): `phontab` = a count byte, then per table {entries, includes,
2 zero bytes, name[32], entries x 16 bytes}; `phonindex` = 16-bit words; `phondata` = blobs;
`phondata-manifest` = kind, address and name of every blob.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

VERSION = 0x014801
NAME_SIZE = 32
_ENTRY = struct.Struct("<IIHBBBBBB")


class DataError(RuntimeError):
    """The installed data is not of the version whose layout we know, or lacks something."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One phoneme of a table, as it lies on disk."""

    mnemonic: str
    flags: int
    program: int
    code: int
    kind: int
    start: int
    end: int
    length: int
    length_mod: int

    def pack(self) -> bytes:
        word = int.from_bytes(self.mnemonic.encode("latin-1").ljust(4, b"\0"), "little")
        return _ENTRY.pack(
            word, self.flags, self.program, self.code, self.kind, self.start, self.end, self.length, self.length_mod
        )


TERMINATOR = Entry("", 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class TableData:
    name: str
    includes: int
    """1-based number of the table that this one starts from, 0 for none."""
    entries: tuple[Entry, ...]
    """Without the terminator."""

    def pack(self) -> bytes:
        head = bytes([len(self.entries) + 1, self.includes, 0, 0])
        name = self.name.encode("ascii").ljust(NAME_SIZE, b"\0")
        return head + name + b"".join(entry.pack() for entry in (*self.entries, TERMINATOR))


@dataclass(slots=True)
class PhonemeData:
    """All of it in memory; the compiler appends and `write` saves."""

    tables: list[TableData]
    index: bytearray
    data: bytearray
    addresses: dict[str, int]
    """Byte address in `data` by name of sound or envelope."""

    def table_number(self, name: str) -> int:
        """1-based. :raises DataError: no such table."""
        for at, table in enumerate(self.tables, start=1):
            if table.name == name:
                return at
        raise DataError(f"the phoneme data has no table {name}")

    def codes(self, name: str) -> dict[str, Entry]:
        """Every phoneme of a table with what it inherits."""
        table = self.tables[self.table_number(name) - 1]
        inherited = self.codes(self.tables[table.includes - 1].name) if table.includes else {}
        return {**inherited, **{entry.mnemonic: entry for entry in table.entries if entry.mnemonic}}

    def next_code(self, name: str) -> int:
        return max(entry.code for entry in self.codes(name).values()) + 1

    def append_words(self, words: list[int]) -> int:
        """Add a program; returns its address in words."""
        address = len(self.index) // 2
        if address > 0xFFFF:
            raise DataError("the phoneme programs are full")
        self.index += struct.pack(f"<{len(words)}H", *words)
        return address

    def append_blob(self, name: str, blob: bytes) -> int:
        while len(self.data) % 4:
            self.data.append(0)
        self.addresses[name] = len(self.data)
        self.data += blob
        return self.addresses[name]

    def write(self, folder: Path) -> None:
        packed = b"".join(table.pack() for table in self.tables)
        (folder / "phontab").write_bytes(bytes([len(self.tables), 0, 0, 0]) + packed)
        (folder / "phonindex").write_bytes(bytes(self.index))
        (folder / "phondata").write_bytes(bytes(self.data))


def read(folder: Path) -> PhonemeData:
    """:raises DataError: another version, or a layout that does not hold (guard before anything is appended)."""
    data = bytearray((folder / "phondata").read_bytes())
    index = bytearray((folder / "phonindex").read_bytes())
    for name, blob in (("phondata", data), ("phonindex", index)):
        found = int.from_bytes(blob[:4], "little")
        if found != VERSION:
            raise DataError(f"{folder / name} has version {found:#x}, {VERSION:#x} is known")
    raw = (folder / "phontab").read_bytes()
    tables = _tables(raw, folder)
    if bytes([len(tables), 0, 0, 0]) + b"".join(table.pack() for table in tables) != raw:
        raise DataError(f"{folder / 'phontab'} is not laid out as known")
    return PhonemeData(tables, index, data, _manifest(folder / "phondata-manifest"))


def _tables(raw: bytes, folder: Path) -> list[TableData]:
    tables: list[TableData] = []
    at = 4
    for _ in range(raw[0]):
        count, includes = raw[at], raw[at + 1]
        name = raw[at + 4 : at + 4 + NAME_SIZE].split(b"\0")[0].decode("ascii")
        at += 4 + NAME_SIZE
        entries = tuple(_entry(raw, at + _ENTRY.size * n) for n in range(count - 1))
        at += _ENTRY.size * count
        tables.append(TableData(name, includes, entries))
    if at != len(raw):
        raise DataError(f"{folder / 'phontab'} is longer than its tables")
    return tables


def _entry(raw: bytes, at: int) -> Entry:
    word, *rest = _ENTRY.unpack_from(raw, at)
    mnemonic = int(word).to_bytes(4, "little").rstrip(b"\0").decode("latin-1")
    return Entry(mnemonic, *rest)


def _manifest(path: Path) -> dict[str, int]:
    pattern = re.compile(r"^[SWE]\s+0x([0-9a-f]+)\s+(\S+)$", re.MULTILINE)
    return {name: int(address, 16) for address, name in pattern.findall(path.read_text(encoding="latin-1"))}
