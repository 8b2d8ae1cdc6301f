"""Files at rest: a chain of sealed pieces, so that a file is never whole in memory and never plain on the disk.

Each piece is sealed for its place, its number and whether it is the last: none can be swapped, left out or cut off.
A file appears under its name only when all of it is on the disk.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from backoffice.store.durable import make_folder, whole_file
from backoffice.store.failures import VaultError
from backoffice.store.vault import Vault

PIECE_BYTES = 64 * 1024
_LENGTH = struct.Struct(">I")
_MOST = 16 * 1024 * 1024


def write_sealed(vault: Vault, path: Path, place: str, pieces: Iterable[bytes]) -> None:
    """Seal pieces into a file; on the disk (fsync) when this returns. One that exists is replaced as a whole."""
    make_folder(path.parent)
    with whole_file(path) as file:
        for sealed in _sealed(vault, place, pieces):
            file.write(_LENGTH.pack(len(sealed)) + sealed)


def read_sealed(vault: Vault, path: Path, place: str) -> Iterator[bytes]:
    """The pieces again, in order. :raises FileNotFoundError: :raises VaultError: damaged, cut off, another file's."""
    with path.open("rb") as file:
        yield from opened_pieces(vault, file, place)


def opened_pieces(vault: Vault, file: BinaryIO, place: str) -> Iterator[bytes]:
    """`read_sealed` of a stream, from where it stands."""
    following = _next(file.read(_LENGTH.size), file.read)
    number = 0
    while following is not None:
        sealed, following = following, _next(file.read(_LENGTH.size), file.read)
        yield vault.open(_place(place, number, last=following is None), sealed)
        number += 1


class Sealing:
    """Takes bytes as they come and writes them as sealed pieces; without `finish` the last one is missing."""

    def __init__(self, vault: Vault, file: BinaryIO, place: str) -> None:
        self._vault, self._file, self._where = vault, file, place
        self._held, self._number = bytearray(), 0

    def write(self, content: bytes) -> int:
        self._held += content
        while len(self._held) > PIECE_BYTES:
            self._put(last=False)
        return len(content)

    def finish(self) -> None:
        self._put(last=True)

    def _put(self, *, last: bool) -> None:
        piece = bytes(self._held[:PIECE_BYTES])
        del self._held[:PIECE_BYTES]
        sealed = self._vault.seal(_place(self._where, self._number, last=last), piece)
        self._file.write(_LENGTH.pack(len(sealed)) + sealed)
        self._number += 1


def _sealed(vault: Vault, place: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    number, held = 0, b""
    for piece in pieces:
        if number or held:
            yield vault.seal(_place(place, number - 1, last=False), held)
        number, held = number + 1, piece
    yield vault.seal(_place(place, max(0, number - 1), last=True), held)


def _next(head: bytes, read: object) -> bytes | None:
    if not head:
        return None
    if len(head) < _LENGTH.size:
        raise VaultError("a sealed file is cut off")
    (length,) = _LENGTH.unpack(head)
    sealed: bytes = read(length) if length <= _MOST and callable(read) else b""
    if len(sealed) != length:
        raise VaultError("a sealed file is cut off")
    return sealed


def _place(place: str, number: int, *, last: bool) -> str:
    return f"{place}/{number}/{'last' if last else 'more'}"
