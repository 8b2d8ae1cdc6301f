"""Bills and payments at work. What was sent is on the disk before it leaves, and is only ever asked about afterwards.

A helper's payment code comes with the event, goes into one request and is kept nowhere: not in the state, not in the
store, not in a log.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import replace

from kiosk.app import contract
from kiosk.app.money import contract as money_contract
from kiosk.app.papers import contract as papers_contract
from kiosk.app.visit.effect_tools import EffectTools, Handlers, Post
from kiosk.domain.money.plan import codes_of, form_of_bill
from kiosk.domain.money.state import Bill, Payment, Stopped, Way
from kiosk.domain.outbox import ItemKind, ItemState
from kiosk.domain.ports import Reply
from kiosk.domain.speech import Line
from kiosk.domain.timing import PAY_POLL_S, PAY_WATCH_S
from kiosk.domain.visit.machine import Do, Ev, Event, VisitState
from kiosk.domain.visit.state import PaymentTold

log = logging.getLogger(__name__)

WATCH_ORDER = 50
"""After the rating: what is only asked about holds nothing up."""
SURELY_ABSENT = 3
"""So many times the office must say that it has no such payment before anything is offered anew."""
_UNDECIDED = frozenset(("idempotency_mismatch", "replayed", "case_no_taken"))
"""Problems that mean: an earlier request of this number has arrived after all."""
_NOT_STORED = Stopped((Line("submit.not_stored"),), may_retry=True)


class PaymentEffects:
    def __init__(self, tools: EffectTools) -> None:
        self._tools = tools
        self._kept_case = ""
        """The case whose visit token is kept already."""

    def handlers(self) -> Handlers:
        return {Do.FIND_BILL: self._find_bill, Do.PAY: self._pay, Do.ASK_PAYMENT: self._ask_payment}

    def _find_bill(self, state: VisitState, event: Event, post: Post) -> None:
        money = state.money
        if money.shown_bill is not None:
            return  # she has come back to it

        def find() -> None:
            reply = self._ask_for_bill(state)
            if reply.status == 201:
                found = money_contract.bill(reply.body, state.item_id, family=money.family, chosen=money.chosen)
                post(Event(Ev.BILL_FOUND, found))
            else:
                post(Event(Ev.MONEY_STOPPED, money_contract.stopped(reply)))

        self._tools.ask(find, lambda: post(Event(Ev.MONEY_STOPPED, money_contract.UNREADABLE)))

    def _ask_for_bill(self, state: VisitState) -> Reply:
        money, resident = state.money, state.resident
        if resident is None:
            raise contract.BadAnswer("a bill needs a resident")
        # Each time anew: what the registers said a minute ago is not asked for again.
        key = f"{state.case_no}/bill/{uuid.uuid4().hex[:12]}"
        if money.bill is not None and money.chosen:
            target = f"/v1/bills/{money.bill.bill_no}/choice"
            return self._tools.back_office.post(target, {"lines": [money.chosen]}, key)
        person = {"document": resident.document, "name": resident.name, "number": resident.number}
        body = {
            "item_id": state.item_id,
            "site": self._tools.place.site,
            "applicant": person,
            "codes": codes_of(state.answers),
            "family": money.family,
        }
        return self._tools.back_office.post("/v1/bills", body, key)

    def _pay(self, state: VisitState, event: Event, post: Post) -> None:
        bill, money = state.money.bill, state.money
        assert bill is not None and money.way is not None, "only what was shown is paid"
        way, attempt = money.way, money.attempt
        code = event.of(Ev.CODE_SHOWN, "") if way is Way.CODE else ""
        submission = self._submission(state, bill)

        def unheard() -> None:
            told = money_contract.unanswered(way, bill.total_fen, attempt, 0, SURELY_ABSENT)
            post(Event(Ev.PAYMENT, PaymentTold(told, has_case=False)))

        def send() -> None:
            means = {"way": way.value, "code": code}
            target, body = f"/v1/payments/{state.case_no}/attempts", dict[str, object](means)
            if not money.is_opened:
                target, body = "/v1/payments", {"submission": submission, "bill_no": bill.bill_no, "means": means}
            reply = self._tools.back_office.post(target, body, money.request_key(state.case_no))
            self._answered(state, reply, post) if _is_answer(reply) else unheard()

        def keep() -> None:
            item = self._tools.item(state.case_no, ItemKind.PAYMENT, f"payment/{attempt}", WATCH_ORDER, {})
            watched = replace(item, state=ItemState.SENDING, next_try_s=self._tools.clock.now() + PAY_WATCH_S)
            self._tools.outbox.submit(watched)
            self._tools.ask(send, unheard)

        self._tools.store(keep, lambda: post(Event(Ev.MONEY_STOPPED, _NOT_STORED)))

    def _submission(self, state: VisitState, bill: Bill) -> dict[str, object]:
        now, monotonic_s = self._tools.now_text(), time.monotonic()
        body = contract.case_body(
            state, self._tools.place.site, now, self._tools.boot_id, monotonic_s, self._tools.text_version
        )
        assert state.resident is not None
        who = f"{state.resident.number} {state.resident.name}"
        form = form_of_bill(state.item_id, state.answers, bill, who)
        return {**body, "form": {**form, **papers_contract.agent(state)}}

    def _answered(self, state: VisitState, reply: Reply, post: Post) -> None:
        """:raises BadAnswer:"""
        if reply.status not in (200, 201):
            post(Event(Ev.MONEY_STOPPED, money_contract.stopped(reply)))
            return
        payment = money_contract.payment(reply.body, state.money.attempt)
        decision = contract.decision(reply.body)
        self._keep_token(state.case_no, reply)
        post(Event(Ev.PAYMENT, PaymentTold(payment, decision)))

    def _keep_token(self, case_no: str, reply: Reply) -> None:
        if self._kept_case != case_no:
            self._kept_case = case_no
            self._tools.store(lambda: self._tools.outbox.opened(case_no, reply.body))

    def _ask_payment(self, state: VisitState, event: Event, post: Post) -> None:
        payment = state.money.payment
        assert payment is not None, "what was never sent is not asked about"

        def as_before() -> None:
            post(Event(Ev.PAYMENT, PaymentTold(payment, has_case=False)))

        def ask() -> None:
            reply = self._tools.back_office.get(f"/v1/payments/{state.case_no}")
            if reply.status == 200:
                self._answered(state, reply, post)
            elif reply.status == 404 and not state.money.is_opened:
                post(Event(Ev.PAYMENT, PaymentTold(_once_more_absent(payment), has_case=False)))
            else:
                as_before()

        self._tools.clock.call_later(PAY_POLL_S, lambda: self._tools.ask(ask, as_before))


def _once_more_absent(payment: Payment) -> Payment:
    times = payment.times_absent + 1
    return money_contract.unanswered(payment.way, payment.amount_fen, payment.attempt, times, SURELY_ABSENT)


def _is_answer(reply: Reply) -> bool:
    """False where the request may have been carried out all the same: then it is frozen and asked about."""
    code = reply.body.get("code")
    if code in _UNDECIDED:
        return False
    return reply.status not in (0, *range(500, 600)) or code in money_contract.WORDS
