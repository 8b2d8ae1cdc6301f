"""The letter that says how a case stands: made by the office, printed on A4 where there is such a printer.

Its bytes are in memory until the printer has them. Nobody is told that it is printed before the printer has proved it.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from typing import Protocol

from drivers.faults import DOC_FORMAT
from kiosk.app.sheets import contract as sheets_contract
from kiosk.app.sheets.certificates import PRINTED_ORDER
from kiosk.app.visit.effect_tools import EffectTools, Handlers, Post
from kiosk.domain.outbox import ItemKind
from kiosk.domain.ports import BadDocument, SheetCutter
from kiosk.domain.slip.state import Letter, LetterStage
from kiosk.domain.visit.machine import Do, Ev, Event, Printed, Printing, VisitState

log = logging.getLogger(__name__)

_STAGES = {Printing.PROVED: LetterStage.PROVED, Printing.UNKNOWN: LetterStage.UNKNOWN}
_OUTCOMES = {Printing.PROVED: "printed", Printing.UNKNOWN: "unknown"}


class LetterPrinter(Protocol):
    def print_at_once(self, pdf: bytes, case_no: str, on_done: Callable[[Printed], None]) -> None: ...


class LetterEffects:
    def __init__(self, tools: EffectTools, cutter: SheetCutter, printer: LetterPrinter | None) -> None:
        """:param printer: the A4 printer, where there is one."""
        self._tools, self._cutter, self._printer = tools, cutter, printer
        self._wishes = itertools.count(1)

    def handlers(self) -> Handlers:
        return {Do.MAKE_LETTER: self._make}

    def _make(self, state: VisitState, event: Event, post: Post) -> None:
        number, code = state.slip.number, state.slip.code

        def tell(stage: LetterStage, fault: str = "") -> None:
            post(Event(Ev.LETTER, Letter(stage, fault), number))

        printer = self._printer
        if printer is None:
            tell(LetterStage.ELSEWHERE)
            return
        # Each wish is another copy, which the office counts on the paper.
        wish = f"letter/{self._tools.boot_id}/{next(self._wishes)}"

        def ask() -> None:
            office = self._tools.back_office
            reply = office.post(f"/v1/cases/{number}/letters", {"code": code}, f"{number}/{wish}")
            if reply.status != 201:
                log.warning("no letter: %s", reply.body.get("code"))
                tell(LetterStage.FAILED)
                return
            document = sheets_contract.document(reply.body)
            file = office.file(f"/v1/documents/{document.document_id}", document.digest)
            if file.status != 200:
                tell(LetterStage.FAILED)
                return
            try:
                self._cutter.count(file.content)
            except BadDocument as error:
                log.error("a letter cannot be printed: %s", error)
                tell(LetterStage.FAILED, DOC_FORMAT.name)
                return

            def done(printed: Printed) -> None:
                outcome = _OUTCOMES.get(printed.printing, "failed")
                self._report(number, wish, document.document_id, outcome)
                tell(_STAGES.get(printed.printing, LetterStage.FAILED), printed.fault)

            printer.print_at_once(file.content, number, done)

        self._tools.ask(ask, lambda: tell(LetterStage.FAILED))

    def _report(self, number: str, wish: str, document_id: str, outcome: str) -> None:
        """What the printer proved reaches the back office also over a cut line."""
        body = {"document_id": document_id, "outcome": outcome}
        item = self._tools.item(number, ItemKind.PRINTED, wish, PRINTED_ORDER, body)
        self._tools.store(lambda: self._tools.outbox.submit(item))
