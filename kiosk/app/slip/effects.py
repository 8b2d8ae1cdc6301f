"""Takes back a promise or a request at the office, live: nobody is told that it is done before it is."""

from __future__ import annotations

from kiosk.app import contract
from kiosk.app.visit.effect_tools import EffectTools, Handlers, Post
from kiosk.domain.ports import Reply
from kiosk.domain.slip.state import Back
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Do, Ev, Event, VisitState

_ROUTES = {Back.PROMISE: "commitment/withdrawal", Back.REQUEST: "withdrawals"}
_REASONS = {
    "commitment_unknown": "takeback.no_promise",
    "commitment_closed": "takeback.closed",
    "move_not_allowed": "takeback.closed",
}


class SlipEffects:
    def __init__(self, tools: EffectTools) -> None:
        self._tools = tools

    def handlers(self) -> Handlers:
        return {Do.TAKE_BACK: self._take_back}

    def _take_back(self, state: VisitState, event: Event, post: Post) -> None:
        slip = state.slip
        assert slip.back is not None, "asked twice before"
        route = _ROUTES[slip.back]

        def ask() -> None:
            # The same key whenever it is tried: what is taken back twice is taken back once.
            key = f"{slip.number}/{route}"
            reply = self._tools.back_office.post(f"/v1/cases/{slip.number}/{route}", {"code": slip.code}, key)
            post(Event(Ev.TAKEN_BACK, _line_of_reply(reply), slip.number))

        self._tools.ask(ask, lambda: post(Event(Ev.TAKEN_BACK, Line("takeback.unsure"), slip.number)))


def _line_of_reply(reply: Reply) -> Line:
    """:raises BadAnswer: not of the contract."""
    if reply.status == 201:
        return contract.line(reply.body)
    if reply.status == 0 or reply.status >= 500:
        return Line("takeback.unsure")
    return Line(_REASONS.get(str(reply.body.get("code")), "progress.ask_person"))


KEYS = ("takeback.unsure", *_REASONS.values())
