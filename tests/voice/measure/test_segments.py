"""The gate of the segments: the quick contrasts pass, and voices that are wrong in known ways do not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voices.measure.gate import Bench
from voices.measure.segments import formants, gates
from voices.measure.segments.bench import judge
from voices.measure.segments.cepstra import cepstra
from voices.measure.segments.contrasts import LIST, Contrast, ListError, load, utterances
from voices.measure.segments.espeak_voice import EspeakVoice, MarksError, parts
from voices.measure.segments.hall import InTheHall
from voices.measure.segments.lda import higher_share, identified
from voices.measure.segments.measures import MEASURES, Segment
from voices.measure.segments.rendering import Mark, Rendering, Samples, SegmentVoice

RATE = 22050


@pytest.fixture(scope="module")
def voice(voice_dir: Path) -> EspeakVoice:
    return EspeakVoice(voice_dir, "nan-tongan")


@pytest.fixture(scope="module")
def aspirated() -> Contrast:
    return next(contrast for contrast in load() if contrast.name == "k/kh")


def test_the_quick_contrasts_pass(voice_dir: Path, tmp_path: Path) -> None:
    rows = gates(Bench(voice_dir, tmp_path, fast=True))
    assert len(rows) == 2
    assert all(row.passed for row in rows), [(row.measured, row.details["failed"]) for row in rows]


# ---- negative controls ----


@dataclass
class Renamed:
    """A voice that says something else than it is asked for."""

    voice: SegmentVoice
    said: Callable[[str], str]

    def render(self, words: Sequence[str], percent: int, semitones: float) -> Rendering:
        return self.voice.render([self.said(word) for word in words], percent, semitones)


def without_breath(word: str) -> str:
    return word.replace("kh", "k")


def breath_exchanged(word: str) -> str:
    return without_breath(word) if word.startswith("kh") else word.replace("k", "kh", 1) if word[0] == "k" else word


def test_a_voice_that_makes_no_difference_is_at_chance_and_fails(voice: EspeakVoice, aspirated: Contrast) -> None:
    verdict = judge(Renamed(voice, without_breath), aspirated)
    assert verdict.identified == pytest.approx(0.5, abs=0.1)
    assert verdict.right_way == pytest.approx(0.5, abs=0.1)
    assert not verdict.passed


def test_a_voice_that_exchanges_the_two_is_told_apart_but_the_wrong_way_round(
    voice: EspeakVoice, aspirated: Contrast
) -> None:
    verdict = judge(Renamed(voice, breath_exchanged), aspirated)
    assert verdict.identified > 0.95
    assert verdict.right_way < 0.1
    assert not verdict.passed


def test_a_voice_that_always_says_noise_fails(aspirated: Contrast) -> None:
    class Noise:
        """Not the same noise twice."""

        def __init__(self) -> None:
            self._chance = np.random.default_rng(82)

        def render(self, words: Sequence[str], percent: int, semitones: float) -> Rendering:
            marks = tuple(Mark(0.3 * n, 0.3 * n + 0.1, 0.3 * n + 0.25, 0.3 * n + 0.3) for n in range(len(words)))
            return Rendering(self._chance.normal(0, 0.1, int(0.35 * len(words) * RATE)), RATE, marks)

    verdict = judge(Noise(), aspirated)
    assert verdict.identified < 0.75
    assert not verdict.passed


class Again:
    """A voice that says one thing only, each time to the sample."""

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering

    def render(self, words: Sequence[str], percent: int, semitones: float) -> Rendering:
        return self._rendering


def test_the_hall_takes_what_is_high_and_adds_its_murmur(voice: EspeakVoice) -> None:
    near = voice.render(["sann1"], 100, 0)
    far, again = (InTheHall(Again(near)).render(["sann1"], 100, 0) for _ in range(2))
    assert far.marks == near.marks
    assert np.array_equal(far.samples, again.samples)
    hiss = (near.marks[0].rime_start_s - 0.06, near.marks[0].rime_start_s - 0.01)
    vowel = (near.marks[0].rime_start_s + 0.05, near.marks[0].rime_start_s + 0.15)

    def taken(stretch: tuple[float, float], band_hz: tuple[float, float]) -> float:
        return Segment(near, near.marks[0]).level(*stretch, band_hz) - Segment(far, far.marks[0]).level(
            *stretch, band_hz
        )

    assert taken(hiss, (6000.0, 9000.0)) > 15
    assert abs(taken(vowel, (200.0, 3000.0))) < 2
    assert np.abs(far.samples[-200:]).max() > 0.001


# ---- the list ----


def test_the_list_is_long_enough_and_every_measure_has_a_source() -> None:
    contrasts = load()
    assert len(contrasts) >= 49
    assert len({contrast.name for contrast in contrasts}) == len(contrasts)
    assert {contrast.measure for contrast in contrasts} <= set(MEASURES)
    assert all(contrast.source for contrast in contrasts)
    closings = [contrast.pair for contrast in contrasts if contrast.kind == "coda"]
    for one, other in itertools.combinations("ptkh", 2):
        assert len({pair[0][0] for pair in closings if {pair[0][1:], pair[1][1:]} == {one, other}}) >= 2, (one, other)


def test_what_is_scored_was_never_heard_while_tuning() -> None:
    for scored, tuned in zip(load("scoring"), load("tuning"), strict=True):
        asked = {each.words[each.at][:-1] for each in utterances(scored)}
        assert not asked & {each.words[each.at][:-1] for each in utterances(tuned)}, scored.name


@pytest.mark.parametrize("contrast", load(), ids=lambda contrast: contrast.name)
def test_the_members_differ_in_nothing_but_the_segment(contrast: Contrast) -> None:
    said = list(utterances(contrast))
    assert said == list(utterances(contrast)), "drawn the same every time"
    assert len(said) >= 60
    for one, other in zip(said[::2], said[1::2], strict=True):
        assert (one.member, other.member) == (0, 1)
        assert (one.context, one.percent, one.semitones) == (other.context, other.percent, other.semitones)
        assert one.words[one.at][-1] == other.words[other.at][-1], "the same tone"
        assert [word for at, word in enumerate(one.words) if at != one.at] == [
            word for at, word in enumerate(other.words) if at != other.at
        ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('pair = ["p", "ph"]', 'pair = ["p"]', "pair"),
        ('pair = ["p", "ph"]', 'pair = ["p", "p"]', "the same"),
        ('higher = "ph"', 'higher = "th"', "th"),
        ('measure = "aspiration"', 'measure = "charm"', "charm"),
        ('rimes = "plain_rimes"', 'rimes = "no_rimes"', "no_rimes"),
    ],
)
def test_a_row_that_does_not_fit_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    wrong = tmp_path / "contrasts.toml"
    wrong.write_text(LIST.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ListError, match=message):
        load(path=wrong)


# ---- where the syllables lie ----


def test_the_marks_lie_where_the_sound_changes(voice: EspeakVoice) -> None:
    rendering = voice.render(["a7", "tak4", "e7"], 100, 0)
    first, middle, last = rendering.marks
    assert first.start_s == first.rime_start_s < first.vowel_end_s == first.end_s
    assert middle.start_s < middle.rime_start_s < middle.vowel_end_s < middle.end_s <= last.start_s

    def heard(start_s: float, end_s: float) -> float:
        return float(np.abs(rendering.samples[int(start_s * RATE) : int(end_s * RATE)]).max())

    assert heard(middle.start_s + 0.005, middle.start_s + 0.035) < 0.001, "the closure of t"
    assert heard(middle.rime_start_s, middle.vowel_end_s) > 0.1
    assert heard(middle.vowel_end_s, middle.end_s) < 0.001, "k closes and is not released"


def test_speed_and_pitch_are_followed(voice: EspeakVoice) -> None:
    slow, fast = (len(voice.render(["sann1", "lang5"], percent, 0).samples) for percent in (80, 120))
    assert slow > 1.2 * fast
    low, high = (voice.render(["a1"], 100, semitones) for semitones in (-3.0, 3.0))
    periods = [_period(rendering.samples) for rendering in (low, high)]
    assert periods[0] / periods[1] == pytest.approx(2 ** (6 / 12), rel=0.06)


def _period(samples: Samples) -> int:
    piece = samples[2000:4200]
    scores = np.correlate(piece, piece, "full")[len(piece) :]
    return 80 + int(np.argmax(scores[80:300]))


@pytest.mark.parametrize("words", [["hello1"], ["a7", "123"], ["..."]])
def test_what_is_no_syllable_is_refused(voice: EspeakVoice, words: list[str]) -> None:
    with pytest.raises((MarksError, ValueError)):
        voice.render(words, 100, 0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tsha1", ("tsh", "")),
        ("ang5", ("", "ng")),
        ("ng5", ("", "")),
        ("sng1", ("s", "")),
        ("kinn9", ("k", "")),
        ("iah4", ("", "h")),
        ("phannh8", ("ph", "h")),
        ("kim0", ("k", "m")),
        ("lit6", ("l", "t")),
    ],
)
def test_a_syllable_has_an_initial_and_a_coda(text: str, found: tuple[str, str]) -> None:
    assert parts(text) == found


# ---- the instruments ----


def test_cepstra_hear_neither_level_nor_what_lies_outside() -> None:
    chance = np.random.default_rng(1)
    samples = chance.normal(0, 0.1, RATE)
    instants = (0.2, 0.5)
    loud, soft = cepstra(samples, RATE, instants), cepstra(0.5 * samples, RATE, instants)
    assert loud.shape == (2, 14)
    assert np.abs(loud - soft).max() < 0.05
    outside = cepstra(samples, RATE, (-5.0, 5.0))
    assert np.allclose(outside[0], outside[1])


@pytest.mark.parametrize("wanted", [(300.0, 2300.0), (560.0, 900.0), (900.0, 1350.0)])
@pytest.mark.parametrize("pitch_hz", [95, 130])
def test_formants_are_found_where_they_were_put(wanted: tuple[float, float], pitch_hz: int) -> None:
    pulses = np.zeros(RATE // 2)
    pulses[:: RATE // pitch_hz] = 1.0
    for hertz in (*wanted, 3300.0, 4300.0):
        radius = np.exp(-np.pi * 70 / RATE)
        for n in range(2, len(pulses)):
            pulses[n] += 2 * radius * np.cos(2 * np.pi * hertz / RATE) * pulses[n - 1] - radius**2 * pulses[n - 2]
    rendering = Rendering(pulses, RATE, ())
    for number, hertz in enumerate(wanted, start=1):
        assert formants.median(rendering, 0.1, 0.4, number) == pytest.approx(hertz, rel=0.12)


def test_formants_of_silence_are_none() -> None:
    assert formants.median(Rendering(np.zeros(RATE), RATE, ()), 0.1, 0.4, 1) == 0.0


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_measure_has_an_answer_for_silence_and_for_the_edge(name: str) -> None:
    for samples in (np.zeros(RATE // 2), np.random.default_rng(2).normal(0, 0.1, RATE // 2)):
        for mark in (Mark(0.0, 0.0, 0.2, 0.2), Mark(0.0, 0.1, 0.3, 0.5), Mark(0.4, 0.45, 0.5, 0.6)):
            assert np.isfinite(MEASURES[name](Segment(Rendering(samples, RATE, (mark,)), mark)))


def test_a_context_is_never_in_its_own_training() -> None:
    """Each context marks its members in a feature of its own: useless to a listener that did not hear it."""
    contexts, members = np.repeat(np.arange(6), 12), np.tile([0, 1], 36)
    features = np.random.default_rng(3).normal(0, 1, (72, 12))
    for context in range(6):
        features[contexts == context, context] += 20 * members[contexts == context]
    assert identified(features, members, contexts) < 0.85
    features[:, 11] += 20 * members
    assert identified(features, members, contexts) == 1.0


figures = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=30).map(np.asarray)


@given(figures, figures)
def test_the_share_of_the_higher_is_a_share_and_turns_round(one: Samples, other: Samples) -> None:
    share = higher_share(one, other)
    assert 0 <= share <= 1
    assert share + higher_share(other, one) == pytest.approx(1)
    assert higher_share(one + 20, other) == 1.0
