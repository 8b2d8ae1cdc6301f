"""Ratings, progress and calls for help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.devices import add_device
from backoffice.domain.rating import (
    GB39046_CODE,
    PLATFORM_CODE,
    Satisfaction,
    from_gb39046,
    from_platform,
)
from backoffice.office import Office
from backoffice.reports import list_cases
from backoffice.store import tables

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
        }


@pytest.mark.parametrize(("who", "key"), [("seventy_nine", "progress.notice"), ("hmt", "progress.pending")])
def test_progress_names_the_outcome(terminal: Any, submission: Body, who: str, key: str) -> None:
    case = terminal.post_case(submission(who)).json()
    assert progress(terminal, case["case_no"], case["query_code"]).json() == {
        "state": "decided",
        "key": key,
        "args": {},
    }


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


def help_call(**changes: Any) -> dict[str, Any]:
    return {
        "case_no": "",
        "site": "350213007007",
        "step": "identify",
        "item_id": "",
        "note": "",
        "called_at": RATED_AT,
        **changes,
    }


def test_a_call_gets_a_ticket_and_an_answer(terminal: Any) -> None:
    answer = terminal.call("POST", "/v1/help-calls", help_call(), key="k/call/1")
    assert answer.status_code == 201
    assert answer.json() == {
        "ticket": "001",
        "answer": {
            "key": "help.answer",
            "args": {
                "who": {"kind": "key", "value": "who.village_clerk"},
                "minutes": {"kind": "count", "value": "3"},
                "ticket": {"kind": "digits", "value": "001"},
            },
        },
    }


def test_tickets_count_by_village_and_day_and_a_repeat_takes_none(terminal: Any, clock: Any) -> None:
    def ticket(key: str, **changes: Any) -> str:
        answer = terminal.call("POST", "/v1/help-calls", help_call(**changes), key=key)
        return str(answer.json()["ticket"])

    assert [ticket("a"), ticket("b"), ticket("b"), ticket("c", site="350213004008")] == ["001", "002", "002", "001"]
    clock.advance(days=1)
    assert ticket("d") == "001"


def test_who_answers_depends_on_the_office_hours(subtests: Any, terminal: Any, clock: Any) -> None:
    for hour, minute, expected in [
        (8, 0, {"who": "who.village_clerk", "minutes": "3"}),
        (12, 30, {"who": "who.town_desk", "minutes": "10"}),
        (19, 59, {"who": "who.town_desk", "minutes": "10"}),
        (20, 0, {"who": "who.village_clerk", "date": "2026-11-25", "time": "08:00"}),
        (6, 0, {"who": "who.village_clerk", "date": "2026-11-24", "time": "08:00"}),
    ]:
        with subtests.test(hour=repr(hour), minute=repr(minute), expected=repr(expected)):
            clock.moment = clock.moment.replace(hour=hour, minute=minute)
            line = terminal.call("POST", "/v1/help-calls", help_call(), key=clock.moment.isoformat()).json()["answer"]
            assert line["key"] == ("help.answer" if "minutes" in expected else "help.answer.closed")
            assert {name: arg["value"] for name, arg in line["args"].items() if name != "ticket"} == expected


def test_feasts_and_shifted_days_count(subtests: Any, terminal: Any, clock: Any) -> None:
    for day, expected in [("2026-10-01", "2026-10-08"), ("2026-10-10", "now"), ("2026-11-22", "2026-11-23")]:
        with subtests.test(day=repr(day), expected=repr(expected)):
            year, month, number = (int(part) for part in day.split("-"))
            clock.moment = clock.moment.replace(year=year, month=month, day=number)
            line = terminal.call("POST", "/v1/help-calls", help_call(), key=clock.moment.isoformat()).json()["answer"]
            if expected == "now":
                assert line["key"] == "help.answer"
            else:
                assert line["args"]["date"]["value"] == expected


def test_what_was_said_in_a_call_is_sealed(terminal: Any, office: Office) -> None:
    terminal.call("POST", "/v1/help-calls", help_call(note="我的名字是陈阿金"), key="k")
    with office.database.read() as connection:
        (row,) = connection.execute(select(tables.help_call)).all()
    assert "陈阿金".encode() not in row.note_sealed
    assert (
        office.vault.open(f"help.note:{row.site}/{row.day}/{row.ticket}", row.note_sealed).decode().endswith("陈阿金")
    )


def test_a_call_without_a_key_or_from_elsewhere_is_refused(terminal: Any) -> None:
    assert terminal.call("POST", "/v1/help-calls", help_call()).json()["code"] == "idempotency_key_missing"
    far = terminal.call("POST", "/v1/help-calls", help_call(site="110101001001"), key="k")
    assert (far.status_code, far.json()["code"]) == (422, "site_unknown")
