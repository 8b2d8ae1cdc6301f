"""Ratios measured in turns in one run; never a bare time. `make bench` prints them and keeps out/bench.json.

A goal is judged by the median of at least five repeats; the lowest and the highest stand beside it.

Every `bench_<what>.py` beside this file has `rows() -> list[Row]`, and may name in `PROGRAMS` what it measures against.
Exit code 1: a goal is missed. 2: such a program is not there, and nothing was measured.
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parents[1] / "out" / "bench.json"


def main(wanted: list[str]) -> int:
    names = sorted(path.stem for path in HERE.glob("bench_*.py") if path.stem != "bench_row")
    chosen = [importlib.import_module(name) for name in names if not wanted or name.removeprefix("bench_") in wanted]
    lacking = sorted({one for bench in chosen for one in getattr(bench, "PROGRAMS", ()) if not shutil.which(one)})
    if lacking:
        print(f"bench: {', '.join(lacking)} is not installed, so nothing was measured; `make bench` installs what it "
              "needs where it may, else install config/deploy/apt/bench.txt as root", file=sys.stderr)  # fmt: skip
        return 2
    kept: dict[str, object] = {}
    missed = 0
    for bench in chosen:
        for row in bench.rows():
            print(row, flush=True)
            kept[row.name] = {
                "value": round(row.value, 3),
                "at_most": row.at_most,
                "at_least": row.at_least,
                "repeats": [round(one, 3) for one in row.repeats],
            }
            missed += not row.holds
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
