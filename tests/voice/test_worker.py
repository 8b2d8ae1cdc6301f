"""The speech process behind its pipe: right language, newest wins, private stays private, honest about faults."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voices.worker.protocol import ProtocolError, parse

from .conftest import ROOT, WAIT_S, StartWorker

NAMES = st.sampled_from(
    ["op", "gen", "items", "lang", "key", "args", "kind", "value", "percent", "step", "on", "priority"]
)


def _nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    ops = st.sampled_from(["speak", "stop", "skip", "rate", "volume", "pause", "quit"])
    return st.lists(inner) | st.dictionaries(NAMES, inner | ops)


STOP_S = 0.1
GRACE_S = 0.1
"""For a busy test machine: the pipe and two processes besides the sink's own stop."""


def test_minnan_is_spoken_from_the_minnan_pack_and_mandarin_from_its_own(start_worker: StartWorker) -> None:
    worker = start_worker()
    worker.speak(1, "take_card.lift", "take_card.keep", lang="nan")
    worker.done("take_card.keep", 1)
    worker.speak(2, "take_card.lift", lang="cmn")
    worker.done("take_card.lift", 2)
    assert [(line["key"], line["lang"], line["text"]) for line in worker.fed()] == [
        ("take_card.lift", "nan", "好矣,"),
        ("take_card.lift", "nan", "身份证会使提起来矣。"),
        ("take_card.keep", "nan", "请收予好,毋通袂记得。"),
        ("take_card.lift", "cmn", "好了,"),
        ("take_card.lift", "cmn", "请把身份证拿起来。"),
    ]
    for line in worker.fed():
        assert line["completed"]
        assert line["duration_s"] > 0.3
        assert -24 < line["rms_dbfs"] < -16, "about -20 LUFS at the calibrated volume"
        assert line["peak_dbfs"] <= -2
        assert (line["route"], line["layer"]) == ("speaker", "espeak")


def test_the_screen_hears_of_each_clause_before_the_next_begins(start_worker: StartWorker) -> None:
    worker = start_worker()
    worker.speak(7, "identify.lay_card", lang="nan")
    worker.done("identify.lay_card", 7)
    clauses = [(e["gen"], e["key"], e["index"]) for e in worker.events if e["ev"] == "clause"]
    assert clauses == [(7, "identify.lay_card", 0), (7, "identify.lay_card", 1)]
    assert worker.kinds()[-1] == "done"


def test_values_are_read_by_the_grammar_of_the_language(start_worker: StartWorker) -> None:
    worker = start_worker()
    args = {"date": {"kind": "date", "value": "2026-12-15"}}
    for generation, lang in ((1, "nan"), (2, "cmn")):
        item = {"key": "result.approved", "args": args}
        worker.send(op="speak", gen=generation, items=[item], lang=lang)
        worker.done("result.approved", generation)
    texts = [line["text"] for line in worker.fed()]
    assert texts[0] == "对2026年12月15日起,"
    assert texts[2] == "从2026年12月15日起,"
    assert all(line["duration_s"] > 2 for line in worker.fed()[::2])


def test_a_stop_is_heard_within_a_tenth_of_a_second(start_worker: StartWorker) -> None:
    worker = start_worker(speed=2.0)
    worker.speak(1, "help.browse", lang="nan")
    worker.until(lambda event: event["ev"] == "clause" and event["index"] == 1)
    sent = worker.send(op="stop", gen=2)
    done = worker.done("help.browse", 1)
    assert not done["completed"]
    assert done["at"] - sent <= STOP_S + GRACE_S
    first, *rest = worker.fed()
    assert first["completed"]
    assert all(not line["completed"] and line["duration_s"] < 0.5 for line in rest)


def test_a_new_screen_stops_the_old_voice_and_drops_what_waited(start_worker: StartWorker) -> None:
    worker = start_worker(speed=8.0)
    worker.speak(1, "welcome.invite", "choose.question", "help.browse", lang="nan")
    worker.until(lambda event: event["ev"] == "clause" and event["index"] == 1)
    worker.speak(2, "bar.help", lang="cmn")
    worker.done("bar.help", 2)
    fed = worker.fed()
    assert (fed[0]["key"], fed[0]["completed"]) == ("welcome.invite", True)
    assert (fed[-1]["key"], fed[-1]["completed"]) == ("bar.help", True)
    assert all(not line["completed"] for line in fed[1:-1]), "the clause that was begun"
    assert not any(event["key"] in ("choose.question", "help.browse") for event in worker.events if "key" in event)


def test_an_older_generation_is_never_spoken(start_worker: StartWorker) -> None:
    worker = start_worker()
    worker.send(op="stop", gen=9)
    worker.speak(8, "welcome.invite")
    worker.speak(10, "bar.help")
    worker.done("bar.help", 10)
    assert [line["key"] for line in worker.fed()] == ["bar.help"]


def test_private_words_are_withheld_from_the_loudspeaker_and_given_to_the_headphone(
    start_worker: StartWorker,
) -> None:
    worker = start_worker()
    worker.speak(1, "ask.account", privacy="private")
    worker.until(lambda event: event["ev"] == "withheld")
    assert worker.fed() == []
    worker.send(op="headphone", plugged=True)
    worker.speak(2, "ask.account", privacy="private")
    worker.done("ask.account", 2)
    assert {line["route"] for line in worker.fed()} == {"headphone"}


def test_plugging_in_takes_the_voice_from_the_loudspeaker_to_the_ear(start_worker: StartWorker) -> None:
    worker = start_worker(speed=8.0)
    worker.speak(1, "help.browse")
    worker.until(lambda event: event["ev"] == "clause" and event["index"] == 1)
    worker.send(op="headphone", plugged=True)
    worker.done("help.browse", 1)
    fed = worker.fed()
    assert [(line["route"], line["text"]) for line in fed if line["completed"]] == [
        ("speaker", "看着欲办的,就摸一下。"),
        ("headphone", "看无,摸后一页。"),
    ]
    assert {line["route"] for line in fed if not line["completed"]} <= {"speaker"}


def test_a_pause_holds_and_goes_on(start_worker: StartWorker) -> None:
    worker = start_worker(speed=4.0)
    worker.speak(1, "help.browse")
    worker.until(lambda event: event["ev"] == "clause")
    worker.send(op="pause", on=True)
    before = len(worker.events)
    worker.listen(0.6)
    assert len(worker.events) == before
    worker.send(op="pause", on=False)
    assert worker.done("help.browse", 1)["completed"]
    assert all(line["completed"] for line in worker.fed())


def test_text_without_a_reading_is_reported_and_not_spoken_in_another_language(
    start_worker: StartWorker, unread_key: str
) -> None:
    worker = start_worker()
    worker.speak(1, unread_key, "bar.help", lang="nan")
    worker.until(lambda event: event["ev"] == "unspoken" and event["key"] == unread_key)
    worker.done("bar.help", 1)
    assert [line["key"] for line in worker.fed()] == ["bar.help"]


def test_a_bare_value_without_a_reading_is_said_as_a_foreign_word_and_reported(start_worker: StartWorker) -> None:
    worker = start_worker()
    worker.send(op="headphone", plugged=True)
    bank = {
        "key": "ear.fact.value",
        "args": {"value": {"kind": "text", "value": "某某惠民村镇银行"}},
        "privacy": "private",
    }
    worker.send(op="speak", gen=1, items=[bank, {"key": "bar.help", "privacy": "public"}], lang="nan")
    worker.until(lambda event: event["ev"] == "foreign" and event["key"] == "ear.fact.value")
    worker.done("bar.help", 1)
    assert [(line["key"], line["lang"]) for line in worker.fed()] == [("ear.fact.value", "cmn"), ("bar.help", "nan")]


def test_without_the_built_voice_minnan_is_an_error_and_never_mandarin(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    worker = start_worker(data=tmp_path / "nothing")
    assert worker.kinds() == ["error", "ready"]
    worker.speak(1, "bar.help", lang="nan")
    assert not worker.done("bar.help", 1)["completed"]
    assert any("nan-tongan" in event.get("what", "") for event in worker.events)
    worker.speak(2, "bar.help", lang="cmn")
    assert worker.done("bar.help", 2)["completed"]
    assert [line["lang"] for line in worker.fed()] == ["cmn"]


def test_rate_and_volume_come_through_the_pipe(start_worker: StartWorker) -> None:
    worker = start_worker()
    for generation, (percent, step) in enumerate(((100, 13), (50, 13), (200, 13), (100, 1), (100, 15)), start=1):
        worker.send(op="rate", percent=percent)
        worker.send(op="volume", step=step)
        worker.speak(generation, "bar.cannot.hint")
        worker.done("bar.cannot.hint", generation)
    normal, slow, fast, soft, loud = worker.fed()
    assert slow["duration_s"] / normal["duration_s"] == pytest.approx(2, rel=0.03)
    assert fast["duration_s"] / normal["duration_s"] == pytest.approx(0.5, rel=0.03)
    assert soft["rms_dbfs"] == pytest.approx(normal["rms_dbfs"] - 48, abs=1.5)
    assert loud["rms_dbfs"] > normal["rms_dbfs"] + 4
    assert loud["peak_dbfs"] <= -2


def test_a_site_s_offset_is_heard_on_the_loudspeaker_and_not_in_the_headphone(start_worker: StartWorker) -> None:
    worker = start_worker()
    for generation, (offset_db, plugged) in enumerate(((0, False), (-6, False), (-6, True), (-99, False)), start=1):
        worker.send(op="loudness", offset_db=offset_db)
        worker.send(op="headphone", plugged=plugged)
        worker.speak(generation, "bar.cannot.hint")
        worker.done("bar.cannot.hint", generation)
    plain, softer, private, softest = (line["rms_dbfs"] for line in worker.fed())
    assert plain - softer == pytest.approx(6, abs=0.7)
    assert private == pytest.approx(plain, abs=0.3)
    assert plain - softest == pytest.approx(12, abs=0.7), "at most twelve decibels"


BAD_LINES = (
    "nonsense",
    "[]",
    "[" * 100_000,
    '{"op":"dance"}',
    '{"op":"speak","gen":"x","items":[],"lang":"nan"}',
    '{"op":"speak","gen":1,"items":[{}],"lang":"nan"}',
    '{"op":"speak","gen":1,"items":[],"lang":"nan","priority":"soon"}',
    '{"op":"speak","gen":1,"items":[{"key":"bar.help","args":[1]}],"lang":"nan"}',
    '{"op":"rate"}',
    '{"op":"rate","percent":true}',
    '{"op":"loudness","offset_db":1.5}',
    '{"op":"skip"}',
)


def test_a_line_that_is_no_command_is_an_error_and_the_worker_lives(start_worker: StartWorker) -> None:
    worker = start_worker()
    assert worker.process.stdin is not None
    worker.process.stdin.buffer.write(b"\xff\xfe\n")
    worker.process.stdin.write("".join(f"{line}\n" for line in BAD_LINES))
    worker.process.stdin.flush()
    for _ in range(len(BAD_LINES) + 1):
        worker.until(lambda event: event["ev"] == "error" and event["what"].startswith("bad command"))
    worker.speak(5, "bar.help")
    assert worker.done("bar.help", 5)["completed"]


@given(st.text() | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), _nested).map(json.dumps))
def test_whatever_comes_is_a_command_or_refused_by_name(line: str) -> None:
    with contextlib.suppress(ProtocolError):
        assert parse(line).op


def test_an_unknown_text_is_an_error_that_names_it_and_the_rest_is_said(start_worker: StartWorker) -> None:
    worker = start_worker()
    worker.speak(1, "no.such.text", "bar.help")
    worker.until(lambda event: event["ev"] == "error" and "no.such.text" in event["what"])
    worker.done("bar.help", 1)
    assert [line["key"] for line in worker.fed()] == ["bar.help"]


def test_the_worker_ends_when_the_kiosk_does(start_worker: StartWorker, quickest: Any) -> None:
    def seconds_to_end() -> float:
        worker = start_worker(speed=1.0)
        worker.speak(1, "help.browse")
        worker.until(lambda event: event["ev"] == "clause")
        began = time.monotonic()
        assert worker.close() == 0
        return time.monotonic() - began

    assert quickest(seconds_to_end, 2.0) < 2.0


def test_an_unknown_sink_is_said_and_ends_the_worker(voice_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voices", "worker", "--data", str(voice_dir), "--sink", "paced:fast:x"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["ev"] == "error"
