"""The jack by the sink's own clock at real pace: silent within 200 ms, private words never aloud."""

from __future__ import annotations

import pytest

from .conftest import StartWorker

SILENT_S = 0.2
LONG = "help.browse"
INTO_THE_CLAUSE_S = 0.3
"""Her hand comes while something is really heard."""


def test_plugging_in_silences_the_loudspeaker_within_200_ms(start_worker: StartWorker) -> None:
    worker = start_worker(speed=1.0)
    worker.speak(1, LONG)
    worker.until(lambda event: event["ev"] == "clause")
    worker.listen(INTO_THE_CLAUSE_S)
    sent_s = worker.send(op="headphone", plugged=True)
    worker.until(lambda event: event["ev"] == "clause" and event["route"] == "headphone")
    worker.listen(INTO_THE_CLAUSE_S)
    worker.send(op="stop", gen=2)
    worker.done(LONG, 1)
    aloud = [line for line in worker.fed() if line["route"] == "speaker"]
    in_ear = [line for line in worker.fed() if line["route"] == "headphone"]
    assert aloud and not aloud[-1]["completed"]
    assert aloud[-1]["stopped_s"] - sent_s <= SILENT_S
    assert in_ear[0]["first_sample_s"] >= aloud[-1]["stopped_s"], "never both at once"
    assert in_ear[0]["text"] == aloud[-1]["text"], "the clause begins again in the ear"


def test_pulling_out_silences_private_words_within_200_ms_and_the_rest_is_withheld(start_worker: StartWorker) -> None:
    worker = start_worker(speed=1.0)
    worker.send(op="headphone", plugged=True)
    worker.speak(1, LONG, privacy="private")
    worker.until(lambda event: event["ev"] == "clause")
    worker.listen(INTO_THE_CLAUSE_S)
    sent_s = worker.send(op="headphone", plugged=False)
    worker.until(lambda event: event["ev"] == "withheld" and event["key"] == LONG)
    assert {line["route"] for line in worker.fed()} == {"headphone"}
    assert worker.fed()[-1]["stopped_s"] - sent_s <= SILENT_S
    worker.send(op="headphone", plugged=True)
    worker.speak(2, "bar.help", privacy="private")
    assert worker.done("bar.help", 2)["completed"], "private mode is back with the headphone"


def test_pulling_out_leaves_the_loudspeaker_silent_until_something_is_asked_for(start_worker: StartWorker) -> None:
    worker = start_worker(speed=1.0)
    worker.send(op="headphone", plugged=True)
    worker.speak(1, LONG, "bar.help")
    worker.until(lambda event: event["ev"] == "clause")
    worker.listen(INTO_THE_CLAUSE_S)
    worker.send(op="headphone", plugged=False)
    for key in (LONG, "bar.help"):
        worker.until(lambda event, key=key: event["ev"] == "withheld" and event["key"] == key)
    assert {line["route"] for line in worker.fed()} == {"headphone"}
    worker.send(op="repeat", gen=1)
    worker.until(lambda event: event["ev"] == "clause" and event["route"] == "speaker")


@pytest.mark.proof
def test_a_stop_and_a_first_sample_by_the_sink_s_own_clock(start_worker: StartWorker) -> None:
    worker = start_worker(speed=1.0)
    spoken_s = worker.send(op="speak", gen=1, items=[{"key": LONG}], lang="nan")
    worker.until(lambda event: event["ev"] == "clause")
    worker.listen(INTO_THE_CLAUSE_S)
    stopped_s = worker.send(op="stop", gen=2)
    worker.done(LONG, 1)
    (line,) = worker.fed()
    assert 0 <= line["first_sample_s"] - spoken_s <= 0.3
    assert 0 <= line["stopped_s"] - stopped_s <= SILENT_S
    assert abs(line["stopped_s"] - line["first_sample_s"] - line["duration_s"]) < 0.05
