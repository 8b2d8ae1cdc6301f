"""`kiosk play` as its users call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from drivers.sim.lifetime import ends_with_us

ROOT = Path(__file__).parents[2]
AT_ONCE = 4
"""Half of a journey is waiting for paper, wire and voice."""
LIMIT_S = 400
"""A journey that hangs is ended; one on a busy machine may take several times as long as on a quiet one."""


@dataclass(frozen=True, slots=True)
class Played:
    code: int
    output: str
    out: Path

    @property
    def report(self) -> dict[str, object]:
        report: dict[str, object] = json.loads((self.out / "report.json").read_text(encoding="utf-8"))
        return report


def play(journey: Path, lang: str, out: Path, ladder: str = "", *, pictures: bool = False) -> Played:
    """`kiosk play` as its users call it; stopped by SIGTERM, which ends all that it has started.

    :param ladder: seed of the small faults; empty = ideal devices.
    """
    command = [sys.executable, "-m", "kiosk", "play", str(journey), "--lang", lang, "--out", str(out)]
    command += ["--ladder", ladder] if ladder else []
    command += [] if pictures else ["--no-pictures"]
    process = subprocess.Popen(
        ends_with_us(command),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
    )
    try:
        output, _ = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.terminate()
        output = process.communicate(timeout=30)[0] + f"\nnot over after {LIMIT_S} s"
    return Played(process.returncode, output, out)
