"""Processes of tests beside each other: as many as the cores bear by what each uses of one; the longest begin first.

Many tests wait in real time, for paper, wires and voices: one's waiting is another's turn.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import children

LEAST_FREE = 0.05


@dataclass(frozen=True, slots=True)
class Piece:
    """One process of tests."""

    of: str
    """The proof or the room that it is a part of."""
    name: str
    arguments: tuple[str, ...]
    """Of Python."""
    minutes: float
    """How long it takes by itself, about: only the order hangs on it."""
    cores: float
    """What it uses of a core meanwhile, about; the table of a run says what it was."""
    settings: Mapping[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """Its processes, and all that they start, are known by it."""
        return f"{self.of}/{self.name}"


@dataclass(frozen=True, slots=True)
class Used:
    """What one piece took."""

    of: str
    piece: str
    began_s: float
    """After the first piece of all."""
    wall_s: float
    cpu_s: float
    code: int
    """Of its process: 0 when all held."""


LogOf = Callable[[Piece], Path]


@dataclass
class Running:
    piece: Piece
    process: subprocess.Popen[bytes]
    began_s: float = field(default_factory=time.monotonic)


def start(piece: Piece, settings: Mapping[str, str], log: Path) -> Running:
    """Its output goes into its log; the time of whatever it starts and ends is counted as its own."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as kept:
        env = {**os.environ, **settings, **piece.settings, children.MARK: piece.mark}
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
        one.piece.of,
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


def played(pieces: Sequence[Piece], cores: float, settings: Mapping[str, str], log_of: LogOf) -> Iterator[Used]:
    """Each piece as it ends."""
    waiting = sorted(pieces, key=lambda piece: -piece.minutes)
    running: list[Running] = []
    first_s = time.monotonic()
    try:
        while waiting or running:
            while (piece := next_of(waiting, running, cores)) is not None:
                waiting.remove(piece)
                running.append(start(piece, settings, log_of(piece)))
            yield next_ended(running, first_s)
    finally:
        for one in running:
            one.process.terminate()
            one.process.wait()


def shares_s(used: Sequence[Used]) -> dict[str, float]:
    """What each proof or room took of the time of them all.

    Every moment belongs to the pieces that run in it, by the processor time that each uses; all shares together are
    the time from the first begin to the last end.
    """
    moments = sorted({at for one in used for at in (one.began_s, one.began_s + one.wall_s)})
    shares = dict.fromkeys((one.of for one in used), 0.0)
    for begin, end in itertools.pairwise(moments):
        now = [one for one in used if one.began_s <= begin and end <= one.began_s + one.wall_s]
        rates = [max(one.cpu_s / one.wall_s, LEAST_FREE) for one in now]
        for one, rate in zip(now, rates, strict=True):
            shares[one.of] += (end - begin) * rate / sum(rates)
    return shares
