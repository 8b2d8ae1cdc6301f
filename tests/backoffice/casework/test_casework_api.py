"""The casework as routes: sessions, versions, cursors, what a terminal does about a running case, the commands."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from backoffice.__main__ import main
from backoffice.api.cursor import Cursors
from backoffice.casework import delivery, refusals
from backoffice.casework.calendar import import_days
from backoffice.domain.cases.case import Role
from backoffice.domain.days import DayKind
from backoffice.problems.problem import Problem

TOWN = "350213007"


@pytest.fixture
def hands(life: Any, terminal: Any, staff_hands: Callable[..., Any]) -> Callable[..., Any]:
    def of(login: str, *roles: str, town: str | None = TOWN) -> Any:
        return staff_hands(life.office, terminal.http, life.clock, login, *roles, town=town)

    return of


def code_of(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


@pytest.fixture
def given(terminal: Any, submission: Callable[..., dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """A case from the kiosk, decided by the machine."""

    def take(who: str) -> dict[str, Any]:
        answer: dict[str, Any] = terminal.post_case(submission(who)).json()
        return answer

    return take


def test_a_case_that_the_machine_hands_over_is_found_opened_and_moved(hands: Any, given: Any, terminal: Any) -> None:
    case = given("hmt")
    assert case["state"] == "decided" and case["decision"]["outcome"] == "pending"
    clerk, case_no = hands("ida", "intake"), case["case_no"]
    (entry,) = clerk.call("GET", "/staff/v1/cases").json()["cases"]
    assert (entry["case_no"], entry["state"], entry["priority"]) == (case_no, "handed_over", True)
    opened = clerk.call("GET", f"/staff/v1/cases/{case_no}")
    assert opened.headers["ETag"] == f'"{entry["row_version"]}"'
    assert "admit" in opened.json()["moves"] and opened.json()["applicant"]["name"]
    target, body = f"/staff/v1/cases/{case_no}/moves", {"move": "admit"}
    assert code_of(clerk.call("POST", target, body), 428) == "if_match_missing"
    assert code_of(clerk.call("POST", target, body, If_Match='"1"'), 412) == "version_stale"
    assert clerk.call("POST", target, body, If_Match=opened.headers["ETag"]).status_code == 200
    told = terminal.call("GET", f"/v1/progress?q={case_no}&code={case['query_code']}").json()
    assert (told["state"], told["key"]) == ("decided", "progress.admitted")
    assert terminal.call("GET", f"/v1/cases/{case_no}").json()["decision"]["outcome"] == "pending"


def test_what_was_missing_is_shown_and_brought_at_a_terminal_with_the_code_of_the_slip(
    life: Any, given: Any, terminal: Any
) -> None:
    case = given("seventy_nine")
    case_no, code = case["case_no"], case["query_code"]
    assert case["decision"]["outcome"] == "notice"
    (notice,) = terminal.call("GET", f"/v1/cases/{case_no}/notices?code={code}").json()["notices"]
    assert notice["points"][0]["line"]["key"] == case["decision"]["reasons"][0]["key"]
    assert notice["points"][0]["basis"] and notice["until"] > case["decision"]["facts"]["come_back_on"]
    target = f"/v1/cases/{case_no}/supplements"
    body = {"code": code, "brought": [{"what": "the booklet"}]}
    wrong = {**body, "code": f"{(int(code) + 1) % 10_000:04d}"}
    assert code_of(terminal.call("POST", target, wrong, key="s1"), 404) == "progress_unknown"
    absent = {**body, "brought": [{"what": "a photo", "digest": "0" * 64}]}
    assert code_of(terminal.call("POST", target, absent, key="s2"), 409) == "materials_missing"
    first = terminal.call("POST", target, body, key="s3")
    assert first.status_code == 201 and first.json()["key"] == "supplement.received"
    assert terminal.call("POST", target, body, key="s3").json() == first.json()
    assert code_of(terminal.call("POST", target, body, key="s4"), 409) == "supplement_not_awaited"
    assert life.events(case_no) == ["accepted", "decided", "supplemented"]
    told = terminal.call("GET", f"/v1/progress?q={case_no}&code={code}").json()
    assert told["key"] == "progress.supplemented"


def test_a_resident_takes_the_request_back_at_a_terminal(life: Any, given: Any, terminal: Any) -> None:
    case = given("hmt")
    target, body = f"/v1/cases/{case['case_no']}/withdrawals", {"code": case["query_code"]}
    answer = terminal.call("POST", target, body, key="w1")
    assert answer.status_code == 201 and answer.json()["key"] == "progress.withdrawn"
    assert code_of(terminal.call("POST", target, body, key="w2"), 409) == "move_not_allowed"
    assert life.state(case["case_no"]) == "withdrawn"


def test_the_registers_go_on_where_a_page_ended(
    hands: Any, life: Any, monkeypatch: pytest.MonkeyPatch, subtests: Any
) -> None:
    ida, sue = hands("ida", "intake"), hands("sue", "superior", town=None)
    cases = [life.under_review(serial) for serial in (1, 2, 3)]
    for case_no in cases:
        life.propose(case_no)
        life.review(case_no, confirm=True)
        delivery.prepare(life.office, life.order(case_no, Role.INTAKE), delivery.Way.COLLECT, None)
    for who, path, name, order in (
        (sue, "refusals", "refusals", cases),
        (ida, "collections", "collected", cases[::-1]),
    ):
        with subtests.test(path):
            url, found, cursor = f"/staff/v1/{path}?limit=2", [], ""
            while True:
                page = who.call("GET", f"{url}{cursor}").json()
                found.append([row["case_no"] for row in page[name]])
                if page["next"] is None:
                    break
                cursor = f"&after={page['next']}"
            assert found == [order[:2], order[2:]]
            assert code_of(who.call("GET", f"{url}&after=made-up"), 400) == "cursor_invalid"
            assert who.call("GET", f"/staff/v1/{path}?limit=201").status_code == 422
    monkeypatch.setattr(refusals, "MAX_PAGE", 2)
    assert [row["case_no"] for row in refusals.whole_ledger(life.office)] == cases


def test_the_whole_way_over_http_with_a_notice_a_refusal_and_its_second_review(
    hands: Any, given: Any, life: Any
) -> None:
    case_no = given("hmt")["case_no"]
    ida, rena, sue = hands("ida", "intake"), hands("rena", "reviewer"), hands("sue", "superior", town=None)

    def post(who: Any, path: str, body: Any, status: int = 200) -> Any:
        version = who.call("GET", f"/staff/v1/cases/{case_no}").headers["ETag"]
        answer = who.call("POST", f"/staff/v1/cases/{case_no}/{path}", body, If_Match=version)
        assert answer.status_code == status, answer.text
        return answer.json()

    post(ida, "moves", {"move": "admit"})
    post(rena, "moves", {"move": "begin_review"})
    post(rena, "clock-stops", {"reason": "hearing"})
    post(rena, "clock-stops/end", {})
    what = life.office.release.items["XA032"].materials[0].name
    point = {"what": what, "why": "torn", "basis": "the guide", "how": "at any counter"}
    post(rena, "notices", {"points": [point], "until": "2026-12-20", "helper": "the clerk"})
    post(ida, "supplements", {"brought": [{"what": what}]})
    post(rena, "moves", {"move": "begin_review"})
    refusal = {"reason_code": "condition_not_met", "basis": "the law", "authority": "the town", "words": "why"}
    assert post(rena, "moves", {"move": "refuse", "words": "no"}, 403)["code"] == "forbidden"
    post(rena, "refusals", refusal)
    post(sue, "second-reviews", {"confirm": True, "words": "so it is"})
    assert life.state(case_no) == "refused"
    (row,) = sue.call("GET", "/staff/v1/refusals").json()["refusals"]
    assert (row["case_no"], row["verdict"]) == (case_no, "confirmed")
    assert code_of(ida.call("GET", "/staff/v1/refusals"), 403) == "forbidden"
    prepared = post(ida, "deliveries", {"way": "counter"}, 201)
    post(ida, f"deliveries/{prepared['delivery']}/handover", {"shown": "resident", "signed": True})


def test_a_clerk_takes_a_case_in_and_it_is_decided_like_one_from_a_kiosk(
    hands: Any, life: Any, submission: Callable[..., dict[str, Any]], terminal: Any
) -> None:
    ida, body = hands("ida", "intake"), submission("a_kim")
    kept = ("item_id", "item_version", "consent_version", "applicant", "form", "commitment", "lang")
    entered = {"town": TOWN, **{name: body[name] for name in kept}}
    answer = ida.call("POST", "/staff/v1/cases", entered, Idempotency_Key="k1")
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert case["case_no"][9] == "1"
    life.wait_for(lambda: life.state(case["case_no"]) == "approved")
    assert ida.call("POST", "/staff/v1/cases", entered, Idempotency_Key="k1").json()["case_no"] == case["case_no"]


def test_a_cursor_goes_on_and_one_that_was_touched_is_refused(hands: Any, life: Any) -> None:
    cases = [life.handed_over(serial) for serial in range(1, 6)]
    ida = hands("ida", "intake")
    seen, target = [], "/staff/v1/cases?limit=2"
    while True:
        page = ida.call("GET", target).json()
        seen += [case["case_no"] for case in page["cases"]]
        if page["next"] is None:
            break
        cursor = page["next"]
        target = f"/staff/v1/cases?limit=2&after={cursor}"
    assert sorted(seen) == sorted(cases)
    other = Cursors(life.office, "another-list").seal("2026-11-24", "1", cases[0])
    short = Cursors(life.office, "work-queue").seal("2026-11-24", "1")
    plain = base64.urlsafe_b64encode(json.dumps(["2026-11-24", "0", ""]).encode()).decode().rstrip("=")
    swapped = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for wrong in (other, short, plain, swapped, "x", "%00", "====", cursor + "A"):
        assert code_of(ida.call("GET", f"/staff/v1/cases?after={wrong}"), 400) == "cursor_invalid", wrong


def test_who_has_no_role_in_cases_sees_none(hands: Any, life: Any) -> None:
    case_no = life.handed_over()
    auditor, stranger = hands("otto", "auditor"), hands("stella", "reviewer", town="350213001")
    assert code_of(auditor.call("GET", "/staff/v1/cases"), 403) == "forbidden"
    assert code_of(stranger.call("GET", f"/staff/v1/cases/{case_no}"), 404) == "case_unknown"
    assert stranger.call("GET", "/staff/v1/cases").json()["cases"] == []


def test_cursor_parts_come_back_as_they_went_in(life: Any) -> None:
    cursors = Cursors(life.office, "a-list")
    for parts in ((), ("",), ("2026-11-24T10:00:00+08:00", "漳州", 'a"b')):
        assert cursors.open(cursors.seal(*parts), len(parts)) == parts
    with pytest.raises(Problem):
        cursors.open("漳", 1)


def test_a_calendar_is_imported_and_the_ledger_exported_on_the_command_line(
    life: Any, place: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case_no = life.under_review()
    life.propose(case_no)
    days = tmp_path / "days.csv"
    days.write_text("date,kind\n2026-11-25,holiday\n2026-11-26,holiday\n", encoding="utf-8")
    assert main(["calendar", "import", str(days), "--source", "made up", *place.arguments]) == 0
    assert "2 days of 2026; the deadlines of 1 cases and the checks of 0 commitments moved" in capsys.readouterr().out
    assert main(["ledger", "refusals", "--json", *place.arguments]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["case_no"], row["verdict"]) == (case_no, None)
    days.write_text("date,kind\n2026-11-25,party\n", encoding="utf-8")
    assert main(["calendar", "import", str(days), "--source", "x", *place.arguments]) == 1
    assert "line 2" in capsys.readouterr().err


def test_what_the_machine_tells_as_a_day_is_counted_by_the_imported_calendar(
    life: Any, submission: Callable[..., dict[str, Any]], terminal: Any
) -> None:
    case = terminal.post_case(submission("hmt", 1)).json()
    first, shown = case["decision"]["facts"]["due_on"], {"code": case["query_code"]}
    # The same is not asked for twice: she takes the first one back.
    assert terminal.call("POST", f"/v1/cases/{case['case_no']}/withdrawals", shown, key="back").status_code == 201
    free = {date(2026, 11, 25) + timedelta(days=n): DayKind.HOLIDAY for n in range(5)}
    import_days(life.office, free, "made up")
    second = terminal.post_case(submission("hmt", 2)).json()["decision"]["facts"]["due_on"]
    assert second > first
