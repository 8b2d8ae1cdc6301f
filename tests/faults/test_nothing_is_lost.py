"""The proofs of tests/proof in small numbers: kills against the real back office, power cuts on the real store."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROOF = Path(__file__).parents[1] / "proof"


def proved(script: str, out: Path, *options: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(PROOF / script), "--out", str(out), *options], capture_output=True, text=True, check=False
    )
    assert out.exists(), done.stderr[-3000:]
    result: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return result


def test_30_kills_at_five_moments_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    result = proved("line_kills.py", tmp_path / "kills.json", "--kills", "30", "--seed", "7")
    assert result["kills"] == 30
    assert sorted(result["moments"].values()) == [6] * 5
    assert result["acknowledged"] >= 20
    assert (result["lost"], result["doubled"], result["numbers_given_twice"]) == (0, 0, 0)
    assert (result["rejected"], result["left_in_outbox"], result["sent_again_after_lost_reply"]) == (0, 0, 0)


def test_power_cuts_on_the_encrypted_store_lose_nothing(tmp_path: Path) -> None:
    result = proved("power_cut.py", tmp_path / "full.json", "--cuts", "60", "--rounds", "40", "--seed", "11")
    assert result["cuts"] == 60
    assert result["acknowledged"] > 500
    assert (result["lost"], result["unreadable"], result["number_given_twice"], result["audit_broken"]) == (0, 0, 0, 0)


def test_the_same_cuts_find_the_losses_of_synchronous_normal(tmp_path: Path) -> None:
    options = ("--cuts", "40", "--rounds", "40", "--seed", "11", "--synchronous", "NORMAL")
    assert proved("power_cut.py", tmp_path / "normal.json", *options)["lost"] >= 1
