"""Simulated devices as separate processes, a terminal's settings that name their ports, and the `kiosk` command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.sim.client import Control
from drivers.sim.lifetime import ends_with_us
from kiosk.technician.sim_bench import CHIP_CARD_DOOR

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ("id_card", "receipt_printer", "code_scanner", "headphone")


@pytest.fixture(scope="session", autouse=True)
def chip_card_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """pcsc-lite's library takes the name of its door once in a process: whoever comes first finds the one for all."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CHIP_CARD_DOOR, str(tmp_path_factory.mktemp("door") / "pcscd.comm"))
        yield


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def devices(self) -> dict[str, dict[str, object]]:
        return {device["class"]: device for device in json.loads(self.out)["devices"]}


@dataclass(frozen=True)
class Terminal:
    """A terminal with four simulated devices."""

    config: Path
    state: Path
    run: Path

    def twin(self, name: str) -> Control:
        return Control(self.run / f"{name}.ctl")

    def kiosk(self, *arguments: str, timeout_s: float = 60) -> Ran:
        """Run the command as a technician would, without a terminal on its standard input."""
        done = subprocess.run(
            self._line(arguments), cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def kiosk_and_hands(self, says: str, hands: Callable[[], None], *arguments: str, timeout_s: float = 60) -> Ran:
        """Run the command; the hands do their part when it says that it waits for them."""
        pipe = subprocess.PIPE
        line = ends_with_us(self._line(arguments))
        with subprocess.Popen(line, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True) as ran:
            assert ran.stdout is not None
            before = ""
            for told in ran.stdout:
                before += told
                if says in told:
                    hands()
                    break
            out, err = ran.communicate(timeout=timeout_s)
        return Ran(ran.returncode, before + out, err)

    def _line(self, arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "kiosk", *arguments, "--config", str(self.config)]


def write_settings(folder: Path, ports: Callable[[str], str], state: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    shipped = tomllib.loads((ROOT / "config" / "devices.toml").read_text(encoding="utf-8"))
    tables = [
        "\n".join(
            [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in {**table, "port": ports(name)}.items())]
        )
        for name, table in shipped.items()
        if name in CLASSES
    ]
    (folder / "devices.toml").write_text("\n\n".join(tables), encoding="utf-8")
    terminal = (ROOT / "config" / "terminal.toml").read_text(encoding="utf-8")
    text = terminal.replace('state_dir = ""', f"state_dir = {json.dumps(str(state))}")
    (folder / "terminal.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("bench")
    shipped = tomllib.loads((ROOT / "config" / "sim.toml").read_text(encoding="utf-8"))
    residents = ROOT / "config" / "demo" / "residents.toml"
    plan = {**{name: shipped[name] for name in CLASSES}}
    plan["id_card"] = {**plan["id_card"], "residents_file": str(residents)}
    (folder / "sim.toml").write_text(
        "\n\n".join(
            "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())])
            for name, table in plan.items()
        )
    )
    command = [sys.executable, "-m", "drivers.sim", "up", str(folder / "sim.toml"), "--dir", str(folder / "run")]
    twins = subprocess.Popen(ends_with_us(command), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert twins.stdin is not None and twins.stdout is not None
    try:
        assert twins.stdout.readline() == b"ready\n"
        yield folder / "run"
    finally:
        twins.stdin.close()
        twins.wait(15)
        twins.stdout.close()


@pytest.fixture
def terminal(_running: Path, tmp_path: Path) -> Iterator[Terminal]:
    """Healthy at the beginning of each test."""
    config = write_settings(tmp_path / "config", lambda name: str(_running / name), tmp_path / "state")
    made = Terminal(config, tmp_path / "state", _running)
    yield made
    for name in CLASSES:
        with made.twin(name) as hands:
            hands("clear")
            hands("unplug")  # what a late answer still holds back is gone with the power
            hands("replug")
            if name == "id_card":
                hands("lift")
            if name == "receipt_printer":
                hands("paper", state="ok")
                hands("cover", open=False)
            if name == "headphone":
                hands("remove")


def failures(device: Mapping[str, object]) -> dict[str, str]:
    """Check -> fault code (or what was measured) of everything that failed."""
    measured = device["measured"]
    assert isinstance(measured, list)
    return {
        row["check"]: row["fault"]["code"] if row["fault"] else row["note"]
        for row in measured
        if row["result"] == "fail"
    }


@pytest.fixture
def failed_checks() -> Callable[[Mapping[str, object]], dict[str, str]]:
    return failures


@pytest.fixture
def pseudo_terminal() -> Iterator[tuple[int, int]]:
    """The two ends of a terminal: ours and the program's."""
    ours, theirs = os.openpty()
    yield ours, theirs
    for fd in (ours, theirs):
        os.close(fd)
