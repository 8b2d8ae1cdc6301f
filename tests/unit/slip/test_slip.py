"""What stands on a slip: anatomy, masking, honesty. Blocks only, no printer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from drivers import faults
from drivers.api import (
    BoxRow,
    CompletionCode,
    DeviceError,
    DeviceStatus,
    PairRow,
    PaperSupply,
    PrintProof,
    PrintResult,
    QrRow,
    ReceiptRow,
    TextRow,
)
from kiosk.adapters.words import VoicesWords
from kiosk.app.site.contract import site_of
from kiosk.app.slip.printing import PrintingService, rows_for, typeset
from kiosk.domain.catalogue import Catalogue, Mode, ServiceItem
from kiosk.domain.papers.state import Papers
from kiosk.domain.sheets.state import Printout, Sheets, Told
from kiosk.domain.site.state import NOTHING_TOLD, SiteToday, site_today
from kiosk.domain.slip.blocks import (
    SLIP_KEYS,
    Contact,
    CopyMark,
    Header,
    Headline,
    NextSteps,
    Number,
    Slip,
    SlipFact,
    SlipKind,
    SlipTerminal,
    Verify,
    number_rows,
    slip_for,
)
from kiosk.domain.speech import Arg, ArgKind, Lang, Line
from kiosk.domain.visit.machine import Decision, DecisionKind, Printed, Printing, Resident, VisitState

PHONE = "000-0000-0096"
"""Of this village's site in `config/catalogue/sites.tsv`."""
CASE_NO = "3502130078261124000019"
ITEM = ServiceItem("XA032", 1, "pension", "高龄津贴申领", "领长寿钱", Mode.APPLY, True)
CATALOGUE = Catalogue(1, ("pension",), ("XA032",), (ITEM,), here=SiteToday(phone=PHONE))
TERMINAL = SlipTerminal("后村社区", "后村社区服务大厅", "KIOSK-0071")
WALL = datetime(2026, 11, 24, 9, 42)
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "金海街道后村社区下厝12号")
DAY = {"date": Arg(ArgKind.DATE, "2027-03-05")}
FACTS = {"amount_fen": "10000", "starts_on": "2026-12-15", "bank": "农商银行", "last4": "6821"}

STORED = VisitState(case_no=CASE_NO, item_id="XA032", resident=KIM, stored=True)
DONE = Decision(DecisionKind.DONE, query_code="4821")
PENSION = Line("row.pension.monthly", {"amount": Arg(ArgKind.MONEY, "18650")})
STATES = {
    SlipKind.APPROVED: replace(STORED, decision=Decision(DecisionKind.APPROVED, facts=FACTS, query_code="4821")),
    SlipKind.NOTICE: replace(
        STORED,
        decision=Decision(
            DecisionKind.NOTICE, (Line("reason.XA032.age", DAY),), Line("next.XA032.age", DAY), query_code="4821"
        ),
    ),
    SlipKind.PENDING: replace(STORED, decision=Decision(DecisionKind.PENDING, query_code="4821")),
    SlipKind.SAVED: STORED,
    SlipKind.DONE: replace(STORED, decision=DONE),
    SlipKind.ANSWER: replace(STORED, decision=DONE, sheets=Sheets(told=Told("XA032", (PENSION,)))),
    SlipKind.CERTIFICATE: replace(STORED, decision=DONE, sheets=Sheets(paper=Printout())),
    SlipKind.GUIDE: replace(STORED, sheets=Sheets(is_guided=True)),
    SlipKind.CALL: VisitState(
        case_no=CASE_NO, call_answer=Line("help.accepted", {"ticket": Arg(ArgKind.DIGITS, "318")})
    ),
}
KINDS = list(STATES)
"""Those of `slip_for`; what is about money and time is in test_slip_money."""
SERVICE = PrintingService(VoicesWords(), TERMINAL)


def slip(kind: SlipKind, copies: int = 1) -> Slip:
    return SERVICE.slip(replace(STATES[kind], copies=copies), CATALOGUE, WALL)


def rows(kind: SlipKind, lang: Lang = Lang.CMN, copies: int = 1) -> list[ReceiptRow]:
    return rows_for(slip(kind, copies), VoicesWords(), lang)


def text_of(printed: list[ReceiptRow]) -> str:
    parts: list[str] = []
    for row in printed:
        if isinstance(row, TextRow):
            parts.append(row.text)
        elif isinstance(row, PairRow):
            parts += [row.label, row.value]
        elif isinstance(row, BoxRow):
            parts += row.lines
        elif isinstance(row, QrRow):
            parts.append(row.data)
    return "\n".join(parts)


@pytest.mark.parametrize("kind", KINDS)
def test_every_slip_has_the_same_anatomy_in_the_same_order(kind: SlipKind) -> None:
    made = slip(kind)
    assert made.kind is kind
    order = [type(block) for block in made.blocks]
    wanted = (Header, Headline, Number, SlipFact, NextSteps, Contact, Verify)
    places = [order.index(block) for block in wanted]
    assert places == sorted(places)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", list(Lang))
def test_every_slip_has_its_words_in_both_languages(kind: SlipKind, lang: Lang) -> None:
    text = text_of(rows(kind, lang))
    assert "{" not in text
    assert "slip." not in text
    assert "‖" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_slip_is_listed_for_the_words(kind: SlipKind) -> None:
    for block in slip(kind, copies=2).blocks:
        lines = [getattr(block, name) for name in getattr(block, "__dataclass_fields__", ())]
        lines += list(getattr(block, "lines", ()))
        for line in lines:
            if isinstance(line, Line) and line.key.startswith("slip."):
                assert SLIP_KEYS[line.key] == tuple(line.args), line.key


def test_the_number_is_the_last_sixteen_digits_in_four_groups_on_two_lines() -> None:
    assert number_rows(CASE_NO) == ("0078 2611", "2400 0019")
    for bad in ("", "123", "35021300782611240000X9"):
        with pytest.raises(ValueError):
            number_rows(bad)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_identifies_the_resident_is_printed_in_full(kind: SlipKind) -> None:
    text = text_of(rows(kind))
    assert KIM.name not in text
    assert KIM.number not in text
    assert KIM.number[3:16] not in text
    assert "下厝" not in text
    assert "1944" not in text
    if kind is not SlipKind.CALL:
        assert "陈*金" in text
        assert "350*************21" in text


def test_a_bank_account_shows_its_last_four_digits_only() -> None:
    state = replace(
        STATES[SlipKind.APPROVED],
        decision=Decision(DecisionKind.APPROVED, facts={**FACTS, "last4": "6230580000006821"}),
    )
    text = text_of(rows_for(slip_for(state, CATALOGUE, TERMINAL, WALL), VoicesWords(), Lang.CMN))
    assert "6821" in text
    assert "0000006821" not in text


def test_what_brings_no_money_is_not_printed_as_money_that_comes() -> None:
    granted = Decision(DecisionKind.APPROVED, next_step=Line("result.approved.now"))
    printed = text_of(
        rows_for(slip_for(replace(STORED, decision=granted), CATALOGUE, TERMINAL, WALL), VoicesWords(), Lang.CMN)
    )
    assert "后面的还在办" in printed
    assert "入账" not in printed and "不用再做什么" not in printed and "办好了" not in printed


def test_what_was_asked_for_before_is_printed_with_its_number_and_not_as_missing() -> None:
    reasons = (
        Line("reason.repeat.granted", {"date": Arg(ArgKind.DATE, "2026-11-20")}),
        Line("reason.repeat.number", {"number": Arg(ArgKind.DIGITS, "0078261120000127")}),
    )
    told = Decision(DecisionKind.NOTICE, reasons, Line("next.repeat"), {"repeats": "0078261120000127"})
    slip = slip_for(replace(STORED, decision=told), CATALOGUE, TERMINAL, WALL)
    printed = text_of(rows_for(slip, VoicesWords(), Lang.CMN))
    assert "这件事已经有一份了" in printed and "2026年11月20日" in printed and "不用再办" in printed
    assert "0078261120000127" in printed.replace(" ", "")
    assert "还缺" not in printed and "还没有办好" not in printed and "不用再填" not in printed


@pytest.mark.parametrize("kind", [SlipKind.SAVED, SlipKind.NOTICE])
def test_what_is_not_done_says_so_in_the_largest_letters(kind: SlipKind) -> None:
    largest = [row.text for row in rows(kind) if isinstance(row, TextRow) and row.scale == 3]
    assert largest[0] == "先收下，还没有办好"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", list(Lang))
def test_no_slip_of_the_machine_calls_itself_an_acceptance_notice(kind: SlipKind, lang: Lang) -> None:
    assert "受理通知书" not in text_of(rows(kind, lang))


def test_a_receipt_has_all_that_the_law_asks_of_it() -> None:
    text = text_of(rows(SlipKind.SAVED))
    for part in (
        "收件凭证",
        "收件号",
        "高龄津贴申领",
        "陈*金",
        "1份",
        "2026",
        "09:42",
        "后村社区服务大厅",
        "KIOSK-0071",
    ):
        assert part in text, part
    assert "本凭证不代表受理" in text
    assert PHONE in text


def test_a_slip_tells_the_telephone_of_the_site_as_the_back_office_names_it() -> None:
    sites = (Path(__file__).parents[3] / "config" / "catalogue" / "sites.tsv").read_text(encoding="utf-8").splitlines()
    names = sites[0].split("\t")
    row = next(
        one for one in (dict(zip(names, line.split("\t"), strict=True)) for line in sites[1:]) if one["phone"] == PHONE
    )
    assert row["code"] == "350213007007"
    body = {"sites": [{"site": row["code"], "phone": row["phone"], "week": []}]}
    here = site_today(site_of(body, row["code"]), WALL)
    made = SERVICE.slip(STATES[SlipKind.SAVED], replace(CATALOGUE, here=here), WALL)
    assert PHONE in text_of(rows_for(made, VoicesWords(), Lang.CMN))


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("kind", KINDS)
def test_without_a_known_telephone_a_slip_names_a_place_and_no_number(kind: SlipKind, lang: Lang) -> None:
    made = SERVICE.slip(STATES[kind], replace(CATALOGUE, here=NOTHING_TOLD), WALL)
    (contact,) = [block for block in made.blocks if isinstance(block, Contact)]
    assert [arg.kind for arg in contact.where.args.values()] == [ArgKind.PLACE]
    assert TERMINAL.place in text_of(rows_for(made, VoicesWords(), lang))
    assert PHONE not in text_of(rows_for(made, VoicesWords(), lang))


def test_a_notice_lists_everything_that_is_missing_and_when_to_come_back() -> None:
    decision = Decision(
        DecisionKind.NOTICE,
        (Line("reason.XA032.age", DAY), Line("reason.XA032.household"), Line("reason.XA032.account")),
        Line("next.XA032.age", DAY),
    )
    made = slip_for(replace(STORED, decision=decision), CATALOGUE, TERMINAL, WALL)
    (box,) = [row for row in rows_for(made, VoicesWords(), Lang.CMN) if isinstance(row, BoxRow)]
    assert len(box.lines) == 6
    assert "2027" in box.lines[-2]


def test_papers_that_she_did_not_have_stand_on_the_slip_by_their_names() -> None:
    lacking = replace(STATES[SlipKind.SAVED], papers=Papers(missing=("paper.XA027.2",)))
    made = slip_for(lacking, CATALOGUE, TERMINAL, WALL)
    steps = next(block for block in made.blocks if isinstance(block, NextSteps))
    keys = [line.key for line in steps.lines]
    assert keys[:3] == ["slip.notice.missing", "paper.XA027.2", "slip.papers.bring"]


def test_an_approval_says_how_much_from_when_and_that_nothing_is_left_to_do() -> None:
    text = text_of(rows(SlipKind.APPROVED))
    assert "批准了" in text and "办好了" not in text
    assert "100" in text
    assert re.search(r"2026年12月15日", text)
    assert "不代表受理" not in text


def test_only_an_approval_speaks_of_money() -> None:
    for kind in KINDS:
        if kind is not SlipKind.APPROVED:
            assert "6821" not in text_of(rows(kind))


def test_the_code_holds_the_number_and_no_person() -> None:
    def payload(kind: SlipKind) -> str:
        return next(block.payload for block in slip(kind).blocks if isinstance(block, Verify))

    assert payload(SlipKind.APPROVED) == f"TSHP1:{CASE_NO}:4821:NAN"
    assert payload(SlipKind.SAVED) == f"TSHP1:{CASE_NO}:-:NAN"


def test_a_first_print_has_no_copy_mark_and_a_second_counts_itself() -> None:
    def marks(copies: int) -> list[CopyMark]:
        return [block for block in slip(SlipKind.SAVED, copies).blocks if isinstance(block, CopyMark)]

    assert marks(0) == marks(1) == []
    assert [mark.line.args["n"].value for mark in marks(2)] == ["2"]
    assert "副本" in text_of(rows(SlipKind.SAVED, copies=3))
    assert slip(SlipKind.SAVED, copies=3).copy_no == 3


def test_a_visit_without_a_stored_case_or_a_call_has_no_slip() -> None:
    with pytest.raises(ValueError):
        slip_for(VisitState(case_no=CASE_NO), CATALOGUE, TERMINAL, WALL)


def test_punctuation_after_hanzi_is_full_width_and_times_stay() -> None:
    assert typeset("先收下,还没有办好:09:42, ok!") == "先收下，还没有办好：09:42, ok!"


class FakePrinter:
    """A printer that answers what it is told to: the seam is `drivers.api.ReceiptPrinter`."""

    def __init__(self, answer: PrintResult | DeviceError) -> None:
        self._answer = answer
        self.copy_no = 0

    def open(self) -> None: ...

    def status(self) -> DeviceStatus:
        raise AssertionError("the driver asks by itself")

    def cancel(self) -> None: ...

    def reset(self) -> None: ...

    def close(self) -> None: ...

    def print_receipt(self, rows: object, *, copy_no: int = 1) -> PrintResult:
        self.copy_no = copy_no
        if isinstance(self._answer, DeviceError):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (PrintResult(PrintProof.PROVED, None, PaperSupply.LOW), Printed(Printing.PROVED, "")),
        (PrintResult(PrintProof.UNKNOWN, faults.PRN_UNKNOWN), Printed(Printing.UNKNOWN, "print_unproved")),
        (PrintResult(PrintProof.NOT_PRINTED, faults.PRN_PAPER_OUT), Printed(Printing.FAILED, "paper_out")),
        (DeviceError(faults.PRN_COVER), Printed(Printing.FAILED, "printer_cover_open")),
        (DeviceError(faults.DEV_SILENT), Printed(Printing.FAILED, "device_silent")),
    ],
)
def test_only_a_proof_is_told_as_printed(answer: PrintResult | DeviceError, told: Printed) -> None:
    printer = FakePrinter(answer)
    service = PrintingService(VoicesWords(), TERMINAL)
    state = replace(STATES[SlipKind.SAVED], copies=2)
    printed = service.print_slip(printer, state, CATALOGUE, WALL)
    assert replace(printed, figures=()) == told
    assert bool(printed.figures) is isinstance(answer, PrintResult), "what stands on it is told, whoever cannot see it"
    assert printer.copy_no == 2


def test_a_cancelled_slip_is_told_to_nobody() -> None:
    cancelled = DeviceError(faults.DEV_CANCELLED, completion=CompletionCode.CANCELED)
    with pytest.raises(DeviceError):
        PrintingService(VoicesWords(), TERMINAL).print_slip(
            FakePrinter(cancelled), STATES[SlipKind.SAVED], CATALOGUE, WALL
        )


def test_a_text_that_this_terminal_does_not_know_fails_the_slip_and_prints_nothing() -> None:
    decision = Decision(DecisionKind.NOTICE, (Line("reason.XA032.from_the_future"),))
    printer = FakePrinter(PrintResult(PrintProof.PROVED))
    told = PrintingService(VoicesWords(), TERMINAL).print_slip(
        printer, replace(STORED, decision=decision), CATALOGUE, WALL
    )
    assert told == Printed(Printing.FAILED)
    assert printer.copy_no == 0
