"""The recipe of the natural Minnan voice: its tokens, its tracks, what is done to its sound, what it may say."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from voices.commands import render
from voices.measure.segments import contrasts
from voices.neural import features, finish, passed, plan, recipe, synth, tracks, trim
from voices.neural.recipe import Push, Steady
from voices.pipeline import accent as accents
from voices.pipeline import tailo

MADE = recipe.load()
TIMING = MADE.timing
CONTOURS = accents.load("xiamen").contours
MARKS = dict.fromkeys(CONTOURS, "→")
HALVES = tracks.HALVES


def tokens(text: str, speed: float = 1.0, ends: frozenset[int] = frozenset()) -> list[plan.Token]:
    return plan.plan(text.split(), MADE, speed, MARKS, ends)


def spans(text: str) -> list[tracks.Span]:
    return tracks.spans(text.split(), tokens(text), TIMING.afterglow)


def frames(text: str) -> int:
    return sum(token.frames for token in tokens(text))


def of(found: list[plan.Token], syllable: int, kind: str) -> list[tuple[str, int]]:
    return [(token.symbol, token.frames) for token in found if token.syllable == syllable and token.kind == kind]


# ---- the recipe ----


def test_every_final_of_the_language_has_tokens() -> None:
    for initial in tailo.INITIALS:
        for final in sorted(tailo.FINALS):
            code = "4" if final[-1] in "ptkh" else "1"
            found = tokens(initial + final + code)
            assert all(token.frames >= 1 for token in found), initial + final
            assert any(token.kind == plan.VOWEL for token in found), initial + final


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ('ph = [["p", 2], ["ʰ", 3]]\n', "no sound for the initial ph"),
        ('where = "nasal"', "unknown place"),
        ("vowel_floor = 8.5\n", "vowel_floor"),
        ('low = "→"\n', "marks must be"),
    ],
)
def test_a_recipe_that_is_not_whole_is_refused_by_name(tmp_path: Path, wrong: str, message: str) -> None:
    text = recipe.FILE.read_text(encoding="utf-8")
    assert wrong in text
    path = tmp_path / "recipe.toml"
    path.write_text(text.replace(wrong, wrong.replace("nasal", "nose") if "nasal" in wrong else ""), encoding="utf-8")
    with pytest.raises(recipe.RecipeError, match=message):
        recipe.load(path)


def test_another_recipe_has_another_digest(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(recipe.FILE.read_text(encoding="utf-8").replace("base_hz = 122.0", "base_hz = 123.0"))
    assert recipe.load(path).digest != MADE.digest


# ---- tokens and frames ----


def test_a_syllable_becomes_its_tokens() -> None:
    assert of(tokens("kha1 e7"), 0, plan.INITIAL) == [("k", 2), ("ʰ", 3)]
    assert of(tokens("si1 e7"), 0, plan.INITIAL) == [("ɕ", 6)]
    assert of(tokens("sir3 e7"), 0, plan.INITIAL) == [("s", 6)]
    assert of(tokens("tsiann1 e7"), 0, plan.VOWEL) == [("j", 1), ("a", 3), ("̃", 4)]
    assert of(tokens("kong2 e7"), 0, plan.VOWEL) == [("ɔ", TIMING.nasal_vowel)]
    assert of(tokens("png7 e7"), 0, plan.VOWEL) == [("ə", 4), ("ŋ", 4)]
    assert of(tokens("ko1 e7"), 0, plan.VOWEL) == [("o", 8)]


def test_a_checked_syllable_is_short_and_has_no_mark() -> None:
    found = tokens("sat4 e7")
    assert of(found, 0, plan.VOWEL) == [("a", TIMING.checked)]
    assert of(found, 0, plan.CODA) == [("t", TIMING.coda_stop)]
    assert of(found, 0, plan.MARK) == []
    assert of(tokens("sa1 e7"), 0, plan.MARK) == [("→", 1)]


def test_the_end_of_a_phrase_is_longer_and_glows_on() -> None:
    inside, last = spans("sa1 sa1")
    assert last.end - last.rime == inside.end - inside.rime + TIMING.phrase_final
    assert last.final and not inside.final
    assert frames("sa1 sa1") >= last.end + TIMING.afterglow
    group = tracks.spans(["sa1", "sa1"], tokens("sa1 sa1", ends=frozenset({0})), TIMING.afterglow)[0]
    assert group.end - group.rime == inside.end - inside.rime + TIMING.group_final


def test_speed_shortens_all_but_never_to_nothing() -> None:
    slow, fast = tokens("tshiong1 lai5", 0.8), tokens("tshiong1 lai5", 1.6)
    assert sum(t.frames for t in fast) < sum(t.frames for t in slow)
    assert min(t.frames for t in fast) >= 1


def test_a_pause_ends_a_phrase_and_is_no_syllable() -> None:
    first, second = spans("sa1 | sa1")
    assert first.final and second.final
    assert second.start == first.end + TIMING.afterglow + TIMING.pause


@pytest.mark.parametrize("text", ["xa1", "sa", "1", "sa12", "SA1", "sā1"])
def test_what_is_no_syllable_is_refused(text: str) -> None:
    with pytest.raises(tailo.TailoError):
        tokens(text)


# ---- pitch ----


def pitch(text: str) -> tracks.Track:
    return tracks.pitch(spans(text), frames(text), CONTOURS, MADE.pitch, TIMING.afterglow)


def test_the_levels_are_even_steps_of_the_range() -> None:
    low, middle, high = (MADE.pitch.hz(level) for level in (1, 3, 5))
    assert middle == MADE.pitch.base_hz
    assert 12 * np.log2(high / low) == pytest.approx(MADE.pitch.semitones)
    assert high / middle == pytest.approx(middle / low)


@pytest.mark.parametrize("code", sorted(CONTOURS))
def test_a_rime_goes_from_its_first_level_to_its_last(code: str) -> None:
    text = f"ma{code} ma1"
    first, _ = spans(text)
    rime = pitch(text)[first.rime * HALVES : first.end * HALVES]
    levels = CONTOURS[code]
    assert rime[0] == pytest.approx(MADE.pitch.hz(levels[0]))
    assert rime[-1] == pytest.approx(MADE.pitch.hz(levels[-1]))
    steps = np.diff(rime)
    assert np.all(steps >= -1e-9) or np.all(steps <= 1e-9)


def test_voiceless_initials_and_silence_have_no_pitch_and_voiced_ones_have() -> None:
    text = "sa5 ba5"
    track = pitch(text)
    s, b = spans(text)
    assert not np.any(track[s.start * HALVES : s.rime * HALVES])
    assert np.all(track[b.start * HALVES : b.rime * HALVES] == MADE.pitch.hz(2))
    assert not np.any(track[: s.start * HALVES])
    glow = track[b.end * HALVES : (b.end + TIMING.afterglow) * HALVES]
    assert np.all(glow == MADE.pitch.hz(4)) and not np.any(track[(b.end + TIMING.afterglow) * HALVES :])


# ---- energy ----


def energy(text: str, predicted: float = 2.0) -> tracks.Track:
    return tracks.energy(spans(text), np.full(frames(text) * HALVES, predicted), MADE)


def test_a_track_is_delayed_by_repeating_its_first_value() -> None:
    np.testing.assert_array_equal(tracks.delayed(np.array([1.0, 2.0, 3.0, 4.0]), 2), [1, 1, 1, 2])
    np.testing.assert_array_equal(tracks.delayed(np.array([1.0, 2.0]), 0), [1, 2])


def test_closures_are_silent_and_vowels_have_a_floor() -> None:
    text = "pa1 pat4 e7"
    track, (open_, checked, _) = energy(text), spans(text)
    count = MADE.energy.closures["p"]
    assert np.all(track[open_.start * HALVES : open_.start * HALVES + count] == MADE.energy.closed)
    assert np.min(track[open_.rime * HALVES : open_.end * HALVES]) == MADE.energy.vowel_floor
    coda = track[checked.vowel_end * HALVES + 1 : checked.end * HALVES]
    assert np.all(coda == MADE.energy.coda_closed)


def test_the_floor_lifts_and_never_lowers() -> None:
    first = spans("a1 e7")[0]
    assert np.all(energy("a1 e7", 12.0)[first.rime * HALVES : first.end * HALVES] == 12.0)


def test_a_voice_bar_is_weaker_than_a_murmur() -> None:
    text = "ba1 ma1"
    track, (b, m) = energy(text), spans(text)
    assert np.max(track[b.start * HALVES : b.rime * HALVES]) < np.min(track[m.start * HALVES : m.rime * HALVES])


def test_before_and_after_there_is_silence() -> None:
    first = spans("a1 e7")[0]
    track = energy("a1 e7")
    assert np.all(track[: first.start * HALVES - HALVES] == MADE.energy.silence)
    assert track[-1] == MADE.energy.silence


# ---- features ----


def rows(symbols: list[str]) -> features.Floats:
    """Each symbol its own number, and a little of the one before, as an encoder that hears its context."""
    own = np.array([float(ord(s[0])) if s else 0.0 for s in symbols], dtype=np.float32)
    before = np.concatenate([[0.0], own[:-1]]).astype(np.float32)
    return np.asarray([own + before / 10], dtype=np.float32)


def shaped(text: str, pushes: tuple[Push, ...], steady: Steady) -> tuple[list[plan.Token], features.Floats]:
    found = tokens(text)
    return found, features.shaped(lambda s: rows(list(s)), found, pushes, steady)[0]


def test_a_push_leads_away_from_the_rival_in_its_place_only() -> None:
    found, pushed = shaped("na1 ban1", (Push("initial", "n", ("l",), 1.5),), Steady(0.0, (), ()))
    plain = rows([token.symbol for token in found])[0]
    at = next(n for n, token in enumerate(found) if token.kind == plan.INITIAL and token.symbol == "n")
    coda = next(n for n, token in enumerate(found) if token.kind == plan.NASAL)
    assert pushed[at] == pytest.approx(plain[at] + 1.5 * (ord("n") - ord("l")), rel=1e-5)
    assert pushed[coda] == pytest.approx(plain[coda])


def test_a_steadied_vowel_is_the_same_after_every_initial() -> None:
    steady = Steady(1.0, ("o",), ("p", "t", "k"))
    values = []
    for word in ("po1", "so1", "go1"):
        found, made = shaped(word, (), steady)
        values.append(made[next(n for n, token in enumerate(found) if token.symbol == "o")])
    assert values[0] == pytest.approx(values[1]) == pytest.approx(values[2])


# ---- what is done to the sound ----

FRAME = 600


def finished(text: str, samples: finish.Samples | None = None) -> tuple[finish.Samples, list[tracks.Span]]:
    sound = np.sin(np.arange(frames(text) * FRAME) * 0.05) * 0.3 if samples is None else samples
    return finish.shaped(sound, spans(text), MADE, FRAME), spans(text)


def test_a_stop_at_the_end_is_cut_off_and_stays_silent() -> None:
    made, (first, _) = finished("sat4 sa1")
    start, length = MADE.finish.coda_fade_ms["t"]
    gone = first.vowel_end * FRAME + int((start + length) * 24) + 24
    assert not np.any(made[gone : first.end * FRAME])
    assert np.any(made[first.rime * FRAME : first.vowel_end * FRAME])


def test_a_phrase_fades_and_nothing_is_left_after_it() -> None:
    made, (last,) = finished("sa1")
    assert not np.any(made[(last.end + TIMING.afterglow) * FRAME :])
    clicks = np.abs(np.diff(made[last.rime * FRAME :]))
    assert np.max(clicks) < 0.02


def test_a_weak_syllable_is_brought_near_the_others_and_no_more() -> None:
    text = "la1 la1 la1"
    found = spans(text)
    sound = np.sin(np.arange(frames(text) * FRAME) * 0.05) * 0.3
    sound[found[1].start * FRAME : found[1].end * FRAME] *= 10 ** (-8 / 20)
    made, _ = finished(text, sound)
    loud = [10 * np.log10(np.mean(made[s.rime * FRAME + 900 : s.vowel_end * FRAME - 900] ** 2)) for s in found]
    assert loud[0] - loud[1] == pytest.approx(MADE.finish.level_within_db, abs=0.5)
    assert loud[0] == pytest.approx(loud[2], abs=0.5)


def test_a_voice_bar_loses_its_formants() -> None:
    text = "ba1 ba1"
    clock = np.arange(frames(text) * FRAME) / 24000
    sound = 0.2 * np.sin(2 * np.pi * 120 * clock) + 0.2 * np.sin(2 * np.pi * 2000 * clock)
    made, found = finished(text, sound)
    shut = made[found[1].start * FRAME + 300 : found[1].rime * FRAME - 300]
    power = np.abs(np.fft.rfft(shut * np.hanning(len(shut)), 8192)) ** 2
    hz = np.fft.rfftfreq(8192, 1 / 24000)
    low, high = power[(hz > 60) & (hz < 250)].max(), power[(hz > 1800) & (hz < 2200)].max()
    assert 10 * np.log10(low / high) > 12


def test_silence_is_trimmed_by_level() -> None:
    sound = np.concatenate([np.full(9000, 1e-4), np.sin(np.arange(12000) * 0.05) * 0.3, np.zeros(9000)])
    made = trim.trimmed(sound, 24000)
    first, last = trim.heard(made, 24000)
    assert first / 24000 <= 0.05
    assert (len(made) - last) / 24000 <= trim.TAIL_S + 0.01
    with pytest.raises(ValueError, match="silence"):
        trim.trimmed(np.zeros(4800), 24000)


def test_marks_follow_the_contour() -> None:
    assert [synth._mark(levels) for levels in ([4, 4], [2, 4], [5, 3], [2, 2], [1, 1, 2])] == [
        "level",
        "rising",
        "falling",
        "low",
        "low",
    ]


# ---- what may be said ----

EVERY = contrasts.load()


def result(failing: frozenset[str] = frozenset(), made_of: str = "r", count: int | None = None) -> passed.Result:
    names = [c.name for c in EVERY][:count]
    found = {name: passed.Row(60, 0.99, 0.99, name not in failing) for name in names}
    return passed.Result(made_of, "g", "tongan", "2026-01-01", len(EVERY), found)


def test_a_prompt_is_allowed_when_all_its_contrasts_have_passed() -> None:
    assert passed.allowed("li2 ho2", EVERY, result(), "r")
    assert not passed.allowed("li2 ho2", EVERY, result(frozenset({"o/oo"})), "r")
    assert passed.allowed("sin1 tsing3", EVERY, result(frozenset({"o/oo"})), "r")


def test_of_another_recipe_nothing_is_allowed() -> None:
    assert not passed.allowed("sin1 tsing3", EVERY, result(), "other")


def test_too_few_passed_is_no_voice_at_all() -> None:
    few = int(passed.LEAST_SHARE * len(EVERY)) - 1
    assert not result(count=few).offered
    assert not passed.allowed("a1", EVERY, result(count=few), "r")
    assert result(count=len(EVERY)).offered


def test_a_contrast_that_was_not_measured_is_not_passed() -> None:
    named = {"o/oo", "u/o", "o/er"}
    found = result()
    partial = dataclasses.replace(found, rows={n: row for n, row in found.rows.items() if n not in named})
    assert partial.offered
    assert not passed.allowed("ho2", EVERY, partial, "r")


def test_initials_before_i_are_contrasts_of_their_own() -> None:
    assert "tsi/tshi" in passed.needed("tsit8", EVERY) and "ts/tsh" not in passed.needed("tsit8", EVERY)
    assert "ts/tsh" in passed.needed("tsa1", EVERY) and "tsi/tshi" not in passed.needed("tsa1", EVERY)
    assert "ts/tsh" in passed.needed("tsir1", EVERY)


def test_a_result_is_written_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "passed.toml"
    written = result(frozenset({"o/oo"}))
    passed.write(path, written)
    read = passed.load(path)
    assert read == written
    assert passed.rows(path, "r") == written.rows and passed.rows(path, "other") == {}
    assert passed.load(tmp_path / "none.toml") == passed.NOTHING


def test_a_result_that_somebody_broke_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passed.toml"
    path.write_text('recipe = "r"\nlisted = 3\n[contrasts]\n', encoding="utf-8")
    with pytest.raises(passed.ResultError, match="measure again"):
        passed.load(path)


def test_minnan_is_refused_with_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = passed.figures(passed.load(), recipe.digest())
    code = render_main("--lang", "nan", "--data", str(tmp_path), "--out", str(tmp_path / "packs"))
    assert code == 1 and figures in capsys.readouterr().err
    assert not (tmp_path / "packs").exists()


def test_without_the_weights_the_way_to_them_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render_main("--lang", "cmn", "--data", str(tmp_path)) == 1
    assert "--fetch" in capsys.readouterr().err


def test_a_name_that_is_none_is_told_with_the_ones_that_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render_main("--gate", str(tmp_path / "p.toml"), "--contrasts", "x/y", "--data", str(tmp_path)) == 1
    said = capsys.readouterr().err
    assert "no contrast x/y" in said and "o/oo" in said
    assert not (tmp_path / "p.toml").exists()


def render_main(*arguments: str) -> int:
    import argparse

    parser = argparse.ArgumentParser()
    render.arguments(parser)
    return render.run(parser.parse_args(arguments))
