"""Reading the printed card by eye, when its chip says nothing."""

from __future__ import annotations

from typing import cast

from drivers.api import FACE_FAULT_OF_HINT, CaptureHint, IdFace, IdFaceReader
from kiosk.app.identify.card_watch import CardWatch, Post, Reader
from kiosk.domain.timing import FACE_LOOK_S, FACE_READ_S
from kiosk.domain.visit.machine import Ev, Event, Resident


class FaceWatch(CardWatch[IdFace]):
    """Drives the worker of an `IdFaceReader`; each hint is told by the words of its fault."""

    def _is_laid(self, reader: Reader[IdFace]) -> bool:
        return _eye(reader).wait_face(FACE_LOOK_S)

    def _read(self, reader: Reader[IdFace], post: Post) -> Resident:
        def tell(hint: CaptureHint) -> None:
            post(Event(Ev.CARD_FAILED, FACE_FAULT_OF_HINT[hint].name))

        return self._to_resident(_eye(reader).read(FACE_READ_S, on_hint=tell))

    def _is_removed(self, reader: Reader[IdFace]) -> bool:
        """A card that lies there is seen at once: the pause between two looks is made here."""
        if not _eye(reader).wait_face(FACE_LOOK_S):
            return True
        self._clock.wait(self._worker.cancelled, FACE_LOOK_S)
        return False


def _eye(reader: Reader[IdFace]) -> IdFaceReader:
    # The worker's device is the one that bootstrap gave it; only its way of waiting differs from a card reader's.
    return cast(IdFaceReader, reader)
