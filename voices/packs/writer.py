"""Making a pack: clips come in one at a time, the pack appears on the shelf when it is whole."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from voices import languages
from voices.packs import levels, store, wav
from voices.packs.errors import PackError
from voices.packs.manifest import Header, Manifest
from voices.packs.pack import CLIPS, MANIFEST, PROMPTS
from voices.packs.row import MACHINE, REVIEWED, REVIEWERS_NEEDED, Row, dump, people, standing
from voices.packs.said import hash_of, surface
from voices.packs.take import RENDERED
from voices.reading import NotationError, Reading


class PackWriter:
    """`with PackWriter(packs, header) as pack: pack.add(…); …; pack.finish()`. Left without `finish`, nothing stays."""

    def __init__(self, packs: Path, header: Header, created: date | None = None) -> None:
        """:param packs: folder of all packs of the machine.
        :raises PackError: the header is not in order, or the folder cannot be written.
        """
        header.check()
        self._packs, self._header = packs, header
        self._created = (created or date.today()).isoformat()
        self._folder = store.new_folder(packs)
        (self._folder / CLIPS).mkdir()
        self._rows: list[Row] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(
        self, key: str, index: int, reading: Reading, samples: wav.Samples, reviewers: Sequence[str] = (), day: str = ""
    ) -> Row:
        """One clause of a prompt. `samples`: at the header's rate, of any level; they are levelled here.

        :param reviewers: who found the clip right; two make it `reviewed`.
        :param day: when the clip was made, ISO 8601; empty for today.
        :raises PackError: the level cannot be made right, the reading is none, or the row is not in order.
        """
        header = self._header
        levelled = levels.normalise(samples, header.rate)
        level = levels.measure(levelled, header.rate)
        levels.check(level)
        shape = self._surface(key, reading) if header.kind == RENDERED else ""
        text = hash_of(header.language, header.accent, reading, shape)
        raw = wav.write(levelled, header.rate)
        row = Row(
            key,
            index,
            reading.script,
            languages.of(header.language).notated(reading),
            shape,
            text,
            f"{CLIPS}/{key}.{index}.{text[:8]}.wav",
            hashlib.sha256(raw).hexdigest(),
            round(len(levelled) / header.rate, 3),
            level.lufs,
            level.peak_dbtp,
            tuple(reviewers),
            day or self._created,
            REVIEWED if people(reviewers) >= REVIEWERS_NEEDED else MACHINE,
        )
        row.check(header.language, header.accent, header.kind)
        (self._folder / row.file).write_bytes(raw)
        self._rows.append(row)
        return row

    def _surface(self, key: str, reading: Reading) -> str:
        try:
            return surface(self._header.language, self._header.accent, reading)
        except NotationError as error:
            raise PackError(f"{key} cannot be said: {error}") from error

    def finish(self) -> Path:
        """Put the pack in its place at once; returns its folder.

        :raises PackError: no clip was added, or two are for the same words of the same clause.
        """
        if not self._rows:
            raise PackError("no clip was added: there is no pack without one")
        seal(self._folder, self._header, self._rows, self._created)
        return store.place(self._packs, self._folder)


def seal(folder: Path, header: Header, found: Sequence[Row], created: str) -> Manifest:
    """Write both tables of a pack, without signature."""
    table = dump(found).encode()
    manifest = Manifest(header, *standing(found), created, hashlib.sha256(table).hexdigest())
    (folder / PROMPTS).write_bytes(table)
    (folder / MANIFEST).write_text(manifest.dump(), encoding="utf-8")
    return manifest
