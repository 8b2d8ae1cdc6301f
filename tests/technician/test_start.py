"""The terminal as its unit starts it: with the shipped settings, with bad ones, without a display, on a full disk."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.sim.lifetime import ends_with_us
from kiosk.play.process import Managed
from kiosk.play.virtual_display import start_xvfb
from kiosk.ui.drawing.fonts import load

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "config" / "deploy" / "tshu-pinn.service"
START_S = 60.0
INSTALLED = "/opt/tshu-pinn/.venv/bin/kiosk run"


@dataclass
class Terminal:
    """A terminal that is started as the unit says, on a folder of settings and a state folder of its own."""

    config: Path
    state: Path
    home: Path
    display: str
    notify: socket.socket
    said: list[str]

    def environment(self) -> dict[str, str]:
        """What systemd would give it: the unit's variables, its state folder, and a home that is read only."""
        names = dict(
            pair.split("=", 1)
            for line in UNIT.read_text(encoding="utf-8").splitlines()
            if line.startswith("Environment=")
            for pair in line.removeprefix("Environment=").split()
        )
        built = {name: os.environ.get(name, str(ROOT / "var" / part)) for name, part in BUILT.items()}
        assert set(names) == {"DISPLAY", "XAUTHORITY", "XDG_CACHE_HOME", *BUILT}
        return {
            **names,
            **built,
            "DISPLAY": self.display,
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.state.parent / "cache"),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "STATE_DIRECTORY": str(self.state),
            "KIOSK_CONFIG": str(self.config),
            "NOTIFY_SOCKET": str(self.state.parent / "notify"),
        }

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        line = [sys.executable, *(arguments or ("-m", "kiosk", "run"))]
        process = subprocess.Popen(ends_with_us(line), env=self.environment(), stderr=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def hears(self, wanted: str, timeout_s: float = START_S) -> bool:
        """True once a line of what it tells the service manager begins so."""
        deadline_s = time.monotonic() + timeout_s
        while not any(line.startswith(wanted) for line in self.said):
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or not select.select([self.notify], [], [], left_s)[0]:
                return False
            self.said += self.notify.recv(4096).decode().splitlines()
        return True


BUILT = {"KIOSK_VOICE_DIR": "voice", "KIOSK_FONT_DIR": "fonts"}


@pytest.fixture
def display(tmp_path: Path) -> Iterator[tuple[Managed, str]]:
    process, name = start_xvfb(1080, 1920, tmp_path / "xvfb.log", os.environ)
    yield process, name
    process.stop()


@pytest.fixture
def terminal(tmp_path: Path, display: tuple[Managed, str]) -> Iterator[Terminal]:
    config, state, home = tmp_path / "config", tmp_path / "state", tmp_path / "home"
    shutil.copytree(ROOT / "config", config)
    (config / "device.key").write_text("ab" * 32 + "\n", encoding="ascii")
    (config / "device.key").chmod(0o600)
    state.mkdir(0o700)
    home.mkdir(0o500)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(tmp_path / "notify"))
        yield Terminal(config, state, home, display[1], notify, [])


def test_the_shipped_unit_starts_the_terminal_with_the_shipped_settings(terminal: Terminal) -> None:
    unit = UNIT.read_text(encoding="utf-8")
    assert f"ExecStart={INSTALLED}\n" in unit and "StateDirectory=tshu-pinn\n" in unit
    with terminal.running():
        assert terminal.hears("READY=1")
    assert (terminal.state / "outbox.db").is_file(), "the store lies where the service manager made a folder"
    assert (terminal.state / "good-settings" / "terminal.toml").is_file()
    assert not list(terminal.home.iterdir())


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        words = set(re.findall(r"^(\w+)=", UNIT.read_text(encoding="utf-8"), re.MULTILINE))
        assert {"Type", "ExecStart", "StateDirectory", "WatchdogSec", "Restart"} <= words
        return
    unit = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8").replace(INSTALLED, "/bin/true").replace("User=kiosk", "User=root")
    unit.write_text(text, encoding="utf-8")
    done = subprocess.run([verify, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    assert not [line for line in done.stderr.splitlines() if UNIT.name in line], done.stderr


def test_without_a_display_it_says_so_and_never_that_it_works(terminal: Terminal) -> None:
    terminal.display = ""
    with terminal.running() as process:
        _, complaint = process.communicate(timeout=START_S)
    assert process.returncode == 70, "the service manager tries again"
    assert "no window" in complaint
    assert not terminal.hears("READY=1", 0) and not terminal.hears("WATCHDOG=1", 0)


def test_a_full_disk_is_told_on_the_screen_and_left_by_itself(terminal: Terminal) -> None:
    """The state folder lies on a real file system of its own, which is full."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(terminal.state)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.fail("a file system for this test can only be mounted by root")
    try:
        stone = terminal.state / "stone"
        with contextlib.suppress(OSError), stone.open("wb") as file:
            while True:
                file.write(bytes(4096))
        with terminal.running() as process:
            assert terminal.hears("STATUS=closed: store.")
            assert terminal.hears("EXTEND_TIMEOUT_USEC="), "it draws, and asks for time"
            assert not terminal.hears("READY=1", 0)
            stone.unlink()
            subprocess.run([*mount[:4], "remount,size=64m,mode=700", *mount[5:]], check=True)
            process.communicate(timeout=START_S)
        assert process.returncode == 75
        with terminal.running():
            assert terminal.hears("READY=1")
    finally:
        subprocess.run(["umount", str(terminal.state)], check=True)


def test_settings_that_break_are_answered_with_those_of_the_last_good_start(terminal: Terminal) -> None:
    with terminal.running():
        assert terminal.hears("READY=1")
    terminal.said.clear()
    settings = terminal.config / "terminal.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('accent = "tongan"', 'accent = "teochew"'))
    with terminal.running() as process:
        assert terminal.hears("READY=1")
        process.terminate()
        _, told = process.communicate(timeout=START_S)
    line = (
        settings.read_text(encoding="utf-8")
        .splitlines()
        .index(next(line for line in settings.read_text(encoding="utf-8").splitlines() if "teochew" in line))
    )
    assert f"{settings}:{line + 1}: accent must be tongan or xiamen, not 'teochew'" in told


def test_settings_that_are_wrong_from_the_start_are_waited_for_on_a_closed_screen(terminal: Terminal) -> None:
    settings = terminal.config / "terminal.toml"
    right = settings.read_text(encoding="utf-8")
    settings.write_text(right.replace("width_px = 1080", 'width_px = "wide"'), encoding="utf-8")
    with terminal.running() as process:
        assert terminal.hears("STATUS=closed: ")
        assert 'screen.width_px must be a whole number, not a text in quotes ("...")' in terminal.said[-1]
        assert terminal.hears("EXTEND_TIMEOUT_USEC=")
        settings.write_text(right, encoding="utf-8")
        process.communicate(timeout=START_S)
    assert process.returncode == 75


def test_a_terminal_that_was_never_enrolled_says_how_it_is(terminal: Terminal) -> None:
    (terminal.config / "device.key").unlink()
    with terminal.running() as process:
        assert terminal.hears("STATUS=closed: device.key_missing")
        process.terminate()
        _, told = process.communicate(timeout=START_S)
    assert f"{terminal.config / 'device.key'} cannot be read: No such file or directory" in told


def test_a_terminal_whose_key_others_may_read_stays_shut_and_says_so(terminal: Terminal) -> None:
    (terminal.config / "device.key").chmod(0o640)
    with terminal.running() as process:
        assert terminal.hears("STATUS=closed: device.key_exposed")
        process.terminate()
        _, told = process.communicate(timeout=START_S)
    assert f"{terminal.config / 'device.key'} has mode 0640, 0600 is needed" in told


def test_without_a_font_it_shows_the_code_alone_and_starts_when_the_font_is_there(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process finds no installed font; then somebody brings the built ones."""
    begin = (
        "import sys, pathlib; from kiosk.ui.drawing import fonts; from kiosk.__main__ import main;"
        f"fonts._SOURCES = (pathlib.Path({str(tmp_path / 'none')!r}),); sys.exit(main(['run']))"
    )
    built, brought = terminal.environment()["KIOSK_FONT_DIR"], tmp_path / "fonts"
    monkeypatch.setenv("KIOSK_FONT_DIR", str(brought))
    faces = load(Path(built))
    with terminal.running("-c", begin) as process:
        assert terminal.hears("STATUS=closed: fonts.missing: NotoSansCJK-Regular.ttc not found")
        assert terminal.hears("EXTEND_TIMEOUT_USEC="), "it draws"
        assert not terminal.hears("READY=1", 0)
        brought.mkdir()
        for file in (faces.main.regular, faces.main.bold, faces.second.regular, faces.second.bold):
            shutil.copy(file, brought)
        shutil.copy(Path(built) / "fonts.json", brought / "whole")
        (brought / "whole").rename(brought / "fonts.json")
        _, told = process.communicate(timeout=START_S)
    assert process.returncode == 75 and "install the package fonts-noto-cjk" in told
    assert not (terminal.state / "outbox.db").exists(), "nothing was opened before"
