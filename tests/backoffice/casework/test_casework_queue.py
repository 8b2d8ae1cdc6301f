"""The queue: most urgent first, turns within a day, claims with an end, other towns and places, counters, delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from backoffice.casework import delivery, ordinary, queue, transfers
from backoffice.casework.delivery import Address, Handed, Shown, Way
from backoffice.domain.cases.case import Actor, CaseState, Move, Role
from backoffice.domain.cases.case_number import parse_case_number
from backoffice.domain.cases.turns import slot
from backoffice.domain.person import Applicant
from backoffice.intake import window
from backoffice.problems.problem import Problem


def refused(code: str, work: Callable[[], Any]) -> None:
    with pytest.raises(Problem) as raised:
        work()
    assert raised.value.code == code


def listed(life: Any, actor: Actor | None = None, **filters: Any) -> list[str]:
    page = queue.work_queue(life.office, actor or life.people[Role.INTAKE], queue.Filters(**filters))
    return [entry["case_no"] for entry in page.entries]


@given(st.lists(st.booleans(), max_size=60))
def test_turns_never_let_anybody_starve(kinds: list[bool]) -> None:
    """However many come first of all, the n-th of the others is at most the 3n-th."""
    places = {True: 0, False: 0}
    order = []
    for n, first in enumerate(kinds):
        order.append((slot(places[first], first=first), first, n))
        places[first] += 1
    ordered = [(first, n) for _, first, n in sorted(order)]
    for kind in (True, False):
        arrived = [n for first, n in ordered if first is kind]
        assert arrived == sorted(arrived)
    for turn, position in enumerate(p for p, (first, _) in enumerate(ordered) if not first):
        assert position <= 3 * turn + 2


def test_the_nearer_day_comes_first_and_within_a_day_two_old_people_go_before_one_other(
    life: Any, applicant: Callable[[str], dict[str, str]]
) -> None:
    young = {**applicant("a_kim"), "birth": "1990-01-01"}
    others = [life.handed_over(serial, applicant=young) for serial in (1, 2)]
    old = [life.handed_over(serial) for serial in (3, 4, 5)]
    assert listed(life) == [old[0], old[1], others[0], old[2], others[1]]
    assert listed(life, priority=False) == others
    life.move(old[0], (Role.INTAKE, Move.ADMIT))
    assert listed(life)[-1] == old[0], "admitted, it has its own limit, which is later"
    assert listed(life, role=Role.REVIEWER)[-1] == old[0]


def test_pages_go_on_where_the_last_one_ended_whatever_was_added_meanwhile(life: Any) -> None:
    cases = [life.handed_over(serial) for serial in range(1, 8)]
    seen: list[str] = []
    after = None
    for added in range(20, 30):
        page = queue.work_queue(life.office, life.people[Role.INTAKE], queue.Filters(), after, limit=3)
        seen += [entry["case_no"] for entry in page.entries]
        after = page.next
        if after is None:
            break
        life.handed_over(added)
    assert len(seen) == len(set(seen)) and set(cases) <= set(seen)


def test_a_page_asks_the_database_as_often_for_seven_cases_as_for_one(life: Any) -> None:
    cases = [life.handed_over(serial) for serial in range(1, 8)]
    for case_no in cases[:3]:
        life.move(case_no, (Role.INTAKE, Move.ADMIT))
    told: list[str] = []
    engine = life.office.database._store.reader

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        told.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        asked = []
        for limit in (1, 7):
            told.clear()
            page = queue.work_queue(life.office, life.people[Role.INTAKE], queue.Filters(), limit=limit)
            asked.append((len(page.entries), len(told)))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [entries for entries, _ in asked] == [1, 7] and asked[0][1] == asked[1][1]
    assert [bool(entry["due_at"]) for entry in page.entries].count(True) == 3, "each has its own limits"


def test_a_claim_belongs_to_one_and_ends_by_itself(life: Any) -> None:
    case_no = life.handed_over()
    one, other = life.people[Role.INTAKE], Actor("other", frozenset((Role.INTAKE,)), "350213007")
    until = queue.claim(life.office, one, case_no)
    assert listed(life, one, mine=True) == [case_no] and listed(life, other, mine=True) == []
    refused("case_claimed", lambda: queue.claim(life.office, other, case_no))
    refused("not_claimed", lambda: queue.release(life.office, other, case_no))
    order = life.order(case_no, Role.INTAKE)
    life.people = {**life.people, Role.INTAKE: other}
    refused("case_claimed", lambda: life.move(case_no, (Role.INTAKE, Move.ADMIT)))
    life.clock.advance(minutes=queue.CLAIM_MINUTES, seconds=1)
    assert queue.claim(life.office, other, case_no) > until
    queue.release(life.office, other, case_no)
    assert ordinary.move_case(life.office, order, Move.ADMIT, "") == order.version + 1


def test_one_sees_the_own_town_and_district_wide_roles_see_all(life: Any) -> None:
    here, there = life.handed_over(1), life.handed_over(2, site="350213001201")
    assert listed(life) == [here]
    assert set(listed(life, life.people[Role.SUPERIOR])) == {here, there}
    elsewhere = Actor("elsewhere", frozenset((Role.REVIEWER,)), "350213001")
    assert listed(life, elsewhere) == [there]
    refused("case_unknown", lambda: queue.claim(life.office, elsewhere, here))


def test_a_case_for_another_place_is_sent_asked_after_and_taken_back(life: Any) -> None:
    case_no = life.handed_over()
    transfers.send(life.office, life.order(case_no, Role.INTAKE), "440305", "that place's counter", "other_place")
    assert life.state(case_no) == "transferred" and listed(life, elsewhere=True) == [case_no]
    life.clock.advance(days=8)
    life.ring()
    life.clock.advance(days=8)
    life.ring()
    assert life.events(case_no).count("transfer_asked") == 2
    transfers.answer(life.office, life.order(case_no, Role.INTAKE), transfers.RETURNED)
    assert life.state(case_no) == "handed_over" and listed(life, elsewhere=True) == []
    refused(
        "transfer_unknown",
        lambda: transfers.answer(life.office, life.order(case_no, Role.INTAKE), transfers.RECEIVED),
    )


def test_a_case_for_another_town_of_the_district_just_gets_to_its_queue(life: Any) -> None:
    case_no = life.handed_over()
    transfers.send(life.office, life.order(case_no, Role.INTAKE), "350213001", "", "other_place")
    there = Actor("there", frozenset((Role.INTAKE,)), "350213001")
    assert listed(life) == [] and listed(life, there) == [case_no]
    refused("case_unknown", lambda: life.move(case_no, (Role.INTAKE, Move.ADMIT)))


def test_what_was_approved_is_issued_when_somebody_has_come_for_it(life: Any) -> None:
    case_no = life.under_review()
    refused("move_not_allowed", lambda: delivery.prepare(life.office, life.order(case_no, Role.INTAKE), Way.SLIP, None))
    life.move(case_no, (Role.REVIEWER, Move.REVIEWED), (Role.DECIDER, Move.APPROVE))
    assert listed(life) == [case_no]

    def order() -> Any:
        return life.order(case_no, Role.INTAKE)

    refused("delivery_incomplete", lambda: delivery.prepare(life.office, order(), Way.POST, None))
    _, n = delivery.prepare(life.office, order(), Way.COLLECT, None)
    life.clock.advance(days=8)
    life.ring()
    assert life.events(case_no)[-1] == "pickup_reminded"
    refused("delivery_incomplete", lambda: delivery.hand_over(life.office, order(), n, Handed(collector="Lim")))
    taken = Handed(collector="Lim", relation="daughter", shown=Shown.RESIDENT, signed=True)
    delivery.hand_over(life.office, order(), n, taken)
    assert life.state(case_no) == "issued" and life.timers(case_no) == {} and listed(life) == []
    refused("delivery_unknown", lambda: delivery.hand_over(life.office, order(), n, taken))
    (row,) = delivery.collect_register(life.office, life.people[Role.INTAKE])
    assert (row["collector"], row["document_shown"], row["signed"]) == (
        {"name": "Lim", "relation": "daughter"},
        "resident",
        True,
    )
    assert delivery.collect_register(life.office, Actor("x", frozenset((Role.INTAKE,)), "350213001")) == []


def test_an_address_is_sealed_and_post_has_a_number(life: Any) -> None:
    case_no = life.under_review()
    life.move(case_no, (Role.REVIEWER, Move.REVIEWED), (Role.DECIDER, Move.APPROVE))
    address = Address("Tan", "000-0000", "a village")
    _, n = delivery.prepare(life.office, life.order(case_no, Role.INTAKE), Way.POST, address)
    refused(
        "delivery_incomplete",
        lambda: delivery.hand_over(life.office, life.order(case_no, Role.INTAKE), n, Handed()),
    )
    delivery.hand_over(life.office, life.order(case_no, Role.INTAKE), n, Handed(tracking_no="EA000000000CN"))
    with life.office.database.read() as connection:
        (row,) = delivery.deliveries_of(life.office, connection, case_no)
    assert row["address"]["address"] == "a village" and row["tracking_no"] == "EA000000000CN"


@pytest.fixture
def at_counter(life: Any, submission: Callable[..., dict[str, Any]]) -> Callable[..., window.AtCounter]:
    def entered(**changes: Any) -> window.AtCounter:
        body = submission("a_kim")
        kept = ("item_id", "item_version", "consent_version", "form", "commitment", "lang")
        values = {name: body[name] for name in kept}
        applicant = Applicant(**body["applicant"])
        return window.AtCounter(**{"town": "350213007", "applicant": applicant, **values, **changes})

    return entered


def test_a_counter_takes_cases_in_with_numbers_of_its_own_channel(life: Any, at_counter: Any) -> None:
    clerk = life.people[Role.INTAKE]
    answers = [window.take_in(life.office, clerk, f"key {n}", "body", at_counter()) for n in range(3)]
    numbers = [parse_case_number(answer["case_no"]) for answer in answers]
    assert [(number.channel, number.site_no, number.serial) for number in numbers] == [
        ("1", "007", f"{n:05d}") for n in (1, 2, 3)
    ]
    again = window.take_in(life.office, clerk, "key 1", "body", at_counter())
    assert again == answers[1]
    refused("idempotency_mismatch", lambda: window.take_in(life.office, clerk, "key 1", "other", at_counter()))
    refused("forbidden", lambda: window.take_in(life.office, clerk, "k", "b", at_counter(town="350213001")))
    refused("town_unknown", lambda: window.take_in(life.office, clerk, "k", "b", at_counter(town="350213999")))
    case_no = answers[0]["case_no"]
    assert life.state(case_no) == CaseState.ACCEPTED
    life.hand_over(case_no)
    # The clerk who took it in does not judge it, whatever else she may do.
    life.people = {**life.people, Role.REVIEWER: Actor(clerk.login, frozenset((Role.INTAKE, Role.REVIEWER)), None)}
    refused("roles_not_separate", lambda: life.propose(case_no, code="not_needed"))


def test_a_counter_takes_in_for_another_place_and_does_not_decide_for_it(life: Any, at_counter: Any) -> None:
    entered = at_counter(for_place="440305", for_authority="that place's counter")
    case_no = window.take_in(life.office, life.people[Role.INTAKE], "key", "body", entered)["case_no"]
    assert life.state(case_no) == "transferred"
    assert life.events(case_no) == ["accepted", "handed_over", "transferred"]
    (entry,) = queue.work_queue(life.office, life.people[Role.INTAKE], queue.Filters(elsewhere=True)).entries
    assert entry["place"] == "440305" and entry["reach"] in ("nation", "province", "local")
    life.clock.advance(days=8)
    assert life.ring() == 1 and life.events(case_no)[-1] == "transfer_asked"


def test_an_overdue_case_is_told_by_its_colour(life: Any) -> None:
    case_no = life.admitted()

    def entry() -> dict[str, Any]:
        return queue.work_queue(life.office, life.people[Role.INTAKE], queue.Filters()).entries[0]

    assert entry()["colour"] == "green"
    life.clock.moment += timedelta(days=60)
    assert entry()["colour"] == "overdue" and entry()["case_no"] == case_no
