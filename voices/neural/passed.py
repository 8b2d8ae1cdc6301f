"""Which Minnan prompts the voice may say, by what the gate of segments has found.

A prompt is allowed when every contrast that one of its syllables stands in has passed, on the recipe that renders it.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from voices.measure.segments.contrasts import Contrast
from voices.neural import plan

FILE = Path(__file__).parent / "passed.toml"
LEAST_SHARE = 42 / 49
"""Of all contrasts that are listed: with fewer no Minnan is offered at all."""


class ResultError(ValueError):
    """Something is not of a measurement: a file that somebody changed, or a contrast that is not listed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One contrast as measured: share of renders put on the right side, share of pairs ordered as the textbook says."""

    renders: int
    identified: float
    right_way: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What a measurement found, so far."""

    recipe: str
    graph: str
    accent: str
    date: str
    listed: int
    """How many contrasts there are in all; those that have no row were not measured."""
    rows: Mapping[str, Row]

    @property
    def passed(self) -> frozenset[str]:
        return frozenset(name for name, row in self.rows.items() if row.passed)

    @property
    def failed(self) -> frozenset[str]:
        return frozenset(self.rows) - self.passed

    @property
    def offered(self) -> bool:
        """Whether enough have passed for any Minnan to be offered."""
        return bool(self.listed) and len(self.passed) >= LEAST_SHARE * self.listed


NOTHING = Result("", "", "", "", 0, {})


def load(path: Path = FILE) -> Result:
    """Without a file nothing has passed. :raises ResultError: the file is not what `write` writes."""
    if not path.is_file():
        return NOTHING
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        rows = {name: Row(**row) for name, row in table.pop("contrasts").items()}
        return Result(**table, rows=rows)
    except (KeyError, TypeError) as error:
        raise ResultError(f"{path.name} is no result of a measurement ({error}); measure again") from error


def rows(path: Path, recipe: str) -> dict[str, Row]:
    """What was measured already on this recipe."""
    found = load(path)
    return dict(found.rows) if found.recipe == recipe else {}


def write(path: Path, result: Result) -> None:
    """Replace the file at once."""
    head = ("recipe", "graph", "accent", "date")
    lines = ["# Written by `python -m voices render --gate`: what was measured, on which recipe. Not to be edited."]
    lines += [f'{name} = "{getattr(result, name)}"' for name in head]
    lines += [f"listed = {result.listed}"]
    for name, row in sorted(result.rows.items()):
        lines += ["", f'[contrasts."{name}"]', f"renders = {row.renders}", f"identified = {row.identified:.4f}"]
        lines += [f"right_way = {row.right_way:.4f}", f"passed = {str(row.passed).lower()}"]
    half = path.with_suffix(".part")
    half.write_text("\n".join(lines) + "\n", encoding="utf-8")
    half.replace(path)


def figures(found: Result, recipe: str) -> str:
    """One line for people: what was measured, and what it would take."""
    if not found.listed:
        return "the Minnan of this voice was never measured; run `python -m voices render --gate`"
    if found.recipe != recipe:
        return f"the recipe has changed since the measurement of {found.date}: nothing counts; measure again"
    measured = len(found.passed) + len(found.failed)
    least = math.ceil(LEAST_SHARE * found.listed)
    return (
        f"{len(found.passed)} of {found.listed} contrasts have passed ({measured} measured on {found.date}); "
        f"{least} are needed. Not passed: {', '.join(sorted(found.failed)) or 'none'}"
    )


def allowed(surface: str, contrasts: Iterable[Contrast], passed: Result, recipe: str) -> bool:
    """Whether a prompt may be said: every contrast that one of its syllables stands in has passed, on this recipe.

    :param surface: syllables as spoken, letters and tone code, parted by spaces.
    :param recipe: digest of the recipe that would render it; of another one nothing was measured.
    """
    if recipe != passed.recipe or not passed.offered:
        return False
    return needed(surface, contrasts) <= passed.passed


def needed(surface: str, contrasts: Iterable[Contrast]) -> frozenset[str]:
    """Names of the contrasts in which a syllable of the surface takes part."""
    letters = [word.rstrip("0123456789") for word in surface.split() if word != plan.PAUSE]
    parts = [(plan.split(word)) for word in letters]
    return frozenset(c.name for c in contrasts if any(_takes_part(initial, final, c) for initial, final in parts))


def _takes_part(initial: str, final: str, contrast: Contrast) -> bool:
    """A contrast of initials counts before the rimes of its kind; one of rimes wherever the rime stands."""
    if contrast.kind != "initial":
        return final in contrast.pair
    if initial not in contrast.pair:
        return False
    front = final.startswith("i") and not final.startswith("ir")
    fronts = {context.startswith("i") and not context.startswith("ir") for context in contrast.contexts}
    return front in fronts
