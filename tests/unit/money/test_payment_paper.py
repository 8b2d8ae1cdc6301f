"""The office's paper of a payment on A4, and a slip wherever no sheet came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.app.money.paper import PaymentPaper
from kiosk.domain.money.state import Money, Payment, PayState, Way
from kiosk.domain.outbox import ItemKind, OutboxItem
from kiosk.domain.ports import FileReply, Reply
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Printed, Printing, Step, VisitState

NUMBER = "3502130078261124000017"
MADE = {"document_id": "d" * 32, "digest": "0" * 64, "copy": 1, "code": "A" * 20}


@dataclass
class World:
    """Everything around the paper: a back office, a document printer, a slip printer, an outbox."""

    reply: Reply = field(default_factory=lambda: Reply(201, MADE))
    sheet: Printed = field(default_factory=lambda: Printed(Printing.PROVED, on_sheet=True))
    is_usable: bool = True
    slips: int = 0
    sheets: int = 0
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def post(self, target: str, body: Mapping[str, object], key: str = "") -> Reply:
        self.asked.append(key)
        return self.reply

    def file(self, target: str, digest: str = "") -> FileReply:
        return FileReply(200, b"%PDF")

    def item(self, case_no: str, kind: ItemKind, suffix: str, order: int, body: Mapping[str, object]) -> OutboxItem:
        return OutboxItem(f"{case_no}/{suffix}", kind, case_no, order, body, "")

    def submit(self, item: OutboxItem) -> None:
        self.told.append(str(item.body["outcome"]))

    def print_at_once(self, pdf: bytes, case_no: str, on_done: Callable[[Printed], None]) -> None:
        self.sheets += 1
        on_done(self.sheet)

    def print_slip(self, state: VisitState, on_done: Callable[[Printed], None]) -> None:
        self.slips += 1
        on_done(Printed(Printing.PROVED))

    def stop(self) -> None:
        """The visit is over."""

    def ask(self, work: Callable[[], None], otherwise: Callable[[], None]) -> None:
        self.waiting.append(work)

    def run(self) -> None:
        for work in self.waiting:
            work()


def paper(world: World) -> PaymentPaper:
    tools: Any = SimpleNamespace(
        ask=world.ask,
        store=lambda work: work(),
        item=world.item,
        outbox=world,
        back_office=world,
    )
    return PaymentPaper(tools, world, world)


def paid(state: PayState, slip_code: str = "") -> VisitState:
    payment = Payment(state, Way.SLIP, 4680, Line("bill.nothing_due"), 1, slip_code)
    return VisitState(step=Step.PRINT, case_no=NUMBER, money=Money(payment=payment), copies=1)


OPEN_SLIP = paid(PayState.SENT, "1" * 20)


def printed(world: World, state: VisitState) -> list[Printed]:
    got: list[Printed] = []
    paper(world).print_slip(state, got.append)
    world.run()
    return got


@pytest.mark.parametrize("state", [OPEN_SLIP, paid(PayState.BOOKED)])
def test_a_slip_to_pay_with_and_a_receipt_come_on_a4_and_that_is_told(state: VisitState) -> None:
    world = World()
    assert [one.on_sheet for one in printed(world, state)] == [True]
    assert (world.sheets, world.slips, world.told) == (1, 0, ["printed"])


@pytest.mark.parametrize(
    "world",
    [
        World(is_usable=False),
        World(reply=Reply(0, {})),
        World(reply=Reply(409, {"code": "paper_not_yet"})),
        World(sheet=Printed(Printing.FAILED, "doc_paper_out")),
    ],
    ids=["no printer", "no network", "no paper of it", "out of sheets"],
)
def test_where_no_sheet_comes_out_the_slip_does(world: World) -> None:
    assert [one.printing for one in printed(world, OPEN_SLIP)] == [Printing.PROVED]
    assert world.slips == 1


def test_a_sheet_that_may_lie_in_the_tray_is_not_made_good_by_a_slip() -> None:
    world = World(sheet=Printed(Printing.UNKNOWN, on_sheet=True))
    assert [one.printing for one in printed(world, OPEN_SLIP)] == [Printing.UNKNOWN]
    assert (world.slips, world.told) == (0, ["unknown"])


def test_what_nobody_knows_and_what_is_no_payment_keep_their_own_slip() -> None:
    world = World()
    printed(world, paid(PayState.UNKNOWN))
    printed(world, VisitState(step=Step.PRINT, case_no=NUMBER))
    assert (world.slips, world.asked) == (2, [])


def test_a_further_copy_is_a_paper_of_its_own_and_the_same_wish_is_not() -> None:
    world = World()
    printed(world, OPEN_SLIP)
    again = VisitState(step=Step.PRINT, case_no=NUMBER, money=OPEN_SLIP.money, copies=2)
    printed(World(asked=world.asked), again)
    assert len(set(world.asked)) == 2


def test_nothing_comes_out_for_a_visit_that_is_over() -> None:
    world = World()
    got: list[Printed] = []
    machine = paper(world)
    machine.print_slip(OPEN_SLIP, got.append)
    machine.stop()
    world.run()
    assert (world.sheets, world.slips, got) == (0, 0, [])
