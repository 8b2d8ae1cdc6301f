"""Many at once, on both databases: what must be one is one, what is counted has no gap, what is chained verifies."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice.calls.once import Call
from backoffice.domain.person import Applicant
from backoffice.identity.devices import add_device
from backoffice.intake import accepting, taking_in
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.audit import verify
from backoffice.store.tables import tables
from backoffice.visits import feedback, help_calls

Body = Callable[..., dict[str, Any]]
AT_ONCE = 20
DEVICES = tuple(f"M{n}" for n in range(10))


@pytest.fixture
def many(office: Office) -> Office:
    """Ten terminals that may mint numbers for any site."""
    for device in DEVICES:
        add_device(office, device, bytes(32), None)
    return office


@pytest.fixture
def accept(many: Office, submission: Body) -> Callable[..., str]:
    """Take one case in; what became of it."""

    def take(device: str, serial: int, body_hash: str, site: str = "350213007007") -> str:
        body = submission("a_kim", serial, site=site)
        case = taking_in.Submission(
            **{
                **body,
                "applicant": Applicant(**body["applicant"]),
                "consents": tuple(tuple(one.values()) for one in body["consents"]),
            }
        )
        try:
            return "again" if accepting.accept(many, Call(device, case.case_no, body_hash), case) else "accepted"
        except Problem as problem:
            return problem.code

    return take


def together(count: int, work: Callable[[int], str], threads: int = AT_ONCE) -> Counter[str]:
    """All threads begin at the same moment; how often each answer came."""
    begin = threading.Barrier(threads, timeout=30)

    def share(thread: int) -> list[str]:
        begin.wait()
        return [work(number) for number in range(thread, count, threads)]

    with ThreadPoolExecutor(threads) as pool:
        return Counter(answer for answers in pool.map(share, range(threads)) for answer in answers)


def count(office: Office, table: Any) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_one_key_gives_one_case_and_other_bodies_are_refused(many: Office, accept: Callable[..., str]) -> None:
    answers = together(AT_ONCE, lambda n: accept("M0", 1, "one body" if n % 2 else f"body {n}"))
    assert answers["accepted"] == 1
    assert answers["again"] + answers["idempotency_mismatch"] == AT_ONCE - 1
    assert answers["idempotency_mismatch"] >= AT_ONCE // 2 - 1
    for table in (tables.service_case, tables.idempotency, tables.outbox, tables.audit, tables.case_event):
        assert count(many, table) == 1


def test_one_number_from_many_terminals_belongs_to_the_first(many: Office, accept: Callable[..., str]) -> None:
    answers = together(10, lambda n: accept(DEVICES[n], 1, "body"), threads=10)
    assert answers == {"accepted": 1, "case_no_taken": 9}
    assert count(many, tables.service_case) == count(many, tables.outbox) == count(many, tables.audit) == 1


def test_two_hundred_cases_of_nine_towns_leave_whole_chains(many: Office, accept: Callable[..., str]) -> None:
    towns = sorted(many.tables.towns)[:9]
    answers = together(200, lambda n: accept(DEVICES[n % 10], n + 1, "body", towns[n % 9] + "001"))
    assert answers == {"accepted": 200}
    for table in (tables.service_case, tables.idempotency, tables.outbox, tables.case_event):
        assert count(many, table) == 200
    with many.database.read() as connection:
        links, broken = verify(connection, many.chain_key)
        heads = [row.n for row in connection.execute(select(tables.audit_head)) if row.n]
    assert (links, broken, len(heads), sum(heads)) == (200, [], 9, 200)


def test_tickets_of_one_village_have_no_gap_and_no_double(many: Office) -> None:
    call = help_calls.HelpCall("", "350213007007", "ask", "", "", "2026-11-24T10:00:00+08:00")

    def ask(n: int) -> str:
        return str(help_calls.call_for_help(many, Call(DEVICES[n % 10], f"call/{n}", "body"), call)["ticket"])

    assert together(AT_ONCE, ask) == {f"{n:03d}": 1 for n in range(1, AT_ONCE + 1)}


def test_a_visit_is_rated_once_however_many_ask(many: Office, terminal: Any, submission: Body) -> None:
    case = terminal.post_case(submission()).json()
    rating = feedback.Rating(case["visit_token"], 5, (), "2026-11-24T10:05:00+08:00")

    def rate(n: int) -> str:
        try:
            feedback.rate(many, "K1", None, case["case_no"], rating)
        except Problem as problem:
            return problem.code
        return "rated"

    assert together(AT_ONCE, rate) == {"rated": 1, "already_rated": AT_ONCE - 1}
    assert count(many, tables.case_event) == count(many, tables.outbox) == 3
