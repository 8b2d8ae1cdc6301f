"""What orders matters whose calendar clock was wrong: every request of one run names the same boot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from kiosk.app.booking.effects import BookingEffects
from kiosk.app.money.effects import PaymentEffects
from kiosk.app.visit.effect_tools import EffectTools, TerminalSite
from kiosk.domain.money.state import Bill, Money, Way
from kiosk.domain.ports import Reply
from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit.machine import Do, Ev, Event, Resident, VisitState

OWN = Resident("id_card", "王小明", "350213195003127421", "female", "1950-03-12", "", "2036-01-01", "chip")
STATE = VisitState(case_no="3502130078261124000017", item_id="XA004", resident=OWN, lang=Lang.NAN)


class Office:
    def __init__(self) -> None:
        self.boots: list[str] = []

    def post(self, target: str, body: Mapping[str, Any], key: str = "") -> Reply:
        self.boots.append(body["submission"]["boot_id"])
        return Reply(422, {"code": "invalid_request"})


class AtOnce(EffectTools):
    """Does at once what would be done on a pool."""

    def ask(self, work: Callable[[], None], otherwise: Callable[[], None] = lambda: None) -> None:
        work()

    def store(self, work: Callable[[], None], otherwise: Callable[[], None] = lambda: None) -> None:
        work()


def test_a_booking_and_a_payment_of_one_run_name_one_boot() -> None:
    office: Any = Office()
    clock: Any = SimpleNamespace(now=lambda: 0.0, wall=lambda: datetime(2026, 11, 24, tzinfo=UTC))
    outbox: Any = SimpleNamespace(submit=lambda item: None)
    catalogue: Any = SimpleNamespace()
    tools = AtOnce(
        clock=clock,
        outbox=outbox,
        back_office=office,
        catalogue=catalogue,
        place=TerminalSite("350213007001"),
        text_version=lambda lang, key: "",
    )
    bill = Bill("b", "XA004", 100, Line("bill.nothing_due"), ())
    state = replace(STATE, money=Money(bill=bill, way=Way.SLIP, day="2026-11-25", start="09:00"))
    BookingEffects(tools).handlers()[Do.BOOK](state, Event(Ev.YES), lambda event: None)
    PaymentEffects(tools).handlers()[Do.PAY](state, Event(Ev.WAY, Way.SLIP), lambda event: None)
    assert office.boots == [tools.boot_id] * 2
