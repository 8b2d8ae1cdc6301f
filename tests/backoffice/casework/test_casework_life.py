"""The life of a case: who moves it where, what each move leaves behind, and that events tell all of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from backoffice.casework import limits, ordinary
from backoffice.casework.moving import standing_of
from backoffice.domain.cases.case import ENDED, SEPARATED, TABLE, Actor, CaseState, Move, NotAllowed, Role
from backoffice.domain.cases.limits import StopReason
from backoffice.domain.cases.standing import EVENT_OF_MOVE, Event, Standing, check_move, possible, rebuild
from backoffice.domain.items.terms import ExpertNeed
from backoffice.problems.problem import Problem
from backoffice.store.audit import verify
from backoffice.store.tables import tables

WHOLE = (
    (Role.INTAKE, Move.ADMIT),
    (Role.REVIEWER, Move.BEGIN_REVIEW),
    (Role.REVIEWER, Move.ASK_EXPERT),
    (Role.TECHNICAL_REVIEWER, Move.REPORT),
    (Role.REVIEWER, Move.REVIEWED),
    (Role.DECIDER, Move.APPROVE),
)


def refused(code: str, work: Callable[[], Any]) -> None:
    with pytest.raises(Problem) as raised:
        work()
    assert raised.value.code == code


def with_an_expert(life: Any) -> str:
    """A case of an item that nobody decides without an expert's opinion."""
    return str(life.handed_over(item_id="XA047", form={"aid_kind": "crutch", "use_place": "both"}))


def test_a_case_goes_from_receipt_to_approval_with_an_event_an_audit_link_and_a_message_each(life: Any) -> None:
    case_no = with_an_expert(life)
    assert life.move(case_no, *WHOLE) == "approved"
    events = life.events(case_no)
    assert events == [
        *("accepted", "handed_over", "admitted", "review_begun", "expert_asked", "expert_reported"),
        *("reviewed", "approved"),
    ]
    with life.office.database.read() as connection:
        links, broken = verify(connection, life.office.chain_key)
        messages = connection.execute(select(func.count()).select_from(tables.outbox)).scalar_one()
    assert (broken, messages) == ([], len(events)) and links >= len(events)
    assert life.row(case_no).row_version == len(events)
    assert life.timers(case_no) == {}


def test_an_expert_is_asked_where_the_item_names_one_and_heard_where_it_requires_one(life: Any) -> None:
    plain, technical = life.under_review(2), with_an_expert(life)
    refused("move_not_allowed", lambda: life.move(plain, (Role.REVIEWER, Move.ASK_EXPERT)))
    life.move(technical, *WHOLE[:2])
    refused("move_not_allowed", lambda: life.move(technical, (Role.REVIEWER, Move.REVIEWED)))
    life.move(technical, (Role.REVIEWER, Move.ASK_EXPERT))
    refused("move_not_allowed", lambda: life.move(technical, (Role.REVIEWER, Move.REPORT)))
    assert life.move(technical, *WHOLE[3:5]) == "to_decide"
    assert life.move(plain, (Role.REVIEWER, Move.REVIEWED)) == "to_decide"


@pytest.mark.parametrize("need", list(ExpertNeed))
def test_what_an_expert_may_and_must_do_hangs_on_the_item_and_is_asked_anew_when_reopened(need: ExpertNeed) -> None:
    def line(event: str, to: CaseState) -> Event:
        return Event(event, to, Role.REVIEWER, "r")

    history = [Event("accepted", CaseState.ACCEPTED, Role.INTAKE, "K1"), line("review_begun", CaseState.UNDER_REVIEW)]

    def moves() -> set[Move]:
        found = possible(rebuild(history, need), frozenset((Role.REVIEWER,)), "r")
        return set(found) & {Move.ASK_EXPERT, Move.REVIEWED}

    may, must = need is not ExpertNeed.NONE, need is ExpertNeed.REQUIRED
    before = {move for move, is_open in ((Move.ASK_EXPERT, may), (Move.REVIEWED, not must)) if is_open}
    assert moves() == before
    history.append(Event("expert_reported", CaseState.UNDER_REVIEW, Role.TECHNICAL_REVIEWER, "t"))
    assert moves() == before | {Move.REVIEWED}
    history.append(Event("reopened", CaseState.UNDER_REVIEW, Role.DECIDER, "d"))
    assert moves() == before


def test_what_fails_half_way_leaves_nothing_behind(life: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction: the limit cannot be counted, so the case was not admitted and no event says so."""
    case_no = life.handed_over()

    def broken(*_: Any) -> None:
        raise RuntimeError("the calendar is broken")

    monkeypatch.setattr(limits, "start", broken)
    with pytest.raises(RuntimeError):
        life.move(case_no, (Role.INTAKE, Move.ADMIT))
    assert life.state(case_no) == "handed_over"
    assert life.events(case_no) == ["accepted", "handed_over"]
    assert set(life.timers(case_no)) == {"deem_admitted/1"}


def test_nobody_acts_in_two_separated_roles_on_one_case_whatever_the_account_says(life: Any) -> None:
    everything = Actor("all-rounder", SEPARATED, None)
    case_no = life.handed_over()
    for wanted, role in ((Move.ADMIT, Role.INTAKE), (Move.BEGIN_REVIEW, Role.REVIEWER)):
        order = replace(life.order(case_no, role), actor=everything)
        if role is Role.INTAKE:
            ordinary.move_case(life.office, order, wanted, "")
        else:
            refused(
                "roles_not_separate", lambda order=order: ordinary.move_case(life.office, order, Move.BEGIN_REVIEW, "")
            )
    other = life.handed_over(2)
    life.move(other, (Role.INTAKE, Move.ADMIT))
    order = replace(life.order(other, Role.REVIEWER), actor=everything)
    assert ordinary.move_case(life.office, order, Move.BEGIN_REVIEW, "")


def test_another_town_does_not_see_the_case_and_another_role_does_not_move_it(life: Any) -> None:
    case_no = life.handed_over()
    order = life.order(case_no, Role.INTAKE)
    stranger = Actor("elsewhere", frozenset((Role.INTAKE,)), "350213001")
    reviewer = life.people[Role.REVIEWER]
    refused("case_unknown", lambda: ordinary.move_case(life.office, replace(order, actor=stranger), Move.ADMIT, ""))
    refused("forbidden", lambda: ordinary.move_case(life.office, replace(order, actor=reviewer), Move.ADMIT, ""))
    refused("move_not_allowed", lambda: ordinary.move_case(life.office, order, Move.APPROVE, ""))
    superior = Actor("above", frozenset((Role.SUPERIOR,)), "350213001")
    refused(
        "move_not_allowed",
        lambda: ordinary.move_case(
            life.office, replace(order, actor=superior, role=Role.SUPERIOR), Move.SEND_BACK, "x"
        ),
    )


def test_of_many_moves_at_once_exactly_one_wins(life: Any) -> None:
    case_no = life.handed_over()
    order, begin = life.order(case_no, Role.INTAKE), threading.Barrier(8, timeout=30)

    def admit(_: int) -> str:
        begin.wait()
        try:
            ordinary.move_case(life.office, order, Move.ADMIT, "")
        except Problem as problem:
            return problem.code
        return "moved"

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(admit, range(8)))
    assert answers == {"moved": 1, "version_stale": 7}
    assert life.events(case_no).count("admitted") == 1


def test_the_clock_stops_for_a_special_procedure_and_nothing_is_decided_meanwhile(life: Any) -> None:
    case_no = life.under_review()
    due_on = life.row(case_no).due_on
    ordinary.stop_clock(life.office, life.order(case_no, Role.REVIEWER), StopReason.HEARING, "")
    assert not any(kind.startswith("limit") for kind in life.timers(case_no))
    refused("move_not_allowed", lambda: life.move(case_no, (Role.REVIEWER, Move.REVIEWED)))
    refused(
        "move_not_allowed",
        lambda: ordinary.stop_clock(life.office, life.order(case_no, Role.REVIEWER), StopReason.HEARING, ""),
    )
    life.clock.advance(days=7)
    ordinary.resume_clock(life.office, life.order(case_no, Role.REVIEWER), "")
    assert life.row(case_no).due_on > due_on
    assert {"limit_reminder/1", "limit_overdue/1"} <= set(life.timers(case_no))
    assert life.move(case_no, (Role.REVIEWER, Move.REVIEWED)) == "to_decide"


def test_a_resident_takes_the_request_back_and_no_limit_runs_any_more(life: Any) -> None:
    case_no = life.under_review()
    assert life.move(case_no, (Role.INTAKE, Move.WITHDRAW)) == "withdrawn"
    assert life.timers(case_no) == {}
    with life.office.database.read() as connection:
        assert list(limits.limits_of(connection, case_no)) == []


def test_random_walks_of_people_are_rebuilt_from_the_events(life: Any) -> None:
    """Each way by which people can go is tried once in a while; what the row says is what the events say."""
    choice = iter(range(10_000))
    for serial in range(1, 6):
        case_no = life.handed_over(serial)
        for _ in range(12):
            with life.office.database.read() as connection:
                standing = standing_of(connection, case_no)
            assert standing.state == life.state(case_no)
            moves = [
                (role, wanted)
                for role, actor in life.people.items()
                for wanted in possible(standing, frozenset((role,)), actor.login)
                if wanted in ordinary.ORDINARY
            ]
            if not moves:
                break
            role, wanted = moves[(next(choice) * 7 + serial) % len(moves)]
            life.move(case_no, (role, wanted))
        assert CaseState(life.state(case_no)) in ENDED


@settings(max_examples=80)
@given(st.lists(st.tuples(st.sampled_from(Move), st.sampled_from(Role), st.integers(0, 3)), max_size=40))
def test_no_sequence_of_wishes_leaves_the_table(wishes: list[tuple[Move, Role, int]]) -> None:
    """Whatever is asked for by whomever: refused, or a row of the table; and the history rebuilds each state."""
    history = [Event("accepted", CaseState.ACCEPTED, Role.INTAKE, "K1")]
    standing = rebuild(history)
    assert standing == Standing(CaseState.ACCEPTED, acted={"K1": Role.INTAKE})
    for wanted, role, person in wishes:
        login = f"person {person}"
        try:
            after = check_move(standing, wanted, role, login)
        except NotAllowed:
            continue
        row = TABLE[standing.state, wanted]
        assert after is row.to and role in row.roles
        assert standing.acted.get(login, role) is role or role not in SEPARATED
        event = EVENT_OF_MOVE.get(wanted, "decided")
        history.append(Event(event, after, role, login))
        standing = rebuild(history)
        assert standing.state is after
        assert not (after is CaseState.REFUSED and role is not Role.SUPERIOR)
