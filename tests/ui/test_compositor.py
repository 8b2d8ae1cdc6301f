"""Under a compositor that gives the window another size than the settings say, the terminal starts every time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "stand_alone.py"
ROOT = Path(__file__).resolve().parents[2]
STARTS = 12
"""Reading outside of the window ended about every second start."""

SHOWN_AND_ENDED = """
import os, signal, subprocess, sys
with subprocess.Popen([sys.executable, *sys.argv[1:]], stdout=subprocess.PIPE, text=True) as screen:
    if screen.stdout.readline() == "ready\\n":
        screen.send_signal(signal.SIGTERM)
sys.exit(screen.returncode)
"""


@pytest.mark.proof
def test_the_terminal_starts_on_a_panel_of_another_size(tmp_path: Path) -> None:
    """cage, without a screen of its own, shows 1280 x 720; the settings say 1080 x 1920."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(0o700)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "XDG_RUNTIME_DIR": str(runtime),
        "WLR_BACKENDS": "headless",
        "WLR_RENDERER": "pixman",
        "WLR_LIBINPUT_NO_DEVICES": "1",
        "FULLSCREEN": "1",
    }
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(name, None)
    ends = []
    for start in range(STARTS):
        command = ["cage", "-s", "--", sys.executable, "-c", SHOWN_AND_ENDED, str(SCRIPT), str(tmp_path / f"o{start}")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        ends.append(done.returncode)
        assert "the window is 1280 x 720, not 1080 x 1920" in done.stderr
    assert ends == [0] * STARTS
