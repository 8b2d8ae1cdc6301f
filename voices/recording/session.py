"""The folder that a pack of recordings grows in: resumable after each take, and the last one can be taken back."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from voices import languages
from voices.packs import levels, wav
from voices.packs import manifest as manifests
from voices.packs import row as rows
from voices.packs.errors import PackError
from voices.packs.manifest import Header
from voices.packs.pack import (
    CLIP_BYTES,
    CLIPS,
    MANIFEST,
    MANIFEST_BYTES,
    PROMPTS,
    PROMPTS_BYTES,
    read_clip,
    read_file,
)
from voices.packs.row import MACHINE, Row
from voices.packs.said import hash_of
from voices.packs.writer import seal
from voices.recording.judge import Judged, judge
from voices.recording.script import Line

RAW = "raw"
"""Every take as it came from the microphone, also those that were not kept."""


@dataclass(slots=True)
class Session:
    """`rows`: what is recorded, in the order of recording."""

    folder: Path
    header: Header
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def open(cls, folder: Path, header: Header) -> Session:
        """Begin in an empty folder, or go on where it stopped.

        :raises PackError: the folder holds another pack, or cannot be written.
        """
        header.check()
        try:
            for each in (CLIPS, RAW):
                (folder / each).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PackError(f"{folder} 写不进去({error.strerror})。请换一个文件夹。") from error
        session = cls(folder, header)
        session._resume()
        return session

    def _resume(self) -> None:
        """What an earlier run left, also when it was ended between two files: a clip that is not whole is waiting."""
        if (self.folder / MANIFEST).exists():
            found = recorded_header(self.folder)
            if found != self.header:
                raise PackError(
                    f"{self.folder} 里已经有另一个录音包({_described(found)}),和这次说的不一样。"
                    "请换一个文件夹,或照原来的写。"
                )
        if not (self.folder / PROMPTS).exists():
            return
        text = read_file(self.folder / PROMPTS, PROMPTS_BYTES).decode(errors="replace")
        left = [row for row in rows.parse(text) if self._whole(row)]
        self._seal(left)

    def _whole(self, row: Row) -> bool:
        row.check(self.header.language, self.header.accent, self.header.kind)
        try:
            read_clip(read_file(self.folder / row.file, CLIP_BYTES), row, self.header.rate)
        except PackError:
            return False
        return True

    def waiting(self, lines: Sequence[Line]) -> list[Line]:
        """What is still to be recorded; a line whose words have changed is to be recorded again."""
        done = {(row.key, row.index, row.text_hash) for row in self.rows}
        return [line for line in lines if (line.key, line.index, self._hash(line)) not in done]

    def keep(self, line: Line, raw: wav.Samples) -> Judged:
        """Judge a take and keep it when it is good; the raw sound is kept anyway.

        :raises PackError: the folder cannot be written.
        """
        judged = judge(raw, self.header.rate, line.syllables)
        text = self._hash(line)
        self._write(self._raw_path(line), wav.write(raw, self.header.rate))
        if judged.clip is None:
            return judged
        content = wav.write(judged.clip, self.header.rate)
        digest = hashlib.sha256(content).hexdigest()
        file = f"{CLIPS}/{line.name}.{digest[:8]}.wav"
        level = levels.measure(judged.clip, self.header.rate)
        row = Row(
            line.key,
            line.index,
            line.reading.script,
            languages.of(self.header.language).notated(line.reading),
            "",
            text,
            file,
            digest,
            round(len(judged.clip) / self.header.rate, 3),
            level.lufs,
            level.peak_dbtp,
            (),
            date.today().isoformat(),
            MACHINE,
        )
        row.check(self.header.language, self.header.accent, self.header.kind)
        self._write(self.folder / file, content)
        before = [each for each in self.rows if (each.key, each.index) == (line.key, line.index)]
        self._seal([*(each for each in self.rows if each not in before), row])
        for each in before:
            (self.folder / each.file).unlink(missing_ok=True)
        return judged

    def undo(self) -> Row | None:
        """Take the last kept take back: its line is waiting again. None when nothing was recorded."""
        if not self.rows:
            return None
        last = self.rows[-1]
        self._seal(self.rows[:-1])
        (self.folder / last.file).unlink(missing_ok=True)
        return last

    def _hash(self, line: Line) -> str:
        return hash_of(self.header.language, self.header.accent, line.reading, "")

    def _raw_path(self, line: Line) -> Path:
        taken = len(list((self.folder / RAW).glob(f"{line.name}.*.wav")))
        return self.folder / RAW / f"{line.name}.{taken + 1}.wav"

    def _seal(self, kept: list[Row]) -> None:
        """Both tables anew: in a folder beside, then each renamed, the one that is checked against the other last."""
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".") as scratch:
            seal(Path(scratch), self.header, kept, date.today().isoformat())
            for each in sorted(Path(scratch).iterdir(), key=lambda path: path.name == MANIFEST):
                self._write(self.folder / each.name, each.read_bytes())
        self.rows = kept

    def _write(self, path: Path, raw: bytes) -> None:
        partial = path.with_name(f".{path.name}.part")
        try:
            with partial.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            raise PackError(f"{path} 写不进去({error.strerror})。请看磁盘是不是满了。") from error


def recorded_header(folder: Path) -> Header:
    """What the folder's recordings are.

    :raises PackError: no manifest, or it is malformed.
    """
    return manifests.parse(read_file(folder / MANIFEST, MANIFEST_BYTES).decode(errors="replace")).header


def _described(header: Header) -> str:
    return f"{header.id}, {header.language} {header.accent}, {header.speaker}, {header.consent}, {header.author}"
