"""The full counts; `make proof-line` runs them and leaves out/proof/*.json. Small ones run with the tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "out/proof"

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]


def proved(script: str, out: Path, *options: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(HERE / script), "--out", str(out), *options], capture_output=True, text=True, check=False
    )
    assert out.exists(), done.stderr[-3000:]
    result: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return result


def test_300_kills_at_five_moments_lose_nothing_and_double_nothing() -> None:
    result = proved("line_kills.py", OUT / "line_kills.json", "--kills", "300", "--seed", "2026")
    assert result["kills"] == 300
    assert len(result["moments"]) == 5
    assert min(result["moments"].values()) >= 20
    assert result["acknowledged"] >= 300
    assert result["requests_that_never_arrived"] >= 5
    assert (result["lost"], result["doubled"], result["numbers_given_twice"]) == (0, 0, 0)
    assert (result["rejected"], result["left_in_outbox"], result["sent_again_after_lost_reply"]) == (0, 0, 0)


def test_the_kills_notice_a_kiosk_that_speaks_before_it_has_stored(tmp_path: Path) -> None:
    result = proved("line_kills.py", tmp_path / "early.json", "--kills", "20", "--acknowledge-too-early")
    assert result["lost"] >= 1


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_300_power_cuts_lose_nothing(seed: int, tmp_path: Path) -> None:
    out = OUT / ("power_cut.json" if seed == 1 else f"power_cut_{seed}.json")
    result = proved("power_cut.py", out, "--cuts", "300", "--rounds", "200", "--seed", str(seed))
    assert result["cuts"] == 300
    assert result["acknowledged"] > 10_000
    assert (result["lost"], result["unreadable"], result["number_given_twice"], result["audit_broken"]) == (0, 0, 0, 0)


def test_the_same_cuts_find_the_losses_of_synchronous_normal() -> None:
    out = OUT / "power_cut_normal.json"
    result = proved("power_cut.py", out, "--cuts", "300", "--rounds", "200", "--seed", "1", "--synchronous", "NORMAL")
    assert result["lost"] >= 1
