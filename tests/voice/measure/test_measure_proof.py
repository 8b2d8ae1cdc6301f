"""Every gate of the voice in full: the table is printed, the figures stay in out/proof/voice-gates.json."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from voices.measure import report
from voices.measure.gate import Bench

ROOT = Path(__file__).resolve().parents[3]

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1200)]

OUT = ROOT / "out"
BY_THE_CLOCK = ("latency", "build: time")
"""Gates of the machine as much as of the voice: printed and kept, no verdict on a busy one."""


@pytest.fixture(scope="module")
def bench(voice_dir: Path) -> Bench:
    return Bench(voice_dir, OUT / "voice")


def test_every_gate_of_the_voice_passes(bench: Bench) -> None:
    gates = report.run(bench, [name for name in report.MODULES if name != "segments"])
    # All contrasts in both accents have a proof of their own.
    gates += report.run(replace(bench, fast=True), ["segments"])
    print("\n" + report.table(gates))
    report.write(gates, Bench(bench.data, OUT / "proof"))
    assert any(gate.name.startswith("latency") for gate in gates)
    failed = {gate.name: (gate.wanted, gate.measured, gate.details) for gate in gates if not gate.passed}
    assert not {name: told for name, told in failed.items() if not name.startswith(BY_THE_CLOCK)}
