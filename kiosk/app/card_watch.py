"""Reading the identity card for a visit: wait, read, ask to lift and lay again, wait for its removal."""

from __future__ import annotations

from collections.abc import Callable

from drivers.api import DeviceError, IdCard, IdCardReader
from drivers.faults import CRD_LIFTED, CRD_NO_CARD, DEV_CANCELLED, Fault
from kiosk.app.device_hub import DeviceWorker
from kiosk.domain.timing import CARD_AGAIN_S, CARD_READ_S
from kiosk.domain.visit import Ev, Event, Resident

Post = Callable[[Event], None]

_CARD_GONE = (CRD_LIFTED, CRD_NO_CARD)

_LOOK_S = 1.0
"""One turn of waiting; the loop goes on until it is cancelled, and sees that at least so often."""


class CardWatch:
    """Drives the reader's worker. `post` takes the events of one visit from the worker's thread."""

    def __init__(self, worker: DeviceWorker[IdCardReader]):
        self._worker = worker
        self._used = False
        """True while the card that lies there has been read: it must be lifted before it counts again."""
        self._told_missing = False

    def watch(self, post: Post) -> None:
        """Read the next card; says at once when there is no reader to lay it on."""
        fault = self._worker.fault
        if fault is not None and not self._worker.is_open:
            self._told_missing = True
            post(Event(Ev.CARD_FAILED, fault.name))
        self._worker.run_soon(lambda reader: self._read_next(reader, post), cancel_running=True)

    def watch_removal(self, post: Post) -> None:
        self._worker.run_soon(lambda reader: self._until_removed(reader, post), cancel_running=True)

    def stop(self) -> None:
        self._worker.cancel()

    def _read_next(self, reader: IdCardReader, post: Post) -> None:
        if self._told_missing:
            self._told_missing = False
            post(Event(Ev.CARD_FAILED, ""))
        if self._used and not self._wait_removed(reader):
            return
        while not self._worker.cancelled.is_set():
            if not reader.wait_card(_LOOK_S):
                continue
            post(Event(Ev.CARD_SEEN))
            fault = self._read_one(reader, post)
            if fault is None:
                return
            if fault not in _CARD_GONE:
                self._let_lie(reader)

    def _read_one(self, reader: IdCardReader, post: Post) -> Fault | None:
        """Read and tell; the fault when it did not succeed."""
        try:
            card = reader.read(CARD_READ_S)
        except DeviceError as error:
            if error.fault is DEV_CANCELLED:
                raise
            post(Event(Ev.CARD_FAILED, error.fault.name))
            if error.fault.code.startswith("DEV-"):
                self._told_missing = True
                raise
            return error.fault
        self._used = True
        post(Event(Ev.CARD_READ, _resident(card)))
        return None

    def _let_lie(self, reader: IdCardReader) -> None:
        """Until the card is lifted, or laid again too quickly to be seen: then it is tried again."""
        for _ in range(round(CARD_AGAIN_S / _LOOK_S)):
            if self._worker.cancelled.is_set() or reader.wait_removed(_LOOK_S):
                return

    def _until_removed(self, reader: IdCardReader, post: Post) -> None:
        if self._wait_removed(reader):
            post(Event(Ev.CARD_REMOVED))

    def _wait_removed(self, reader: IdCardReader) -> bool:
        while not self._worker.cancelled.is_set():
            try:
                if reader.wait_removed(_LOOK_S):
                    self._used = False
                    return True
            except DeviceError as error:
                if error.fault is not CRD_NO_CARD:
                    raise
                self._used = False
                return True
        return False


def _resident(card: IdCard) -> Resident:
    return Resident(
        document=card.document.value,
        name=card.name,
        number=card.number,
        sex=card.sex,
        birth=card.birth.isoformat(),
        address=card.new_address or card.address,
        valid_until=card.valid_until.isoformat() if card.valid_until else "",
    )
