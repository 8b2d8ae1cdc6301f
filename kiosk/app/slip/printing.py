"""From a slip to paper: words in the visit's language, rows for the printer, and what is proved of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from drivers.api import (
    BoxRow,
    CompletionCode,
    DeviceError,
    DocumentResult,
    FeedRow,
    PairRow,
    PrintProof,
    PrintResult,
    QrRow,
    ReceiptPrinter,
    ReceiptRow,
    RuleRow,
    TextRow,
)
from kiosk.domain.bring.slip import brought_slip
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.drafts.slip import draft_slip
from kiosk.domain.money.slip import money_slip
from kiosk.domain.ports import Words
from kiosk.domain.sheets.slip import slip_of_sheets
from kiosk.domain.slip.blocks import (
    Block,
    Contact,
    CopyMark,
    Header,
    Headline,
    NextSteps,
    Number,
    Remark,
    Rule,
    Slip,
    SlipFact,
    SlipTerminal,
    Verify,
    slip_for,
)
from kiosk.domain.slip.told import figures_of
from kiosk.domain.slip.typeset import typeset
from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit.machine import Printed, Printing, Step, VisitState

log = logging.getLogger(__name__)

Show = Callable[[Line], str]


def rows_for(slip: Slip, words: Words, lang: Lang) -> list[ReceiptRow]:
    """A slip in the words of `lang`, as printer rows. :raises KeyError: a text key without words."""

    def show(line: Line) -> str:
        return typeset(words.show(lang, line.key, line.args))

    rows: list[ReceiptRow] = []
    before: Block | None = None
    for block in slip.blocks:
        if _small_print_begins(before, block):
            rows.append(FeedRow(10))
        rows.extend(_rows(block, show))
        before = block
    return rows


def _small_print_begins(before: Block | None, block: Block) -> bool:
    return isinstance(before, SlipFact) and isinstance(block, SlipFact) and block.minor and not before.minor


def _rows(block: Block, show: Show) -> list[ReceiptRow]:
    match block:
        case Header(line):
            return [TextRow(show(line), align="center"), FeedRow(10)]
        case CopyMark(line):
            return [TextRow(show(line), scale=2, bold=True, align="center"), FeedRow(6)]
        case Headline():
            return _headline(block, show)
        case Number(label, digits):
            big = [TextRow(row, scale=3, bold=True, align="center") for row in digits]
            return [TextRow(show(label), align="center"), FeedRow(4), *big]
        case SlipFact(label, value, minor):
            return [PairRow(show(label), show(value), scale=1 if minor else 2)]
        case NextSteps(lines):
            return [FeedRow(14), BoxRow(tuple(show(line) for line in lines)), FeedRow(14)]
        case Remark(line):
            return [TextRow(show(line), align="center")]
        case Contact(line, where):
            return [PairRow(show(line), show(where))]
        case Verify(payload, line):
            return [FeedRow(16), QrRow(payload, module_dots=6), FeedRow(12), TextRow(show(line), align="center")]
        case Rule():
            return [RuleRow()]


def _headline(block: Headline, show: Show) -> list[ReceiptRow]:
    title = TextRow(show(block.line), scale=3, bold=True, align="center")
    subject = [TextRow(show(block.subject), scale=2, bold=True, align="center")] if block.subject else []
    return [title, *subject]


class PrintingService:
    """Prints the slip of a visit. Stateless: safe to call from the printer's worker thread."""

    def __init__(self, words: Words, terminal: SlipTerminal) -> None:
        self._words = words
        self._terminal = terminal

    def slip(self, state: VisitState, catalogue: Catalogue, wall: datetime) -> Slip:
        """The slip as it stands, for whoever prints it. :param wall: local time to print on it."""
        terminal = replace(self._terminal, phone=catalogue.here.phone)
        if state.step is Step.DRAFT_SLIP:
            return draft_slip(state, terminal, wall)
        if state.bring.is_done:
            return brought_slip(state, catalogue, terminal, wall)
        of_sheets = slip_of_sheets(state, catalogue, terminal, wall)
        make = money_slip if state.money.is_told else slip_for
        return of_sheets or make(state, catalogue, terminal, wall)

    def print_slip(self, printer: ReceiptPrinter, state: VisitState, catalogue: Catalogue, wall: datetime) -> Printed:
        """Print and wait for the device's proof; a device fault ends in a `Printed`.

        :param wall: local time to print on the slip.
        :raises DeviceError: only when cancelled; nobody waits for the slip any more then.
        """
        slip = self.slip(state, catalogue, wall)
        try:
            rows = rows_for(slip, self._words, state.lang)
        except KeyError as error:
            # A newer back office may name a text that this terminal does not have: no slip is better than half of one.
            log.error("the slip has a text without words: %s", error)
            return Printed(Printing.FAILED)
        try:
            result = printer.print_receipt(rows, copy_no=slip.copy_no)
        except DeviceError as error:
            if error.completion is CompletionCode.CANCELED:
                raise
            # Raised before any byte of the slip was sent: nothing can come out later.
            return Printed(Printing.FAILED, error.fault.name)
        return replace(printed(result), figures=figures_of(slip))


_PRINTING = {
    PrintProof.PROVED: Printing.PROVED,
    PrintProof.UNKNOWN: Printing.UNKNOWN,
    PrintProof.NOT_PRINTED: Printing.FAILED,
}


def printed(result: PrintResult | DocumentResult) -> Printed:
    """What the visit is told. Only a proof counts as printed; a fault goes along by its name."""
    on_sheet = isinstance(result, DocumentResult)
    return Printed(_PRINTING[result.proof], result.fault.name if result.fault else "", on_sheet)
