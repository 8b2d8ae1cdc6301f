"""The rows of `rows.toml` with what the tests of this run found: a table to read, and `out/access-report.html`.

    python tests/access/report.py RESULTS_DIR

A row passes when each of its tests ran and none failed, fails otherwise, and is left to the site or to people where
only they can measure it. Exit code 1 when an automatic row fails.
"""

from __future__ import annotations

import html
import json
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "out" / "access-report.html"
VERDICTS = {"auto": "", "site": "needs site measurement", "people": "needs people"}


@dataclass(frozen=True, slots=True)
class Row:
    n: int
    what: str
    limit: str
    source: str
    tests: tuple[str, ...] = ()
    kind: str = "auto"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test's."""

    test: str
    passed: bool
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    row: Row
    verdict: str
    """pass, fail, needs site measurement or needs people."""
    figure: str
    tests: int


def read_rows(path: Path = HERE / "rows.toml") -> list[Row]:
    """:raises ValueError: a row twice, or of an unknown kind."""
    rows = [Row(**{**row, "tests": tuple(row.get("tests", ()))}) for row in tomllib.loads(path.read_text())["row"]]
    numbers = [row.n for row in rows]
    if len(set(numbers)) != len(numbers):
        raise ValueError("a row stands twice")
    if unknown := {row.kind for row in rows} - VERDICTS.keys():
        raise ValueError(f"unknown kind: {sorted(unknown)}")
    return rows


def read_outcomes(folder: Path) -> list[Outcome]:
    """What the processes of this run have written, one file each."""
    lines = (line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines())
    found = [json.loads(line) for line in lines]
    return [Outcome(one["test"], one["passed"], tuple(one["figures"])) for one in found]


def judge(row: Row, outcomes: Iterable[Outcome]) -> Judged:
    own = [one for one in outcomes if any(fnmatchcase(one.test, pattern) for pattern in row.tests)]
    failed = [one.test for one in own if not one.passed]
    if failed:
        return Judged(row, "fail", f"failed: {', '.join(failed[:3])}", len(own))
    if row.kind != "auto":
        return Judged(row, VERDICTS[row.kind], _figure(own) if own else "", len(own))
    unmet = [pattern for pattern in row.tests if not any(fnmatchcase(one.test, pattern) for one in own)]
    if unmet or not own:
        return Judged(row, "fail", f"not measured in this run: {', '.join(unmet) or 'no test is named'}", len(own))
    return Judged(row, "pass", _figure(own), len(own))


def _figure(outcomes: list[Outcome]) -> str:
    """The measured figures; where there are none, how many checks hold."""
    figures = list(dict.fromkeys(figure for one in outcomes for figure in one.figures))
    return "; ".join(figures) if figures else f"{len(outcomes)} checks hold"


def as_text(judged: Iterable[Judged]) -> str:
    return "\n".join(
        f"R{one.row.n:<3d} {one.verdict:23s} {one.row.what} ({one.row.limit}): {one.figure}" for one in judged
    )


_STYLE = """
body { font: 17px/1.5 'Noto Sans CJK SC', sans-serif; margin: 2rem auto; max-width: 76rem; color: #1D1A17;
       background: #FBF7F0; }
h1 { color: #083A46; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8A7657; padding: .45rem .6rem; text-align: left; vertical-align: top; }
th { position: sticky; top: 0; background: #F1E7D8; }
.pass td:nth-child(2) { color: #243C14; } .fail td { background: #74200F; color: #fff; }
.site td:nth-child(2), .people td:nth-child(2) { color: #083A46; }
"""


def as_html(judged: list[Judged]) -> str:
    counts: dict[str, int] = {}
    for one in judged:
        counts[one.verdict] = counts.get(one.verdict, 0) + 1
    summary = " · ".join(f"{count} {verdict}" for verdict, count in counts.items())
    head = "<tr><th>row</th><th>result</th><th>required</th><th>limit</th><th>figure</th><th>source</th></tr>"
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Access report</title>'
        f"<style>{_STYLE}</style>\n<h1>Access report</h1>\n<p>{summary}. Tested against the named rules; no "
        f"certificate.</p>\n<table>{head}\n{''.join(_html_row(one) for one in judged)}</table>\n</html>\n"
    )


def _html_row(one: Judged) -> str:
    kind = one.verdict if one.verdict in ("pass", "fail") else one.row.kind
    cells = (f"R{one.row.n}", one.verdict, one.row.what, one.row.limit, one.figure, one.row.source)
    return f'<tr class="{kind}">' + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>\n"


def main(arguments: list[str]) -> int:
    outcomes = read_outcomes(Path(arguments[0]))
    judged = [judge(row, outcomes) for row in read_rows()]
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(as_html(judged), encoding="utf-8")
    print(as_text(judged))
    return 1 if any(one.verdict == "fail" for one in judged) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
