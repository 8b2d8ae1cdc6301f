"""A day of the hub's life with every device on a wire: nothing is stuck, nothing piles up, no old fault is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
OUT = HERE.parents[2] / "out" / "proof"
A_DAY = 288
MAY_DIFFER = 2
CLASSES = {"id_card", "receipt_printer", "code_scanner", "headphone", "keypad", "lights", "cabinet", "ups"}
"""Chip cards and the A4 printer have services of other makers behind them, whose own lives are not counted here."""
MOST_LINES_A_SLOT = 20
"""Two faults a slot, each told when it comes and when it goes, by the port and by the hub, and silent second tries."""


def lived(out: Path, *options: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(HERE / "soak.py"), "--out", str(out), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert out.exists() and done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return result


def held(result: dict[str, Any]) -> bool:
    """Whether the process holds as much at the end as after its first hour."""
    return all(abs(result[what][1] - result[what][0]) <= MAY_DIFFER for what in ("descriptors", "threads"))


def assert_well(result: dict[str, Any]) -> None:
    assert result["stuck"] == []
    assert result["faults_told_that_do_not_hold"] == []
    assert result["told_twice"] == 0
    assert held(result), (result["descriptors"], result["threads"])
    assert result["port_lost_lines"] == result["port_back_lines"]
    assert result["log_lines_a_slot"] <= MOST_LINES_A_SLOT


def test_a_quarter_of_an_hour_with_faults_leaves_nothing_behind(tmp_path: Path) -> None:
    assert_well(lived(tmp_path / "short.json", "--slots", "3"))


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_24_hours_with_random_faults_leave_nothing_behind() -> None:
    result = lived(OUT / "soak.json", "--slots", str(A_DAY))
    assert result["simulated_hours"] >= 24
    assert result["faults"] == 2 * A_DAY
    assert {name.partition("/")[0] for name in result["devices"]} >= CLASSES
    assert_well(result)


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_the_soak_notices_a_descriptor_that_is_lost_in_every_slot(tmp_path: Path) -> None:
    assert not held(lived(tmp_path / "leak.json", "--slots", "12", "--leak"))
