"""Keeps what was photographed and signed: in the encrypted store, before the visit goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kiosk.app.visit.effect_tools import EffectTools, Handler, Post
from kiosk.domain.attachments import JPEG, PNG, KeptFile
from kiosk.domain.papers.state import KeptPage, Stroke
from kiosk.domain.ports import Files
from kiosk.domain.visit.machine import Do, Ev, Event, VisitState

Draw = Callable[[Sequence[Stroke]], bytes]
"""A signature's lines -> PNG."""


@dataclass(frozen=True, slots=True)
class PapersTools:
    files: Files
    digest: Callable[[bytes], str]
    """Hex digest by which the back office names files."""
    draw: Draw


class PapersEffects:
    def __init__(self, tools: EffectTools, papers: PapersTools) -> None:
        self._tools, self._papers = tools, papers

    def handlers(self) -> Mapping[Do, Handler]:
        return {
            Do.KEEP_PAGE: self._keep_page,
            Do.DROP_PAGE: self._drop_page,
            Do.KEEP_SIGNATURE: self._keep_signature,
        }

    def _keep_page(self, state: VisitState, event: Event, post: Post) -> None:
        shot = state.papers.shot
        assert shot is not None, "a page is kept after it was seen"
        self._keep(state, lambda: shot.jpeg, JPEG, post)

    def _keep_signature(self, state: VisitState, event: Event, post: Post) -> None:
        self._keep(state, lambda: self._papers.draw(state.papers.ink), PNG, post)

    def _keep(self, state: VisitState, content: Callable[[], bytes], media_type: str, post: Post) -> None:
        action = state.action
        assert action is not None, "pictures belong to an action of the plan"

        def put() -> None:
            made = content()
            digest = self._papers.digest(made)
            material = action.material or action.subject
            self._papers.files.keep_file(
                KeptFile(state.case_no, digest, media_type, material, made, self._tools.now_text())
            )
            post(Event(Ev.PAGE_KEPT, KeptPage(action.subject, material, digest)))

        self._tools.store(put, lambda: post(Event(Ev.STORE_FAILED)))

    def _drop_page(self, state: VisitState, event: Event, post: Post) -> None:
        keep = [page.digest for page in state.papers.pages]
        self._tools.store(lambda: self._papers.files.drop_files(state.case_no, keep=keep))
