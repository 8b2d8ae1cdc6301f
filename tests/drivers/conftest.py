"""Simulated devices as separate processes, ended by their own ids."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.sim.client import Control
from drivers.sim.lifetime import ends_with_us

REPOSITORY = Path(__file__).resolve().parents[2]
BUSY = ("camera", "document_scanner")
"""What draws pictures has no wire whose time it must keep, and would take a core from everybody."""
RESIDENTS = REPOSITORY / "config" / "demo" / "residents.toml"


@dataclass(frozen=True)
class RunningTwin:
    """One simulated device: its port and its control socket."""

    link: Path
    ctl: Control
    process: subprocess.Popen[bytes]


StartTwin = Callable[..., RunningTwin]


def _keeps_its_time(process: subprocess.Popen[bytes]) -> None:
    """A wire is never put aside as a process of a busy machine is: a pause inside a frame is a fault of its own."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(process.pid, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))


def _end(twin: RunningTwin) -> None:
    twin.ctl.close()
    assert twin.process.stdin is not None and twin.process.stdout is not None
    twin.process.stdin.close()
    try:
        twin.process.wait(5)
    except subprocess.TimeoutExpired:
        twin.process.kill()
        twin.process.wait()
    twin.process.stdout.close()


@pytest.fixture(scope="session")
def start_twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartTwin]:
    """`start_twin("id_card", baud=115200)` starts one and waits until its port is there."""
    running: list[RunningTwin] = []

    def start(name: str, **settings: object) -> RunningTwin:
        folder = tmp_path_factory.mktemp("twin")
        link, control = folder / name, folder / f"{name}.ctl"
        options = ["--link", str(link), "--control", str(control), "--settings", json.dumps(settings)]
        command = [sys.executable, "-m", "drivers.sim", name, *options]
        process = subprocess.Popen(ends_with_us(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n", f"{name} did not start"
        if name not in BUSY:
            _keeps_its_time(process)
        twin = RunningTwin(link, Control(control), process)
        running.append(twin)
        return twin

    yield start
    for twin in running:
        _end(twin)


@pytest.fixture(scope="session")
def residents_file() -> Path:
    return RESIDENTS


@pytest.fixture(scope="session")
def residents() -> Mapping[str, Mapping[str, object]]:
    return tomllib.loads(RESIDENTS.read_text(encoding="utf-8"))
