"""The window of an unattended terminal: it ends when the service manager says so, and only then."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from Xlib import display

from drivers.sim.lifetime import ends_with_us
from kiosk.play.virtual_display import start_xvfb
from kiosk.ui import window

SCRIPT = Path(__file__).parent / "stand_alone.py"
ROOT = Path(__file__).resolve().parents[2]


def _start(tmp_path: Path, driver: str, **more: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "SDL_VIDEODRIVER": driver, "PYTHONPATH": str(ROOT)}
    environment.pop("DISPLAY", None)
    environment |= more
    return subprocess.Popen(
        ends_with_us([sys.executable, str(SCRIPT), str(tmp_path / "observer")]),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _tree(tmp_path: Path) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "observer"))
        client.sendall(b'{"op":"tree"}\n')
        with client.makefile(encoding="utf-8") as answers:
            tree: dict[str, Any] = json.loads(answers.readline())
    return tree


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_service_manager_ends_it_cleanly_within_a_second(
    tmp_path: Path, quickest: Any, number: signal.Signals
) -> None:
    def seconds_to_end() -> float:
        process = _start(tmp_path, "offscreen")
        assert process.stdout is not None and process.stderr is not None
        try:
            assert process.stdout.readline() == "ready\n", process.stderr.read()
            assert _tree(tmp_path)["screen"] == "welcome"
            begun = time.monotonic()
            process.send_signal(number)
            assert process.wait(20) == 0
            return time.monotonic() - begun
        finally:
            process.kill()
            process.communicate()

    assert quickest(seconds_to_end, 1.0) < 1.0


def test_without_a_display_it_ends_with_its_own_code_and_says_why(tmp_path: Path) -> None:
    process = _start(tmp_path, "x11")
    try:
        _, complaint = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == window.EXIT_NO_WINDOW
    assert "no window" in complaint and "libgl1" in complaint


def test_a_request_to_close_the_window_is_refused(pane: Any) -> None:
    guard = window.Guard(pane, lambda: None, lambda: None)
    try:
        assert pane.dispatch("on_request_close", source="mouse") is True
    finally:
        guard.release()


def test_only_the_mouse_provider_is_on_and_escape_does_not_end_the_toolkit(pane: Any) -> None:
    from kivy.config import Config

    assert Config.items("input") == [("mouse", "mouse,disable_multitouch")]
    assert Config.get("kivy", "exit_on_escape") == "0"


def test_a_panel_that_changes_its_size_ends_the_terminal_for_a_new_start(tmp_path: Path) -> None:
    screen, name = start_xvfb(1080, 1920, tmp_path / "xvfb.log", os.environ)
    process = _start(tmp_path, "x11", DISPLAY=name)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        shown = display.Display(name)
        (one,) = [one for one in shown.screen().root.query_tree().children if one.get_geometry().width >= 1080]
        one.configure(width=1280, height=720)
        shown.sync()
        _, complaint = process.communicate(timeout=30)
        shown.close()
    finally:
        process.kill()
        screen.stop()
    assert process.returncode == window.EXIT_RESIZED
    assert "the panel is now 1280 x 720" in complaint
