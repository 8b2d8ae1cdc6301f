"""The camera over the table follows the visit: it looks exactly while the screen waits for a picture."""

from __future__ import annotations

from collections.abc import Callable

from drivers.api import PAGE_FAULT_OF_HINT, CaptureHint, DeviceError, DocumentScanner
from drivers.faults import DEV_CANCELLED
from kiosk.app.device_hub import DeviceWorker
from kiosk.domain.papers_state import Phase, Shot
from kiosk.domain.readiness import Capability
from kiosk.domain.timing import CAPTURE_S
from kiosk.domain.view import View
from kiosk.domain.visit import Ev, Event, Step, VisitState
from kiosk.domain.visit_papers import camera_of, phase_of, subject_of

_OF_THE_PAPER = frozenset(PAGE_FAULT_OF_HINT.values())
"""How a paper lies says nothing of the camera."""
Wanted = tuple[str, str, int, int]
"""Case, subject, how many pages are there already, which try: another one is another picture."""


class PaperCamera:
    """One of them for each camera; `follow` is a subscriber of the visit."""

    def __init__(
        self, worker: DeviceWorker[DocumentScanner], capability: Capability, post: Callable[[Event], None]
    ) -> None:
        self._worker, self._capability, self._post = worker, capability, post
        self._wanted: Wanted | None = None

    def follow(self, state: VisitState, view: View) -> None:
        wanted = self._asked_by(state)
        if wanted == self._wanted:
            return
        looked, self._wanted = self._wanted is not None, wanted
        if wanted is not None:
            self._worker.run_soon(
                lambda scanner: self._look(scanner, wanted), cancel_running=True, on_lost=lambda: self._fail(wanted, "")
            )
        elif looked:
            self._worker.cancel()

    def _asked_by(self, state: VisitState) -> Wanted | None:
        waits = state.step is Step.CAPTURE and camera_of(state) is self._capability
        if not waits or phase_of(state) is not Phase.LOOKING:
            return None
        subject = subject_of(state)
        return state.case_no, subject, len(state.papers.of(subject)), state.papers.tries

    def _look(self, scanner: DocumentScanner, wanted: Wanted) -> None:
        def tell(hint: CaptureHint) -> None:
            # That nothing lies there yet is no news: the screen asks for it.
            waits = hint is CaptureHint.NO_PAGE
            self._say(wanted, Event(Ev.CAPTURE_HINT, "" if waits else PAGE_FAULT_OF_HINT[hint].name))

        try:
            page = scanner.capture(CAPTURE_S, on_hint=tell)
        except DeviceError as error:
            if error.fault is DEV_CANCELLED:
                raise
            self._fail(wanted, error.fault.name)
            if error.fault not in _OF_THE_PAPER:
                raise
            return
        self._say(wanted, Event(Ev.CAPTURED, Shot(page.jpeg)))

    def _fail(self, wanted: Wanted, fault: str) -> None:
        self._say(wanted, Event(Ev.CAPTURE_FAILED, fault or "picture_no_page"))

    def _say(self, wanted: Wanted, event: Event) -> None:
        """What a picture that is not wanted any more came to is of no concern."""
        if self._wanted == wanted:
            self._post(event)
