"""States of the communication aid, what could not be done, typing and the rating, for the list of text keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kiosk.domain.aid.state import Aid, Card, Cause, Held, SlipTold, Taken
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.speech import Line
from kiosk.domain.typing.state import WAYS, Suggestion, TextKind, Typing, Wanted, Writing, begin
from kiosk.domain.visit.machine import Ev, Overlay, Step, VisitState
from kiosk.domain.visit.readiness import Capabilities

KEYS = (
    *(f"cannot.cause.{cause.value}" for cause in Cause),
    "help.not_stored",
    "rate.labels.good",
    "rate.labels.bad",
)


def states(visit: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    yield from _held(visit)
    yield from _typed(visit)
    yield from _answered_calls(visit)
    for level in (1, 5):
        yield replace(visit, step=Step.RATE, aid=Aid(level=level))
        yield replace(visit, step=Step.RATE, aid=Aid(level=level, label_page=1))


def _held(visit: VisitState) -> Iterator[VisitState]:
    for page in range(len(Card)):
        yield replace(visit, overlay=Overlay.AID, aid=Aid(page=page))
    for card in Card:
        yield replace(visit, overlay=Overlay.AID_SHOW, aid=Aid(card=card))
    for held in Held:
        yield replace(visit, overlay=Overlay.AID_SHOW, aid=Aid(held=held, text="1"))


def _typed(visit: VisitState) -> Iterator[VisitState]:
    many = tuple(Suggestion(str(n)) for n in range(30))
    for then, kind, question in (
        (Ev.AID_TEXT, TextKind.TEXT, "aid.write.question"),
        (Ev.AID_NUMBER, TextKind.DIGITS, "aid.family.question"),
    ):
        for way in WAYS[kind]:
            begun = Typing(Wanted(Line(question), then, kind), way)
            for typing in (
                begun,
                replace(begun, text="1" * 20),
                replace(begun, found=many, page=1, text="1"),
                replace(begun, worker=False),
            ):
                yield replace(visit, overlay=Overlay.TYPING, aid=Aid(typing=typing))
    name = Wanted(Line("no_card.name"), Ev.TYPED_NAME, TextKind.NAME)
    yield replace(visit, overlay=Overlay.TYPING, aid=Aid(typing=begin(name, tuple(Writing))))
    number = Typing(Wanted(Line("aid.family.question"), Ev.AID_NUMBER, TextKind.NUMBER), Writing.DIGITS, "1")
    for is_open in (False, True):
        yield replace(visit, overlay=Overlay.TYPING, aid=Aid(typing=replace(number, is_open=is_open)))


def _answered_calls(visit: VisitState) -> Iterator[VisitState]:
    due = {"window": "2026-11-24", "department": "2026-12-01", "panel": "2026-12-08", "district": "2026-12-15"}
    for slip in SlipTold:
        yield replace(visit, overlay=Overlay.CALLED, call_answer=Line("help.queued"), aid=Aid(slip=slip))
        for taken in (Taken(), Taken("261124001001", due), Taken(is_kept=False)):
            yield replace(visit, overlay=Overlay.REGISTERED, aid=Aid(cause=Cause.DEVICE, taken=taken, slip=slip))
    without = replace(visit, capabilities=Capabilities(frozenset()))
    yield replace(without, overlay=Overlay.REGISTERED, aid=Aid(cause=Cause.DEVICE, taken=Taken()))
    for step in Step:
        yield replace(visit, step=step, overlay=Overlay.CANNOT)


def label_keys(path: Path) -> Iterator[str]:
    """Labels of the public rating scheme that fit a machine."""
    head, *rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    for row in rows:
        label = dict(zip(head, row, strict=True))
        if label["at_kiosk"] == "yes":
            yield f"rate.label.{label['code']}"
