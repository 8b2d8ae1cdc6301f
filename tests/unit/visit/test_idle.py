"""The idle rule on a clock that only the test moves."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from kiosk.app.visit.idle import IdleRule, Phase
from kiosk.app.visit.patience import Patience
from kiosk.domain.outbox import StoreError
from kiosk.domain.timing import IDLE_END_S, IDLE_WARN_S, UNHURRIED_S


class HandClock:
    """A clock that stands until it is moved; timers fire in order on the way."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._heap: list[tuple[float, int, Callable[[], None], list[bool]]] = []
        self._count = 0

    def now(self) -> float:
        return self._now_s

    def wall(self) -> datetime:
        return datetime.fromtimestamp(self._now_s, UTC)

    def call_later(self, delay_s: float, action: Callable[[], None]) -> HandTimer:
        cancelled = [False]
        self._count += 1
        heapq.heappush(self._heap, (self._now_s + delay_s, self._count, action, cancelled))
        return HandTimer(cancelled)

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        return event.is_set()

    def move(self, seconds: float) -> None:
        end_s = self._now_s + seconds
        while self._heap and self._heap[0][0] <= end_s:
            due_s, _, action, cancelled = heapq.heappop(self._heap)
            self._now_s = max(self._now_s, due_s)
            if not cancelled[0]:
                action()
        self._now_s = end_s


class HandTimer:
    def __init__(self, cancelled: list[bool]) -> None:
        self._cancelled = cancelled

    def cancel(self) -> None:
        self._cancelled[0] = True


class Hall:
    """An idle rule and what it said."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.said: list[str] = []
        self.rule = IdleRule(self.clock, lambda: self.said.append("warn"), lambda: self.said.append("end"))


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_the_warning_comes_at_120_s_and_not_a_second_earlier(hall: Hall) -> None:
    hall.rule.touched()
    hall.clock.move(IDLE_WARN_S - 1)
    assert hall.said == []
    hall.clock.move(1)
    assert hall.said == ["warn"]


def test_the_end_comes_45_s_after_the_warning(hall: Hall) -> None:
    hall.rule.touched()
    hall.clock.move(IDLE_WARN_S + IDLE_END_S - 1)
    assert hall.said == ["warn"]
    hall.clock.move(1)
    assert hall.said == ["warn", "end"]
    assert hall.rule.phase is Phase.OFF


def test_a_touch_extends_twelve_times_and_more(hall: Hall) -> None:
    hall.rule.touched()
    for _ in range(12):
        hall.clock.move(IDLE_WARN_S + IDLE_END_S - 1)
        hall.rule.touched()
    assert hall.said == ["warn"] * 12


def test_the_clock_stands_still_while_the_terminal_speaks_or_works(hall: Hall) -> None:
    hall.rule.touched()
    hall.rule.hold("speaking")
    hall.rule.hold("working")
    hall.clock.move(1000)
    hall.rule.release("speaking")
    hall.clock.move(1000)
    assert hall.said == []
    hall.rule.release("working")
    hall.clock.move(IDLE_WARN_S)
    assert hall.said == ["warn"]


def test_the_spoken_warning_does_not_eat_its_own_count(hall: Hall) -> None:
    hall.rule.touched()
    hall.clock.move(IDLE_WARN_S)
    hall.rule.hold("speaking")
    hall.clock.move(30)
    assert hall.rule.left_s() == IDLE_END_S
    hall.rule.release("speaking")
    hall.clock.move(IDLE_END_S - 1)
    assert hall.said == ["warn"]
    hall.clock.move(1)
    assert hall.said == ["warn", "end"]


def test_nobody_here_means_no_clock(hall: Hall) -> None:
    hall.rule.touched()
    hall.rule.off()
    hall.rule.hold("speaking")
    hall.rule.release("speaking")
    hall.clock.move(10_000)
    assert hall.said == []


class Office:
    """Where the switch is noted and recorded."""

    def __init__(self) -> None:
        self.audit: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.is_full = False

    def note(self, kind: str, **fields: str) -> None:
        self.notes.append(f"{kind} {fields['state']}")

    def record(self, number: str, state: str) -> None:
        if self.is_full:
            raise StoreError("store.full")
        self.audit.append((number, state))


def test_staff_may_switch_the_question_off_and_on_again(hall: Hall) -> None:
    office = Office()
    switch = Patience(hall.rule, hall.clock, office.note, office.record)
    switch.turn("1001")
    assert switch.is_on
    hall.rule.touched()
    hall.clock.move(UNHURRIED_S - 1)
    assert hall.said == []
    switch.turn("1002")
    assert not switch.is_on
    hall.clock.move(IDLE_WARN_S)
    assert hall.said == ["warn"]
    assert office.audit == [("1001", "unhurried"), ("1002", "as_usual")]


def test_a_switch_that_was_forgotten_is_back_by_itself_and_wipes_what_was_left(hall: Hall) -> None:
    office = Office()
    switch = Patience(hall.rule, hall.clock, office.note, office.record)
    switch.turn("1001")
    hall.rule.touched()
    hall.clock.move(UNHURRIED_S)
    assert not switch.is_on and office.audit[-1] == ("", "as_usual")
    hall.clock.move(IDLE_WARN_S + IDLE_END_S)
    assert hall.said == ["warn", "end"]
    hall.clock.move(UNHURRIED_S)
    assert len(office.audit) == 2, "the first hours are not counted twice"


def test_a_full_store_does_not_take_the_switch_from_the_staff(hall: Hall) -> None:
    office = Office()
    office.is_full = True
    switch = Patience(hall.rule, hall.clock, office.note, office.record)
    switch.turn("1001")
    assert switch.is_on and office.notes == ["idle_switch unhurried"]
