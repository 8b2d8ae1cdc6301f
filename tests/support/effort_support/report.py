"""What every carried item costs the one who stands there: `out/effort.html` and `out/effort.tsv`.

    make effort                   (make effort EFFORT=--lower)

Each item is driven through the pure machine from the first screen to the farewell on its shortest honest path
(`effort_support.driver`), in both languages and two worlds (`effort_support.world`). `--lower` brings the budgets in
`config/catalogue/effort.toml` down to what was measured. Seconds are reckoned by one stated rate
(`effort_support.figures.CHARACTERS_A_MINUTE`). Exit code 1 when an item takes another number of touches than its
budget; a goal that is not reached is told and fails nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from effort_support.budgets import FILE, complaints, lowered, read_budgets
from effort_support.figures import GOALS, Effort, by_why, measured, spreads
from effort_support.page import page
from effort_support.whys import Why
from effort_support.world import World, carried, served_catalogue
from kiosk.domain.speech import Lang

ROOT = Path(__file__).resolve().parents[3]
_SECONDS = ("act_s", "spoken_s", "by_ear_s")
COLUMNS = (
    *("item", "name", "mode", "world", "language", "touches", "typed", "handwritten", "screens", "waiting", "papers"),
    *_SECONDS,
    *Why,
    "path",
)


def table(efforts: Iterable[Effort]) -> Iterator[str]:
    """A line an item, world and language, its columns apart by tabs; seconds are whole."""
    yield "\t".join(COLUMNS)
    for one in efforts:
        counts = (one.touches, one.typed, one.handwritten, one.screens, one.waiting, one.papers)
        seconds = (round(getattr(one, name)) for name in _SECONDS)
        whys = (one.whys[why] for why in Why)
        cells = (
            one.item_id,
            one.name,
            one.mode,
            one.world,
            one.lang,
            *counts,
            *seconds,
            *whys,
            " > ".join(map(str, one.path)),
        )
        yield "\t".join(map(str, cells))


def told(efforts: list[Effort]) -> Iterator[str]:
    """What a terminal's window shows of it."""
    for world in World:
        for lang in Lang:
            these = [one for one in efforts if (one.world, one.lang) == (world, lang)]
            found = spreads(these)
            yield f"registers {world}, {lang}"
            for name, one in found.items():
                values = f"median {one.median:5.0f}  p90 {one.p90:5.0f}  max {one.most:5.0f}  sum {one.total:6.0f}"
                yield f"  {name:9s} {values}"
            yield "  touches   " + "  ".join(f"{why} {count}" for why, count in by_why(these).items())
            if world is World.ANSWERING:
                missed = (
                    f"{name} {statistic} {getattr(found[name], statistic):.0f} of {limit:.0f}"
                    for (name, statistic), limit in GOALS.items()
                    if getattr(found[name], statistic) > limit
                )
                yield "  goals missed: " + (", ".join(missed) or "none")


def main(arguments: list[str]) -> int:
    lowers = "--lower" in arguments
    folder = Path(next((one for one in arguments if not one.startswith("--")), ROOT / "out"))
    catalogue = served_catalogue()
    efforts = measured(catalogue)
    if lowers:
        FILE.write_text(lowered(FILE.read_text(encoding="utf-8"), efforts), encoding="utf-8")
    budgets = read_budgets([item.item_id for item in carried(catalogue)])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "effort.tsv").write_text("\n".join(table(efforts)) + "\n", encoding="utf-8")
    (folder / "effort.html").write_text(page(efforts), encoding="utf-8")
    print("\n".join(told(efforts)))
    wrong = complaints(efforts, budgets)
    print("\n".join((*wrong, f"{folder / 'effort.html'}, {folder / 'effort.tsv'}")))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
