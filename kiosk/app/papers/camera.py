"""The cameras for papers and faces follow the visit: each looks exactly while the screen waits for its picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drivers.api import (
    PAGE_FAULT_OF_HINT,
    PORTRAIT_FAULT_OF_HINT,
    CaptureHint,
    DeviceError,
    DocumentScanner,
    PortraitCamera,
)
from drivers.faults import DEV_CANCELLED, Fault
from kiosk.app.device_hub import DeviceWorker
from kiosk.domain.papers.rows import camera_of, phase_of, subject_of
from kiosk.domain.papers.state import Phase, Shot
from kiosk.domain.screens.compose import View
from kiosk.domain.timing import CAPTURE_S, FACE_TRY_S
from kiosk.domain.visit.machine import Ev, Event, Step, VisitState
from kiosk.domain.visit.readiness import Capability

Camera = DocumentScanner | PortraitCamera


@dataclass(frozen=True, slots=True)
class _Way:
    """How one of the cameras is used."""

    fault_of_hint: Mapping[CaptureHint, Fault]
    nothing: CaptureHint
    """Nothing is there yet, which is no news: the screen asks for it."""
    try_s: float


_WAYS: Mapping[Capability, _Way] = {
    Capability.CAPTURE_PAGE: _Way(PAGE_FAULT_OF_HINT, CaptureHint.NO_PAGE, CAPTURE_S),
    Capability.CAPTURE_FACE: _Way(PORTRAIT_FAULT_OF_HINT, CaptureHint.NO_FACE, FACE_TRY_S),
}
Wanted = tuple[str, str, int, int]
"""Case, subject, how many pages are there already, which try: another one is another picture."""


class PaperCamera:
    """One of them for each camera; `follow` is a subscriber of the visit."""

    def __init__(self, worker: DeviceWorker[Camera], capability: Capability, post: Callable[[Event], None]) -> None:
        self._way = _WAYS[capability]
        self._worker, self._capability, self._post = worker, capability, post
        self._wanted: Wanted | None = None

    def follow(self, state: VisitState, view: View) -> None:
        wanted = self._asked_by(state)
        if wanted == self._wanted:
            return
        looked, self._wanted = self._wanted is not None, wanted
        if wanted is not None:
            self._worker.run_soon(
                lambda camera: self._look(camera, wanted), cancel_running=True, on_lost=lambda: self._fail(wanted, "")
            )
        elif looked:
            self._worker.cancel()

    def _asked_by(self, state: VisitState) -> Wanted | None:
        waits = state.step is Step.CAPTURE and camera_of(state) is self._capability
        if not waits or phase_of(state) is not Phase.LOOKING:
            return None
        subject = subject_of(state)
        papers = state.papers
        return state.case_no, subject, len(papers.of(subject)), papers.tries + papers.face_tries

    def _look(self, camera: Camera, wanted: Wanted) -> None:
        def tell(hint: CaptureHint) -> None:
            fault = "" if hint is self._way.nothing else self._way.fault_of_hint[hint].name
            self._say(wanted, Event(Ev.CAPTURE_HINT, fault))

        try:
            picture = camera.capture(self._way.try_s, on_hint=tell)
        except DeviceError as error:
            if error.fault is DEV_CANCELLED:
                raise
            self._fail(wanted, error.fault.name)
            if error.fault not in self._way.fault_of_hint.values():
                # How a paper lies or somebody sits says nothing of the camera.
                raise
            return
        self._say(wanted, Event(Ev.CAPTURED, Shot(picture.jpeg)))

    def _fail(self, wanted: Wanted, fault: str) -> None:
        self._say(wanted, Event(Ev.CAPTURE_FAILED, fault or self._way.fault_of_hint[self._way.nothing].name))

    def _say(self, wanted: Wanted, event: Event) -> None:
        """What a picture that is not wanted any more came to is of no concern."""
        if self._wanted == wanted:
            self._post(event)
