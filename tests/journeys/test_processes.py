"""Everything that a run starts is ended by its id, with its children, however the run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.sim.lifetime import ends_with_us
from kiosk.play.process import Managed, StageError, descendants, has_ended

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session={own})
print("ready", child.pid, flush=True)
time.sleep(600)
"""


def soon(holds: Callable[[], bool], timeout_s: float = 5.0) -> bool:
    deadline_s = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def family(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Managed, int]]:
    """A process with a child, in its own session or in its parent's."""
    code = PARENT.format(own=getattr(request, "param", False))
    parent = Managed("family", [sys.executable, "-c", code], tmp_path / "family.log")
    child = int(parent.wait_line(lambda line: line.startswith("ready"), 10).split()[1])
    yield parent, child
    parent.kill()
    if not has_ended(child):
        os.kill(child, signal.SIGKILL)


def test_the_children_of_a_process_are_found(family: tuple[Managed, int]) -> None:
    parent, child = family
    assert descendants(parent.pid) == [child]


@pytest.mark.parametrize("family", [False, True], indirect=True, ids=["same session", "own session"])
def test_a_kill_takes_the_children_too(family: tuple[Managed, int]) -> None:
    parent, child = family
    parent.kill()
    assert soon(lambda: has_ended(child)) and not parent.running
    assert parent.returncode == -signal.SIGKILL


def test_a_stop_is_a_sigterm_and_leaves_nobody_behind(family: tuple[Managed, int]) -> None:
    parent, child = family
    assert parent.stop() == -signal.SIGTERM
    assert soon(lambda: has_ended(child))


def test_one_that_does_not_obey_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    stubborn = Managed("stubborn", [sys.executable, "-c", code], tmp_path / "s.log")
    stubborn.wait_line(lambda line: line == "up", 10)
    assert stubborn.stop(0.3) == -signal.SIGKILL


def test_one_that_dies_before_it_is_ready_is_told_with_its_last_words(tmp_path: Path) -> None:
    dying = Managed("dying", [sys.executable, "-c", "print('no such port'); raise SystemExit(3)"], tmp_path / "d.log")
    with pytest.raises(StageError, match=r"(?s)dying ended with 3.*no such port"):
        dying.wait_line(lambda line: line == "ready", 10)
    dying.kill()
    assert (tmp_path / "d.log").read_text() == "no such port\n"


def test_one_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="cannot be started"):
        Managed("nothing", ["/no/such/program"], tmp_path / "n.log")


IGNORING = "trap '' INT; exec \"$@\""
JOURNEY = 'journey = "j"\n[[step]]\nwait = { screen = "never", within_s = 300 }\n'


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_player_that_is_stopped_ends_everything_it_has_started(tmp_path: Path, number: int) -> None:
    """Stopped in the middle of the start, when most is half up. Its parent ignores SIGINT, as shells do for background;
    killed, it cannot tidy up its folder.
    """
    (tmp_path / "j.toml").write_text(JOURNEY)
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    player = subprocess.Popen(
        ends_with_us(["sh", "-c", IGNORING, "sh", sys.executable, "-m", "kiosk", "play", str(tmp_path / "j.toml")]),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        assert soon(lambda: len(descendants(player.pid)) >= 3, 60), "nothing was started"
        started = descendants(player.pid)
        player.send_signal(number)
        output, _ = player.communicate(timeout=20)
    finally:
        player.kill()
        player.wait()
    assert player.returncode not in (0, 1, 2, 3), output
    assert soon(lambda: all(has_ended(pid) for pid in started))
    assert number == signal.SIGKILL or not list(tmp_path.glob("play-*")), "the folder of the run is gone"
