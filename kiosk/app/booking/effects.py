"""Appointments and queue tickets at work: live calls, each with a key that makes repeating it harmless."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from kiosk.app import contract
from kiosk.app.money import contract as money_contract
from kiosk.app.visit.effect_tools import EffectTools, Handlers, Post
from kiosk.domain.money.plan import lane_for
from kiosk.domain.ports import Reply
from kiosk.domain.visit.machine import Do, Ev, Event, VisitState
from kiosk.domain.visit.state import AppointmentTold

_TIMES_SENT = 2
"""The same request once more where no answer came: its key takes no second place."""


class BookingEffects:
    def __init__(self, tools: EffectTools) -> None:
        self._tools = tools

    def handlers(self) -> Handlers:
        return {
            Do.FIND_SLOTS: self._find_slots,
            Do.BOOK: self._book,
            Do.CHECK_IN: self._check_in,
            Do.CANCEL_APPOINTMENT: self._cancel,
            Do.TAKE_TICKET: self._take_ticket,
        }

    def _find_slots(self, state: VisitState, event: Event, post: Post) -> None:
        item_id = state.money.slip.item_id if state.money.slip else state.item_id

        def find() -> None:
            target = f"/v1/slots?item_id={item_id}&site={self._tools.place.site}"
            reply = self._tools.back_office.get(target)
            if reply.status == 200:
                today = self._tools.clock.wall().date()
                post(Event(Ev.SLOTS, money_contract.slots(reply.body, item_id, today)))
            else:
                post(Event(Ev.MONEY_STOPPED, money_contract.stopped(reply)))

        self._live(find, post)

    def _book(self, state: VisitState, event: Event, post: Post) -> None:
        money = state.money
        target, body, key = self._wanted(state)

        def book() -> None:
            reply = self._send(target, body, key)
            if reply.status in (200, 201):
                self._booked(state, reply, post)
            elif _is_silence(reply):
                post(Event(Ev.BOOK_UNSURE, money.tries))
            else:
                post(Event(Ev.MONEY_STOPPED, money_contract.stopped(reply)))

        self._tools.ask(book, lambda: post(Event(Ev.BOOK_UNSURE, money.tries)))

    def _wanted(self, state: VisitState) -> tuple[str, Mapping[str, object], str]:
        """Where, what and under which key: a new appointment, or the one of the slip at another time."""
        money = state.money
        slot = {"day": money.day, "start": money.start}
        if money.slip is not None:
            slip = {"number": money.slip.number, "code": money.slip.code}
            return "/v1/appointment-changes", {**slip, **slot}, f"{state.case_no}/move/{money.tries}"
        now, monotonic_s = self._tools.now_text(), time.monotonic()
        submission = contract.case_body(
            state, self._tools.place.site, now, self._tools.boot_id, monotonic_s, self._tools.text_version
        )
        return "/v1/appointments", {"submission": submission, **slot}, state.case_no

    def _send(self, target: str, body: Mapping[str, object], key: str) -> Reply:
        reply = Reply(0, {})
        for _ in range(_TIMES_SENT):
            reply = self._tools.back_office.post(target, body, key)
            if not _is_silence(reply):
                break
        return reply

    def _booked(self, state: VisitState, reply: Reply, post: Post) -> None:
        """:raises BadAnswer:"""
        tries = state.money.tries
        if state.money.slip is not None:
            moved = money_contract.appointment(reply.body, contract.line(reply.body.get("line")), state.money.slip.code)
            post(Event(Ev.BOOKED, AppointmentTold(moved, tries)))
            return
        decision = contract.decision(reply.body)
        if decision is None or decision.next_step is None:
            raise contract.BadAnswer("an appointment without its words")
        told = reply.body.get("appointment")
        if not isinstance(told, Mapping):
            raise contract.BadAnswer("no appointment")
        made = money_contract.appointment(told, decision.next_step, decision.query_code)
        self._tools.store(lambda: self._tools.outbox.opened(state.case_no, reply.body))
        post(Event(Ev.BOOKED, AppointmentTold(made, tries, decision)))

    def _check_in(self, state: VisitState, event: Event, post: Post) -> None:
        self._with_slip(state, post, "/v1/check-ins", "check-in", self._ticket_told(post))

    def _cancel(self, state: VisitState, event: Event, post: Post) -> None:
        slip = state.money.slip

        def told(reply: Reply) -> None:
            line = contract.line(reply.body.get("line"))
            given_back = money_contract.appointment(reply.body, line, slip.code if slip else "")
            post(Event(Ev.BOOKED, AppointmentTold(given_back)))

        self._with_slip(state, post, "/v1/appointment-cancellations", "cancel", told)

    def _with_slip(
        self, state: VisitState, post: Post, target: str, suffix: str, told: Callable[[Reply], None]
    ) -> None:
        slip = state.money.slip
        assert slip is not None, "only who has shown the slip is asked"
        self._at_counter(target, {"number": slip.number, "code": slip.code}, f"{state.case_no}/{suffix}", told, post)

    def _take_ticket(self, state: VisitState, event: Event, post: Post) -> None:
        today = self._tools.clock.wall().date()
        lane = state.money.lane or lane_for(state.resident.birth if state.resident else "", today)
        body = {"site": self._tools.place.site, "lane": lane}
        self._at_counter("/v1/queue-tickets", body, f"{state.case_no}/ticket", self._ticket_told(post), post)

    @staticmethod
    def _ticket_told(post: Post) -> Callable[[Reply], None]:
        return lambda reply: post(Event(Ev.TICKET, money_contract.ticket(reply.body)))

    def _at_counter(
        self, target: str, body: Mapping[str, object], key: str, told: Callable[[Reply], None], post: Post
    ) -> None:
        def work() -> None:
            reply = self._send(target, body, key)
            if reply.status in (200, 201):
                told(reply)
            else:
                post(Event(Ev.MONEY_STOPPED, money_contract.stopped(reply)))

        self._live(work, post)

    def _live(self, work: Callable[[], None], post: Post) -> None:
        self._tools.ask(work, lambda: post(Event(Ev.MONEY_STOPPED, money_contract.UNREADABLE)))


def _is_silence(reply: Reply) -> bool:
    return reply.status in (0, 500, 502, 503, 504) and reply.body.get("code") not in money_contract.WORDS
