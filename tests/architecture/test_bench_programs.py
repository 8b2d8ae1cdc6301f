"""A bench that lacks what it measures against says so, and how to get it, before it measures anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_bench_without_its_browser_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "tests/bench/run.py", "front"],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("bench: chromium is not installed") and "apt/bench.txt" in done.stderr
    assert len(done.stderr.splitlines()) == 1 and not done.stdout
