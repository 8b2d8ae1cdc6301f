"""All gates in one table, beside it as JSON. What cannot be measured is a row that fails, never a row left out."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable, Sequence
from importlib import import_module

from voices.measure.gate import Bench, Gate

MODULES = {
    "coverage": "voices.measure.coverage",
    "build": "voices.measure.building",
    "tones": "voices.measure.tones",
    "sandhi": "voices.measure.sandhi",
    "language": "voices.measure.language",
    "segments": "voices.measure.segments",
    "numbers": "voices.measure.numbers",
    "levels": "voices.measure.levels",
    "latency": "voices.measure.latency",
}
"""What is measured -> the module whose `gates(bench)` does it, in the order of the report."""
FILE = "voice-gates.json"


def run(bench: Bench, only: Sequence[str] = (), tell: Callable[[str], None] = lambda text: None) -> list[Gate]:
    """:param only: names of MODULES; empty for all. :param tell: hears what is being measured.
    :raises KeyError: no such name.
    """
    found: list[Gate] = []
    for name in only or MODULES:
        tell(name)
        found += _measured(name, MODULES[name], bench)
    return found


def _measured(name: str, module: str, bench: Bench) -> list[Gate]:
    began_s = time.monotonic()
    try:
        gates = list(import_module(module).gates(bench))
    except Exception as error:  # one measurement that breaks must neither hide itself nor the others
        return [Gate(name, "measured", f"{type(error).__name__}: {error}", False)]
    if not gates:
        return [Gate(name, "measured", f"{module} has no gate", False)]
    took = {"took_s": round(time.monotonic() - began_s, 1)}
    return [Gate(gate.name, gate.wanted, gate.measured, gate.passed, {**gate.details, **took}) for gate in gates]


def table(gates: Sequence[Gate]) -> str:
    rows = [("gate", "wanted", "measured", "pass")]
    rows += [(gate.name, gate.wanted, gate.measured, "yes" if gate.passed else "NO") for gate in gates]
    widths = [max(_width(row[column]) for row in rows) for column in range(4)]
    lines = [" | ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-+-".join("-" * width for width in widths), *lines[1:]])


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    """Columns on a terminal: Han characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def write(gates: Sequence[Gate], bench: Bench) -> None:
    """`FILE` in the bench's folder: every gate with what a reader asks next."""
    bench.out.mkdir(parents=True, exist_ok=True)
    document = [
        {
            "name": gate.name,
            "wanted": gate.wanted,
            "measured": gate.measured,
            "passed": gate.passed,
            "details": dict(gate.details),
        }
        for gate in gates
    ]
    (bench.out / FILE).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
