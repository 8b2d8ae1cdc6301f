"""The worker of a device: reopens it, tells the bus what is new, ends a command at once, loses no command."""

from __future__ import annotations

import itertools
import queue
import threading
from datetime import date
from typing import Any

import pytest

from drivers.api import DeviceError, DeviceState, IdCard, IdDocument
from drivers.faults import CRD_LIFTED, CRD_RETRY, DEV_LOST, DEV_NOT_FOUND
from kiosk.domain.timing import CARD_NEWS_S, FORGOTTEN_CALL_S, FORGOTTEN_S
from kiosk.domain.visit.machine import CardPlace, Ev, Event, LeftCard, Resident

CARD = IdCard(
    document=IdDocument.RESIDENT,
    name="陈阿金",
    sex="2",
    nation="01",
    birth=date(1944, 3, 15),
    address="旧址",
    number="350221194403150021",
    issuer="某局",
    valid_from=date(2012, 5, 8),
    valid_until=None,
    new_address="新址",
)


Bench = Any
Reader = Any


def lost(detail: str = "") -> DeviceError:
    return DeviceError(DEV_LOST, detail)


def test_a_missing_device_is_tried_again_and_told_once(bench: Bench) -> None:
    bench.reader.opens = [DeviceError(DEV_NOT_FOUND), DeviceError(DEV_NOT_FOUND), None]
    bench.worker.start()
    assert bench.bus.get(timeout=5).fault is DEV_NOT_FOUND
    bench.clock.advance(10)
    back = bench.bus.get(timeout=5)
    assert (back.fault, back.state, bench.reader.opened) == (None, DeviceState.ONLINE, 3)


def test_a_device_that_is_lost_in_a_command_is_reopened_and_the_watch_goes_on(bench: Bench) -> None:
    bench.worker.start()
    bench.cards.watch(bench.events.put)
    bench.reader.present.set()
    bench.reader.reads.put(lost())
    assert [bench.next().kind, bench.next().kind] == [Ev.CARD_SEEN, Ev.CARD_FAILED]
    bench.reader.reads.put(CARD)
    assert bench.next() == Event(Ev.CARD_FAILED, "")
    assert [bench.next().kind, bench.next().kind] == [Ev.CARD_SEEN, Ev.CARD_READ]


def test_a_resident_is_told_at_once_when_there_is_no_reader_and_again_when_it_is_back(bench: Bench) -> None:
    bench.reader.opens = [DeviceError(DEV_NOT_FOUND), None]
    bench.worker.start()
    assert bench.bus.get(timeout=5).fault is DEV_NOT_FOUND
    bench.cards.watch(bench.events.put)
    assert bench.next() == Event(Ev.CARD_FAILED, DEV_NOT_FOUND.name)
    bench.clock.advance(10)
    assert bench.next() == Event(Ev.CARD_FAILED, "")


def test_a_read_card_becomes_a_resident_with_the_newest_address(bench: Bench) -> None:
    bench.worker.start()
    bench.cards.watch(bench.events.put)
    bench.reader.present.set()
    bench.reader.reads.put(CARD)
    bench.next()
    resident = bench.next().value
    assert isinstance(resident, Resident)
    assert (resident.address, resident.valid_until, resident.birth) == ("新址", "", "1944-03-15")


def test_a_card_that_was_read_badly_counts_again_only_after_it_was_lifted(bench: Bench) -> None:
    bench.worker.start()
    bench.cards.watch(bench.events.put)
    bench.reader.present.set()
    bench.reader.reads.put(DeviceError(CRD_RETRY))
    bench.next()
    assert bench.next() == Event(Ev.CARD_FAILED, CRD_RETRY.name)
    with pytest.raises(queue.Empty):
        bench.events.get(timeout=0.2)
    bench.reader.gone.set()
    bench.reader.reads.put(CARD)
    assert [bench.next().kind, bench.next().kind] == [Ev.CARD_SEEN, Ev.CARD_READ]


def test_a_card_that_was_lifted_too_early_counts_at_once_when_it_lies_again(bench: Bench) -> None:
    bench.worker.start()
    bench.cards.watch(bench.events.put)
    bench.reader.present.set()
    bench.reader.reads.put(DeviceError(CRD_LIFTED))
    bench.reader.reads.put(CARD)
    kinds = [bench.next().kind for _ in range(4)]
    assert kinds == [Ev.CARD_SEEN, Ev.CARD_FAILED, Ev.CARD_SEEN, Ev.CARD_READ]


def test_a_card_that_was_laid_again_unseen_is_tried_again(bench: Bench) -> None:
    bench.worker.start()
    bench.cards.watch(bench.events.put)
    bench.reader.present.set()
    bench.reader.reads.put(DeviceError(CRD_RETRY))
    bench.reader.reads.put(CARD)
    kinds = [bench.events.get(timeout=15).kind for _ in range(4)]
    assert kinds == [Ev.CARD_SEEN, Ev.CARD_FAILED, Ev.CARD_SEEN, Ev.CARD_READ]


def leave_card_behind(bench: Bench) -> None:
    """A visit that ends with its card on the reader."""
    bench.worker.start()
    bench.reader.present.set()
    bench.reader.reads.put(CARD)
    bench.cards.watch(bench.events.put)
    assert [bench.next().kind, bench.next().kind] == [Ev.CARD_SEEN, Ev.CARD_READ]
    bench.cards.stop()
    bench.cards.mind(bench.events.put)


def test_a_forgotten_card_does_not_begin_the_next_visit_and_counts_when_it_is_laid_again(bench: Bench) -> None:
    leave_card_behind(bench)
    assert bench.next() == Event(Ev.CARD_LEFT, LeftCard(CardPlace.ID_CARD))
    bench.cards.watch(bench.events.put)
    assert bench.next() == Event(Ev.CARD_LEFT, LeftCard(CardPlace.ID_CARD, 2)), "the next one is told, too"
    with pytest.raises(queue.Empty):
        bench.events.get(timeout=0.3)
    bench.reader.gone.set()
    assert bench.next() == Event(Ev.CARD_REMOVED)
    bench.reader.reads.put(CARD)
    assert [bench.next().kind, bench.next().kind] == [Ev.CARD_SEEN, Ev.CARD_READ]


def test_reminders_become_rarer_and_the_clerk_is_told_once(bench: Bench) -> None:
    leave_card_behind(bench)
    at_s: list[float] = []
    overdue: list[bool] = []
    began_s = bench.clock.now()
    while len(at_s) < 8:
        event = bench.events.get(timeout=10)
        assert event.kind is Ev.CARD_LEFT and isinstance(event.value, LeftCard)
        at_s.append(bench.clock.now() - began_s)
        overdue.append(event.value.is_overdue)
        assert event.value.reminder == len(at_s)
        bench.clock.advance(FORGOTTEN_S[min(len(at_s), len(FORGOTTEN_S)) - 1])
    pauses = [after - before for before, after in itertools.pairwise(at_s)]
    assert all(pause >= wanted for pause, wanted in zip(pauses, FORGOTTEN_S, strict=False)), pauses
    assert [sum(FORGOTTEN_S[: at + 1]) for at in range(3)] == [5, 15, 30]
    assert overdue.count(True) == 1 and at_s[overdue.index(True)] >= FORGOTTEN_CALL_S


def test_a_card_that_could_not_be_read_is_forgotten_like_any_other(bench: Bench) -> None:
    bench.worker.start()
    bench.reader.present.set()
    bench.reader.reads.put(DeviceError(CRD_RETRY))
    bench.cards.watch(bench.events.put)
    assert [bench.next().kind, bench.next().kind] == [Ev.CARD_SEEN, Ev.CARD_FAILED]
    bench.cards.mind(bench.events.put)
    assert bench.next().kind is Ev.CARD_LEFT


def test_a_card_that_was_taken_is_not_spoken_of(bench: Bench) -> None:
    bench.worker.start()
    bench.reader.present.set()
    bench.reader.reads.put(CARD)
    bench.cards.watch(bench.events.put)
    assert [bench.next().kind, bench.next().kind] == [Ev.CARD_SEEN, Ev.CARD_READ]
    bench.reader.gone.set()
    bench.cards.watch_removal(bench.events.put)
    assert bench.next() == Event(Ev.CARD_REMOVED)
    bench.cards.mind(bench.events.put)
    with pytest.raises(queue.Empty):
        bench.events.get(timeout=0.2)


def test_why_a_card_was_not_read_goes_when_none_comes(bench: Bench) -> None:
    bench.worker.start()
    bench.reader.present.set()
    bench.cards.watch(bench.events.put)
    assert bench.next().kind is Ev.CARD_SEEN
    bench.reader.present.clear()
    bench.reader.reads.put(DeviceError(CRD_LIFTED))
    assert bench.next() == Event(Ev.CARD_FAILED, CRD_LIFTED.name)
    bench.clock.advance(CARD_NEWS_S)
    assert bench.next() == Event(Ev.CARD_FAILED, "")


def test_a_running_command_ends_for_the_next_one(bench: Bench) -> None:
    bench.worker.start()
    bench.cards.watch(bench.events.put)
    bench.reader.gone.set()
    bench.cards.watch_removal(bench.events.put)
    assert bench.next().kind is Ev.CARD_REMOVED


def test_closing_ends_the_thread_while_a_command_waits(bench: Bench) -> None:
    started = threading.Event()

    def job(reader: Reader) -> None:
        started.set()
        reader.wait_card(60)

    bench.worker.start()
    bench.worker.run_soon(job)
    assert started.wait(5)
    bench.worker.close()
    assert not bench.worker.is_alive()


def test_what_cannot_wait_is_given_up_when_the_device_is_lost_before_its_turn(bench: Bench) -> None:
    first_runs, may_fail, given_up = threading.Event(), threading.Event(), threading.Event()
    ran: list[str] = []

    def losing(reader: Reader) -> None:
        first_runs.set()
        may_fail.wait(5)
        raise lost()

    bench.worker.start()
    bench.worker.run_soon(losing, on_lost=lambda: None)
    assert first_runs.wait(5)
    bench.worker.run_soon(lambda reader: ran.append("slip"), on_lost=given_up.set)
    bench.worker.run_soon(lambda reader: ran.append("watch"))
    may_fail.set()
    assert given_up.wait(5)
    assert bench.bus.get(timeout=5).fault is None
    while len(ran) < 1:
        assert bench.bus.get(timeout=5)
        bench.worker.run_soon(lambda reader: bench.events.put(Event(Ev.CARD_REMOVED)))
        bench.next()
    assert ran == ["watch"], "what waited for the device goes on, what was given up does not"


def test_what_cannot_wait_is_given_up_at_once_when_there_is_no_device(bench: Bench) -> None:
    bench.reader.opens = [DeviceError(DEV_NOT_FOUND)]
    bench.worker.start()
    assert bench.bus.get(timeout=5).fault is DEV_NOT_FOUND
    given_up = threading.Event()
    bench.worker.run_soon(lambda reader: None, on_lost=given_up.set)
    assert given_up.is_set()
