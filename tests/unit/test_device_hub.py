"""The worker of a device: reopens it, tells the bus what is new, ends a command at once, loses no command."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from datetime import date

import pytest

from drivers.api import CompletionCode, DeviceError, DeviceState, DeviceStatus, IdCard, IdDocument
from drivers.faults import CRD_LIFTED, CRD_RETRY, DEV_CANCELLED, DEV_LOST, DEV_NOT_FOUND
from kiosk.adapters.clock import SystemClock
from kiosk.app.card_watch import CardWatch
from kiosk.app.device_hub import DeviceEvent, DeviceWorker
from kiosk.app.residents import of_id_card
from kiosk.domain.visit import CardPlace, Ev, Event, Resident

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


class Reader:
    """A reader whose card and faults the test decides; commands block like a real one until they end."""

    def __init__(self) -> None:
        self.opens: list[Exception | None] = []
        self.opened = 0
        self.present = threading.Event()
        self.gone = threading.Event()
        self.reads: queue.SimpleQueue[IdCard | DeviceError] = queue.SimpleQueue()
        self._cancel = threading.Event()

    def open(self) -> None:
        self.opened += 1
        if self.opens and (error := self.opens.pop(0)):
            raise error

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceState.ONLINE)

    def cancel(self) -> None:
        self._cancel.set()

    def reset(self) -> None: ...

    def close(self) -> None: ...

    def wait_card(self, timeout_s: float) -> bool:
        return self._until(self.present, timeout_s)

    def read(self, timeout_s: float) -> IdCard:
        answer = self.reads.get(timeout=timeout_s)
        if isinstance(answer, DeviceError):
            raise answer
        return answer

    def wait_removed(self, timeout_s: float) -> bool:
        return self._until(self.gone, timeout_s)

    def _until(self, event: threading.Event, timeout_s: float) -> bool:
        self._cancel.clear()
        for _ in range(round(timeout_s / 0.01)):
            if event.wait(0.01):
                return True
            if self._cancel.is_set():
                self._cancel.clear()
                raise DeviceError(DEV_CANCELLED, completion=CompletionCode.CANCELED)
        return False


class Bench:
    def __init__(self) -> None:
        self.clock = SystemClock()
        self.reader = Reader()
        self.bus: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.worker: DeviceWorker[Reader] = DeviceWorker("id_card", self.reader, self.clock, self.bus.put)
        self.cards = CardWatch(self.worker, CardPlace.ID_CARD, of_id_card, self.clock)

    def next(self) -> Event:
        return self.events.get(timeout=5)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.worker.close()
    bench.clock.close()


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


def test_a_forgotten_card_does_not_begin_the_next_visit(bench: Bench) -> None:
    bench.worker.start()
    bench.reader.present.set()
    bench.reader.reads.put(CARD)
    bench.cards.watch(bench.events.put)
    assert [bench.next().kind, bench.next().kind] == [Ev.CARD_SEEN, Ev.CARD_READ]
    bench.cards.stop()
    bench.cards.watch(bench.events.put)
    with pytest.raises(queue.Empty):
        bench.events.get(timeout=0.3)


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
