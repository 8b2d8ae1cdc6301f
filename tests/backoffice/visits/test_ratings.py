"""Ratings from the slip: once a stage, bad ones are called back about, silence is no praise, and no clerk can rate."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select, update

from backoffice.api.app import create_app
from backoffice.domain.cases.case import CaseState
from backoffice.gateways.lookups import HttpLookups
from backoffice.office import Office
from backoffice.store.tables import tables
from backoffice.store.tables import visits as rows
from backoffice.visits import ratings as ratings_module
from backoffice.visits.ratings import exported, figures, note_unanswered, stage_of

ROOT = Path(__file__).resolve().parents[3]
RATED_AT = "2026-11-24T10:05:00+08:00"
Body = Callable[..., dict[str, Any]]


@pytest.fixture
def case(terminal: Any, submission: Body) -> dict[str, Any]:
    answer: dict[str, Any] = terminal.post_case(submission()).json()
    return answer


def rate(terminal: Any, case: dict[str, Any], key: str = "rate-1", **changes: Any) -> Any:
    slip = {"number": case["case_no"][-16:], "code": case["query_code"]}
    told = {"level": 5, "labels": ["510"], "note": "", "rated_at": RATED_AT}
    return terminal.call("POST", "/v1/ratings", {**slip, **told, **changes}, key=key)


def with_token(terminal: Any, case: dict[str, Any], **changes: Any) -> Any:
    body = {"visit_token": case["visit_token"], "level": 5, "labels": [], "rated_at": RATED_AT, **changes}
    return terminal.call("POST", f"/v1/cases/{case['case_no']}/rating", body)


def put_back(office: Office, case_no: str, state: CaseState) -> None:
    """The case as if it stood elsewhere; how it gets there is not the subject here."""
    table = tables.service_case
    with office.database.write() as connection:
        connection.execute(update(table).where(table.c.case_no == case_no).values(state=state.value))


def test_the_three_stages_of_the_platform_cover_every_state() -> None:
    assert stage_of(CaseState.ACCEPTED) == 1
    assert {stage_of(state) for state in CaseState} == {1, 2, 3}
    assert [stage_of(state) for state in (CaseState.WAITING, CaseState.NOTICED, CaseState.COMPLETED)] == [2, 2, 3]


def test_the_slip_rates_once_in_each_stage(
    terminal: Any, office: Office, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rate(terminal, case).json()["stage"] == 3
    assert rate(terminal, case).json()["stage"] == 3
    assert rate(terminal, case, "rate-2", level=1, labels=[]).json()["code"] == "already_rated"
    put_back(office, case["case_no"], CaseState.UNDER_REVIEW)
    assert rate(terminal, case, "rate-3", level=4, labels=[]).json()["stage"] == 2
    put_back(office, case["case_no"], CaseState.ACCEPTED)
    assert rate(terminal, case, "rate-4", level=3, labels=[]).json()["stage"] == 1
    assert [row["satisfaction"] for row in exported(office)] == [3, 4, 5]
    assert [row["satisfaction_gb39046"] for row in exported(office)] == [3, 2, 1]
    for page in (1, 2, 3):
        monkeypatch.setattr(ratings_module, "EXPORT_PAGE", page)
        assert [row["proStatus"] for row in exported(office)] == [1, 2, 3]


def test_who_rated_at_the_end_of_the_visit_has_rated_that_stage(terminal: Any, case: dict[str, Any]) -> None:
    assert with_token(terminal, case).status_code == 201
    assert rate(terminal, case).json()["code"] == "already_rated"


def test_a_slip_rating_that_is_none_is_refused(terminal: Any, case: dict[str, Any]) -> None:
    """Not a code; a label about a clerk's manner, which no machine offers; a label of another level."""
    wrong = ({"code": "x"}, "invalid_request"), ({"labels": ["517"]}, "labels"), ({"labels": ["108"]}, "labels")
    for n, (changes, code) in enumerate(wrong):
        assert rate(terminal, case, f"rate-{n}", **changes).json()["code"] == code


def test_a_code_cannot_be_tried_out(terminal: Any, case: dict[str, Any]) -> None:
    wrong = "0000" if case["query_code"] != "0000" else "1111"
    codes = [rate(terminal, case, f"rate-{n}", code=wrong).json()["code"] for n in range(6)]
    assert codes == ["progress_unknown"] * 5 + ["too_many_attempts"]
    assert rate(terminal, case, "rate-9").json()["code"] == "too_many_attempts"


def test_a_retired_label_is_kept_for_old_ratings_and_taken_in_no_new_one(
    start: Callable[..., Any], office: Office, submission: Body
) -> None:
    terminal = start()
    case = terminal.post_case(submission()).json()
    labels = {**office.tables.labels, "510": replace(office.tables.labels["510"], in_use=False)}
    object.__setattr__(office, "tables", replace(office.tables, labels=labels))
    assert rate(terminal, case).json()["code"] == "labels"
    assert rate(terminal, case, "rate-2", labels=["512"]).status_code == 201


@pytest.mark.parametrize("by_slip", [True, False])
def test_a_bad_rating_opens_a_return_visit_in_time(
    terminal: Any, office: Office, case: dict[str, Any], by_slip: bool
) -> None:
    answer = rate(terminal, case, level=2, labels=[]) if by_slip else with_token(terminal, case, level=1)
    assert answer.status_code == 201
    with office.database.read() as connection:
        (task,) = connection.execute(select(rows.visit_task)).all()
    item = office.release.items["XA032"]
    fix_by = "2026-12-01" if item.case_type == "instant_counter" else "2026-12-08"
    assert (task.kind, task.town, task.contact_by, task.fix_by) == ("return_visit", "350213007", "2026-11-25", fix_by)


def test_a_good_rating_troubles_nobody(terminal: Any, office: Office, case: dict[str, Any]) -> None:
    assert rate(terminal, case, level=3, labels=[]).status_code == 201
    with office.database.read() as connection:
        assert connection.execute(select(rows.visit_task)).all() == []


def test_a_week_of_silence_is_noted_apart_and_is_no_satisfaction(
    terminal: Any, clock: Any, office: Office, submission: Body
) -> None:
    cases = [terminal.post_case(submission(who, n)).json() for n, who in enumerate(("a_kim", "dated_card"), start=1)]
    rate(terminal, cases[0], level=5)
    clock.advance(days=6, hours=23)
    assert note_unanswered(office) == 0
    clock.advance(hours=1)
    assert note_unanswered(office) == 1
    assert note_unanswered(office) == 0
    told = figures(office)
    assert (told["answers"], told["satisfied"], told["unanswered"]) == (1, 1, 1)
    assert figures(office, "350213001")["unanswered"] == 0
    assert len(list(exported(office))) == 1
    assert rate(terminal, cases[1], "rate-2", level=1, labels=[]).status_code == 201


@cache
def functions() -> tuple[tuple[str, ast.AST], ...]:
    """Every function of the files that speak of rating."""
    texts = (path.read_text("utf-8") for path in (ROOT / "backoffice").rglob("*.py"))
    nodes = (node for text in texts if "rating" in text or "rate(" in text for node in ast.walk(ast.parse(text)))
    return tuple((node.name, node) for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def named(node: ast.AST) -> set[str]:
    """Every name that a function's body speaks of."""
    found = {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
    return found | {child.attr for child in ast.walk(node) if isinstance(child, ast.Attribute)}


def writes_a_rating(node: ast.AST) -> bool:
    calls = [call for call in ast.walk(node) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)]
    writes = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("insert", "update")]
    return any(named(call) & {"rating", "slip_rating"} for call in writes)


def rates(node: ast.AST) -> bool:
    """Calls one of the two writers, by name or through its module."""
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        called = call.func
        through = called.value.id if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) else ""
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in WRITERS and through in ("", "feedback", "ratings"):
            return True
    return False


WRITERS = {"rate", "rate_by_slip"}


def test_only_two_functions_can_write_a_rating() -> None:
    writers = {name for name, node in functions() if writes_a_rating(node)}
    helpers = {name for name in writers if name.startswith("_")}
    assert helpers == {"_insert_rating", "_insert"} and writers - helpers <= {"work"}
    in_feedback = ast.parse((ROOT / "backoffice" / "visits" / "feedback.py").read_text("utf-8"))
    in_ratings = ast.parse((ROOT / "backoffice" / "visits" / "ratings.py").read_text("utf-8"))
    for tree, helper in ((in_feedback, "_insert_rating"), (in_ratings, "_insert")):
        callers = {
            top.name
            for top in tree.body
            if isinstance(top, ast.FunctionDef) and top.name != helper and helper in named(top)
        }
        assert len(callers) == 1 and callers <= WRITERS


def test_no_route_of_staff_or_public_can_write_a_rating(office: Office) -> None:
    """Over all routes: who speaks of `rate` or `rate_by_slip`, directly or through a function of its module."""
    app = create_app(office, HttpLookups("http://127.0.0.1:9", office.clock))
    paths = set()
    for route in app.routes:
        if isinstance(route, APIRoute):
            code = route.endpoint.__code__
            if set(code.co_names) & WRITERS:
                paths.add(f"{sorted(route.methods)[0]} {route.path}")
    assert paths == {"POST /v1/cases/{case_no}/rating", "POST /v1/ratings"}
    # The last two hold the routes' definitions.
    assert {name for name, node in functions() if rates(node)} == {
        "post_rating",
        "post_slip_rating",
        "_writing",
        "_slips",
    }
