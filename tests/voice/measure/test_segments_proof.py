"""Every contrast in both accents: printed, and kept in out/proof/voice-segments.json."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from voices.measure.segments.bench import LEAST_IDENTIFIED, LEAST_RIGHT_WAY, Verdict, judge
from voices.measure.segments.contrasts import load
from voices.measure.segments.espeak_voice import EspeakVoice
from voices.pipeline import accent

ROOT = Path(__file__).resolve().parents[3]

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

LEAST_CONTRASTS = 49


def test_every_contrast_is_identified_and_the_right_way_round(voice_dir: Path) -> None:
    table: dict[str, list[Verdict]] = {}
    for name in accent.names():
        voice = EspeakVoice(voice_dir, accent.load(name).voice)
        table[name] = [judge(voice, contrast) for contrast in load()]
    out = ROOT / "out" / "proof" / "voice-segments.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({name: [row(each) for each in found] for name, found in table.items()}, indent=1))
    for name, found in table.items():
        for each in sorted(found, key=lambda verdict: (verdict.identified, verdict.right_way))[:8]:
            print(f"{name} {each.contrast.name}: identified {each.identified:.3f}, right way {each.right_way:.3f}")
        passed = sum(each.passed for each in found)
        print(f"{name}: {passed} of {len(found)} contrasts pass both")
        assert len(found) >= LEAST_CONTRASTS
        assert not {each.contrast.name for each in found if each.identified < LEAST_IDENTIFIED}
        assert not {each.contrast.name for each in found if each.right_way < LEAST_RIGHT_WAY}


def row(verdict: Verdict) -> dict[str, object]:
    """What the file keeps of a contrast."""
    kept = {name: value for name, value in asdict(verdict).items() if name != "contrast"}
    listed = verdict.contrast
    return {"contrast": listed.name, "kind": listed.kind, "measure": listed.measure, "source": listed.source, **kept}
