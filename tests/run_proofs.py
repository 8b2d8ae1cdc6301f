"""Play the proofs: `python tests/run_proofs.py [NAME ...]`, all of them without a name, and say what each has used.

Many proofs wait in real time, for paper, wires and voices. So the pieces of a proof run beside each other, as many as
the cores bear by what each uses of one; the longest begin first. What a piece printed lies in out/proof/logs, what all
have used in out/proof/budget.json.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import children
from beside import Piece, Used, played
from prerequisites import complaint, missing
from proofs import PROOFS

from kiosk.play.registered import FOLDER_NAMED_BY

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "out" / "proof"
BUDGET_MIN = 60


def log_of(piece: Piece) -> Path:
    return OUT / "logs" / f"{piece.of}-{piece.name}.log"


def told(used: Used) -> str:
    end = "ok" if used.code == 0 else "FAILED"
    return f"{used.of:12s} {used.piece:24s} {used.wall_s:6.0f} s  {used.cpu_s:6.0f} CPU-s  {end}"


def main(names: Sequence[str]) -> int:
    if lacking := missing():
        print(complaint(lacking), file=sys.stderr)
        return 1
    if unknown := sorted(set(names) - set(PROOFS)):
        print(f"no proof of this name: {', '.join(unknown)}; there are {', '.join(PROOFS)}", file=sys.stderr)
        return 2
    children.begin()
    pieces = [piece for name in names or PROOFS for piece in PROOFS[name]]
    began_s, table = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="registered-") as kept:
        for used in played(pieces, os.cpu_count() or 1, {FOLDER_NAMED_BY: kept}, log_of):
            table.append(used)
            print(told(used), flush=True)
            if used.code:
                piece = next(one for one in pieces if (one.of, one.name) == (used.of, used.piece))
                print(log_of(piece).read_text(encoding="utf-8", errors="replace"), flush=True)
    minutes = (time.monotonic() - began_s) / 60
    left = children.left_behind()
    for line in left:
        print(f"a process was left behind: {line}")
    failed = [used for used in table if used.code]
    if not names:
        whole = {"minutes": round(minutes, 1), "of_minutes": BUDGET_MIN, "pieces": [asdict(used) for used in table]}
        (OUT / "budget.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    over = "   OVER BUDGET" if not names and minutes > BUDGET_MIN else ""
    print(f"{len(table)} pieces, {len(failed)} failed, {minutes:.1f} minutes of {BUDGET_MIN}{over}")
    return 1 if failed or left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
