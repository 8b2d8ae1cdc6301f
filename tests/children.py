"""The processes of a run of tests: they end with the runner, however it ends, and what outlives its test is found."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

from drivers.sim.lifetime import ends_with_us
from kiosk.play.process import descendants, has_ended, kill_at_once

ROOT = Path(__file__).resolve().parents[1]
ORPHANS_S = 10.0
"""How long a process may take to end after the test that started it."""
UNWIND_S = 10.0
"""How long pytest may take to end its fixtures after SIGINT."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
"""From <linux/prctl.h>."""


MARK = "TESTS_OF"
"""Names, in the environment of a process, the piece of the run that it belongs to."""

_started: set[subprocess.Popen[bytes]] = set()


def _end_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """This process gets the signal when its own parent is gone."""
    _prctl(_PR_SET_PDEATHSIG, number)


def _adopt_orphans() -> None:
    """Descendants whose parent is gone become our children, so that none of them is lost sight of."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def begin() -> None:
    """Call first, from the main thread: a signal, or the end of make, ends the whole run."""
    _adopt_orphans()
    # SIGINT by name, too: a shell starts what runs in the background with SIGINT ignored.
    for number in _SIGNALS:
        signal.signal(number, _leave)
    _end_with_parent(signal.SIGTERM)


def start(command: Sequence[str], env: Mapping[str, str], output: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """A process of tests, in the root of the checkout. The thread that starts it must wait for it."""
    process = subprocess.Popen(
        ends_with_us(command),
        cwd=ROOT,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    _started.add(process)
    return process


def left_behind(mark: str = "") -> list[str]:
    """What is still there of what the processes of `start` have started, once those have ended. It is killed.

    :param mark: only what carries it, while other pieces go on.
    :return: a line for each process: its id and its command.
    """
    deadline_s = time.monotonic() + ORPHANS_S
    while (left := _living(mark)) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    lines = [f"{pid} {_command(pid)}" for pid in left]
    kill_at_once(left)
    deadline_s = time.monotonic() + ORPHANS_S
    while still := _living(mark):
        if time.monotonic() > deadline_s:
            return [*lines, *(f"{pid} does not end even when it is killed" for pid in still)]
        time.sleep(0.01)
    return lines


def end_all() -> None:
    """SIGINT first, so that fixtures end what they have started; SIGKILL for what does not obey, and its children."""
    running = [process for process in _started if process.poll() is None]
    for process in running:
        process.send_signal(signal.SIGINT)
    deadline_s = time.monotonic() + UNWIND_S
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline_s - time.monotonic()))
    kill_at_once(descendants(os.getpid()))


def _leave(number: int, _frame: FrameType | None) -> None:
    for again in _SIGNALS:
        signal.signal(again, signal.SIG_IGN)
    end_all()
    raise SystemExit(128 + number)


def _living(mark: str) -> list[int]:
    """Descendants that have not ended. With no piece running, those that have ended and were left to us are reaped."""
    living = []
    for pid in descendants(os.getpid()):
        if mark:
            if _carries(pid, mark):
                living.append(pid)
        elif has_ended(pid):
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        else:
            living.append(pid)
    return living


def _carries(pid: int, mark: str) -> bool:
    """One that has ended has no environment any more."""
    with contextlib.suppress(OSError):
        return f"{MARK}={mark}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    return "(gone)"
