"""Play the proofs: `python tests/run_proofs.py [NAME ...]`, all of them without a name, and say what each has used.

Many proofs wait in real time, for paper, wires and voices. So the pieces of a proof run beside each other, as many as
the cores bear by what each uses of one; the longest begin first. What a piece printed lies in out/proof/logs, what all
have used in out/proof/budget.json.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import children
from prerequisites import complaint, missing
from proofs import PROOFS, Piece

from kiosk.play.registered import FOLDER_NAMED_BY

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "out" / "proof"
BUDGET_MIN = 60
LEAST_FREE = 0.05


@dataclass(frozen=True, slots=True)
class Used:
    """What one piece took."""

    proof: str
    piece: str
    began_s: float
    """After the first piece of all."""
    wall_s: float
    cpu_s: float
    code: int
    """Of its process: 0 when all held."""


@dataclass
class Running:
    piece: Piece
    process: subprocess.Popen[bytes]
    began_s: float = field(default_factory=time.monotonic)


def log_of(piece: Piece) -> Path:
    return OUT / "logs" / f"{piece.proof}-{piece.name}.log"


def start(piece: Piece, settings: Mapping[str, str]) -> Running:
    """Its output goes into its log; the time of whatever it starts and ends is counted as its own."""
    log = log_of(piece)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as kept:
        env = {**os.environ, **settings, **piece.settings}
        process = children.start([*piece.prefix, sys.executable, *piece.arguments], env, kept)
    return Running(piece, process)


def next_ended(running: list[Running], first_s: float) -> Used:
    """Wait for one to be over: what it has used. It is taken out of `running`."""
    one = None
    while one is None:  # an orphan that was left to us may end, too
        pid, status, usage = os.wait4(-1, 0)
        one = next((one for one in running if one.process.pid == pid), None)
    running.remove(one)
    one.process.returncode = os.waitstatus_to_exitcode(status)
    return Used(
        one.piece.proof,
        one.piece.name,
        round(one.began_s - first_s, 1),
        round(time.monotonic() - one.began_s, 3),
        round(usage.ru_utime + usage.ru_stime, 2),
        one.process.returncode,
    )


def next_of(waiting: list[Piece], running: Sequence[Running], cores: float) -> Piece | None:
    """The longest that the free cores bear; with nothing running any piece may begin, however much it takes."""
    free = cores - sum(one.piece.cores for one in running)
    for piece in waiting:
        if not running or piece.cores <= free + LEAST_FREE:
            return piece
    return None


def played(pieces: Sequence[Piece], cores: float, settings: Mapping[str, str]) -> Iterator[Used]:
    """Each piece as it ends."""
    waiting = sorted(pieces, key=lambda piece: -piece.minutes)
    running: list[Running] = []
    first_s = time.monotonic()
    try:
        while waiting or running:
            while (piece := next_of(waiting, running, cores)) is not None:
                waiting.remove(piece)
                running.append(start(piece, settings))
            yield next_ended(running, first_s)
    finally:
        for one in running:
            one.process.terminate()
            one.process.wait()


def told(used: Used) -> str:
    end = "ok" if used.code == 0 else "FAILED"
    return f"{used.proof:12s} {used.piece:24s} {used.wall_s:6.0f} s  {used.cpu_s:6.0f} CPU-s  {end}"


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
        for used in played(pieces, os.cpu_count() or 1, {FOLDER_NAMED_BY: kept}):
            table.append(used)
            print(told(used), flush=True)
            if used.code:
                piece = next(one for one in pieces if (one.proof, one.name) == (used.proof, used.piece))
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
