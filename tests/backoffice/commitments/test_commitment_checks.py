"""The later check of a commitment is not forgotten: its timer rings once, and what ends it takes the timer back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from backoffice.casework.calendar import import_days
from backoffice.casework.events import case_row
from backoffice.casework.moving import take
from backoffice.commitments import ends, promises
from backoffice.commitments.days import recount
from backoffice.commitments.ends import Finding
from backoffice.domain.cases.case import Move, Role
from backoffice.domain.days import DayKind
from backoffice.identity.staff import Staff
from backoffice.store.tables import tables

CHECKER = Staff("wang", frozenset({"reviewer"}), None, None, "s1")
TIMER = "commitment_check/1"
OVERDUE = "commitment_check_overdue"
PROMISED = {
    "item_id": "XA016",
    "form": {"work_kind": "trade", "work_place": "后村市场", "work_since": "2026-11-01"},
    "commitment": "commitment.XA016",
}


def made(life: Any, case_no: str) -> Any:
    with life.office.database.read() as connection:
        return promises.of_case(connection, case_no)


def granted(life: Any, serial: int = 1) -> str:
    """On its commitment, by the machine; a terminal with its registers does the same."""
    case_no: str = life.accept(serial, **PROMISED)

    def work(connection: Any) -> None:
        row = case_row(connection, case_no, lock=True)
        take(life.office, connection, row, Move.APPROVE, Role.RULE_ENGINE, "rules:test")

    life.office.database.transact(work)
    return case_no


def until_late(life: Any, case_no: str) -> None:
    late = datetime.combine(date.fromisoformat(made(life, case_no).check_due_on), datetime.min.time())
    life.clock.moment = late.replace(tzinfo=life.clock.moment.tzinfo) + timedelta(days=1)


def listed(life: Any) -> dict[str, bool]:
    return {check["case_no"]: check["overdue"] for check in ends.due_checks(life.office, CHECKER)}


def outbox(life: Any, case_no: str) -> list[str]:
    table = tables.outbox
    own = (table.c.case_no == case_no) & (table.c.topic == f"case.{OVERDUE}")
    with life.office.database.read() as connection:
        return list(connection.execute(select(table.c.body).where(own)).scalars())


def test_a_check_that_nobody_made_rings_once_and_stands_out_in_the_list(life: Any) -> None:
    case_no = granted(life)
    until_late(life, case_no)
    assert datetime.fromisoformat(life.timers(case_no)[TIMER]) == life.clock.now()
    life.clock.advance(seconds=-1)
    assert (life.ring(), listed(life), outbox(life, case_no)) == (0, {case_no: False}, [])
    life.clock.advance(seconds=1)
    assert (life.ring(), life.ring()) == (1, 0)
    assert listed(life) == {case_no: True}
    assert (life.events(case_no).count(OVERDUE), len(outbox(life, case_no))) == (1, 1)
    assert life.timers(case_no) == {}


def test_a_result_a_withdrawal_and_the_ordinary_way_take_the_timer_back(life: Any) -> None:
    kept, broken, lapsed, gone = (granted(life, n) for n in range(1, 5))
    assert all(TIMER in life.timers(case_no) for case_no in (kept, broken, lapsed, gone))
    for case_no, finding in ((kept, Finding(True, "摊位在")), (broken, Finding(False, "没有摊位"))):
        ends.settle(life.office, CHECKER, made(life, case_no).commitment_id, 1, finding)
    life.office.database.transact(lambda connection: promises.lapse(life.office, connection, lapsed))
    assert TIMER not in {**life.timers(kept), **life.timers(broken), **life.timers(lapsed)}
    until_late(life, gone)
    life.ring()
    assert [OVERDUE in life.events(case_no) for case_no in (kept, broken, lapsed, gone)] == [False] * 3 + [True]


def test_taken_back_at_a_terminal_it_does_not_ring(life: Any, terminal: Any, submission: Callable[..., Any]) -> None:
    case = terminal.post_case(submission(**PROMISED)).json()
    assert TIMER in life.timers(case["case_no"])
    target = f"/v1/cases/{case['case_no']}/commitment/withdrawal"
    assert terminal.call("POST", target, {"code": case["query_code"]}, key="w1").status_code == 201
    assert TIMER not in life.timers(case["case_no"])


def test_what_people_grant_is_checked_too_and_what_is_not_decided_yet_is_asked_again(life: Any) -> None:
    case_no = life.handed_over(1, **PROMISED)
    until_late(life, case_no)
    assert life.ring() >= 1
    assert OVERDUE not in life.events(case_no)
    assert life.timers(case_no)[TIMER][:10] == (life.clock.now() + timedelta(days=1)).date().isoformat()
    life.move(
        case_no,
        *((Role.INTAKE, Move.ADMIT) for _ in range(life.state(case_no) == "handed_over")),
        (Role.REVIEWER, Move.BEGIN_REVIEW),
        (Role.REVIEWER, Move.REVIEWED),
        (Role.DECIDER, Move.APPROVE),
    )
    assert set(life.timers(case_no)) == {TIMER}
    life.clock.advance(days=1)
    life.ring()
    assert (OVERDUE in life.events(case_no), listed(life)) == (True, {case_no: True})


def test_nothing_is_checked_of_a_case_that_was_withdrawn(life: Any) -> None:
    case_no = life.handed_over(1, **PROMISED)
    late = life.timers(case_no)[TIMER]

    def work(connection: Any) -> None:
        take(life.office, connection, case_row(connection, case_no, lock=True), Move.WITHDRAW, Role.RESIDENT, "K1")

    life.office.database.transact(work)
    assert (bool(late), life.timers(case_no)) == (True, {})


def test_an_imported_year_moves_the_check_and_its_timer_once(life: Any) -> None:
    """Twenty workdays from the middle of December end behind a new year that nobody had published."""
    life.clock.moment = life.clock.moment.replace(month=12, day=15)
    standing, ended = granted(life), granted(life, 2)
    withdrawn = made(life, ended)
    ends.settle(life.office, CHECKER, withdrawn.commitment_id, withdrawn.row_version, Finding(True, "摊位在"))
    before = made(life, standing)
    assert before.check_provisional
    import_days(life.office, {date(2027, 1, day): DayKind.HOLIDAY for day in range(1, 8)}, "made up")
    assert recount(life.office) == 1
    after = made(life, standing)
    assert after.check_due_on > before.check_due_on and not after.check_provisional
    assert after.row_version == before.row_version + 1 and made(life, ended).check_due_on == before.check_due_on
    assert life.events(standing)[-1] == "commitment_check_moved" and recount(life.office) == 0
    life.clock.moment = datetime.combine(
        date.fromisoformat(before.check_due_on) + timedelta(days=1), datetime.min.time(), life.clock.moment.tzinfo
    )
    life.ring()
    assert outbox(life, standing) == [], "it rings on its new day"
    until_late(life, standing)
    life.ring()
    assert len(outbox(life, standing)) == 1
