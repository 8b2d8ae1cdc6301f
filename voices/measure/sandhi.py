"""Tone sandhi: all pairs of tones and many tone groups, as symbols and as pitch, against `data/sandhi.toml`.

The table was written from printed sources, not by this project's rules; it names them. Every syllable of a group is
compared with all tone letters of the accent; where two codes share one (44 and a short 4), either is right.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from voices.measure import plots
from voices.measure.fit import Contour, Fit, fit, nearest
from voices.measure.gate import Bench, Gate
from voices.measure.hear import EngineMouth, Mouth
from voices.pipeline import accent as accents
from voices.pipeline import pitch
from voices.pipeline.accent import NEUTRAL, Accent

LEAST_HEARD = 0.97
POINTS = 5
TABLE = Path(__file__).parent / "data" / "sandhi.toml"
_EVERY = 6
"""Of how many rows one is listened to in the quick run; as symbols all are compared always."""


@dataclass(frozen=True, slots=True)
class Row:
    """A tone group: its characters, citation Tâi-lô, and for an accent the tone letters of every syllable."""

    kind: str
    han: str
    sound: str
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable as it was heard: `chao` its contour in levels, `taken_for` the nearest tone letters."""

    row: Row
    wanted: str
    chao: Contour
    taken_for: str

    @property
    def right(self) -> bool:
        return self.taken_for == written(levels(self.wanted))


def rows(accent: str, table: Path = TABLE) -> list[Row]:
    """:raises KeyError: the table has nothing for this accent."""
    data = tomllib.loads(table.read_text(encoding="utf-8"))
    return [*_pairs(data, accent), *_groups(data["groups"], accent)]


def _pairs(data: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]], accent: str) -> Iterator[Row]:
    seconds = zip(data["citation"]["syllables"], data["citation"][accent], strict=True)
    for at, (second, own) in enumerate(seconds):
        for first, changed in data["pairs"][accent].items():
            yield Row("pair", "", f"{first} {second}", (changed[at], str(own)))


def _groups(data: Mapping[str, Mapping[str, Sequence[Mapping[str, str]]]], accent: str) -> Iterator[Row]:
    for kind, section in data.items():
        for row in section["rows"]:
            yield Row(kind, row["han"], row["sound"], tuple(row[accent].split()))


def levels(letters: str) -> tuple[int, ...]:
    """Tone letters as levels; a single digit is a short level tone, 0 the neutral one of both accents (21)."""
    if letters == NEUTRAL:
        return (2, 1)
    return tuple(int(digit) for digit in (letters * 2 if len(letters) == 1 else letters))


def written(chao: Sequence[int]) -> str:
    return "".join(map(str, chao))


def wrong_symbols(accent: Accent, given: Sequence[Row]) -> dict[str, str]:
    """Rows whose surface is another than the table's: the group -> what came and what was wanted."""
    wrong = {}
    for row in given:
        codes = [syllable[-1] for syllable in accents.surface_text(accent, row.han, row.sound).split()]
        came = [NEUTRAL if code == NEUTRAL else written(accent.contours[code]) for code in codes]
        wanted = [NEUTRAL if letters == NEUTRAL else written(levels(letters)) for letters in row.wanted]
        if came != wanted:
            wrong[f"{row.han} {row.sound}".strip()] = f"{' '.join(came)}, wanted {' '.join(row.wanted)}"
    return wrong


def listen(mouth: Mouth, accent: Accent, given: Sequence[Row]) -> tuple[list[Syllable], Fit]:
    """Speak the rows and follow the pitch of each syllable.

    :raises ValueError: a syllable without voice, or a group of another length than its row.
    """
    heard: list[tuple[Row, str, Contour]] = []
    for row in given:
        surface = accents.surface_text(accent, row.han, row.sound).split()
        contours = mouth.speak(accent.voice, surface).contours(POINTS)
        heard += [(row, letters, found) for letters, found in zip(row.wanted, contours, strict=True)]
    line = fit([found for _, _, found in heard], [pitch.wanted(levels(letters), POINTS) for _, letters, _ in heard])
    candidates = {written(chao): chao for chao in accent.contours.values()}
    syllables = []
    for row, letters, found in heard:
        chao = line.chao(found)
        syllables.append(Syllable(row, letters, chao, nearest(chao, candidates)))
    return syllables, line


def gates(bench: Bench) -> list[Gate]:
    mouth = EngineMouth(bench.data)
    found: list[Gate] = []
    for name in accents.names():
        accent, given = accents.load(name), rows(name)
        found.append(judge_symbols(accent, given))
        syllables, line = listen(mouth, accent, given[::_EVERY] if bench.fast else given)
        found.append(judge_sound(name, syllables))
        draw(name, syllables, line, bench.out)
    return found


def judge_symbols(accent: Accent, given: Sequence[Row]) -> Gate:
    wrong = wrong_symbols(accent, given)
    pairs = sum(row.kind == "pair" for row in given)
    measured = f"{len(given) - len(wrong)} of {len(given)} ({pairs} pairs, {len(given) - pairs} groups)"
    return Gate(f"sandhi {accent.name}: symbols", "100 % of pairs and groups", measured, not wrong, {"wrong": wrong})


def judge_sound(name: str, syllables: Sequence[Syllable]) -> Gate:
    right = sum(syllable.right for syllable in syllables)
    wrong = [f"{s.row.han} {s.row.sound}: {s.wanted} taken for {s.taken_for}" for s in syllables if not s.right]
    share = right / len(syllables)
    measured = f"{share:.1%} ({right} of {len(syllables)} syllables)"
    return Gate(
        f"sandhi {name}: sound", f">= {LEAST_HEARD:.0%} of syllables", measured, share >= LEAST_HEARD, {"wrong": wrong}
    )


def draw(name: str, syllables: Sequence[Syllable], line: Fit, folder: Path) -> None:
    """Two sheets: the pairs, a panel each, and the groups."""
    by_row: dict[Row, list[Syllable]] = {}
    for syllable in syllables:
        by_row.setdefault(syllable.row, []).append(syllable)
    fitted = f"correlation {line.correlation:.3f}"
    pairs = [_panel(row, own) for row, own in by_row.items() if row.kind == "pair"]
    groups = [_panel(row, own) for row, own in by_row.items() if row.kind != "pair"]
    plots.sheet(folder / f"sandhi-{name}-pairs.png", f"{name}: pairs of tones, {fitted}", pairs, 9, (200, 150))
    plots.sheet(folder / f"sandhi-{name}-groups.png", f"{name}: tone groups, {fitted}", groups, 6, (300, 160))


def _panel(row: Row, own: Sequence[Syllable]) -> plots.Panel:
    curves = []
    for at, syllable in enumerate(own):
        start, end = (at + 0.1) / len(own), (at + 0.9) / len(own)
        wanted = list(pitch.wanted(levels(syllable.wanted), POINTS))
        curves.append(plots.Curve(start, end, wanted, plots.WANTED, 6))
        colour = plots.MEASURED if syllable.right else plots.WRONG
        curves.append(plots.Curve(start, end, list(syllable.chao), colour, 3))
    return plots.Panel(row.sound.replace("-", " "), curves, not all(syllable.right for syllable in own))
