"""Every state of the communication aid, of what could not be done, of typing and of the rating that looks different."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.aid.state import Aid, Card, Cause, Held, SlipTold, Taken
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.typing.state import Suggestion, TextKind, Typing, Wanted, Writing
from kiosk.domain.visit.machine import Decision, DecisionKind, Ev, Overlay, Step, VisitState

FOUND = tuple(Suggestion(text) for text in ("陈", "趁", "晨", "尘", "臣", "沉", "陈美丽", "辰"))
INK = (((100, 200), (850, 180)), ((480, 80), (470, 520), (300, 900)))
NAME = Wanted(Line("aid.write.question"), Ev.AID_TEXT, TextKind.NAME, 24)
OWN = Wanted(Line("aid.write.question"), Ev.AID_TEXT, TextKind.TEXT, 24)
NUMBER = Wanted(Line("aid.family.question"), Ev.AID_NUMBER, TextKind.DIGITS, 12)
DUE = {"window": "2026-11-24", "department": "2026-12-01", "panel": "2026-12-08", "district": "2026-12-15"}
TAKEN = Taken(
    "261124001001",
    DUE,
    Line(
        "complaint.taken",
        {"number": Arg(ArgKind.DIGITS, "261124001001"), "date": Arg(ArgKind.DATE, "2026-12-15")},
    ),
)


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    asked = visit(Step.ASK)
    notice = Decision(DecisionKind.NOTICE, reasons=(Line("reason.XA032.account"),), next_step=Line("next.XA032.notice"))
    refused = visit(Step.RESULT, stored=True, decision=notice)
    rated = visit(Step.RATE, stored=True)

    def over(overlay: Overlay, **aid: object) -> VisitState:
        return replace(asked, overlay=overlay, aid=Aid(**aid))  # type: ignore[arg-type]  # named fields of Aid

    def typing(wanted: Wanted, writing: Writing, **more: object) -> VisitState:
        # Named fields of Typing.
        return over(Overlay.TYPING, typing=replace(Typing(wanted, writing), **more))  # type: ignore[arg-type]

    return {
        "aid_first": over(Overlay.AID),
        "aid_last": over(Overlay.AID, page=3),
        "aid_held": over(Overlay.AID_SHOW, card=Card.GLASSES),
        "aid_yes_no": over(Overlay.AID_SHOW, card=Card.YES_NO),
        "aid_yes": over(Overlay.AID_SHOW, card=Card.YES_NO, held=Held.YES),
        "aid_own": over(Overlay.AID_SHOW, held=Held.TEXT, text="陈美丽在哪里上班"),
        "aid_number": over(Overlay.AID_SHOW, held=Held.NUMBER, text="13800000000"),
        "type_hand": typing(NAME, Writing.HAND),
        "type_hand_drawn": typing(NAME, Writing.HAND, ink=INK, text="陈", found=FOUND),
        "type_pinyin": typing(OWN, Writing.PINYIN, code="2436", found=FOUND),
        "type_digits": typing(NUMBER, Writing.DIGITS, text="13800000000"),
        "type_without": typing(OWN, Writing.HAND, worker=False),
        "called_printing": replace(over(Overlay.CALLED, slip=SlipTold.BUSY), call_answer=Line("help.queued")),
        "called_queued": replace(over(Overlay.CALLED), call_answer=Line("help.queued")),
        "cannot_refused": replace(refused, overlay=Overlay.CANNOT),
        "registering": over(Overlay.REGISTERED, cause=Cause.DEVICE),
        "registered": over(Overlay.REGISTERED, cause=Cause.DEVICE, taken=TAKEN),
        "registered_here": over(Overlay.REGISTERED, cause=Cause.NETWORK, taken=Taken(), slip=SlipTold.OUT),
        "registered_not": over(Overlay.REGISTERED, cause=Cause.NETWORK, taken=Taken(is_kept=False)),
        "rate_good": replace(rated, aid=Aid(level=5, labels=("512",))),
        "rate_bad": replace(rated, aid=Aid(level=1)),
    }
