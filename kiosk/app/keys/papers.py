"""States of the screens for papers, commitments and signatures, for the list of text keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from drivers.api import PAGE_FAULT_OF_HINT, PORTRAIT_FAULT_OF_HINT
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.deputy.state import Typed
from kiosk.domain.papers.rows import LAST_POINT, is_face, purpose_of
from kiosk.domain.papers.state import KeptPage, Papers, Phase, Signed, captures, signing
from kiosk.domain.visit.machine import Step, VisitState
from kiosk.domain.visit.plan import Action
from kiosk.domain.visit.readiness import Capabilities

KEYS = ("capture.not_kept", "capture.turn_over")
"""Where the store fails, and of a paper with two sides: a release may name one any day."""


def states(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    for item in catalogue.items:
        if not item.transact:
            continue
        for action in captures(item, {}):
            yield from _capture(replace(base, step=Step.CAPTURE, item_id=item.item_id), action)
        if signing(item):
            yield from _commitment(replace(base, item_id=item.item_id, plan=signing(item), index=0))


def _capture(base: VisitState, action: Action) -> Iterator[VisitState]:
    here = replace(base, plan=(action,), index=0)
    agreed = (purpose_of(here),)
    page = KeptPage(action.subject, action.material, "")
    for phase in Phase:
        for pages in ((), (page,)):
            yield replace(here, papers=Papers(action.subject, phase, "picture_blurred", pages=pages, consents=agreed))
    for typed in (Typed(), Typed(checking=True)):
        yield replace(here, papers=Papers(action.subject, Phase.PERSON, consents=agreed), typed=typed)
    if is_face(here):
        alone = replace(here, plan=(replace(action, alone=True),))
        yield replace(alone, papers=Papers(action.subject, Phase.PERSON, consents=agreed))
        yield replace(here, papers=Papers(action.subject), capabilities=Capabilities(frozenset()))
    for fault in (PORTRAIT_FAULT_OF_HINT if is_face(here) else PAGE_FAULT_OF_HINT).values():
        yield replace(here, papers=Papers(action.subject, Phase.LOOKING, fault.name))
    yield replace(here, papers=Papers(action.subject, Phase.LOOKING))


def _commitment(base: VisitState) -> Iterator[VisitState]:
    for point in range(LAST_POINT + 1):
        yield replace(base, step=Step.COMMIT, papers=Papers(point=point))
    yield replace(base, step=Step.COMMIT, papers=Papers(signed=Signed.DECLINED))
    ink = (((0.0, 0.0), (20.0, 20.0)),)
    for papers in (Papers(), Papers(ink=ink), Papers(ink=ink, signed=Signed.BY_HAND)):
        yield replace(base, step=Step.SIGN, index=1, papers=papers)
