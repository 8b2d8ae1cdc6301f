"""Commands of the office as processes of their own, which end with the tests."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drivers.sim.lifetime import ends_with_us

ROOT = Path(__file__).resolve().parents[3]


def start_program(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start a command and wait for its ready line; the address it serves."""
    command = [sys.executable, "-m", "backoffice", *arguments]
    process = subprocess.Popen(
        ends_with_us(command), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait(10)
        process.stdout.close()
        raise AssertionError(f"{arguments[0]} ended with {process.returncode} before it was ready")
    ready = json.loads(line)
    assert ready["ready"] is True
    return process, str(ready["url"])


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    code = process.wait(30)
    if process.stdout is not None:
        process.stdout.close()
    return code


@contextmanager
def program(*arguments: str) -> Iterator[str]:
    process, url = start_program(*arguments)
    try:
        yield url
    finally:
        code = end(process)
    assert code == 0


def run(*arguments: str) -> str:
    command = [sys.executable, "-m", "backoffice", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
