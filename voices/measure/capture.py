"""What the speech worker really feeds its sink, clause by clause, as the kiosk's commands make it speak."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from voices.measure.keys import Item
from voices.measure.pipe import Pipe, worker
from voices.pipeline import accent as accents
from voices.pipeline.pitch import Samples, read_wave
from voices.prompts import load_words
from voices.worker.wave_sink import INDEX


@dataclass(frozen=True, slots=True)
class Captured:
    """One clause: `samples` in -1…1 at `rate` Hz, `text` as the screen has it, `layer` how it was made."""

    key: str
    text: str
    layer: str
    samples: Samples
    rate: int


def capture(data: Path, lang: str, accent: str, items: Sequence[Item]) -> list[Captured]:
    """All clauses of the items in order, see `each`."""
    return list(each(data, lang, accent, items))


def each(data: Path, lang: str, accent: str, items: Sequence[Item]) -> Iterator[Captured]:
    """One clause after another, at the nominal volume and pace; half an hour of speech does not lie in memory at once.

    :param accent: of Minnan; empty for Mandarin.
    :raises WorkerError: the worker ended or was silent. :raises ValueError: something was not said.
    """
    words = load_words()
    wanted = sum(len(words.spoken(lang, item.key, item.args)) for item in items)
    with tempfile.TemporaryDirectory(prefix="voice-capture-") as folder:
        with worker(data, f"wave:{folder}", accent or accents.names()[0]) as pipe:
            _say_all(pipe, lang, items)
        lines = (Path(folder) / INDEX).read_text(encoding="utf-8").splitlines()
        if len(lines) != wanted:
            raise ValueError(f"{accent or lang}: {wanted} clauses are to be said, {len(lines)} were")
        for clip in map(json.loads, lines):
            yield Captured(clip["key"], clip["text"], clip["layer"], *read_wave(Path(folder) / clip["file"]))


def _say_all(pipe: Pipe, lang: str, items: Sequence[Item]) -> None:
    """One text a command: the pause between two texts of one screen is nothing that is measured."""
    for generation, item in enumerate(items, start=1):
        pipe.send(op="speak", gen=generation, items=[item.command()], lang=lang)
        over = pipe.until(lambda event: event["ev"] in ("done", "unspoken"))
        if not over.get("completed"):
            raise ValueError(f"{lang} {item.key} was not said")
