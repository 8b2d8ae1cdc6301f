"""A take goes into a pack only when it is clean, whole and neither too soft nor too loud."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voices.packs import levels
from voices.packs.inspection import clipped
from voices.recording.judge import Fault, judge, measure
from voices.recording.script import Line

from .studio import RATE, Samples, Speaker, in_a_room


@pytest.fixture(scope="module")
def line(script: tuple[Line, ...]) -> Line:
    return script[0]


@pytest.fixture(scope="module")
def speech(speaker: Speaker, line: Line) -> Samples:
    return speaker.say(line.reading)


def test_a_good_take_is_trimmed_and_levelled(speech: Samples, line: Line) -> None:
    judged = judge(in_a_room(speech), RATE, line.syllables)
    assert judged.fault is None and judged.clip is not None and judged.measured is not None
    level = levels.measure(judged.clip, RATE)
    assert level.lufs == pytest.approx(-20, abs=1) and level.peak_dbtp <= -2
    assert not clipped(judged.clip)
    loud = np.flatnonzero(np.abs(judged.clip) > 600)
    assert loud[0] < 0.08 * RATE, "a pack's clips begin at once"
    assert len(judged.clip) < len(speech) + 0.2 * RATE
    assert judged.measured.snr_db > 40


BAD = {
    "far too loud": (Fault.CLIPPED, {"gain_db": 30.0}),
    "whispered": (Fault.SOFT, {"gain_db": -30.0, "room_db": -110.0}),
    "a fan beside it": (Fault.NOISY, {"room_db": -50.0}),
    "begun too early": (Fault.CUT, {"before_s": 0.0}),
    "ended too early": (Fault.CUT, {"after_s": 0.0}),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_take_is_refused_with_what_to_do(what: str, speech: Samples, line: Line) -> None:
    fault, room = BAD[what]
    whole = speech[np.flatnonzero(np.abs(speech) > 300)[0] : np.flatnonzero(np.abs(speech) > 300)[-1]]
    judged = judge(in_a_room(whole, **room), RATE, line.syllables)
    assert judged.clip is None and judged.fault is fault
    assert fault.value.count("。") >= 2, "what is wrong, and what to do"


def test_silence_and_too_few_or_too_many_syllables_are_refused(speech: Samples, line: Line) -> None:
    assert judge(in_a_room(speech * 0, room_db=-90), RATE, 5).fault is Fault.SILENT
    assert judge(in_a_room(speech), RATE, 4 * line.syllables).fault is Fault.SHORT
    assert judge(in_a_room(np.tile(speech, 6)), RATE, line.syllables).fault is Fault.LONG


def test_a_knock_is_no_speech(speech: Samples, line: Line) -> None:
    take = in_a_room(speech, gain_db=-12)
    take[RATE * 2 : RATE * 2 + 30] = 30000 * (-1) ** np.arange(30)
    assert judge(take, RATE, line.syllables).fault in (Fault.KNOCK, Fault.NOISY)


@pytest.mark.parametrize("room_db", [-90, -75, -62])
def test_the_room_is_measured_as_loud_as_it_is(room_db: float, speech: Samples) -> None:
    measured = measure(in_a_room(speech, room_db=room_db), RATE)
    assert measured is not None
    speech_db = 20 * np.log10(np.sqrt(np.mean((speech / 32768) ** 2)))
    assert measured.snr_db == pytest.approx(speech_db - room_db, abs=2.5)


def test_three_samples_at_full_scale_are_clipping_two_are_not() -> None:
    quiet = np.zeros(100, dtype=np.int16)
    two, three = quiet.copy(), quiet.copy()
    two[10:12] = 32767
    three[97:100] = -32768
    assert not clipped(two) and clipped(three) and not clipped(quiet[:2])


def test_the_longest_and_shortest_lines_of_the_script_can_be_recorded(
    script: tuple[Line, ...], speaker: Speaker, voice_dir: Path
) -> None:
    by_length = sorted(script, key=lambda each: each.syllables)
    for each in (*by_length[:3], *by_length[-3:]):
        judged = judge(in_a_room(speaker.say(each.reading)), RATE, each.syllables)
        assert judged.fault is None, (each, judged)
