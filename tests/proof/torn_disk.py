"""A disk that keeps only what it was told to sync, and of the rest whatever it likes, in sectors.

Strict POSIX: a file's content is safe after fsync of the file, its name after fsync of the folder.
Names change in order (file systems journal them), contents in any order. Writes are torn at 512
bytes: each sector of an unsynced write is there or not.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from disk_trace import Act, Did

SECTOR = 512


@dataclass(slots=True)
class _File:
    safe: bytes = b""
    unsynced: list[Act] = field(default_factory=list)

    def sync(self) -> None:
        content = bytearray(self.safe)
        for act in self.unsynced:
            _apply(content, act)
        self.safe, self.unsynced = bytes(content), []

    def torn(self, rng: random.Random, keep: float) -> bytes:
        content = bytearray(self.safe)
        for act in self.unsynced:
            if act.did is Did.TRUNCATE:
                if rng.random() < keep:
                    _apply(content, act)
                continue
            for part in _sectors(act):
                if rng.random() < keep:
                    _apply(content, part)
        return bytes(content)


class TornDisk:
    def __init__(self) -> None:
        self._files: dict[int, _File] = {}
        self._names: dict[str, _File] = {}
        """As the process sees them."""
        self._safe_names: dict[str, _File] = {}
        self._unsynced_names: list[tuple[str, str, _File | None]] = []

    def take(self, act: Act) -> None:
        match act.did:
            case Did.OPEN:
                self._open(act)
            case Did.WRITE | Did.TRUNCATE:
                self._files[act.file].unsynced.append(act)
            case Did.SYNC:
                self._files[act.file].sync()
            case Did.SYNC_FOLDER:
                self._safe_names, self._unsynced_names = dict(self._names), []
            case Did.UNLINK:
                self._names.pop(act.name, None)
                self._unsynced_names.append((act.name, "", None))
            case Did.RENAME:
                file = self._names.pop(act.name)
                self._names[act.to] = file
                self._unsynced_names.append((act.name, act.to, file))
            case Did.LINK:
                file = self._names[act.to] = self._names[act.name]
                self._unsynced_names.append(("", act.to, file))

    def _open(self, act: Act) -> None:
        if act.name not in self._names:
            self._names[act.name] = _File()
            self._unsynced_names.append(("", act.name, self._names[act.name]))
        file = self._files[act.file] = self._names[act.name]
        if act.offset:
            file.unsynced.append(Act(Did.TRUNCATE, act.file))

    def cut(self, rng: random.Random, folder: Path) -> None:
        """Write what a power cut now could leave into an empty folder."""
        keep = rng.choice((0.0, 0.2, 0.5, 0.8, 1.0, rng.random()))
        names = dict(self._safe_names)
        for before, after, file in self._unsynced_names[: rng.randint(0, len(self._unsynced_names))]:
            names.pop(before, None)
            if file is not None:
                names[after] = file
        for name, file in names.items():
            (folder / name).write_bytes(file.torn(rng, keep))
            (folder / name).chmod(0o600)


def cut_at(
    history: Sequence[Act], points: Iterable[int], rng: random.Random, folder: Path, told: Callable[[bytes], None]
) -> Iterator[None]:
    """Play what was done; after each of the points the folder holds what a cut there could leave.

    :param points: numbers of acts, from 1; the same one may stand twice.
    :param told: takes each acknowledgement when it comes.
    """
    disk, cuts = TornDisk(), Counter(points)
    for position, act in enumerate(history, 1):
        if act.did is Did.ACK:
            told(act.data)
        else:
            disk.take(act)
        for _ in range(cuts[position]):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            disk.cut(rng, folder)
            yield


def _sectors(act: Act) -> Iterable[Act]:
    """The parts of a write that the disk writes whole."""
    start, end = act.offset, act.offset + len(act.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield Act(Did.WRITE, offset=start, data=act.data[start - act.offset : stop - act.offset])
        start = stop


def _apply(content: bytearray, act: Act) -> None:
    if act.did is Did.TRUNCATE:
        del content[act.offset :]
        content.extend(bytes(max(0, act.offset - len(content))))
        return
    end = act.offset + len(act.data)
    content.extend(bytes(max(0, end - len(content))))
    content[act.offset : end] = act.data
