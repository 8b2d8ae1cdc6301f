"""A third language is a folder: it is found, said, judged and recorded, and the other two stay as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import voices
from drivers.sim.lifetime import ends_with_us
from voices import languages, lint
from voices.__main__ import main
from voices.packs.errors import PackError
from voices.packs.manifest import Header
from voices.packs.said import text_hash
from voices.packs.take import RECORDED, RENDERED
from voices.pipeline import build
from voices.prompts import Pack, Plain, Prompt, Words, load_words
from voices.recording.script import lines
from voices.template import parse

ROOT = Path(__file__).resolve().parents[2]
THIRD = Path(__file__).parent / "third"
CALL = "bar.help"
COUNT = "idle.count"
WITH_THE_THIRD = (
    "import sys, voices; voices.__path__.append(sys.argv.pop(1)); from voices.__main__ import main; sys.exit(main())"
)
"""`python -m voices` of a machine on which the folder is installed."""


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def third(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # What is kept of the texts belongs to the checkout: nothing of the third language is written there.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(voices, "__path__", [*voices.__path__, str(THIRD)])
    yield
    for name in [name for name in sys.modules if name.startswith("voices.eng")]:
        del sys.modules[name]


def everything(lang: str) -> list[object]:
    """The prompts of a language, its clauses, and the hashes by which clips are found."""
    words = load_words()
    said = [
        (line, text_hash(lang, accent, line.reading, kind))
        for accent in languages.of(lang).accents()
        for line in lines(words, lang, accent)
        for kind in (RECORDED, RENDERED)
    ]
    return [*(repr(words.prompt(lang, key)) for key in sorted(words.keys(lang))), *said]


def test_it_is_found_by_its_folder(third: None) -> None:
    assert languages.codes() == ("cmn", "eng", "nan")
    assert languages.folder_of("eng") == THIRD / "eng"
    assert [voice.name for voice in languages.every_voice()] == [
        "Minnan, tongan",
        "Minnan, xiamen",
        "Mandarin",
        "English",
    ]
    found = languages.of_voice("en")
    assert found and found.code == "eng" and found.words_a_minute == 150
    assert languages.all_accents() == ("tongan", "xiamen")


def test_without_its_folder_there_are_two() -> None:
    assert languages.codes() == ("cmn", "nan") == tuple(load_words().langs)
    with pytest.raises(KeyError):
        languages.of("eng")


def test_a_number_is_read_by_its_own_grammar(third: None) -> None:
    (asks, ends) = load_words().spoken("eng", COUNT, {"seconds": Plain("count", "115")})
    assert asks.reading.sound == "Still there?"
    assert ends.reading.sound == "This ends in one hundred and fifteen seconds."
    assert languages.of("eng").shown("date", "2026-12-07") == "07 December 2026"


def test_the_texts_of_the_other_two_are_what_they_are_without_it(request: pytest.FixtureRequest) -> None:
    before = {lang: everything(lang) for lang in ("cmn", "nan")}
    request.getfixturevalue("third")
    assert "eng" in languages.codes()
    assert {lang: everything(lang) for lang in ("cmn", "nan")} == before


@pytest.mark.parametrize(("lang", "accent"), [("nan", "tongan"), ("nan", "xiamen"), ("cmn", "tongan")])
def test_the_sound_of_the_other_two_is_the_same_to_the_byte(
    lang: str, accent: str, voice_dir: Path, tmp_path: Path
) -> None:
    sounds = set()
    # In processes of their own: what the engine renders depends a little on what it has rendered before.
    for name, folder in (("without", tmp_path), ("with", THIRD)):
        out = tmp_path / f"{name}.wav"
        said = ["say", "--lang", lang, "--accent", accent, "--key", CALL, "--data", str(voice_dir), "--out", str(out)]
        done = subprocess.run(
            [sys.executable, "-c", WITH_THE_THIRD, str(folder), *said], cwd=ROOT, env=ENVIRONMENT, check=False
        )
        assert done.returncode == 0
        sounds.add(out.read_bytes())
    assert len(sounds) == 1


def test_the_worker_says_a_prompt_and_a_number_in_it(voice_dir: Path, tmp_path: Path) -> None:
    sink = tmp_path / "fed.jsonl"
    number = {"key": COUNT, "args": {"seconds": {"kind": "count", "value": "12"}}}
    commands: list[dict[str, Any]] = [
        {"op": "speak", "gen": 1, "lang": "eng", "items": [{"key": CALL}, number]},
        {"op": "speak", "gen": 2, "lang": "cmn", "items": [{"key": CALL}]},
        {"op": "speak", "gen": 3, "lang": "nan", "items": [{"key": CALL}]},
    ]
    worker = ("worker", "--data", str(voice_dir), "--sink", f"paced:40:{sink}")
    process = subprocess.Popen(
        ends_with_us([sys.executable, "-c", WITH_THE_THIRD, str(THIRD), *worker]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=ENVIRONMENT,
    )
    with process:
        assert process.stdin is not None and process.stdout is not None
        events: list[dict[str, object]] = []
        for command in commands:
            process.stdin.write(json.dumps(command) + "\n")
            process.stdin.flush()
            last = command["items"][-1]["key"]
            for line in process.stdout:
                events.append(json.loads(line))
                if (events[-1]["ev"], events[-1].get("gen"), events[-1].get("key")) == ("done", command["gen"], last):
                    break
        process.stdin.close()
    assert process.returncode == 0
    assert not [event for event in events if event["ev"] == "error"]
    clauses = [(event["lang"], event["text"]) for event in events if event["ev"] == "clause"]
    assert clauses[:3] == [
        ("eng", "Call somebody to help"),
        ("eng", "Still there?"),
        ("eng", "This ends in 12 seconds."),
    ]
    assert [lang for lang, _ in clauses[3:]] == ["cmn", "nan"]
    assert [json.loads(line)["lang"] for line in sink.read_text(encoding="utf-8").splitlines()] == [
        lang for lang, _ in clauses
    ]


def test_its_texts_are_judged_by_its_own_rules(third: None, key_list: dict[str, dict[str, str]]) -> None:
    words = load_words()
    texts = {key: words.prompt("eng", key) for key in words.keys("eng")}
    kinds = {key: key_list[key] for key in texts}
    settings = words.pack("eng").settings

    def problems(**other: Prompt) -> list[str]:
        pack = Pack("eng", settings, {**texts, **{key.replace("_", ".", 1): text for key, text in other.items()}})
        return [problem.what for problem in lint.problems(Words({"eng": pack}), kinds)]

    assert problems() == []
    long = parse("one two three four five six seven eight nine ten eleven twelve thirteen")
    assert problems(bar_back=Prompt(long, long, long, "machine", "")) == ["has 13 words in a clause, at most 12"]
    twice = parse("Who are you? Where is it?")
    assert problems(bar_back=Prompt(twice, twice, twice, "machine", "")) == [
        "asks 2 things: Who are you? / Where is it?"
    ]


def test_its_missing_texts_are_named(third: None, key_list: dict[str, dict[str, str]]) -> None:
    words = load_words()
    missing = [problem.key for problem in lint.problems(words, key_list) if problem.what == "has no text"]
    assert len(missing) == len(key_list) - len(words.keys("eng"))


def test_record_lists_its_lines_and_say_speaks_one(
    third: None, voice_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", "--lang", "eng", "--list"]) == 0
    listed = capsys.readouterr().out
    assert "Call somebody to help" in listed and "Please take your" not in listed, "a value is nothing to record"
    arguments = ["--key", CALL, "--data", str(voice_dir), "--out", str(tmp_path / "help.wav")]
    assert main(["say", "--lang", "eng", *arguments]) == 0
    assert (tmp_path / "help.wav").stat().st_size > 10_000


def test_a_pack_may_be_in_it_and_only_while_it_is_there(request: pytest.FixtureRequest) -> None:
    header = Header("eng-one", "eng", "", RECORDED, "CC-BY-4.0", speaker="one", consent="a folder")
    with pytest.raises(PackError, match="packs are cmn or nan"):
        header.check()
    request.getfixturevalue("third")
    header.check()


def test_the_build_keeps_what_its_voice_needs(third: None, tmp_path: Path) -> None:
    build.build(tmp_path)
    needed = [name for each in languages.every() for name in each.settings.get("engine_data", ())]
    assert "en_dict" in needed
    assert all((tmp_path / "espeak-ng-data" / name).is_file() for name in needed)
