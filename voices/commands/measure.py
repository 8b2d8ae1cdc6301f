"""Measure the voice and print every gate. 1 when one fails.

What passes obeys the tables and the standards; whether it is good Minnan only somebody who speaks it can say.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from voices.measure import report
from voices.measure.gate import Bench


def arguments(parser: argparse.ArgumentParser) -> None:
    data_argument(parser)
    parser.add_argument("--out", type=Path, default=Path("out") / "voice", help="folder for pictures and the JSON file")
    parser.add_argument("--fast", action="store_true", help="the subset that belongs into the quick test run")
    parser.add_argument("--only", type=_names, default=[], metavar="NAME,…", help=", ".join(report.MODULES))


def data_argument(parser: argparse.ArgumentParser) -> None:
    """`--data` of every command that measures."""
    default = Path(os.environ.get("KIOSK_VOICE_DIR") or Path("var") / "voice")
    parser.add_argument("--data", type=Path, default=default, help="folder that `build` filled (default: %(default)s)")


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in report.MODULES:
            raise argparse.ArgumentTypeError(f"no {name}; there are {', '.join(report.MODULES)}")
    return names


def run(options: argparse.Namespace) -> int:
    if not (options.data / "espeak-ng-data").is_dir():
        print(
            f"voices measure: no voice in {options.data}; run `python -m voices build --data {options.data}`",
            file=sys.stderr,
        )
        return 1
    bench = Bench(options.data, options.out, options.fast)
    gates = report.run(bench, options.only, lambda name: print(f"measuring {name} …", file=sys.stderr, flush=True))
    report.write(gates, bench)
    print(report.table(gates))
    failed = [gate for gate in gates if not gate.passed]
    print(f"{len(gates) - len(failed)} of {len(gates)} gates pass; details: {options.out / report.FILE}")
    print("No native speaker has confirmed the tables or the texts: status machine.")
    return 1 if failed else 0
