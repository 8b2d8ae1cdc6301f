"""The back office's disk, cut: what it acknowledged is there, once, whole, and in an unbroken chain."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.proof
HERE = Path(__file__).parent
OUT = HERE.parents[1] / "out" / "proof"


def _cut(out: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "office_power_cut.py"), "--out", str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert out.is_file(), done.stderr
    result: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return result


def test_200_power_cuts_lose_and_double_nothing() -> None:
    result = _cut(OUT / "office_power_cut.json", "--cuts", "200", "--rounds", "150", "--seed", "1")
    assert result["cuts"] == 200
    assert result["acknowledged"] > 10_000
    wrong = ("lost", "doubled", "half_done", "chains_broken", "unreadable")
    assert {name: result[name] for name in wrong} == dict.fromkeys(wrong, 0)


def test_the_same_cuts_find_the_losses_of_a_database_that_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    result = _cut(tmp_path / "normal.json", "--cuts", "60", "--rounds", "60", "--synchronous", "NORMAL")
    assert result["lost"] > 0
