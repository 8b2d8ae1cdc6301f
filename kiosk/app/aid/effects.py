"""What the communication aid makes happen: suggestions for typing, a complaint, a slip of it or of a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kiosk.app.aid import contract as aid_contract
from kiosk.app.visit.effect_tools import EffectTools, Handlers, Post, Reported
from kiosk.domain.aid.state import Taken
from kiosk.domain.outbox import ItemKind
from kiosk.domain.timing import CALL_WAIT_S
from kiosk.domain.typing.port import InputMethod
from kiosk.domain.typing.state import Suggestion, Suggestions, Writing
from kiosk.domain.visit.machine import Do, Ev, Event, Printed, VisitState

COMPLAINT_ORDER = 50
"""Among what is sent of one visit; it waits for nothing (`kiosk.domain.outbox.ALONE`)."""


class SlipPrinter(Protocol):
    def print_slip(self, state: VisitState, on_done: Callable[[Printed], None]) -> None: ...


class AidEffects:
    def __init__(self, tools: EffectTools, method: InputMethod, printer: SlipPrinter) -> None:
        self._tools, self._method, self._printer = tools, method, printer
        self._complaints = 0
        """Since the start: with the number of the visit it makes a key that no other has."""

    def handlers(self) -> Handlers:
        return {Do.SUGGEST: self._suggest, Do.STORE_COMPLAINT: self._register, Do.PRINT_HELP: self._print}

    def _suggest(self, state: VisitState, event: Event, post: Post) -> None:
        typing = state.aid.typing
        assert typing is not None, "suggestions are for a text that is being typed"
        serial = typing.serial

        def found(suggestions: tuple[Suggestion, ...] | None) -> None:
            post(Event(Ev.SUGGESTED, Suggestions(serial, suggestions or (), worker=suggestions is not None)))

        if typing.way is Writing.HAND:
            self._method.drawn(typing.ink, found)
        else:
            self._method.pinyin(typing.code, found)

    def _register(self, state: VisitState, event: Event, post: Post) -> None:
        self._complaints += 1
        body = aid_contract.complaint_body(state, self._tools.place.site, self._tools.now_text("seconds"))
        suffix = f"complaint/{self._complaints}"
        item = self._tools.item(state.case_no, ItemKind.COMPLAINT, suffix, COMPLAINT_ORDER, body)

        def registered(answer: Reported) -> None:
            post(Event(Ev.REGISTERED, aid_contract.taken(answer)))

        def put() -> None:
            self._tools.outbox.submit(item)
            self._tools.outbox.await_receipt(item.key, registered)

        self._tools.clock.call_later(CALL_WAIT_S, lambda: post(Event(Ev.REGISTERED, Taken())))
        self._tools.store(put, lambda: post(Event(Ev.REGISTERED, Taken(is_kept=False))))

    def _print(self, state: VisitState, event: Event, post: Post) -> None:
        self._printer.print_slip(state, lambda printed: post(Event(Ev.HELP_PRINTED, printed)))
