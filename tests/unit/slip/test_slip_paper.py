"""Slips as they come out on paper: length, large digits, the code, and what a reader reads."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from rapidocr import RapidOCR

from drivers.api import ReceiptRow, TextRow
from drivers.codec.escpos.jobs import FEED_AND_CUT, PARTIAL_CUT, EscposOptions, encode, feed
from drivers.sim._receipt.glyphs import Rom
from drivers.sim._receipt.makes import BUILDS
from drivers.sim._receipt.paper import Paper
from drivers.sim._receipt.render import Cut, Interpreter, Strip
from kiosk.adapters.words import VoicesWords
from kiosk.app.slip.printing import rows_for
from kiosk.domain.catalogue import Catalogue, Mode, ServiceItem
from kiosk.domain.slip.blocks import SlipTerminal, slip_for
from kiosk.domain.speech import Arg, ArgKind, Lang, Line
from kiosk.domain.visit.machine import Decision, DecisionKind, Resident, VisitState

DOTS_PER_MM = 8
LONGEST_DOTS = 200 * DOTS_PER_MM
CASE_NO = "3502130078261124000019"
DAY = {"date": Arg(ArgKind.DATE, "2027-12-25")}
WALL = datetime(2026, 11, 24, 9, 42)
ROM = Rom({}, cutter_distance_dots=96)

SHORT = SlipTerminal("后村社区", "后村社区服务大厅", "KIOSK-0071", "000-0000-0096")
LONG = SlipTerminal(
    "厦门火炬高新区翔安产业区社区", "金海街道后村社区党群服务中心一楼便民服务大厅", "350213007007-KIOSK-0071"
)
PEOPLE = {
    "short": Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", ""),
    "rare": Resident("resident", "𠮷嬷", "350221194001010069", "2", "1940-01-01", ""),
    "long": Resident(
        "foreigner_2023",
        "MARIA ANGELES FERNANDEZ GONZALEZ Y SANTOS",
        "932682198501010017",
        "2",
        "1943-06-20",
        "",
    ),
}
FACTS = {"amount_fen": "10000", "starts_on": "2026-12-15", "bank": "农商银行", "last4": "6821"}
REASONS = (Line("reason.XA032.age", DAY), Line("reason.XA032.household"), Line("reason.XA032.account"))
DECISIONS = {
    "approved": Decision(DecisionKind.APPROVED, facts=FACTS, query_code="4821"),
    "approved_long_bank": Decision(
        DecisionKind.APPROVED, facts={**FACTS, "bank": "中国邮政储蓄银行股份有限公司厦门翔安支行"}, query_code="4821"
    ),
    "notice": Decision(DecisionKind.NOTICE, REASONS[:1], Line("next.XA032.age", DAY), query_code="4821"),
    "notice_of_three": Decision(DecisionKind.NOTICE, REASONS, Line("next.XA032.age", DAY), query_code="4821"),
    "pending": Decision(DecisionKind.PENDING, query_code="4821"),
    "saved": None,
}


def catalogue(official: str) -> Catalogue:
    item = ServiceItem("XA032", 1, "pension", official, "领长寿钱", Mode.APPLY, True)
    return Catalogue(1, ("pension",), ("XA032",), (item,))


def state(kind: str, person: str = "short", copies: int = 1, lang: Lang = Lang.CMN) -> VisitState:
    if kind == "call":
        who = {"who": Arg(ArgKind.TEXT, "后村社区值班员"), "minutes": Arg(ArgKind.COUNT, "15")}
        answer = Line("help.accepted", {**who, "ticket": Arg(ArgKind.DIGITS, "318")})
        return VisitState(case_no=CASE_NO, call_answer=answer, copies=copies, lang=lang)
    base = VisitState(case_no=CASE_NO, item_id="XA032", resident=PEOPLE[person], stored=True, copies=copies, lang=lang)
    return replace(base, decision=DECISIONS[kind])


def slip_rows(shown: VisitState, terminal: SlipTerminal = SHORT, official: str = "高龄津贴申领") -> list[ReceiptRow]:
    return rows_for(slip_for(shown, catalogue(official), terminal, WALL), VoicesWords(), shown.lang)


def on_paper(rows: list[ReceiptRow], folder: Path) -> Image.Image:
    """Through the encoder's bytes and the simulated printer's own interpreter."""
    brain, paper = Interpreter(576, ROM), Paper(576, ROM.cutter_distance_dots)
    brain.feed(b"".join((*encode(rows, EscposOptions()), FEED_AND_CUT)))
    while (op := brain.step()) is not None:
        if isinstance(op, Strip):
            paper.print_rows(op.picture)
        elif isinstance(op, Cut):
            paper.cut(folder)
    assert brain.errors == []
    assert len(paper.pages) == 1
    return Image.open(paper.pages[0].path).convert("L")


def on_narrow_paper(rows: list[ReceiptRow], folder: Path) -> Image.Image:
    """58 mm: 384 dots, no native QR codes, a cut without a feed."""
    build = BUILDS["escpos_58mm"]
    brain = Interpreter(build.width_dots, ROM, build.lacks)
    paper = Paper(build.width_dots, build.cutter_distance_dots)
    job = encode(rows, EscposOptions(width_dots=build.width_dots, native_qr=False, band_rows=48))
    brain.feed(b"".join((*job, feed(build.cutter_distance_dots), PARTIAL_CUT)))
    while (op := brain.step()) is not None:
        if isinstance(op, Strip):
            paper.print_rows(op.picture)
        elif isinstance(op, Cut):
            paper.cut(folder)
    assert brain.errors == []
    return Image.open(paper.pages[0].path).convert("L")


@pytest.mark.parametrize(("kind", "person"), list(itertools.product((*DECISIONS, "call"), PEOPLE)))
def test_every_slip_fits_narrow_paper_too_and_the_code_still_reads(kind: str, person: str, tmp_path: Path) -> None:
    rows = slip_rows(state(kind, person), LONG, official="60周岁以上农村籍退役士兵老年生活补助申报")
    picture = on_narrow_paper(rows, tmp_path)
    assert picture.width == 384
    assert picture.height <= LONGEST_DOTS * 5 // 4, f"{picture.height / DOTS_PER_MM:.0f} mm"
    code = "-" if kind in ("saved", "call") else "4821"
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [f"TSHP1:{CASE_NO}:{code}:CMN"]


@pytest.mark.parametrize(("kind", "lang"), list(itertools.product((*DECISIONS, "call"), Lang)))
def test_every_slip_fits_twenty_centimetres(kind: str, lang: Lang, tmp_path: Path) -> None:
    picture = on_paper(slip_rows(state(kind, copies=2, lang=lang)), tmp_path)
    assert picture.width == 576
    assert picture.height <= LONGEST_DOTS, f"{picture.height / DOTS_PER_MM:.0f} mm"


@pytest.mark.parametrize(("kind", "person"), list(itertools.product((*DECISIONS, "call"), PEOPLE)))
def test_long_and_rare_names_fit_too_and_the_code_still_reads(kind: str, person: str, tmp_path: Path) -> None:
    rows = slip_rows(state(kind, person), LONG, official="60周岁以上农村籍退役士兵老年生活补助申报")
    picture = on_paper(rows, tmp_path)
    assert picture.height <= LONGEST_DOTS, f"{picture.height / DOTS_PER_MM:.0f} mm"
    code = "-" if kind in ("saved", "call") else "4821"
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [f"TSHP1:{CASE_NO}:{code}:CMN"]


def test_the_numbers_digits_are_at_least_six_millimetres_high(tmp_path: Path) -> None:
    digits = [row for row in slip_rows(state("saved")) if isinstance(row, TextRow) and row.text == "0078 2611"]
    assert len(digits) == 1
    box = on_paper(list(digits), tmp_path).point(lambda grey: 255 - grey).getbbox()
    assert box is not None
    assert box[3] - box[1] >= 6 * DOTS_PER_MM


def test_a_slip_reaches_the_paper_in_a_few_seconds() -> None:
    for kind in (*DECISIONS, "call"):
        job = b"".join(encode(slip_rows(state(kind)), EscposOptions()))
        assert len(job) * 10 / 115200 < 5.0, kind


def test_a_reader_finds_the_words_on_the_paper(tmp_path: Path) -> None:
    picture = on_paper(slip_rows(state("saved", copies=2)), tmp_path)
    found = RapidOCR(params={"Global.log_level": "error"})(picture.convert("RGB"))
    text = "".join(found.txts).replace(" ", "")
    for words in (
        "先收下",
        "还没有办好",
        "副本",
        "收件凭证",
        "本凭证不代表受理",
        "00782611",
        "24000019",
        SHORT.phone,
    ):
        assert words in text, words
