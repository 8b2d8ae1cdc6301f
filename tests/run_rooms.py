"""Run every room's tests and say what each used of its budget. `make test` is this and nothing more.

The pieces of all rooms run beside each other, as many as the cores bear. What a piece printed lies in out/rooms.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import children
from beside import Piece, Used, played, shares_s
from prerequisites import complaint, missing
from rooms import BUDGET_S, PIECES, WHOLE_S

from kiosk.play.registered import FOLDER_NAMED_BY

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "out"
ROW_RESULTS = OUT / "access"
"""What each test says for the rows of the access report."""

ENOUGH_BYTES = 4 << 30
PROMISED = 1.25
"""Of the cores so much is given out: every piece waits at times, and then the others use what it leaves."""


def log_of(piece: Piece) -> Path:
    return OUT / "rooms" / f"{piece.of}-{piece.name}.log"


def quick_folder() -> dict[str, str]:
    """Databases that live for one test are made in memory where there is room: what they keep on a disk that is cut
    off or killed is for `make proof`, and that they ask the disk at all is asked of their settings.
    """
    memory = Path("/dev/shm")
    if not memory.is_dir() or shutil.disk_usage(memory).free < ENOUGH_BYTES:
        return {}
    return {"TMPDIR": str(memory)}


def settled(pieces: Sequence[Piece]) -> list[Piece]:
    """With what this machine has for them."""
    quick = quick_folder()
    return [replace(piece, settings=quick) if piece.of == "back office" else piece for piece in pieces]


def counted(output: str, word: str) -> int:
    found = re.findall(rf"(\d+) {word}", output)
    return int(found[-1]) if found else 0


def main() -> int:
    if lacking := missing():
        print(complaint(lacking), file=sys.stderr)
        return 1
    children.begin()
    return run_all(PIECES, BUDGET_S)


def run_all(pieces: Sequence[Piece], budget_s: Mapping[str, int]) -> int:
    """Every piece, then what the rows of the access report came to; prints as it goes."""
    shutil.rmtree(ROW_RESULTS, ignore_errors=True)
    ROW_RESULTS.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="registered-") as kept:
        settings = {"ACCESS_RESULTS": str(ROW_RESULTS), FOLDER_NAMED_BY: kept}
        table, passed, failed = _played(settled(pieces), settings)
    for line in children.left_behind():
        failed += 1
        print(f"--- a process was left behind: {line}")
    rows = Piece("access rows", "report", ("tests/access/report.py", str(ROW_RESULTS)), 0, 1.0)
    failed += sum(bool(used.code) for used in played([rows], 1, {}, log_of))
    print(f"\naccess rows (out/access-report.html)\n{log_of(rows).read_text(encoding='utf-8', errors='replace')}")
    print("budget by room\n" + "\n".join(told(table, budget_s)))
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


def _played(pieces: Sequence[Piece], settings: Mapping[str, str]) -> tuple[list[Used], int, int]:
    """What each piece used, how many tests passed, and how much failed."""
    table: list[Used] = []
    passed = failed = 0
    for used in played(pieces, PROMISED * (os.cpu_count() or 1), settings, log_of):
        table.append(used)
        piece = next(one for one in pieces if (one.of, one.name) == (used.of, used.piece))
        output = log_of(piece).read_text(encoding="utf-8", errors="replace")
        wrong = counted(output, "failed") + counted(output, "errors?") if "pytest" in piece.arguments else 0
        passed += counted(output, "passed") if "pytest" in piece.arguments else 0
        failed += max(wrong, bool(used.code))
        if used.code:
            print(f"--- {piece.mark} failed\n{output}")
        for line in children.left_behind(piece.mark):
            failed += 1
            print(f"--- {piece.mark}: a process was left behind: {line}")
        end = "FAILED" if used.code else "ok"
        print(f"{used.of:12s} {used.piece:16s} {used.wall_s:6.0f} s {used.cpu_s:6.0f} CPU-s  {end}", flush=True)
    return table, passed, failed


def told(table: Sequence[Used], budget_s: Mapping[str, int]) -> list[str]:
    """A line for each room: its share of the time of them all."""
    shares = shares_s(table)
    lines = [(room, took_s, budget_s[room]) for room, took_s in shares.items()]
    lines.append(("whole", sum(shares.values()), WHOLE_S))
    return [
        f"{name:12s} {took_s:6.0f} s of {limit_s:4d} s" + ("   OVER BUDGET" if took_s > limit_s else "")
        for name, took_s, limit_s in lines
    ]


if __name__ == "__main__":
    sys.exit(main())
