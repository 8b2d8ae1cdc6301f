"""A terminal enrolled as a technician does it: an operator's code, a real server, `kiosk enrol`, a signed call."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backoffice.__main__ import main as backoffice
from backoffice.clock import SystemClock
from drivers.sim.lifetime import ends_with_us
from kiosk.__main__ import main as kiosk
from kiosk.adapters.backoffice_http import HttpBackOffice
from kiosk.adapters.settings.config import load_terminal
from kiosk.adapters.signing import Signer
from kiosk.adapters.store.kiosk_key import read_hex_key

ROOT = Path(__file__).resolve().parents[3]
SITE = "350213001001"


@contextmanager
def serving(place: Any) -> Iterator[str]:
    argv = [sys.executable, "-m", "backoffice", "serve", "--port", "0", "--lookups", "http://127.0.0.1:9"]
    process = subprocess.Popen(
        ends_with_us([*argv, *place.arguments]), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        yield str(json.loads(process.stdout.readline())["url"])
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


class Wall:
    def wall(self) -> Any:
        return SystemClock().now()

    def correct(self, by_s: float) -> None:
        raise AssertionError("a new terminal's clock is right here")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "state").mkdir(mode=0o700)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    folder = tmp_path / "config"
    folder.mkdir()
    shutil.copy(ROOT / "config" / "terminal.toml", folder)
    return folder


def code_for(device: str, place: Any, capsys: pytest.CaptureFixture[str]) -> str:
    argv = ["device", "code", device, "--site", SITE, "--site-no", "001", *place.arguments]
    assert backoffice(argv) == 0
    return capsys.readouterr().out.splitlines()[0]


def answer_of(config: Path) -> int:
    """A signed question with what the enrolment left in the folder, as the kiosk itself would ask."""
    terminal = load_terminal(config / "terminal.toml")
    key = read_hex_key(config / terminal.backoffice.key_file)
    signer = Signer(terminal.terminal.device, key)
    numbers = iter(range(1, 99))
    return HttpBackOffice(terminal.backoffice.url, signer, lambda: next(numbers), Wall()).health().status


def test_a_code_makes_a_stranger_a_terminal(place: Any, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = code_for("XA-001-1", place, capsys)
    before = (config / "terminal.toml").read_text("utf-8")
    with serving(place) as url:
        assert kiosk(["enrol", code, "--server", url, "--config", str(config)]) == 0
        told = capsys.readouterr().out
        terminal = load_terminal(config / "terminal.toml")
        assert (terminal.terminal.device, terminal.terminal.site) == ("XA-001-1", SITE)
        assert answer_of(config) == 200
        key_file = config.parent / "state" / "device.key"
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        assert key_file.read_text("ascii").strip() not in told
        assert kiosk(["enrol", code, "--server", url, "--config", str(config)]) == 1
        assert "new one" in capsys.readouterr().err
        assert answer_of(config) == 200, "a refused code changes nothing"
        old = key_file.read_bytes()
        again = code_for("XA-001-1", place, capsys)
        assert kiosk(["enrol", again, "--config", str(config)]) == 0
        assert key_file.read_bytes() != old and answer_of(config) == 200
        key_file.write_bytes(old)
        assert answer_of(config) == 401
    assert (config / "terminal.toml").read_text("utf-8") == before


def test_without_a_server_it_says_what_to_do(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (config / "terminal.toml").read_bytes()
    assert kiosk(["enrol", "22222-22222", "--server", "http://127.0.0.1:9", "--config", str(config)]) == 1
    assert "See address and network" in capsys.readouterr().err
    assert kiosk(["enrol", "0O1IL00000", "--server", "http://127.0.0.1:9", "--config", str(config)]) == 2
    assert "without 0, O, 1, I and L" in capsys.readouterr().err
    assert (config / "terminal.toml").read_bytes() == before and not list((config.parent / "state").iterdir())


def test_the_command_is_there() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "enrol", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "--server" in done.stdout
