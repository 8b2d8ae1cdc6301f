"""Asks the office what a case lacks, keeps what was brought, and hears whether the office has it."""

from __future__ import annotations

from kiosk.app import contract
from kiosk.app.bring import contract as bring_contract
from kiosk.app.papers import contract as papers_contract
from kiosk.app.visit.effect_tools import EffectTools, Handlers, Post, Reported
from kiosk.domain.bring.state import Brought, Kept
from kiosk.domain.outbox import ItemKind, OutboxItem
from kiosk.domain.timing import DECISION_WAIT_S
from kiosk.domain.visit.machine import Do, Ev, Event, VisitState

REJECTED = "rejected"
"""Kind of the outbox's event after which an item is sent no more."""


class BringEffects:
    def __init__(self, tools: EffectTools) -> None:
        self._tools = tools

    def handlers(self) -> Handlers:
        return {Do.ASK_NOTICE: self._ask_notice, Do.BRING: self._bring}

    def _ask_notice(self, state: VisitState, event: Event, post: Post) -> None:
        number, code = state.slip.number, state.slip.code
        today = self._tools.clock.wall().date().isoformat()

        def ask() -> None:
            reply = self._tools.back_office.get(f"/v1/cases/{number}/notices?code={code}")
            if reply.status != 200:
                without()
                return
            post(Event(Ev.NOTICE, bring_contract.notice(reply.body, number, self._tools.catalogue.current(), today)))

        def without() -> None:
            post(Event(Ev.NOTICE, bring_contract.unseen(number, today)))

        self._tools.ask(ask, without)

    def _bring(self, state: VisitState, event: Event, post: Post) -> None:
        brought = bring_contract.things(state)
        if not brought:
            post(Event(Ev.BROUGHT, Brought(Kept.NOTHING)))
            return
        created_at, key = self._tools.now_text(), f"{state.case_no}/supplement"
        body = {"case_no": state.slip.number, "code": state.slip.code, "brought": brought}
        attachments = papers_contract.attachments(state)
        item = OutboxItem(key, ItemKind.SUPPLEMENT, state.case_no, 0, body, created_at, attachments=attachments)

        def kept() -> None:
            post(Event(Ev.BROUGHT, Brought(Kept.HERE)))

        def unsent(kind: str) -> None:
            post(Event(Ev.BROUGHT, Brought(Kept.REFUSED if kind == REJECTED else Kept.HERE)))

        def received(answer: Reported) -> None:
            self._tools.unsent.pop(key, None)
            post(Event(Ev.BROUGHT, Brought(Kept.THERE, contract.line(answer))))

        def put() -> None:
            self._tools.unsent[key] = unsent
            self._tools.outbox.submit(item)
            for consent in papers_contract.consents(state, created_at, self._tools.text_version):
                self._tools.outbox.submit(consent)
            self._tools.outbox.await_receipt(key, received)
            self._tools.clock.call_later(DECISION_WAIT_S, kept)

        self._tools.store(put, lambda: post(Event(Ev.STORE_FAILED)))
