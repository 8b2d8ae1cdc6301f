"""Now, next and normal; again, skip, pause: what is said in which order, and what is reported of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from voices.worker.agenda import Agenda, Cut, Job
from voices.worker.protocol import Item, Priority

from .conftest import StartWorker, Worker


def items(*keys: str) -> tuple[Item, ...]:
    return tuple(Item(key) for key in keys)


@pytest.fixture
def agenda() -> Agenda:
    made = Agenda()
    made.add(1, items("a", "b", "c"), "nan", Priority.NORMAL)
    return made


def taken(agenda: Agenda) -> list[tuple[str, int]]:
    found = []
    while (job := agenda.take()) is not None:
        found.append((job.item.key, job.clause))
    return found


def begin(agenda: Agenda, clause: int = 0) -> Job:
    job = agenda.take()
    assert job is not None
    agenda.begin_clause(clause)
    return job


def test_normal_waits_behind_all_next_behind_the_present_text(agenda: Agenda) -> None:
    begin(agenda)
    assert not agenda.add(1, items("last"), "nan", Priority.NORMAL)
    assert not agenda.add(1, items("next", "then"), "nan", Priority.NEXT)
    assert [key for key, _ in taken(agenda)] == ["next", "then", "b", "c", "last"]


def test_now_interrupts_and_the_text_goes_on_from_its_clause(agenda: Agenda) -> None:
    begin(agenda, 2)
    assert agenda.add(1, items("now"), "nan", Priority.NOW)
    assert agenda.cut is Cut.LATER
    assert taken(agenda) == [("now", 0), ("a", 2), ("b", 0), ("c", 0)]


def test_two_urgent_texts_leave_the_interrupted_one_once(agenda: Agenda) -> None:
    begin(agenda, 1)
    agenda.add(1, items("one"), "nan", Priority.NOW)
    agenda.add(1, items("two"), "nan", Priority.NOW)
    assert taken(agenda) == [("two", 0), ("one", 0), ("a", 1), ("b", 0), ("c", 0)]


def test_a_text_that_was_skipped_does_not_come_back_behind_an_urgent_one(agenda: Agenda) -> None:
    begin(agenda)
    assert agenda.skip(1)
    agenda.add(1, items("now"), "nan", Priority.NOW)
    assert agenda.cut is Cut.SKIPPED
    assert [key for key, _ in taken(agenda)] == ["now", "b", "c"]


@pytest.mark.parametrize("priority", Priority)
def test_a_newer_generation_drops_all_and_an_older_one_is_never_said(agenda: Agenda, priority: Priority) -> None:
    begin(agenda)
    assert agenda.add(5, items("new"), "nan", priority)
    assert agenda.cut is Cut.DROPPED
    assert not agenda.add(4, items("old"), "nan", priority)
    assert [key for key, _ in taken(agenda)] == ["new"]
    assert not agenda.drop(4)
    assert not agenda.repeat(4)
    assert not agenda.skip(4)


def test_again_says_all_of_the_generation_from_the_first_also_when_it_is_over(agenda: Agenda) -> None:
    assert [key for key, _ in taken(agenda)] == ["a", "b", "c"]
    assert not agenda.repeat(1), "nothing must stop"
    first = begin(agenda, 1)
    assert (first.item.key, first.leads) == ("a", True)
    agenda.add(1, items("now"), "nan", Priority.NOW)
    assert agenda.repeat(1)
    assert taken(agenda) == [("a", 0), ("b", 0), ("c", 0), ("now", 0)]


def test_silence_outranks_every_other_reason(agenda: Agenda) -> None:
    begin(agenda)
    for cut in (lambda: agenda.reroute(True), lambda: agenda.skip(1), lambda: agenda.drop(2)):
        assert cut()
    assert agenda.cut is Cut.DROPPED
    assert agenda.reroute(False) and agenda.cut is Cut.DROPPED
    assert taken(agenda) == []


def test_what_a_pulled_headphone_leaves_is_hushed_until_it_is_asked_for(agenda: Agenda) -> None:
    job = begin(agenda)
    assert agenda.reroute(False)
    assert agenda.cut is Cut.HUSHED
    assert agenda.is_hushed(job)
    assert agenda.repeat(1)
    assert not agenda.is_hushed(begin(agenda))
    agenda.reroute(False)
    agenda.add(2, items("new"), "nan", Priority.NORMAL)
    assert not agenda.is_hushed(begin(agenda)), "a new screen is asked for by her hand"


# ---- through the process ---------------------------------------------------------------------------------------

SCREEN = ("help.browse", "take_card.lift")


def spoken(worker: Worker) -> list[tuple[str, str]]:
    """What was heard to its end."""
    return [(line["key"], line["text"]) for line in worker.fed() if line["completed"]]


def clause(key: str, index: int) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event["ev"] == "clause" and (event["key"], event["index"]) == (key, index)


def test_an_urgent_text_cuts_in_and_the_interrupted_clause_begins_again(start_worker: StartWorker) -> None:
    worker = start_worker(speed=12.0)
    worker.speak(1, *SCREEN)
    worker.until(clause("help.browse", 1))
    worker.send(op="speak", gen=1, items=[{"key": "bar.help"}], lang="nan", priority="now")
    worker.until(clause("bar.help", 0))
    worker.send(op="speak", gen=1, items=[{"key": "bar.again"}], lang="nan", priority="next")
    worker.done("take_card.lift", 1)
    assert [key for key, _ in spoken(worker)] == [
        *("help.browse", "bar.help", "bar.again", "help.browse", "take_card.lift", "take_card.lift"),
    ]
    finals = [event["key"] for event in worker.events if event["ev"] == "done"]
    assert finals == ["bar.help", "bar.again", "help.browse", "take_card.lift"], "each text is over once"
    assert all(event["completed"] for event in worker.events if event["ev"] == "done")


def test_skip_goes_to_the_next_text_and_says_so(start_worker: StartWorker) -> None:
    worker = start_worker(speed=8.0)
    worker.speak(1, *SCREEN)
    worker.until(clause("help.browse", 0))
    worker.send(op="skip", gen=1)
    worker.until(lambda event: event["ev"] == "skipped" and event["key"] == "help.browse")
    assert worker.done("take_card.lift", 1)["completed"]
    assert {key for key, _ in spoken(worker)} == {"take_card.lift"}
    worker.send(op="skip", gen=1)
    worker.speak(2, "bar.help")
    worker.done("bar.help", 2)
    assert "skipped" not in [event["ev"] for event in worker.events[-2:]], "nothing was there to be skipped"


def test_again_begins_from_the_first_text_in_the_middle_and_after_the_end(start_worker: StartWorker) -> None:
    worker = start_worker(speed=20.0)
    worker.speak(3, *SCREEN)
    worker.until(clause("take_card.lift", 0))
    worker.send(op="repeat", gen=2)
    worker.send(op="repeat", gen=3)
    worker.until(clause("help.browse", 0))
    worker.done("take_card.lift", 3)
    worker.send(op="repeat", gen=3)
    worker.done("take_card.lift", 3)
    assert [key for key, _ in spoken(worker)].count("help.browse") == 6
    assert [event["key"] for event in worker.events if event["ev"] == "done"].count("take_card.lift") == 2


def test_a_pause_ends_with_skip_again_and_silence_too(start_worker: StartWorker) -> None:
    worker = start_worker(speed=20.0)
    for generation, op in enumerate(("skip", "repeat", "stop"), start=1):
        worker.speak(generation, *SCREEN)
        worker.until(clause("help.browse", 0))
        worker.send(op="pause", on=True)
        worker.send(op=op, gen=generation)
        if op != "stop":
            assert worker.done("take_card.lift", generation)["completed"]
    worker.done("help.browse", 3)


def test_private_words_are_given_aloud_only_to_who_asked_for_them(start_worker: StartWorker) -> None:
    worker = start_worker()
    worker.speak(1, "ask.account", privacy="asked")
    assert worker.done("ask.account", 1)["completed"]
    assert {line["route"] for line in worker.fed()} == {"speaker"}
    worker.speak(2, "ask.account", privacy="private")
    worker.until(lambda event: event["ev"] == "withheld" and event["gen"] == 2)
    worker.speak(3, "ask.account", privacy="whispered")
    worker.until(lambda event: event["ev"] == "error")


@pytest.mark.parametrize(
    ("percent", "pause_s"),
    [
        (100, 0.5),
        pytest.param(50, 0.64, marks=pytest.mark.proof),
        pytest.param(200, 0.42, marks=pytest.mark.proof),
    ],
)
def test_pauses_follow_the_pace_within_what_is_heard_as_one(
    start_worker: StartWorker, percent: int, pause_s: float
) -> None:
    """By the sink's clock at real pace, from the end of one clause's sound to the beginning of the next."""
    worker = start_worker(speed=1.0)
    worker.send(op="rate", percent=percent)
    worker.speak(1, "take_card.lift", "bar.help")
    worker.done("bar.help", 1)
    gaps = [after["first_sample_s"] - before["stopped_s"] for before, after in itertools.pairwise(worker.fed())]
    assert len(gaps) == 2
    assert gaps[0] == pytest.approx(pause_s, abs=0.06)
    assert all(0.4 <= gap <= 0.7 for gap in gaps), gaps
