"""The worker of a device: reopens it, tells the bus what is new, ends a command at once, loses no command."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Iterator
from datetime import date

import pytest

from drivers.api import CompletionCode, DeviceError, DeviceState, DeviceStatus, IdCard, IdDocument
from drivers.faults import CRD_LIFTED, CRD_MODULE, CRD_RETRY, DEV_CANCELLED, DEV_LOST, DEV_NOT_FOUND
from kiosk.adapters.clock import SystemClock
from kiosk.app.card_watch import CardWatch
from kiosk.app.device_hub import HEALTH_COUNT, DeviceEvent, DeviceWorker
from kiosk.app.residents import of_id_card
from kiosk.domain.timing import CARD_NEWS_S, FORGOTTEN_CALL_S, FORGOTTEN_S
from kiosk.domain.visit import CardPlace, Ev, Event, LeftCard, Resident

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


def test_a_cancel_between_two_calls_of_a_command_ends_it_all_the_same(bench: Bench) -> None:
    """The driver takes no notice of a cancel while none of its commands runs."""
    between, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def job(reader: Reader) -> None:
        between.set()
        assert go_on.wait(5)
        try:
            reader.wait_card(60)
        finally:
            ended.set()

    bench.worker.start()
    bench.worker.run_soon(job)
    assert between.wait(5)
    bench.worker.cancel()
    go_on.set()
    began_s = time.monotonic()
    assert ended.wait(5)
    assert time.monotonic() - began_s < 0.1


def test_a_cancel_that_meets_a_command_at_its_begin_is_never_lost(bench: Bench) -> None:
    bench.worker.start()
    for _ in range(100):
        ended = threading.Event()

        def job(reader: Reader, ended: threading.Event = ended) -> None:
            try:
                reader.wait_card(60)
            finally:
                ended.set()

        bench.worker.run_soon(job)
        bench.worker.cancel()
        bench.worker.run_soon(lambda reader, ended=ended: ended.set())  # type: ignore[misc]  # bound now
        assert ended.wait(5)


def test_health_is_the_share_of_the_last_commands_that_succeeded(bench: Bench) -> None:
    def fails(reader: Reader) -> None:
        raise DeviceError(CRD_RETRY)

    bench.worker.start()
    assert bench.bus.get(timeout=5).health.ratio == 1.0
    for job in (lambda reader: None, fails, fails):
        bench.worker.run_soon(job)
    done = threading.Event()
    bench.worker.run_soon(lambda reader: done.set())
    assert done.wait(5)
    until_s = time.monotonic() + 5
    while bench.worker.health.asked < 5 and time.monotonic() < until_s:
        time.sleep(0.005)
    assert (bench.worker.health.succeeded, bench.worker.health.asked) == (3, 5)
    for _ in range(2 * HEALTH_COUNT):
        bench.worker.run_soon(lambda reader: None)
    done.clear()
    bench.worker.run_soon(lambda reader: done.set())
    assert done.wait(5)
    assert bench.worker.health.ratio == 1.0, "old failures are forgotten"


def test_a_hands_mistake_says_nothing_of_the_device(bench: Bench) -> None:
    def lifted(reader: Reader) -> None:
        raise DeviceError(CRD_LIFTED, completion=CompletionCode.USER_ERROR)

    bench.worker.start()
    assert bench.bus.get(timeout=5).state is DeviceState.ONLINE
    bench.worker.run_soon(lifted)
    done = threading.Event()
    bench.worker.run_soon(lambda reader: done.set())
    assert done.wait(5)
    assert bench.worker.health.ratio == 1.0


def test_a_mistake_in_a_driver_costs_the_command_and_not_the_device(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(reader: Reader) -> None:
        raise ValueError("陈阿金")

    bench.worker.start()
    assert bench.bus.get(timeout=5).fault is None
    bench.worker.run_soon(broken)
    assert bench.bus.get(timeout=5).fault is DEV_LOST
    bench.worker.cancel()
    assert bench.bus.get(timeout=5).fault is None
    done = threading.Event()
    bench.worker.run_soon(lambda reader: done.set())
    assert done.wait(5)
    assert "ValueError" in caplog.text and "陈阿金" not in caplog.text


def test_a_broken_reader_stays_broken_until_a_card_is_read(bench: Bench) -> None:
    bench.worker.start()
    bench.worker.run_soon(lambda reader: bench.worker.note(CRD_MODULE))
    assert [bench.bus.get(timeout=5).fault, bench.bus.get(timeout=5).fault] == [None, CRD_MODULE]
    bench.worker.run_soon(lambda reader: bench.worker.note(None))
    assert bench.bus.get(timeout=5).fault is None
