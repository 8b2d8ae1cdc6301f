"""All packs of this machine, looked up while speaking: a person's voice before a rendering, never an exception."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from voices.packs.errors import PackError
from voices.packs.pack import Pack, open_pack
from voices.packs.row import Row
from voices.packs.said import text_hash
from voices.packs.take import RECORDED, RENDERED, Take
from voices.reading import Reading

MEMORY_BYTES = 32_000_000
"""Of samples held at once: five and a half minutes at 48 kHz."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Place:
    pack: Pack
    row: Row


@dataclass(slots=True)
class Shelf:
    """Implements `Takes`; may be asked from any thread.

    `refused`: a line for each pack that is not used, and why; `broken`: for each clip that turned out broken.
    """

    packs: tuple[Pack, ...] = ()
    refused: tuple[str, ...] = ()
    memory_bytes: int = MEMORY_BYTES
    broken: list[str] = field(default_factory=list)
    _places: dict[tuple[str, str, str], list[_Place]] = field(default_factory=dict)
    """By kind, language, and hash of the text (which covers the accent)."""
    _takes: OrderedDict[Path, Take | None] = field(default_factory=OrderedDict)
    _held_bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        newest_first = sorted(
            self.packs, key=lambda pack: (pack.manifest.created, pack.manifest.header.id), reverse=True
        )
        for pack in newest_first:
            header = pack.manifest.header
            for row in pack.rows:
                if row.may_play(header.kind):
                    where = (header.kind, header.language, row.text_hash)
                    self._places.setdefault(where, []).append(_Place(pack, row))

    @classmethod
    def open(cls, folder: Path, memory_bytes: int = MEMORY_BYTES) -> Shelf:
        """All packs below `folder`; one that is broken is refused by name and the others stay. No folder: no packs."""
        packs: list[Pack] = []
        refused: list[str] = []
        for each in _folders(folder):
            try:
                # Through the link: a version that is replaced meanwhile stays whole for who holds it.
                packs.append(open_pack(each.resolve()))
            except PackError as error:
                refused.append(f"voice pack {each.name} is not used: {error}")
                _log.warning(refused[-1])
        return cls(tuple(packs), tuple(refused), memory_bytes)

    def find(self, lang: str, accent: str, key: str, index: int, reading: Reading) -> Take | None:
        """See `Takes`. The same words recorded for another prompt will do when this one's own clip is not there."""
        for kind in (RECORDED, RENDERED):
            hashed = text_hash(lang, accent, reading, kind)
            places = self._places.get((kind, lang, hashed), []) if hashed else []
            own_first = sorted(places, key=lambda place: (place.row.key, place.row.index) != (key, index))
            for place in own_first:
                if take := self._take(place):
                    return take
        return None

    def describe(self) -> list[Mapping[str, object]]:
        """For diagnostics: one table a pack."""
        return [_described(pack) for pack in self.packs]

    def _take(self, place: _Place) -> Take | None:
        path = place.pack.folder / place.row.file
        with self._lock:
            if path in self._takes:
                self._takes.move_to_end(path)
                return self._takes[path]
            take = self._load(place)
            self._keep(path, take)
            return take

    def _load(self, place: _Place) -> Take | None:
        header = place.pack.manifest.header
        try:
            samples, rate = place.pack.clip(place.row)
        except PackError as error:
            trouble = f"voice pack {header.id}: {error}"
            if trouble not in self.broken:
                self.broken.append(trouble)
                _log.warning(trouble)
            return None
        return Take(samples, rate, header.kind, header.id)

    def _keep(self, path: Path, take: Take | None) -> None:
        """A broken clip is remembered too, so that it is looked at and complained of once."""
        self._takes[path] = take
        self._held_bytes += take.samples.nbytes if take else 0
        while self._held_bytes > self.memory_bytes and len(self._takes) > 1:
            _, oldest = self._takes.popitem(last=False)
            self._held_bytes -= oldest.samples.nbytes if oldest else 0


def _folders(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(each for each in folder.iterdir() if not each.name.startswith(".") and each.is_dir())
    except OSError:
        return
    yield from found


def _described(pack: Pack) -> Mapping[str, object]:
    header = pack.manifest.header
    return {
        "id": header.id,
        "language": header.language,
        "accent": header.accent,
        "kind": header.kind,
        "status": pack.manifest.status,
        "reviewers": list(pack.manifest.reviewers),
        "signer": pack.manifest.signature.signer if pack.manifest.signature else "",
        "clips": len(pack.rows),
    }
