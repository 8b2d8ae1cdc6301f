"""The terminal under supervision: what stands still is killed and started again, a sick one is left alone."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.adapters.sd_notify import Notifier
from kiosk.supervise import Supervisor

ALIVE = """
import time
from kiosk.adapters.sd_notify import Notifier
notifier = Notifier()
notifier.ready()
while True:
    notifier.alive()
    time.sleep(0.05)
"""
SILENT_S, WAIT_S = 1.0, 30.0


@contextmanager
def supervised(
    command: list[str], no_restart: frozenset[int] = frozenset()
) -> Iterator[tuple[Supervisor, queue.Queue[str]]]:
    told: queue.Queue[str] = queue.Queue()
    supervisor = Supervisor(command, no_restart, told.put, SILENT_S, WAIT_S)
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(supervisor.run()))
    thread.start()
    try:
        yield supervisor, told
    finally:
        supervisor.stop()
        thread.join(WAIT_S)
        assert not thread.is_alive() and codes


def until(told: queue.Queue[str], wanted: str) -> list[str]:
    seen: list[str] = []
    while not seen or seen[-1] != wanted:
        seen.append(told.get(timeout=WAIT_S))
    return seen


def test_a_screen_that_stands_still_is_killed_and_started_again() -> None:
    with supervised([sys.executable, "-c", ALIVE]) as (supervisor, told):
        until(told, "alive")
        first = supervisor.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        assert "silent" in until(told, "ended")
        until(told, "alive")
        assert supervisor.pid != first
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)


def test_one_that_was_killed_is_started_again_at_once() -> None:
    with supervised([sys.executable, "-c", ALIVE]) as (supervisor, told):
        until(told, "alive")
        assert supervisor.pid is not None
        os.kill(supervisor.pid, signal.SIGKILL)
        seen = [*until(told, "ended"), *until(told, "started")]
        assert "silent" not in seen


@pytest.mark.parametrize("code", [0, 78])
def test_one_that_is_done_or_cannot_be_configured_is_left_alone(code: int) -> None:
    supervisor = Supervisor([sys.executable, "-c", f"raise SystemExit({code})"], frozenset({78}))
    assert supervisor.run() == code


def test_without_a_manager_nothing_is_told_and_one_that_is_gone_hurts_nobody(tmp_path: Path) -> None:
    for address in ("", str(tmp_path / "nobody")):
        notifier = Notifier(address)
        notifier.ready()
        notifier.alive()
        notifier.stopping()
        notifier.close()
        notifier.alive()
