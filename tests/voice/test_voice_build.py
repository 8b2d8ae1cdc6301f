"""The Minnan voice as built: it speaks every text, its tones follow their table, nothing else is touched."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from voices.pipeline import accent, build, phoneme_data, phoneme_source, pitch
from voices.pipeline.phoneme_compile import compile_table
from voices.prompts import Words

from .conftest import values_for

_SYLLABLE = re.compile(r"[^'()]*'[^'()]+")


def fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def phonemes(folder: Path, voice: str, lines: list[str]) -> list[str]:
    done = subprocess.run(
        ["espeak-ng", f"--path={folder}", "-v", voice, "-q", "-x"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def test_the_build_leaves_the_installed_engine_alone_and_says_when_it_is_current(tmp_path: Path) -> None:
    stock = build.stock_folder()
    before = fingerprint(stock)
    assert not build.is_current(tmp_path)
    receipt = build.build(tmp_path)
    assert fingerprint(stock) == before
    assert build.is_current(tmp_path)
    assert receipt["accents"] == ["tongan", "xiamen"]
    assert int(str(receipt["size_bytes"])) < 4_000_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["built.json", "espeak-ng-data"]


@pytest.mark.parametrize("machine", ["aarch64", "loongarch64", "x86_64"])
def test_the_engines_data_is_found_on_any_processor(
    machine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("aarch64", machine):
        data = tmp_path / "lib" / f"{other}-linux-gnu" / "espeak-ng-data"
        data.mkdir(parents=True, exist_ok=True)
        (data / "phontab").touch()
    monkeypatch.delenv("KIOSK_ESPEAK_DATA", raising=False)
    monkeypatch.setattr(build, "_PREFIXES", (tmp_path,))
    monkeypatch.setattr(build, "machine", lambda: machine)
    assert build.stock_folder() == tmp_path / "lib" / f"{machine}-linux-gnu" / "espeak-ng-data"


def test_the_folder_is_stale_when_a_source_has_changed(tmp_path: Path) -> None:
    build.build(tmp_path)
    receipt = tmp_path / build.RECEIPT
    changed = {**json.loads(receipt.read_text(encoding="utf-8")), "digest": "of other sources"}
    receipt.write_text(json.dumps(changed), encoding="utf-8")
    assert not build.is_current(tmp_path)


def test_data_of_another_version_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    stock = tmp_path / "stock"
    shutil.copytree(build.stock_folder(), stock)
    raw = bytearray((stock / "phondata").read_bytes())
    raw[0] ^= 0xFF
    (stock / "phondata").write_bytes(bytes(raw))
    with pytest.raises(build.BuildError, match="version"):
        build.build(tmp_path / "voice", stock)
    assert list((tmp_path / "voice").iterdir()) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "phonemetable x base1\nphoneme q1\n vwl starttype #a endtype #a\n FMT(vnasal/none)\nendphoneme",
            "vnasal/none",
        ),
        ("phonemetable x nowhere\nphoneme q1\n vwl\n FMT(vowel/a)\nendphoneme", "nowhere"),
        ("phonemetable x base1\nphoneme q1\n vwl\n Wobble\n FMT(vowel/a)\nendphoneme", "Wobble"),
        ("phonemetable x base1\nphoneme q1\n vwl\n IF nextPh(zz) THEN\n length 1\n ENDIF\nendphoneme", "zz"),
        ("phonemetable x base1\nphoneme q1\n vwl\n length 900\nendphoneme", "900"),
        ("phonemetable x base1\nphoneme q1\n import_phoneme base1/none\nendphoneme", "base1/none"),
        ("phonemetable x base1\nphoneme q1\n import_phoneme nowhere/b\nendphoneme", "nowhere"),
        ("phonemetable x base1\nphoneme q1\n vcd\n import_phoneme base1/b\nendphoneme", "first"),
    ],
)
def test_a_source_that_cannot_be_compiled_says_where(source: str, message: str) -> None:
    stock = phoneme_data.read(build.stock_folder())
    with pytest.raises((phoneme_data.DataError, phoneme_source.PhonemeSourceError), match=message):
        for table in phoneme_source.parse(source):
            compile_table(table, stock)


def test_the_installed_tables_survive_reading_and_writing_bit_for_bit(tmp_path: Path) -> None:
    stock = build.stock_folder()
    phoneme_data.read(stock).write(tmp_path)
    for name in ("phontab", "phonindex", "phondata"):
        assert (tmp_path / name).read_bytes() == (stock / name).read_bytes()


def test_mandarin_sounds_as_in_the_installed_engine(voice_dir: Path, tmp_path: Path) -> None:
    sounds = []
    for at, extra in enumerate(([], [f"--path={voice_dir}"])):
        out = tmp_path / f"{at}.wav"
        subprocess.run(["espeak-ng", *extra, "-v", "cmn", "-w", str(out), "请把身份证拿起来"], check=True)
        sounds.append(out.read_bytes())
    assert sounds[0] == sounds[1]


@pytest.mark.parametrize("name", accent.names())
def test_every_syllable_of_every_text_is_spoken_and_none_is_spelled(
    name: str, voice_dir: Path, words: Words, key_list: dict[str, dict[str, str]]
) -> None:
    spoken = accent.load(name)
    syllables: set[str] = set()
    for key, args in key_list.items():
        if words.prompt("nan", key).say is not None:
            for clause in words.spoken("nan", key, values_for(args)):
                text = accent.surface_text(spoken, clause.reading.script, clause.reading.sound)
                syllables |= set(text.split())
    wanted = sorted(syllables)
    heard = phonemes(voice_dir, spoken.voice, wanted)
    assert len(heard) == len(wanted) > 300
    for text, sounds in zip(wanted, heard, strict=True):
        assert _SYLLABLE.fullmatch(sounds), (text, sounds)
        assert re.findall(r"[0-9]", sounds.removesuffix("_|")) == [text[-1]], (text, sounds)


def render(folder: Path, voice: str, text: str, out: Path) -> pitch.Track:
    subprocess.run(["espeak-ng", f"--path={folder}", "-v", voice, "-s", "130", "-w", str(out), text], check=True)
    return pitch.track(*pitch.read_wave(out))


def test_checked_syllables_are_short(voice_dir: Path, tmp_path: Path) -> None:
    lengths = {
        text: len(render(voice_dir, "nan-tongan", text, tmp_path / "length.wav").voiced())
        for text in ("sa1", "sah4", "sat4", "sak8")
    }
    assert all(lengths[text] < 0.75 * lengths["sa1"] for text in ("sah4", "sat4", "sak8")), lengths
