"""A call for help at work: stored, sent by the outbox, then asked about until somebody has accepted it.

What is told goes by what the store and the office have said, never by a hope: stored here, at the office, accepted,
or not accepted in time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from kiosk.app import contract
from kiosk.app.visit.effect_tools import EffectTools, Handlers, Post, Reported
from kiosk.domain.aid.state import CallStage, CallTold
from kiosk.domain.outbox import ItemKind
from kiosk.domain.ports import Timer
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.timing import CALL_LATE_S, CALL_POLL_S, CALL_WAIT_S, CALL_WATCH_S
from kiosk.domain.visit.machine import Do, Ev, Event, VisitState

log = logging.getLogger(__name__)

_STAGES = {"sent": CallStage.SENT, "accepted": CallStage.ACCEPTED, "unanswered": CallStage.UNANSWERED}
CALL_ORDER = 2
"""Of the first call; the item of a call waits for nothing (`kiosk.domain.outbox.ALONE`)."""


class HelpEffects:
    """:param phone: the site's telephone as it is known now; empty where none is."""

    def __init__(self, tools: EffectTools, phone: Callable[[], str]) -> None:
        self._tools, self._phone = tools, phone
        self._watch = _Watch()

    def handlers(self) -> Handlers:
        return {Do.STORE_CALL: self._store_call}

    def visit_ended(self) -> None:
        """Nobody waits for an answer any more."""
        self._watch.end()

    def _store_call(self, state: VisitState, event: Event, post: Post) -> None:
        self._watch.end()
        watch = self._watch = _Watch()
        call = state.calls
        # A number that a draft has kept may have had calls before.
        earlier = f"{state.drafts.earlier}-" if state.drafts.earlier else ""
        body = call_body(self._tools, state, state.note)
        order = CALL_ORDER + call
        item = self._tools.item(state.case_no, ItemKind.CALL, f"call/{earlier}{call}", order, body)

        def tell(stage: CallStage, line: Line) -> None:
            post(Event(Ev.CALL_ANSWERED, CallTold(call, stage, line)))

        is_stored, is_late = threading.Event(), threading.Event()

        def queued() -> None:
            is_late.set()
            if is_stored.is_set():
                tell(CallStage.QUEUED, Line("help.queued"))

        def received(answer: Reported) -> None:
            timer.cancel()
            tell(*_call_stage(answer, self._phone()))
            self._follow(watch, answer, tell)

        def put() -> None:
            self._tools.outbox.submit(item)
            is_stored.set()
            if is_late.is_set():
                queued()
            self._tools.outbox.await_receipt(item.key, received)

        def not_stored() -> None:
            timer.cancel()
            tell(CallStage.NOT_STORED, Line("help.not_stored"))

        timer = self._tools.clock.call_later(CALL_WAIT_S, queued)
        watch.add(timer)
        self._tools.store(put, not_stored)

    def _follow(self, watch: _Watch, answer: Reported, tell: Callable[[CallStage, Line], None]) -> None:
        """Ask until it is accepted; where nobody can be asked when its time is over, tell whom to ring up."""
        call_id, within_s = answer.get("call_id"), answer.get("answer_within_s")
        if not isinstance(call_id, str) or not isinstance(within_s, int):
            return
        clock = self._tools.clock
        until_s, last_s = clock.now() + within_s + CALL_LATE_S, clock.now() + CALL_WATCH_S

        def asked() -> None:
            reply = self._tools.back_office.get(f"/v1/help-calls/{call_id}")
            if watch.is_over:
                return
            if reply.status == 200:
                stage, line = _call_stage(reply.body, self._phone())
                tell(stage, line)
                if stage is CallStage.ACCEPTED:
                    return
            elif clock.now() >= until_s:
                tell(CallStage.UNANSWERED, unanswered(self._phone()))
            again()

        def again() -> None:
            if clock.now() < last_s:
                watch.add(clock.call_later(CALL_POLL_S, lambda: self._tools.ask(asked, again)))

        again()


class _Watch:
    """What is under way for one call; ended with the visit, or when she calls once more."""

    def __init__(self) -> None:
        self.is_over = False
        self._timer: Timer | None = None

    def add(self, timer: Timer) -> None:
        self._timer = timer
        if self.is_over:
            timer.cancel()

    def end(self) -> None:
        self.is_over = True
        if self._timer is not None:
            self._timer.cancel()


def call_body(tools: EffectTools, state: VisitState, note: str, case_no: str = "") -> dict[str, object]:
    """:param note: a text key that says why; never what somebody has said."""
    return {
        "case_no": case_no or state.case_no,
        "site": tools.place.site,
        "step": state.step.value,
        "item_id": state.item_id,
        "note": note,
        "called_at": tools.now_text("seconds"),
    }


def _call_stage(answer: Mapping[str, object], phone: str) -> tuple[CallStage, Line]:
    """What the office says of a call; of words that nobody here understands only that nobody is known to come."""
    try:
        return _STAGES[str(answer.get("state"))], contract.line(answer.get("answer"))
    except (KeyError, contract.BadAnswer):
        log.error("how a call for help stands cannot be read")
        return CallStage.UNANSWERED, unanswered(phone)


def unanswered(phone: str) -> Line:
    """As far as this terminal has heard."""
    if not phone:
        return Line("help.unanswered.no_phone")
    return Line("help.unanswered", {"desk_phone": Arg(ArgKind.PHONE, phone)})
