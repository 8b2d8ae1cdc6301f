"""Ratings and progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backoffice.domain.rating import (
    GB39046_CODE,
    PLATFORM_CODE,
    Satisfaction,
    from_gb39046,
    from_platform,
)
from backoffice.identity.devices import add_device
from backoffice.office import Office
from backoffice.upkeep.reports import list_cases

Body = Callable[..., dict[str, Any]]
RATED_AT = "2026-11-24T10:05:00+08:00"


@pytest.fixture
def case(terminal: Any, submission: Body) -> dict[str, Any]:
    answer: dict[str, Any] = terminal.post_case(submission()).json()
    return answer


def rating(case: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"visit_token": case["visit_token"], "level": 5, "labels": ["510"], "rated_at": RATED_AT, **changes}


def rate(terminal: Any, case: dict[str, Any], key: str | None = None, **changes: Any) -> Any:
    return terminal.call("POST", f"/v1/cases/{case['case_no']}/rating", rating(case, **changes), key=key)


def test_the_two_public_codings_run_in_opposite_directions() -> None:
    assert [PLATFORM_CODE[level] for level in Satisfaction] == [5, 4, 3, 2, 1]
    assert [GB39046_CODE[level] for level in Satisfaction] == [1, 2, 3, 4, 5]
    assert GB39046_CODE[Satisfaction.VERY_SATISFIED] == 1 and PLATFORM_CODE[Satisfaction.VERY_DISSATISFIED] == 1
    for level in Satisfaction:
        assert from_platform(PLATFORM_CODE[level]) is from_gb39046(GB39046_CODE[level]) is level


@pytest.mark.parametrize(("sent", "name"), [(5, "very_satisfied"), (3, "fairly_satisfied"), (1, "very_dissatisfied")])
def test_a_visit_is_rated_by_name(terminal: Any, office: Office, case: dict[str, Any], sent: int, name: str) -> None:
    assert rate(terminal, case, level=sent, labels=[]).status_code == 201
    (listed,) = list_cases(office)
    assert listed["ratings"] == [{"satisfaction": name, "labels": [], "rated_at": RATED_AT}]


def test_a_second_rating_is_refused_and_changes_nothing(terminal: Any, office: Office, case: dict[str, Any]) -> None:
    rate(terminal, case)
    again = rate(terminal, case, level=1, labels=[])
    assert (again.status_code, again.json()["code"]) == (409, "already_rated")
    assert list_cases(office)[0]["ratings"][0]["satisfaction"] == "very_satisfied"


def test_a_lost_answer_can_be_asked_for_again_with_the_same_key(terminal: Any, case: dict[str, Any]) -> None:
    key = case["case_no"] + "/rating"
    first, again = rate(terminal, case, key), rate(terminal, case, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert rate(terminal, case, key, level=1, labels=[]).json()["code"] == "idempotency_mismatch"


def test_only_the_visit_itself_can_rate(terminal: Any, office: Office, case: dict[str, Any], submission: Body) -> None:
    other_case = terminal.post_case(submission("rare_name", 2)).json()
    for token in ("x", "", "陈", other_case["visit_token"]):
        answer = rate(terminal, case, visit_token=token)
        assert answer.json()["code"] == ("invalid_request" if token == "" else "wrong_token"), token
    add_device(office, "K2", bytes(32), None)
    elsewhere = rate(replace(terminal, device="K2", key=bytes(32)), case)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "case_unknown")
    assert all(not listed["ratings"] for listed in list_cases(office))


def test_a_label_must_belong_to_the_level_and_to_a_machine(subtests: Any, terminal: Any, case: dict[str, Any]) -> None:
    for level, labels in [(5, ["108"]), (5, ["999"]), (5, ["517"]), (1, ["510"])]:
        with subtests.test(level=repr(level), labels=repr(labels)):
            answer = rate(terminal, case, level=level, labels=labels)
            assert (answer.status_code, answer.json()["code"]) == (422, "labels")


def test_there_are_five_levels(subtests: Any, terminal: Any, case: dict[str, Any]) -> None:
    for level in [0, 6, 2.5, "5", None]:
        with subtests.test(level=repr(level)):
            assert rate(terminal, case, level=level).json()["code"] == "invalid_request"


def test_no_other_route_writes_a_rating(terminal: Any) -> None:
    writers = [
        path
        for path, operations in terminal.contract["paths"].items()
        for method in operations
        if method != "get" and "rating" in path
    ]
    assert sorted(writers) == ["/v1/cases/{case_no}/rating", "/v1/ratings"]


def progress(terminal: Any, number: str, code: str) -> Any:
    return terminal.call("GET", f"/v1/progress?q={number}&code={code}")


def test_the_slip_tells_how_far_a_case_is_without_naming_anybody(terminal: Any, case: dict[str, Any]) -> None:
    for number in (case["case_no"], case["case_no"][-16:]):
        answer = progress(terminal, number, case["query_code"])
        assert answer.json() == {
            "state": "decided",
            "key": "progress.approved",
            "args": {"date": {"kind": "date", "value": "2026-12-15"}},
            "letter": "decision",
        }


@pytest.mark.parametrize(
    ("who", "key", "letter"),
    [("seventy_nine", "progress.notice", "supplement"), ("hmt", "progress.pending", "receipt")],
)
def test_progress_names_the_outcome_and_its_letter(
    terminal: Any, submission: Body, who: str, key: str, letter: str
) -> None:
    case = terminal.post_case(submission(who)).json()
    assert progress(terminal, case["case_no"], case["query_code"]).json() == {
        "state": "decided",
        "key": key,
        "args": {},
        "letter": letter,
    }
    target, shown = f"/v1/cases/{case['case_no']}/letters", {"code": case["query_code"]}
    made = terminal.call("POST", target, shown, key="letter")
    assert made.status_code == 201, made.text
    document = terminal.call("GET", f"/v1/documents/{made.json()['document_id']}")
    assert document.status_code == 200 and document.content.startswith(b"%PDF")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10000:04d}"


def test_a_wrong_code_and_an_unknown_number_look_the_same(
    terminal: Any, case: dict[str, Any], case_no: Callable[..., str]
) -> None:
    bad_code = progress(terminal, case["case_no"], wrong(case["query_code"]))
    bad_number = progress(terminal, case_no(99), case["query_code"])
    assert bad_code.status_code == bad_number.status_code == 404
    assert bad_code.json()["code"] == bad_number.json()["code"] == "progress_unknown"


def test_codes_cannot_be_tried_out(terminal: Any, clock: Any, case: dict[str, Any]) -> None:
    for _ in range(5):
        assert progress(terminal, case["case_no"], wrong(case["query_code"])).status_code == 404
    locked = progress(terminal, case["case_no"][-16:], case["query_code"])
    assert (locked.status_code, locked.json()["code"]) == (429, "too_many_attempts")
    assert int(locked.headers["retry-after"]) > 800
    clock.advance(minutes=16)
    assert progress(terminal, case["case_no"], case["query_code"]).status_code == 200
