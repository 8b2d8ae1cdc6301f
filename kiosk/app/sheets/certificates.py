"""A certificate from the back office to the printer's proof: made, fetched, checked, printed, told, never kept.

Its bytes are in memory while the visit lasts. Sheets that the printer has counted are not printed again; a further
whole copy is made by the back office, which counts it on the paper.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from drivers.api import DocumentResult, PrintProof
from drivers.faults import DEV_NOT_FOUND, DOC_FORMAT, Fault
from kiosk.app import contract
from kiosk.app.sheets import contract as sheets_contract
from kiosk.app.sheets.printer import Following
from kiosk.app.visit.effect_tools import EffectTools, Post
from kiosk.domain.outbox import ItemKind
from kiosk.domain.ports import BadDocument, Reply, SheetCutter
from kiosk.domain.sheets.state import PaperStage, Printout
from kiosk.domain.visit.machine import Ev, Event, VisitState

log = logging.getLogger(__name__)

PRINTED_ORDER = 50
Body = Mapping[str, object]


class SheetPrinter(Protocol):
    def print_pdf(self, pdf: bytes, case_no: str, follow: Following) -> None: ...

    def stop(self) -> None: ...


@dataclass(slots=True, repr=False)
class _Work:
    """The certificate of the visit under way. Written by one effect at a time."""

    case_no: str
    document: sheets_contract.Document
    pdf: bytes = b""
    sheets: int = 0
    done: int = 0
    told: str = ""
    """The last outcome that the back office was told."""
    needs_copy: bool = False


_OUTCOMES = {PrintProof.PROVED: "printed", PrintProof.UNKNOWN: "unknown"}
_STAGES = {PrintProof.PROVED: PaperStage.PROVED, PrintProof.UNKNOWN: PaperStage.UNKNOWN}


class Certificates:
    """One at a time.

    :param submission: the body of POST /v1/prints for a visit, the same for each try.
    :param printer: the A4 printer, where there is one.
    """

    def __init__(
        self,
        tools: EffectTools,
        submission: Callable[[VisitState], Body],
        cutter: SheetCutter,
        printer: SheetPrinter | None,
    ) -> None:
        self._tools, self._submission, self._cutter, self._printer = tools, submission, cutter, printer
        self._work: _Work | None = None
        self._lock = threading.Lock()
        self._reports = 0

    def make(self, state: VisitState, event: Event, post: Post) -> None:
        """Begin, or go on with what has not come out yet. Back on its screen nothing begins anew."""
        paper = state.sheets.paper
        if paper is None or paper.stage is not PaperStage.MAKING:
            return

        def failed() -> None:
            post(Event(Ev.PAPER, Printout(PaperStage.FAILED, paper.sheets, paper.done)))

        self._tools.ask(lambda: self._make(state, post), failed)

    def _make(self, state: VisitState, post: Post) -> None:
        with self._lock:
            work = self._work
        if work is None or work.case_no != state.case_no:
            work = self._opened(state, post)
        elif work.needs_copy:
            work = self._copied(state, work, post)
        if work is not None:
            self._print(work, post)

    def _opened(self, state: VisitState, post: Post) -> _Work | None:
        reply = self._tools.back_office.post("/v1/prints", self._submission(state), state.case_no)
        if reply.status != 201:
            post(Event(Ev.NOT_ANSWERED, sheets_contract.refusal(reply)))
            return None
        work = _Work(state.case_no, sheets_contract.document_of(reply.body))
        with self._lock:
            self._work = work
        tell_opened(self._tools, state.case_no, reply, post)
        return work

    def _copied(self, state: VisitState, work: _Work, post: Post) -> _Work | None:
        """Another copy, by number and code as whoever holds the slip gets one."""
        decision = state.decision
        body = {"number": state.case_no, "code": decision.query_code if decision else ""}
        self._reports += 1
        key = f"{state.case_no}/copy/{self._reports}"
        reply = self._tools.back_office.post("/v1/documents/reprints", body, key)
        if reply.status != 201:
            refused = sheets_contract.refusal(reply)
            log.error("no further copy: %s", refused.trouble.value)
            post(Event(Ev.PAPER, Printout(PaperStage.FAILED, work.sheets)))
            return None
        again = _Work(state.case_no, sheets_contract.document(reply.body))
        with self._lock:
            self._work = again
        return again

    def _print(self, work: _Work, post: Post) -> None:
        if not work.pdf:
            target = f"/v1/documents/{work.document.document_id}"
            reply = self._tools.back_office.file(target, work.document.digest)
            if reply.status != 200:
                post(Event(Ev.PAPER, Printout(PaperStage.FAILED)))
                return
            try:
                work.sheets = self._cutter.count(reply.content)
            except BadDocument as error:
                self._bad(work, post, error)
                return
            work.pdf = reply.content
        if self._printer is None:
            post(Event(Ev.PAPER, Printout(PaperStage.FAILED, work.sheets, work.done, DEV_NOT_FOUND.name)))
            return
        try:
            rest = self._cutter.without_first(work.pdf, work.done)
        except BadDocument as error:
            self._bad(work, post, error)
            return
        post(Event(Ev.PAPER, Printout(PaperStage.PRINTING, work.sheets, work.done)))
        self._printer.print_pdf(rest, work.case_no, self._following(work, post))

    def _bad(self, work: _Work, post: Post, error: BadDocument) -> None:
        log.error("a certificate cannot be printed: %s", error)
        post(Event(Ev.PAPER, Printout(PaperStage.FAILED, work.sheets, work.done, DOC_FORMAT.name)))

    def _following(self, work: _Work, post: Post) -> Following:
        before = work.done

        def tell(stage: PaperStage, fault: Fault | None = None) -> None:
            post(Event(Ev.PAPER, Printout(stage, work.sheets, work.done, fault.name if fault else "")))

        def on_page(pages: int) -> None:
            work.done = before + pages
            tell(PaperStage.PRINTING)

        def on_held(fault: Fault) -> None:
            tell(PaperStage.HELD, fault)

        def on_end(result: DocumentResult) -> None:
            work.done = before + result.pages
            outcome = _OUTCOMES.get(result.proof)
            if outcome is not None:
                work.needs_copy = True
                self._report(work, outcome)
            tell(_STAGES.get(result.proof, PaperStage.FAILED), result.fault)

        return Following(on_page, on_held, on_end)

    def stop(self, state: VisitState, event: Event, post: Post) -> None:
        """She wants the rest another day: what is in the printer is taken back, what came out is told."""
        if self._printer is not None:
            self._printer.stop()
        self._settle()

    def drop(self, state: VisitState, event: Event, post: Post) -> None:
        """The visit is over: its bytes go, and what is open is told."""
        self._settle()
        with self._lock:
            self._work = None

    def not_out(self, state: VisitState, event: Event, post: Post) -> None:
        """She saw no paper: the next one is another copy."""
        with self._lock:
            if self._work is not None:
                self._work.needs_copy = True

    def _settle(self) -> None:
        """Of sheets that came out in part nobody may say that they were none."""
        with self._lock:
            work = self._work
        if work is not None and not work.told:
            work.needs_copy = True
            self._report(work, "unknown" if work.done else "failed")

    def _report(self, work: _Work, outcome: str) -> None:
        """What the printer proved reaches the back office also over a cut line."""
        if work.told == outcome:
            return
        work.told = outcome
        self._reports += 1
        body = {"document_id": work.document.document_id, "outcome": outcome}
        suffix = f"printed/{work.document.copy}/{self._reports}"
        item = self._tools.item(work.case_no, ItemKind.PRINTED, suffix, PRINTED_ORDER, body)
        self._tools.store(lambda: self._tools.outbox.submit(item))


def tell_opened(tools: EffectTools, case_no: str, reply: Reply, post: Post) -> None:
    """A live answer has opened the visit's case: the machine knows its decision, the outbox keeps its token."""
    case = reply.body.get("case")
    if not isinstance(case, Mapping):
        raise contract.BadAnswer("case is no object")
    decision = contract.decision(case)
    tools.store(lambda: tools.outbox.opened(case_no, case))
    if decision is not None:
        post(Event(Ev.DECIDED, decision))
