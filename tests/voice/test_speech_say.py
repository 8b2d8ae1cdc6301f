"""`python -m voices say`: reviewed words, Tâi-lô and Mandarin into a file; characters are never guessed."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from voices.__main__ import main
from voices.worker import sound


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "x.wav"


@pytest.fixture(autouse=True)
def data(voice_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_VOICE_DIR", str(voice_dir))


def said(out: Path, *arguments: str) -> sound.Samples:
    assert main(["say", *arguments, "--out", str(out)]) == 0
    with wave.open(str(out)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


def test_tailo_is_said_with_the_sandhi_of_the_accent_and_without(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for more in ((), ("--no-sandhi",), ("--accent", "xiamen")):
        assert len(said(out, "tshiann2 tan5 | tsit8 e5", "--tailo", *more)) > 10000
        shown.append(capsys.readouterr().out.strip())
    assert len(set(shown)) == 3
    assert [word[-1] for word in shown[1].split()] == ["2", "5", "8", "5"], "citation tones"


def test_reviewed_words_are_found_by_key_and_by_their_characters(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by_key = said(out, "--key", "take_card.lift")
    told = capsys.readouterr().out
    by_words = said(out, "好矣,身份证会使提起来矣。")
    assert capsys.readouterr().out == told
    assert len(by_words) == pytest.approx(len(by_key), rel=0.02)
    assert len(said(out, "好矣")) < len(by_key) / 2, "one clause of it"
    assert len(said(out, "翔安区")) > 5000, "a place of the lexicon"


def test_rate_and_volume_and_mandarin(out: Path) -> None:
    common = said(out, "请稍等", "--lang", "cmn")
    slow = said(out, "请稍等", "--lang", "cmn", "--rate", "50")
    soft = said(out, "请稍等", "--lang", "cmn", "--volume", "10")
    assert len(slow) / len(common) == pytest.approx(2, rel=0.03)
    assert sound.level_dbfs(common)[0] - sound.level_dbfs(soft)[0] == pytest.approx(12, abs=0.5)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["龘"], "characters are never guessed"),
        ([], "give a text or a --key"),
        (["好", "--key", "bar.help"], "give a text or a --key"),
        (["--key", "no.such.key"], "no such prompt"),
        (["xyz9", "--tailo"], "xyz9"),
        (["ho2", "--tailo", "--rate", "20"], "--rate is 50 to 200"),
        (["ho2", "--tailo", "--volume", "99"], "--volume 1 to 15"),
        (["ho2", "--tailo", "--data", "nowhere"], "python -m voices build"),
    ],
)
def test_what_cannot_be_said_is_told_and_no_file_appears(
    arguments: list[str], told: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["say", *arguments, "--out", str(out)]) == 1
    assert told in capsys.readouterr().err
    assert not out.exists()
