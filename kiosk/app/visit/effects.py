"""What a visit makes happen: each effect of the machine is performed by one method here.

Nothing blocks: slow work runs on a small pool and answers by posting an event of the same visit.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Protocol

from kiosk.app import contract
from kiosk.app.aid.help_effects import HelpEffects, call_body
from kiosk.app.identify.card_desk import CardDesk
from kiosk.app.papers import contract as papers_contract
from kiosk.app.visit.effect_tools import EffectTools, Handler, Handlers, Post, Reported
from kiosk.domain.deputy.state import with_deputy
from kiosk.domain.outbox import ItemKind, OutboxItem
from kiosk.domain.slip.state import Letter, LetterStage
from kiosk.domain.speech import Line
from kiosk.domain.timing import (
    DECISION_WAIT_S,
    FAREWELL_MOST_S,
    FAREWELL_S,
    PREPARE_WAIT_S,
)
from kiosk.domain.visit.machine import Do, Ev, Event, Prepared, Printed, VisitState
from kiosk.domain.visit.plan import Facts, plan
from kiosk.domain.visit.rows import place_of

log = logging.getLogger(__name__)


class SlipPrinter(Protocol):
    def print_slip(self, state: VisitState, on_done: Callable[[Printed], None]) -> None: ...

    def stop(self) -> None:
        """The visit is over: nothing of it may come out any more."""


LEFT_ORDER = 90
"""After whatever the resident herself has asked for."""


class VisitEffects:
    def __init__(
        self,
        *,
        tools: EffectTools,
        cards: CardDesk,
        printer: SlipPrinter,
        is_speaking: Callable[[], bool],
        help_calls: HelpEffects,
        more: Handlers,
    ):
        """:param more: effects of subjects that have performers of their own."""
        self._tools = tools
        self._clock, self._outbox = tools.clock, tools.outbox
        self._cards = cards
        self._printer = printer
        self._is_speaking = is_speaking
        self._help_calls = help_calls
        self._boot_id = tools.boot_id
        self._last_case_no = ""
        """Of the visit that ended last; empty when it had none."""
        self._say_goodbye: Callable[[], None] = lambda: None
        self._table: dict[Do, Handler] = {
            Do.WATCH_CARD: lambda state, event, post: self._cards.watch(post),
            Do.WATCH_FACE: lambda state, event, post: self._cards.watch_face(post),
            Do.WATCH_REMOVAL: lambda state, event, post: self._cards.watch_removal(place_of(state.resident), post),
            Do.STOP_CARD: lambda state, event, post: self._cards.stop(),
            Do.MIND_CARD: lambda state, event, post: self._cards.mind(post),
            Do.REPORT_CARD: self._report_card,
            Do.PREPARE: self._prepare,
            Do.STORE: self._store,
            Do.AWAIT_DECISION: self._await_decision,
            Do.PRINT_SLIP: self._print,
            Do.STORE_RATING: self._store_rating,
            Do.ASK_PROGRESS: self._ask_progress,
            Do.WIPE: self._wipe,
            **help_calls.handlers(),
            **more,
        }

    def perform(self, effect: Do, state: VisitState, event: Event, post: Post) -> None:
        self._table[effect](state, event, post)

    def close(self) -> None:
        self._tools.close()

    def outbox_event(self, kind: str, key: str, attempts: int) -> None:
        """What could not be sent twice is told as saved now, not after the full wait."""
        waits = kind == "retry" and attempts < 2
        if kind in ("retry", "rejected") and not waits and (tell := self._tools.unsent.pop(key, None)):
            tell(kind)

    def speech_ended(self) -> None:
        self._say_goodbye()

    def _prepare(self, state: VisitState, event: Event, post: Post) -> None:
        item = self._tools.catalogue.current().item(state.item_id)
        resident = state.resident
        assert resident is not None, "the plan is made after the card was read"
        today = self._tools.clock.wall().date().isoformat()

        def ready(known: Facts, offline: bool) -> None:
            actions = with_deputy(plan(item, known), item, state.deputy)
            post(Event(Ev.PREPARED, Prepared(item.item_id, actions, known, offline=offline, today=today)))

        def without() -> None:
            ready({}, offline=True)

        def ask() -> None:
            who = {"document": resident.document, "name": resident.name, "number": resident.number}
            reply = self._tools.back_office.prefill({"item_id": item.item_id, "applicant": who})
            if reply.status != 200:
                without()
                return
            ready(contract.facts(reply.body), offline=False)

        self._clock.call_later(PREPARE_WAIT_S, without)
        self._tools.ask(ask, without)

    def _store(self, state: VisitState, event: Event, post: Post) -> None:
        created_at = self._tools.now_text()

        def put() -> None:
            body = contract.case_body(
                state, self._tools.place.site, created_at, self._boot_id, time.monotonic(), self._tools.text_version
            )
            self._outbox.submit(
                OutboxItem(
                    key=state.case_no,
                    kind=ItemKind.CASE,
                    case_no=state.case_no,
                    order=0,
                    body=body,
                    created_at=created_at,
                    item_version=state.item_version,
                    consent_version=state.consent_version,
                    attachments=papers_contract.attachments(state),
                )
            )
            for consent in papers_contract.consents(state, created_at, self._tools.text_version):
                self._outbox.submit(consent)
            post(Event(Ev.STORED, state.case_no))

        self._tools.store(put, lambda: post(Event(Ev.STORE_FAILED)))

    def _await_decision(self, state: VisitState, event: Event, post: Post) -> None:
        self._tools.unsent[state.case_no] = lambda kind: post(Event(Ev.UNSENT))

        def decided(answer: Reported) -> None:
            self._tools.unsent.pop(state.case_no, None)
            decision = contract.decision(answer)
            if decision is not None:
                post(Event(Ev.DECIDED, decision))

        self._outbox.await_decision(state.case_no, decided)
        self._clock.call_later(DECISION_WAIT_S, lambda: post(Event(Ev.UNSENT)))

    def _print(self, state: VisitState, event: Event, post: Post) -> None:
        self._printer.print_slip(state, lambda printed: post(Event(Ev.PRINTED, printed)))

    def _store_rating(self, state: VisitState, event: Event, post: Post) -> None:
        now = self._tools.now_text("seconds")
        body = {"level": state.aid.level, "labels": list(state.aid.labels), "rated_at": now}
        self._tools.store(
            lambda: self._outbox.submit(self._tools.item(state.case_no, ItemKind.RATING, "rating", 1, body))
        )

    def _report_card(self, state: VisitState, event: Event, post: Post) -> None:
        """Nobody came back for her card: the clerk may know whose case that was, this terminal does not any more."""
        assert state.left is not None
        self._tell_clerk(state, self._last_case_no, f"forgotten.{state.left.place.value}", "left/card")

    def _tell_clerk(self, state: VisitState, case_no: str, note: str, suffix: str) -> None:
        if not case_no:
            log.warning("%s: no visit had a number, nobody is told", note)
            return
        item = self._tools.item(
            case_no, ItemKind.CALL, suffix, LEFT_ORDER, call_body(self._tools, state, note, case_no)
        )
        self._tools.store(lambda: self._outbox.submit(item))

    def _ask_progress(self, state: VisitState, event: Event, post: Post) -> None:
        number, code = state.slip.number, state.slip.code

        def tell(key: str) -> None:
            post(Event(Ev.PROGRESS, Line(key), number))

        if not number:
            tell("progress.no_slip")
            return
        if not code:
            # Printed before the case had reached the back office: the slip has no code that opens it.
            tell("progress.ask_person")
            return

        def ask() -> None:
            reply = self._tools.back_office.progress(number, code)
            if reply.status == 200:
                line = contract.line(reply.body)
                if reply.body.get("letter"):
                    post(Event(Ev.LETTER, Letter(LetterStage.OFFERED), number))
                elif line.key == "progress.refused":
                    # Its words name a letter: without one somebody has to tell her.
                    line = Line("progress.refused.ask")
                post(Event(Ev.PROGRESS, line, number))
            else:
                tell("progress.unreachable" if reply.status in (0, 503) else "progress.ask_person")

        self._tools.ask(ask, lambda: tell("progress.unreachable"))

    def _wipe(self, state: VisitState, event: Event, post: Post) -> None:
        """Everything of the visit goes now; the first screen comes when the farewell has been said."""
        self._help_calls.visit_ended()
        self._tools.unsent.clear()
        self._printer.stop()
        self._last_case_no = state.case_no
        if state.slip_left:
            self._tell_clerk(state, state.case_no, "forgotten.slip", "left/slip")
        if state.case_no:
            self._tools.store(lambda: self._outbox.visit_ended(state.case_no))
        read_s = self._clock.now() + FAREWELL_S

        def goodbye() -> None:
            if self._clock.now() >= read_s and not self._is_speaking():
                self._say_goodbye = lambda: None
                post(Event(Ev.WIPED))

        self._say_goodbye = goodbye
        self._clock.call_later(FAREWELL_S + 0.05, goodbye)
        self._clock.call_later(FAREWELL_MOST_S, lambda: post(Event(Ev.WIPED)))
