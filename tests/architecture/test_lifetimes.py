"""No process of a run outlives it, however the run ends; and what outlives its test fails the run."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.sim.lifetime import ends_with_us
from kiosk.play.process import has_ended

ROOT = Path(__file__).resolve().parents[2]
HARNESS = ("tests", "kiosk/play", "drivers/sim")
BY_ITS_OWN = {"tests/support/office_support/postgres_cluster.py": "setpriv drops root and sets the signal at once"}
"""Starts a process that ends with it by another way."""

RUNNER = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
from pathlib import Path
import children, run_rooms
from beside import Piece
children.begin()
children.ORPHANS_S = 1.0
run_rooms.OUT = Path({out!r})
run_rooms.ROW_RESULTS = run_rooms.OUT / "access"
bare = {{"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}}
one = Piece("room", "one", ("-m", "pytest", {test!r}), 1, 1.0, bare)
print("begins", flush=True)
sys.exit(run_rooms.run_all([one], {{"room": 60}}))
"""
WAITS = """
import subprocess, sys, threading
from pathlib import Path
from drivers.sim.lifetime import ends_with_us
from kiosk.play.process import Managed

def test_waits(tmp_path):
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    started = subprocess.Popen(ends_with_us(sleep))
    managed = Managed("sleeper", sleep, tmp_path / "log")
    Path({pids!r}).write_text(f"{{started.pid}} {{managed.pid}} .")
    started.wait()
"""
LEAVES = """
import subprocess, sys
from pathlib import Path

def test_leaves():
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    Path({pids!r}).write_text(f"{{subprocess.Popen(command, start_new_session=True).pid}} .")
"""


def soon(holds: Callable[[], bool], timeout_s: float = 20.0) -> bool:
    deadline_s = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.01)
    return True


def _runner(tmp_path: Path, test: str) -> tuple[subprocess.Popen[str], Path]:
    pids = tmp_path / "pids"
    (tmp_path / "test_one.py").write_text(test.format(pids=str(pids)))
    names = {"tests": str(ROOT / "tests"), "root": str(ROOT), "test": str(tmp_path / "test_one.py")}
    names["out"] = str(tmp_path / "out")
    command = [sys.executable, "-c", RUNNER.format(**names)]
    process = subprocess.Popen(ends_with_us(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return process, pids


def _written(pids: Path) -> list[int]:
    assert soon(lambda: pids.is_file() and pids.read_text().endswith("."), 60), "the test has not begun"
    return [int(word) for word in pids.read_text().split()[:-1]]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_runner_that_is_ended_in_the_middle_takes_everything_with_it(tmp_path: Path, number: int) -> None:
    runner, pids = _runner(tmp_path, WAITS)
    try:
        started = _written(pids)
        assert len(started) == 2 and not any(has_ended(pid) for pid in started)
        runner.send_signal(number)
        runner.communicate(timeout=60)
    finally:
        runner.kill()
        runner.wait()
    assert soon(lambda: all(has_ended(pid) for pid in started))


def test_a_process_that_outlives_its_test_fails_the_run_and_is_ended(tmp_path: Path) -> None:
    runner, pids = _runner(tmp_path, LEAVES)
    output, _ = runner.communicate(timeout=100)
    (left,) = _written(pids)
    assert runner.returncode == 1
    assert f"room/one: a process was left behind: {left} " in output
    assert has_ended(left)


def test_whatever_the_harness_starts_ends_with_it() -> None:
    """A process that is waited for at once (`subprocess.run`) is not meant."""
    bare = []
    for folder in HARNESS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            code = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(code)) if "Popen" in code else ():
                if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "subprocess.Popen"):
                    continue
                line = ast.unparse(node.args[0])
                name = path.relative_to(ROOT).as_posix()
                tied = line.startswith("ends_with_us(") or name in BY_ITS_OWN
                named = f"{line} = ends_with_us(" in code
                if not (tied or named):
                    bare.append(f"{name}:{node.lineno} {line}")
    assert not bare, "\n".join(bare)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such program: /no/such/program"):
        ends_with_us(["/no/such/program"])
    assert Path(ends_with_us(["sh"])[-1]).name == "sh"
