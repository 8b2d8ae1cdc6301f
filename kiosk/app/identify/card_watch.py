"""Reading a card for a visit: wait, read, ask to lift and lay again, wait for its removal.

The same for the identity card on the reader and the social security card in the slot; how its reading becomes a
resident is given. A card that a visit leaves behind is remembered: it does not count as the next resident's, and is
spoken of until somebody takes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from drivers.api import CompletionCode, Device, DeviceError
from drivers.faults import CHP_LIFTED, CHP_NO_CARD, CRD_LIFTED, CRD_NO_CARD, DEV_CANCELLED, Fault
from kiosk.app.device_hub import DeviceWorker
from kiosk.domain.ports import Clock
from kiosk.domain.timing import CARD_AGAIN_S, CARD_NEWS_S, CARD_READ_S, FORGOTTEN_CALL_S, FORGOTTEN_S
from kiosk.domain.visit.machine import CardPlace, Ev, Event, LeftCard, Resident

Post = Callable[[Event], None]
C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)

_CARD_GONE = (CRD_LIFTED, CRD_NO_CARD, CHP_LIFTED, CHP_NO_CARD)

_LOOK_S = 1.0
"""One turn of waiting; the loop goes on until it is cancelled, and sees that at least so often."""


class Reader(Device, Protocol[C_co]):
    """What IdCardReader and ChipCardReader have in common."""

    def wait_card(self, timeout_s: float) -> bool: ...

    def read(self, timeout_s: float) -> C_co: ...

    def wait_removed(self, timeout_s: float) -> bool: ...


class CardWatch(Generic[C]):
    """Drives one reader's worker. `post` takes the events of one visit from the worker's thread.

    :param worker: of a `Reader[C]`.
    :param to_resident: :raises DeviceError: for a card that was read and cannot say who stands here.
    """

    def __init__(
        self, worker: DeviceWorker[Any], place: CardPlace, to_resident: Callable[[C], Resident], clock: Clock
    ) -> None:
        self._worker = worker
        self._place = place
        self._to_resident = to_resident
        self._clock = clock
        self._lies = False
        """True from when a card was seen until it was seen to be gone."""
        self._used = False
        """True while the card that lies there counts no more: it must be lifted before the next one does."""
        self._left_since_s: float | None = None
        """When the visit ended that left the card behind; None when it lies there for this visit."""
        self._reminders = 0
        self._is_reported = False
        self._told_missing = False

    @property
    def is_there(self) -> bool:
        """The reader answers."""
        return self._worker.is_open

    def watch(self, post: Post, *, tell_missing: bool = True) -> None:
        """Read the next card; says at once when there is no reader to lay it on, unless another one is."""
        fault = self._worker.fault
        if tell_missing and fault is not None and not self._worker.is_open:
            self._told_missing = True
            post(Event(Ev.CARD_FAILED, fault.name))
        self._worker.run_soon(lambda reader: self._read_next(reader, post), cancel_running=True)

    def watch_removal(self, post: Post) -> None:
        self._worker.run_soon(lambda reader: self._until_removed(reader, post), cancel_running=True)

    def mind(self, post: Post) -> None:
        """The visit is over: what lies there now was forgotten, and whoever stands here is told."""
        if not self._lies:
            return
        self._used = True
        if self._left_since_s is None:
            self._left_since_s = self._clock.now()
            self._reminders = 0
            self._is_reported = False
        self.watch_removal(post)

    def stop(self) -> None:
        self._worker.cancel()

    def _read_next(self, reader: Reader[C], post: Post) -> None:
        if self._told_missing:
            self._told_missing = False
            post(Event(Ev.CARD_FAILED, ""))
        if self._used and not self._wait_removed(reader, post):
            return
        news_until_s: float | None = None
        while not self._worker.cancelled.is_set():
            if not self._is_laid(reader):
                if news_until_s is not None and self._clock.now() >= news_until_s:
                    news_until_s = None
                    post(Event(Ev.CARD_FAILED, ""))
                continue
            self._lies = True
            post(Event(Ev.CARD_SEEN))
            fault = self._read_one(reader, post)
            if fault is None:
                return
            news_until_s = self._clock.now() + CARD_NEWS_S
            if fault in _CARD_GONE:
                self._gone()
            else:
                self._let_lie(reader)

    def _read_one(self, reader: Reader[C], post: Post) -> Fault | None:
        """Read and tell; the fault when it did not succeed."""
        try:
            resident = self._read(reader, post)
        except DeviceError as error:
            if error.fault is DEV_CANCELLED:
                raise
            post(Event(Ev.CARD_FAILED, error.fault.name))
            if error.fault.code.startswith("DEV-"):
                self._told_missing = True
                raise
            if error.completion is not CompletionCode.USER_ERROR:
                self._worker.note(error.fault)
            return error.fault
        self._worker.note(None)
        self._used = True
        post(Event(Ev.CARD_READ, resident))
        return None

    # what differs from reader to reader

    def _is_laid(self, reader: Reader[C]) -> bool:
        """One look; waits a moment for a card."""
        return reader.wait_card(_LOOK_S)

    def _read(self, reader: Reader[C], post: Post) -> Resident:
        return self._to_resident(reader.read(CARD_READ_S))

    def _is_removed(self, reader: Reader[C]) -> bool:
        """One look; waits a moment for the card to go."""
        try:
            return reader.wait_removed(_LOOK_S)
        except DeviceError as error:
            if error.fault not in _CARD_GONE:
                raise
            return True

    # what does not

    def _let_lie(self, reader: Reader[C]) -> None:
        """Until the card is lifted, or laid again too quickly to be seen: then it is tried again."""
        for _ in range(round(CARD_AGAIN_S / _LOOK_S)):
            if self._worker.cancelled.is_set():
                return
            if self._is_removed(reader):
                self._gone()
                return

    def _until_removed(self, reader: Reader[C], post: Post) -> None:
        if self._wait_removed(reader, post):
            post(Event(Ev.CARD_REMOVED))

    def _wait_removed(self, reader: Reader[C], post: Post) -> bool:
        """True when the card is gone. While it is a forgotten one, whoever stands here is reminded."""
        was_left = self._left_since_s is not None
        if was_left:
            self._remind(post)
        due_s = self._next_reminder_s()
        while not self._worker.cancelled.is_set():
            if self._is_removed(reader):
                self._gone()
                if was_left:
                    post(Event(Ev.CARD_REMOVED))
                return True
            if was_left and self._clock.now() >= due_s:
                self._remind(post)
                due_s = self._next_reminder_s()
        return False

    def _remind(self, post: Post) -> None:
        assert self._left_since_s is not None
        self._reminders += 1
        is_late = self._clock.now() - self._left_since_s >= FORGOTTEN_CALL_S
        is_overdue = is_late and not self._is_reported
        self._is_reported = self._is_reported or is_overdue
        post(Event(Ev.CARD_LEFT, LeftCard(self._place, self._reminders, is_overdue)))

    def _next_reminder_s(self) -> float:
        return self._clock.now() + FORGOTTEN_S[min(max(self._reminders, 1), len(FORGOTTEN_S)) - 1]

    def _gone(self) -> None:
        self._lies = self._used = False
        self._left_since_s = None
