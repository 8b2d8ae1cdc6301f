"""缴款书 and 缴费凭证 on A4, as the back office makes them; the visit's own slip where no sheet can be had."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from kiosk.app.sheets import contract as sheets_contract
from kiosk.app.sheets.certificates import PRINTED_ORDER
from kiosk.app.visit.effect_tools import EffectTools
from kiosk.app.visit.effects import SlipPrinter
from kiosk.domain.outbox import ItemKind
from kiosk.domain.visit.machine import Printed, Printing, VisitState

log = logging.getLogger(__name__)

OnDone = Callable[[Printed], None]
_OUTCOMES: Mapping[Printing, str] = {Printing.PROVED: "printed", Printing.UNKNOWN: "unknown"}


class Sheet(Protocol):
    @property
    def is_usable(self) -> bool: ...

    def print_at_once(self, pdf: bytes, case_no: str, on_done: OnDone) -> None: ...


class PaymentPaper:
    """A slip printer that gives the office's own paper of a payment, where a document printer works.

    A sheet that surely did not come out is made good by a slip; one that may lie in the tray is not.
    """

    def __init__(self, tools: EffectTools, slips: SlipPrinter, sheet: Sheet | None) -> None:
        self._tools, self._slips, self._sheet = tools, slips, sheet
        self._lock = threading.Lock()
        self._wanted = 0
        """Which paper is waited for: nothing comes out for a visit that is over."""

    def print_slip(self, state: VisitState, on_done: OnDone) -> None:
        payment, sheet = state.money.payment, self._sheet
        if payment is None or not (payment.is_slip or payment.is_booked) or sheet is None or not sheet.is_usable:
            self._slips.print_slip(state, on_done)
            return
        with self._lock:
            self._wanted += 1
            wanted = self._wanted

        def slip_instead() -> None:
            if self._is_wanted(wanted):
                self._slips.print_slip(state, on_done)

        self._tools.ask(lambda: self._print(state, sheet, wanted, on_done, slip_instead), slip_instead)

    def stop(self) -> None:
        with self._lock:
            self._wanted += 1
        self._slips.stop()

    def _is_wanted(self, wanted: int) -> bool:
        with self._lock:
            return wanted == self._wanted

    def _print(
        self, state: VisitState, sheet: Sheet, wanted: int, on_done: OnDone, slip_instead: Callable[[], None]
    ) -> None:
        """:raises BadAnswer: then nothing was printed."""
        found = self._fetch(state)
        if found is None or not self._is_wanted(wanted):
            slip_instead()
            return
        document, pdf = found

        def done(printed: Printed) -> None:
            outcome = _OUTCOMES.get(printed.printing, "failed")
            body = {"document_id": document.document_id, "outcome": outcome}
            suffix = f"printed/{document.copy}/{wanted}"
            item = self._tools.item(state.case_no, ItemKind.PRINTED, suffix, PRINTED_ORDER, body)
            self._tools.store(lambda: self._tools.outbox.submit(item))
            if printed.printing in _OUTCOMES:
                on_done(printed)
            else:
                slip_instead()

        sheet.print_at_once(pdf, state.case_no, done)

    def _fetch(self, state: VisitState) -> tuple[sheets_contract.Document, bytes] | None:
        """:raises BadAnswer:"""
        payment = state.money.payment
        assert payment is not None, "only a payment has this paper"
        # Each wish is a paper of its own: a later one says that it is a copy.
        key = f"{state.case_no}/paper/{payment.attempt}/{payment.state.value}/{state.copies}"
        reply = self._tools.back_office.post(f"/v1/payments/{state.case_no}/paper", {}, key)
        if reply.status != 201:
            log.warning("no sheet of a payment: %s", reply.body.get("code", reply.status))
            return None
        document = sheets_contract.document(reply.body)
        file = self._tools.back_office.file(f"/v1/documents/{document.document_id}", document.digest)
        return (document, file.content) if file.status == 200 else None
