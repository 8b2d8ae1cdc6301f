"""What is looked up, explained and due: each effect asks the back office and answers by an event."""

from __future__ import annotations

import time
from collections.abc import Mapping

from kiosk.app import contract
from kiosk.app.sheets import contract as sheets_contract
from kiosk.app.sheets.certificates import Certificates, SheetPrinter, tell_opened
from kiosk.app.visit.effect_tools import EffectTools, Handlers, Post, Reported
from kiosk.domain.catalogue import LIVE
from kiosk.domain.outbox import ItemKind, OutboxItem
from kiosk.domain.ports import SheetCutter
from kiosk.domain.sheets.state import Dues, Refusal, Trouble
from kiosk.domain.timing import DUES_WAIT_S
from kiosk.domain.visit.machine import Do, Ev, Event, VisitState

Body = Mapping[str, object]


class SheetsEffects:
    def __init__(self, tools: EffectTools, cutter: SheetCutter, printer: SheetPrinter | None) -> None:
        """:param printer: the A4 printer, where there is one."""
        self._tools = tools
        self._certificates = Certificates(tools, self.submission, cutter, printer)
        self._begun: tuple[str, Body] = ("", {})
        """Of the visit under way, what it submits: the same for each try, or the server takes it for another case."""

    def handlers(self) -> Handlers:
        return {
            Do.PROBE_OFFICE: self._probe,
            Do.LOOK_UP: self._look_up,
            Do.MAKE_PAPER: self._certificates.make,
            Do.STOP_PAPER: self._certificates.stop,
            Do.NOT_OUT: self._certificates.not_out,
            Do.DROP_PAPER: self._drop,
            Do.ASK_WAY: self._ask_way,
            Do.STORE_GUIDANCE: self._store_guidance,
            Do.ASK_DUES: self._ask_dues,
        }

    def submission(self, state: VisitState) -> Body:
        """Of a visit, made once for its answers: the same bytes in each try."""
        tools = self._tools
        known = self._begun
        made = contract.case_body(
            state, tools.place.site, tools.now_text(), tools.boot_id, time.monotonic(), tools.text_version
        )
        if known[0] == state.case_no and all(known[1].get(key) == made[key] for key in ("item_id", "form", "consents")):
            return known[1]
        self._begun = (state.case_no, made)
        return made

    def _drop(self, state: VisitState, event: Event, post: Post) -> None:
        self._begun = ("", {})
        self._certificates.drop(state, event, post)

    def _probe(self, state: VisitState, event: Event, post: Post) -> None:
        """One question that changes nothing; whatever answers is reachable."""
        item = self._tools.catalogue.current().item(state.item_id) if state.item_id else None
        if item is None or item.mode not in LIVE:
            return

        def ask() -> None:
            if self._tools.back_office.get("/v1/health").status == 0:
                post(Event(Ev.OFFICE_SILENT))

        self._tools.ask(ask)

    def _look_up(self, state: VisitState, event: Event, post: Post) -> None:
        def broken() -> None:
            post(Event(Ev.NOT_ANSWERED, Refusal(Trouble.BROKEN)))

        def ask() -> None:
            reply = self._tools.back_office.post("/v1/queries", self.submission(state), state.case_no)
            if reply.status != 201:
                post(Event(Ev.NOT_ANSWERED, sheets_contract.refusal(reply)))
                return
            told = sheets_contract.told(reply.body)
            if reply.body.get("case") is not None:
                tell_opened(self._tools, state.case_no, reply, post)
            post(Event(Ev.ANSWERED, told))

        self._tools.ask(ask, broken)

    def _ask_way(self, state: VisitState, event: Event, post: Post) -> None:
        """What cannot be asked is not awaited: the catalogue's own guide is on the screen already."""
        item_id, site, office = state.item_id, self._tools.place.site, self._tools.back_office
        if not item_id or (state.sheets.way is not None and state.sheets.way.item_id == item_id):
            return

        def ask() -> None:
            guide = office.get(f"/v1/guides/{item_id}?site={site}")
            if guide.status != 200:
                return
            post(Event(Ev.DIRECTIONS, sheets_contract.way(guide.body)))

        self._tools.ask(ask)

    def _store_guidance(self, state: VisitState, event: Event, post: Post) -> None:
        """Through the outbox: whoever was told the way has a number, also without the network."""
        created_at = self._tools.now_text()
        body: dict[str, object] = {
            "case_no": state.case_no,
            "item_id": state.item_id,
            "item_version": state.item_version,
            "created_at": created_at,
            "site": self._tools.place.site,
            "lang": state.lang.value,
            "boot_id": self._tools.boot_id,
            "monotonic_s": round(time.monotonic(), 3),
        }
        because = sheets_contract.because(self._tools.catalogue.current().item(state.item_id), state)
        if because is not None:
            body["because"] = because
        item = OutboxItem(state.case_no, ItemKind.GUIDANCE, state.case_no, 0, body, created_at, state.item_version)

        def decided(answer: Reported) -> None:
            decision = contract.decision(answer)
            if decision is not None:
                post(Event(Ev.DECIDED, decision))

        def put() -> None:
            self._tools.outbox.submit(item)
            self._tools.outbox.await_decision(state.case_no, decided)
            post(Event(Ev.STORED, state.case_no))

        self._tools.store(put, lambda: post(Event(Ev.STORE_FAILED)))

    def _ask_dues(self, state: VisitState, event: Event, post: Post) -> None:
        resident = state.resident
        assert resident is not None, "what somebody is due is asked after the card"

        def none() -> None:
            post(Event(Ev.DUES, Dues()))

        def ask() -> None:
            who = {"document": resident.document, "name": resident.name, "number": resident.number}
            reply = self._tools.back_office.prefill({"item_id": "", "applicant": who})
            post(Event(Ev.DUES, sheets_contract.dues(reply.body) if reply.status == 200 else Dues()))

        self._tools.clock.call_later(DUES_WAIT_S, none)
        self._tools.ask(ask, none)
