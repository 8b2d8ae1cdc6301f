"""A display without a screen: Xvfb under a free number."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Mapping
from pathlib import Path

from kiosk.play.process import Managed, StageError

READY_S = 60.0
"""On a busy machine of two cores a start takes 10 s."""
LOOK_AGAIN_S = 0.1
"""A server that has ended writes nothing: so often it is looked at."""


def start_xvfb(width_px: int, height_px: int, log: Path, env: Mapping[str, str]) -> tuple[Managed, str]:
    """The process and the display's name. :raises StageError:"""
    read, write = os.pipe()
    size = f"{width_px}x{height_px}x24"
    argv = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp", "-noreset", "-ac"]
    try:
        process = Managed("Xvfb", argv, log, env, pass_fds=(write,))
        try:
            return process, ":" + _read_number(read, READY_S, process)
        except BaseException:
            process.kill()
            raise
    finally:
        os.close(read)
        os.close(write)


def _read_number(fd: int, timeout_s: float, process: Managed) -> str:
    """Xvfb writes the display's number and a line end."""
    text = b""
    deadline_s = time.monotonic() + timeout_s
    while not text.endswith(b"\n"):
        if select.select([fd], [], [], LOOK_AGAIN_S)[0]:
            text += os.read(fd, 16)
        if time.monotonic() > deadline_s or not process.running:
            raise StageError(f"no display: Xvfb did not start:\n{process.last_words()}")
    return text.decode().strip()
