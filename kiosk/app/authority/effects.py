"""Deduction authorities at work: what was signed goes to the back office at once and is kept nowhere here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk.app.contract import BadAnswer
from kiosk.app.money import contract as money_contract
from kiosk.app.outbox.file_bringer import GOES_ON, WHOLE
from kiosk.app.papers.effects import PapersTools
from kiosk.app.visit.effect_tools import EffectTools, Handlers, Post
from kiosk.domain.attachments import PNG, KeptFile
from kiosk.domain.money.plan import year_limit_fen
from kiosk.domain.money.state import AuthorityTold, Stopped
from kiosk.domain.ports import Reply
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Do, Ev, Event, VisitState

ROUTE = "/v1/deduction-authorities"
_MATERIAL = "deduction_authority"
_MOST_PIECES = 64
"""Of one picture; more is a line that does not carry it."""
_NOT_BROUGHT = Stopped((Line("stopped.unreachable"), Line("stopped.unreachable.next")), may_retry=True)


class AuthorityEffects:
    def __init__(self, tools: EffectTools, papers: PapersTools) -> None:
        self._tools, self._papers = tools, papers

    def handlers(self) -> Handlers:
        return {Do.FIND_AUTHORITY: self._find, Do.GIVE_AUTHORITY: self._give, Do.END_AUTHORITY: self._take_back}

    def _find(self, state: VisitState, event: Event, post: Post) -> None:
        if state.money.signed is not None:
            return  # she has come back to it

        def find() -> None:
            body = {"item_id": state.item_id, "applicant": _person(state)}
            reply = self._tools.back_office.post(f"{ROUTE}/search", body)
            if reply.status != 200:
                post(Event(Ev.MONEY_STOPPED, money_contract.stopped(reply)))
                return
            known = reply.body.get("authority")
            found = money_contract.authority(known) if isinstance(known, Mapping) else None
            post(Event(Ev.AUTHORITY, AuthorityTold(found)))

        self._live(find, post)

    def _give(self, state: VisitState, event: Event, post: Post) -> None:
        bill = state.money.bill
        assert bill is not None, "only for a bill that was shown is anything signed"

        def give() -> None:
            picture = self._papers.draw(state.papers.ink)
            digest = self._papers.digest(picture)
            if not self._bring(KeptFile(state.case_no, digest, PNG, _MATERIAL, picture, self._tools.now_text())):
                post(Event(Ev.MONEY_STOPPED, _NOT_BROUGHT))
                return
            body = {
                "item_id": state.item_id,
                "site": self._tools.place.site,
                "applicant": _person(state),
                "year_limit_fen": year_limit_fen(bill),
                "paper_digest": digest,
            }
            reply = self._tools.back_office.post(ROUTE, body, f"{state.case_no}/authority/{digest[:16]}")
            _answer(reply, 201, lambda: AuthorityTold(money_contract.authority(reply.body)), post)

        self._live(give, post)

    def _bring(self, file: KeptFile) -> bool:
        for _ in range(_MOST_PIECES):
            status = self._tools.back_office.upload(file).status
            if status != GOES_ON:
                return status == WHOLE
        return False

    def _take_back(self, state: VisitState, event: Event, post: Post) -> None:
        def take_back() -> None:
            # What is in force now counts, not what was shown a while ago.
            body = {"item_id": state.item_id, "applicant": _person(state)}
            known = self._tools.back_office.post(f"{ROUTE}/search", body).body.get("authority")
            if not isinstance(known, Mapping):
                raise BadAnswer("no authority to take back")
            number = money_contract.authority(known).authority_id
            reply = self._tools.back_office.post(
                f"{ROUTE}/{number}/revocation", {"applicant": _person(state)}, f"{state.case_no}/revoke/{number}"
            )
            _answer(reply, 200, lambda: AuthorityTold(taken_back=True), post)

        self._live(take_back, post)

    def _live(self, work: Callable[[], None], post: Post) -> None:
        self._tools.ask(work, lambda: post(Event(Ev.MONEY_STOPPED, money_contract.UNREADABLE)))


def _answer(reply: Reply, wanted: int, told: Callable[[], AuthorityTold], post: Post) -> None:
    """:raises BadAnswer:"""
    if reply.status == wanted:
        post(Event(Ev.AUTHORITY, told()))
    else:
        post(Event(Ev.MONEY_STOPPED, money_contract.stopped(reply)))


def _person(state: VisitState) -> dict[str, str]:
    resident = state.resident
    if resident is None:
        raise BadAnswer("an authority needs a resident")
    return {"document": resident.document, "name": resident.name, "number": resident.number}
