"""The ladder: the same seed arms the same faults, the pass list stays, and only what was armed may be reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.play.ladder import AT_ONCE, RUNGS, draw, on_the_ladder
from kiosk.play.script import Script, load_script

SEEDS = [str(number) for number in range(30)]


def script(folder: Path, body: str = "") -> Script:
    path = folder / "j.toml"
    path.write_text(f'journey = "j"\n{body}[[step]]\ntouch = "a"\n[expect]\nno_faults = true\npages = 1\n', "utf-8")
    return load_script(path)


def test_a_seed_draws_the_same_rungs_again_and_all_rungs_come(tmp_path: Path) -> None:
    drawn = [draw(script(tmp_path), seed) for seed in SEEDS]
    assert drawn == [draw(script(tmp_path), seed) for seed in SEEDS]
    assert {name for names in drawn for name in names} == set(RUNGS)
    assert {len(names) for names in drawn} == {AT_ONCE}


def test_a_journey_may_limit_what_is_drawn(tmp_path: Path) -> None:
    limited = script(tmp_path, '[stage]\nladder = ["printer_busy"]\n')
    assert {draw(limited, seed) for seed in SEEDS} == {("printer_busy",)}


@pytest.mark.parametrize("name", RUNGS)
def test_a_rung_is_armed_before_the_first_step_and_may_report_only_its_own_faults(tmp_path: Path, name: str) -> None:
    ideal = script(tmp_path)
    hard = on_the_ladder(ideal, (name,))
    assert [dict(step.options) for step in hard.armed] + [hard.stage] == [
        *([RUNGS[name].fault] if RUNGS[name].fault else []),
        RUNGS[name].stage,
    ]
    assert hard.steps == ideal.steps
    assert hard.expect["only_faults"] == RUNGS[name].reported
    assert {**hard.expect, "only_faults": None} == {"pages": 1, "only_faults": None}
    assert ideal.expect == {"no_faults": True, "pages": 1}


def test_without_rungs_the_journey_is_as_strict_as_before(tmp_path: Path) -> None:
    assert on_the_ladder(script(tmp_path), ()).expect["only_faults"] == ()
