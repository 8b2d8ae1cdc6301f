"""Ratios measured side by side in one run; never a bare time. `make bench` prints them and keeps out/bench.json.

Every `bench_<what>.py` beside this file has `rows() -> list[Row]`. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parents[1] / "out" / "bench.json"


def main(wanted: list[str]) -> int:
    names = sorted(path.stem for path in HERE.glob("bench_*.py") if path.stem != "bench_row")
    kept: dict[str, object] = {}
    missed = 0
    for name in names:
        if wanted and name.removeprefix("bench_") not in wanted:
            continue
        for row in importlib.import_module(name).rows():
            print(row, flush=True)
            kept[row.name] = {"value": round(row.value, 3), "at_most": row.at_most, "at_least": row.at_least}
            missed += not row.holds
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
