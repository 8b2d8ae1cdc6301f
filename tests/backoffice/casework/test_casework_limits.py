"""Deadlines of cases, timers and the calendar: set with the move, kept over crashes, counted again on import."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.casework import ordinary, timers
from backoffice.casework.calendar import CalendarError, import_days, read_days
from backoffice.casework.limits import limits_of
from backoffice.domain.cases.case import Move, Role
from backoffice.domain.cases.limits import StopReason
from backoffice.domain.days import DayKind
from backoffice.store.tables import tables
from backoffice.store.tables.casework import case_limit, timer
from backoffice.upkeep.due_timers import Ringer, recompute
from backoffice.upkeep.timer_effects import EFFECTS


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def test_nobody_says_what_is_missing_for_five_workdays_so_the_case_is_admitted_as_of_its_receipt(life: Any) -> None:
    """From Tuesday 24 November 2026: the fifth workday is Tuesday 1 December."""
    case_no = life.handed_over()
    life.clock.moment = at("2026-12-01T23:59:58")
    assert life.ring() == 0 and life.state(case_no) == "handed_over"
    life.clock.moment = at("2026-12-02T00:00:00")
    assert life.ring() == 1 and life.state(case_no) == "admitted"
    assert life.events(case_no)[-1] == "deemed_accepted"
    with life.office.database.read() as connection:
        starts = {limit.kind: limit.term.start for limit in limits_of(connection, case_no)}
    assert starts and set(starts.values()) == {datetime.fromisoformat(life.row(case_no).accepted_at)}
    assert life.ring() == 0


def test_a_notice_in_time_keeps_a_case_from_being_admitted_by_silence(life: Any) -> None:
    case_no = life.handed_over()
    life.notice(case_no)
    life.clock.moment = at("2026-12-05T10:00:00")
    life.ring()
    assert life.state(case_no) == "noticed"
    life.supplement(case_no)
    assert life.timers(case_no) == {"deem_admitted/1": "2026-12-11T23:59:59.999+08:00"}
    life.clock.moment = at("2026-12-12T10:00:00")
    life.ring()
    with life.office.database.read() as connection:
        starts = {limit.term.start for limit in limits_of(connection, case_no)}
        assert not any(limit.term.stopped for limit in limits_of(connection, case_no))
    assert starts == {at("2026-12-05T10:00:00")}
    assert "limit_overdue/1" in life.timers(case_no), "what stood still before the limit began holds nothing up"


def test_a_notice_expires_only_after_it_was_reminded_of_and_what_comes_late_is_taken(life: Any) -> None:
    case_no = life.handed_over()
    life.notice(case_no, days=20)
    for day in range(1, 25):
        life.clock.moment = at("2026-11-24T12:00:00") + timedelta(days=day)
        life.ring()
    events = life.events(case_no)
    assert events[-3:] == ["reminded", "reminded", "expired"]
    life.supplement(case_no)
    assert life.state(case_no) == "supplemented"


def test_a_server_that_was_off_for_weeks_reminds_first_and_waits(life: Any) -> None:
    case_no = life.handed_over()
    life.notice(case_no, days=20)
    life.clock.advance(days=90)
    assert life.ring() == 3
    assert life.state(case_no) == "noticed" and life.events(case_no)[-1] == "reminded"
    life.clock.advance(days=3)
    life.ring()
    assert life.state(case_no) == "expired"


def test_who_works_on_it_is_reminded_before_the_day_and_told_once_it_is_over(life: Any) -> None:
    case_no = life.under_review()
    due = datetime.fromisoformat(life.timers(case_no)["limit_overdue/1"])
    assert life.row(case_no).due_on == due.date().isoformat()
    life.clock.moment = due
    life.ring()
    life.clock.moment = due + timedelta(milliseconds=1)
    life.ring()
    assert [e for e in life.events(case_no) if e in ("limit_near", "overdue")] == ["limit_near", "overdue"]


def test_a_crash_between_claim_and_effect_loses_nothing_and_doubles_nothing(life: Any) -> None:
    """The server that claimed dies; its lease ends and another one rings, once."""
    case_no = life.handed_over()
    life.clock.advance(days=30)

    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    with pytest.raises(Killed):
        Ringer(life.office, dict.fromkeys(EFFECTS, die)).ring()
    assert life.state(case_no) == "handed_over"
    assert life.ring() == 0, "the lease still lasts"
    for _ in range(3):
        life.clock.advance(seconds=timers.LEASE_S + 1)
        life.ring()
        assert life.events(case_no).count("deemed_accepted") == 1


def test_a_timer_whose_effect_fails_rests_and_the_others_ring(life: Any) -> None:
    first, second = life.handed_over(1), life.handed_over(2)
    life.clock.advance(days=30)
    failing = dict(EFFECTS)

    def fail_for_one(office: Any, connection: Any, subject: str, n: int) -> None:
        if subject == first:
            raise ValueError("a fault of our own")
        EFFECTS["deem_admitted"](office, connection, subject, n)

    failing["deem_admitted"] = fail_for_one
    assert Ringer(life.office, failing).ring() == 1
    assert (life.state(first), life.state(second)) == ("handed_over", "admitted")
    life.clock.advance(seconds=timers.RETRY_S + 1)
    assert life.ring() and life.state(first) == "admitted"


def test_two_servers_never_have_the_same_timer(life: Any) -> None:
    now = life.clock.now()

    def work(connection: Any) -> list[Any]:
        for n in range(7):
            timers.schedule(connection, "subject", "kind", now - timedelta(minutes=n), n)
        return [timers.claim_due(connection, now, 4), timers.claim_due(connection, now, 4)]

    one, other = life.office.database.transact(work)
    assert [claimed.n for claimed in one] == [6, 5, 4, 3]
    assert [claimed.n for claimed in other] == [2, 1, 0]


def days_of_2027() -> dict[date, DayKind]:
    """Not a published notice: a made-up one, long enough to move what is due in January."""
    free = {date(2027, 1, day): DayKind.HOLIDAY for day in range(1, 8)}
    return {**free, date(2027, 1, 9): DayKind.WORKDAY}


def test_an_imported_year_moves_the_days_that_it_concerns_with_an_event_each(life: Any) -> None:
    life.clock.moment = at("2026-12-28T10:00:00")
    moved, untouched = life.under_review(1), life.under_review(2)
    ordinary.stop_clock(life.office, life.order(untouched, Role.REVIEWER), StopReason.PUBLICITY, "")
    before = life.row(moved).due_on
    with life.office.database.read() as connection:
        assert all(limit.provisional for limit in limits_of(connection, moved))
    number = import_days(life.office, days_of_2027(), "a notice of the State Council")
    assert recompute(life.office) == 1
    assert life.row(moved).due_on > before
    assert life.events(moved)[-1] == "deadline_moved" and "deadline_moved" not in life.events(untouched)
    with life.office.database.read() as connection:
        assert not any(limit.provisional for limit in limits_of(connection, moved))
        assert set(connection.execute(select(case_limit.c.import_n)).scalars()) == {number}
        body = connection.execute(
            select(tables.outbox.c.body).where(tables.outbox.c.topic == "case.deadline_moved")
        ).scalar_one()
    assert json.loads(body)["statutory_was"] == before
    assert recompute(life.office) == 0


def test_a_year_imported_again_replaces_the_year_and_not_the_others(life: Any) -> None:
    case_no = life.under_review(1)
    first = life.row(case_no).due_on
    import_days(life.office, days_of_2027(), "first")
    import_days(life.office, {date(2027, 1, 1): DayKind.HOLIDAY}, "second")
    recompute(life.office)
    assert life.row(case_no).due_on == first, "2026 is still the catalogue's"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("date,kind\n2027-01-01,holiday\n2027-01-01,holiday\n", "line 3: 2027-01-01 stands twice"),
        ("date,kind\n2027-01-04,workday\n", "line 2: 2027-01-04 is worked anyway"),
        ("date,kind\n2027-13-01,holiday\n", "line 2: needs `date`"),
        ("date\tkind\n2027-01-01\tfeast\n", "line 2: needs `date`"),
        ("day;kind\n2027-01-01;holiday\n", "line 2: needs `date`"),
        ("date,kind\n2027-01-09,workday\n", "2027 has no holiday"),
        ("", "names no day"),
        ('date,kind\n"2027-01-01', "line 2: needs `date`|no table"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_with_its_line(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "days.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CalendarError, match=what):
        read_days(path)


def test_the_catalogues_own_table_is_a_calendar_that_can_be_imported() -> None:
    from backoffice.paths import catalogue_dir

    assert read_days(catalogue_dir() / "workdays.tsv")[date(2026, 10, 10)] is DayKind.WORKDAY


def test_timers_leave_no_row_that_would_ring_for_an_ended_case(life: Any) -> None:
    case_no = life.under_review()
    life.move(case_no, (Role.REVIEWER, Move.REVIEWED), (Role.DECIDER, Move.APPROVE))
    with life.office.database.read() as connection:
        open_ones = select(timer.c.kind).where(timer.c.subject == case_no, timer.c.done_at.is_(None))
        assert connection.execute(open_ones).all() == []


def test_who_lost_the_lease_or_whose_timer_was_taken_back_does_nothing(life: Any) -> None:
    """A slow server claims, another claims after the lease and ends it; then the slow one would."""
    now = life.clock.now()

    def work(connection: Any) -> list[bool]:
        timers.schedule(connection, "subject", "kind", now, 1)
        timers.schedule(connection, "subject", "other", now, 1)
        slow = timers.claim_due(connection, now, 2)
        later = now + timedelta(seconds=timers.LEASE_S + 1)
        timers.cancel(connection, "subject", "other")
        (fast,) = timers.claim_due(connection, later, 2)
        return [timers.finish(connection, one, later) for one in (*slow, fast, fast)]

    assert life.office.database.transact(work) == [False, False, True, False]


def test_a_calendar_that_changes_nothing_for_a_case_makes_no_timer_ring_again(life: Any) -> None:
    case_no = life.under_review()
    life.clock.advance(days=120)
    life.ring()
    before = life.events(case_no)
    assert before[-2:] == ["limit_near", "overdue"]
    import_days(life.office, days_of_2027(), "made up")
    recompute(life.office)
    life.ring()
    assert life.events(case_no) == before
