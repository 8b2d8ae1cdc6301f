"""Slips of payments, appointments and numbers: their words, nothing personal, and the code that opens them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from kiosk.adapters.words import VoicesWords
from kiosk.app.slip.printing import rows_for
from kiosk.domain.case_number import mint
from kiosk.domain.catalogue import Catalogue, Mode, ServiceItem
from kiosk.domain.money.slip import money_slip
from kiosk.domain.money.state import Appointment, Money, OwnSlip, Payment, PayState, Ticket, Way
from kiosk.domain.slip.blocks import SlipKind, SlipTerminal, Verify
from kiosk.domain.slip.codes import read_appointment, read_payload
from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit.machine import Resident, VisitState

ITEM = ServiceItem("XA054", 1, "health", "老年人健康体检预约", "老人体检约时间", Mode.BOOK, True)
CATALOGUE = Catalogue(1, ("health",), ("XA054",), (ITEM,))
TERMINAL = SlipTerminal("后村", "后村社区服务大厅", "KIOSK-0071", "000-0000-0096")
WALL = datetime(2026, 11, 24, 9, 42, tzinfo=timezone(timedelta(hours=8)))
NUMBER = mint("350213", 7, 8, "261124", 1)
OLDER = mint("350213", 7, 8, "261120", 9)
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处")
MADE = Appointment(OLDER, "2026-11-25", "07:30", "Y701", "booked", Line("book.done"), "4821", Line("book.place.town"))


def paid(state: PayState, slip_code: str = "") -> Money:
    line = Line("pay.waiting")
    return Money(payment=Payment(state, Way.CODE, 43_000, line, 1, slip_code, "2026-12-01", "R-0001", "4821"))


STATES = {
    SlipKind.PAID: paid(PayState.BOOKED),
    SlipKind.PAY_SLIP: paid(PayState.SENT, "35021326000000000108"),
    SlipKind.PAY_UNKNOWN: paid(PayState.UNANSWERED),
    SlipKind.APPOINTMENT: Money(appointment=MADE),
    SlipKind.CANCELLED: Money(
        appointment=Appointment(OLDER, "2026-11-25", "07:30", "Y701", "cancelled", Line("book.cancelled")),
        slip=OwnSlip(OLDER, "4821", "XX999"),
    ),
    SlipKind.TICKET: Money(ticket=Ticket("P501", 12, 96, Line("queue.ticket"))),
    SlipKind.UNSURE: Money(is_unsure=True, day="2026-11-25", start="07:30"),
}


def state(kind: SlipKind, **changes: object) -> VisitState:
    money = STATES[kind]
    item_id = "" if kind in (SlipKind.TICKET, SlipKind.CANCELLED) else "XA054"
    return VisitState(case_no=NUMBER, item_id=item_id, resident=KIM, money=money, **changes)  # type: ignore[arg-type]  # named fields


def text(kind: SlipKind, lang: Lang = Lang.CMN) -> str:
    slip = money_slip(state(kind), CATALOGUE, TERMINAL, WALL)
    assert slip.kind is kind
    return "\n".join(str(row) for row in rows_for(slip, VoicesWords(), lang))


def code(kind: SlipKind) -> str:
    blocks = money_slip(state(kind), CATALOGUE, TERMINAL, WALL).blocks
    return next((block.payload for block in blocks if isinstance(block, Verify)), "")


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("kind", list(STATES))
def test_each_slip_has_words_and_nobody_in_full(kind: SlipKind, lang: Lang) -> None:
    printed = text(kind, lang)
    assert TERMINAL.phone in printed
    assert KIM.name not in printed and KIM.number not in printed


def test_what_is_not_paid_says_so_and_how() -> None:
    slip, unknown = text(SlipKind.PAY_SLIP), text(SlipKind.PAY_UNKNOWN)
    assert "还没有交钱" in slip and "3502132600" in slip and "0000000108" in slip and "430元" in slip
    assert "请不要再交一次" in unknown and "收据号" not in unknown
    assert "钱交好了" in text(SlipKind.PAID)


def test_an_appointments_slip_is_its_ticket_and_every_other_only_asks() -> None:
    shown = read_appointment(code(SlipKind.APPOINTMENT))
    assert shown == OwnSlip(NUMBER, "4821", "XA054")
    assert read_payload(code(SlipKind.APPOINTMENT)) is None
    assert read_payload(code(SlipKind.PAY_SLIP)) == (NUMBER, "4821")
    assert read_payload(code(SlipKind.UNSURE)) == (NUMBER, "")
    assert code(SlipKind.TICKET) == ""


def test_an_item_that_no_catalogue_knows_is_left_out_and_breaks_nothing() -> None:
    assert "XX999" not in text(SlipKind.CANCELLED)


def test_a_visit_without_money_or_time_has_no_such_slip() -> None:
    with pytest.raises(ValueError, match="nothing"):
        money_slip(VisitState(case_no=NUMBER), CATALOGUE, TERMINAL, WALL)
