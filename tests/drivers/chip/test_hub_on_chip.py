"""The hub's watch on a real smart-card service: who the card says stands here, a closed holder, a cancel."""

from __future__ import annotations

import queue
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from drivers.api import ChipCardReader, SocialCard
from kiosk.adapters.clock import SystemClock
from kiosk.app.device_hub import DeviceEvent, DeviceWorker
from kiosk.app.identify.card_watch import CardWatch
from kiosk.app.identify.residents import of_social_card
from kiosk.domain.visit.machine import CardPlace, Ev, Event, LeftCard, Resident

TODAY = date(2026, 11, 24)
PATIENCE_S = 30.0


class Slot:
    """The worker, its watch, and what it posts."""

    def __init__(self, reader: ChipCardReader) -> None:
        self.clock = SystemClock()
        self.bus: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.worker: DeviceWorker[Any] = DeviceWorker("chip_card", reader, self.clock, self.bus.put)
        self.watch: CardWatch[SocialCard] = CardWatch(
            self.worker, CardPlace.CHIP_CARD, lambda card: of_social_card(card, TODAY), self.clock
        )
        self.worker.start()
        assert self.bus.get(timeout=PATIENCE_S).fault is None

    def next(self) -> Event:
        """What the watch posts next, within a time that only a watch that hangs needs."""
        try:
            return self.events.get(timeout=PATIENCE_S)
        except queue.Empty:
            pytest.fail(f"the watch posts nothing within {PATIENCE_S:.0f} s")


@pytest.fixture
def slot(make_reader: Callable[..., ChipCardReader]) -> Iterator[Slot]:
    slot = Slot(make_reader())
    yield slot
    slot.worker.close()
    slot.clock.close()


def test_a_social_card_says_who_stands_here(slot: Slot, card: Any) -> None:
    slot.watch.watch(slot.events.put)
    card.ctl("present", resident="a_kim")
    assert slot.next() == Event(Ev.CARD_SEEN)
    read = slot.next()
    assert read.kind is Ev.CARD_READ and isinstance(read.value, Resident)
    assert (read.value.source, read.value.birth) == ("social_card", "1944-03-15")
    slot.watch.mind(slot.events.put)
    assert slot.next() == Event(Ev.CARD_LEFT, LeftCard(CardPlace.CHIP_CARD))
    card.ctl("lift")
    # Reminders that were under way when the card was lifted may come before.
    kinds = [slot.next().kind]
    while kinds[-1] is not Ev.CARD_REMOVED:
        assert kinds[-1] is Ev.CARD_LEFT and len(kinds) < 10, f"the card is gone, and only {kinds} is told"
        kinds.append(slot.next().kind)


def test_a_closed_holder_is_told_and_no_pin_is_tried(slot: Slot, card: Any) -> None:
    card.ctl("fault", name="holder_locked", count=-1)
    slot.watch.watch(slot.events.put)
    card.ctl("present", resident="a_kim")
    assert slot.next() == Event(Ev.CARD_SEEN)
    assert slot.next() == Event(Ev.CARD_FAILED, "chip_locked")
    assert card.ctl("status")["verify"] == 0
    assert slot.worker.health.ratio == 1.0, "the card is closed, the reader is well"


def test_a_watch_that_is_not_wanted_any_more_ends_within_a_tenth_of_a_second(slot: Slot, quickest: Any) -> None:
    # The card of the test before may not be seen to be gone yet.
    slot.watch.watch_removal(slot.events.put)
    assert slot.next() == Event(Ev.CARD_REMOVED)

    def seconds_to_end() -> float:
        slot.watch.watch(slot.events.put)
        time.sleep(0.1)  # anywhere in its look
        began_s = time.monotonic()
        slot.watch.stop()
        slot.worker.run_soon(lambda reader: slot.events.put(Event(Ev.CARD_REMOVED)))
        assert slot.next() == Event(Ev.CARD_REMOVED)
        return time.monotonic() - began_s

    took_s = quickest(lambda: statistics.median(seconds_to_end() for _ in range(3)), 0.1)
    assert took_s <= 0.1
