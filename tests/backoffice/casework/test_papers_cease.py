"""A paper's code says so from the moment in which its case makes it untrue, and no copy of it is made any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.documents import making
from backoffice.domain.cases.case import Move, Role
from backoffice.store.tables import tables

PROMISED = {
    "item_id": "XA016",
    "form": {"work_kind": "trade", "work_place": "后村市场", "work_since": "2026-11-01"},
    "commitment": "commitment.XA016",
}


def made(at: Any, case_no: str, kind: str, key: str = "") -> Any:
    return at.call("POST", f"/v1/cases/{case_no}/documents", {"kind": kind}, key=key or f"{kind}/{case_no}")


def take_promise_back(at: Any, case: dict[str, Any]) -> None:
    target = f"/v1/cases/{case['case_no']}/commitment/withdrawal"
    assert at.call("POST", target, {"code": case["query_code"]}, key="back").status_code == 201


def verified(at: Any, code: str) -> tuple[str, str | None]:
    told = at.http.get(f"/public/v1/documents/{code}").json()
    return told["state"], told["document"]["withdrawn_at"]


def test_the_letter_of_a_decision_that_fell_is_withdrawn_with_the_day_and_a_new_one_is_genuine(
    life: Any, terminal: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    case = terminal.post_case(submission(**PROMISED)).json()
    case_no, slip = case["case_no"], {"number": case["case_no"], "code": case["query_code"]}
    receipt = made(terminal, case_no, "receipt").json()
    life.clock.advance(seconds=60)
    letter = made(terminal, case_no, "decision").json()
    assert verified(terminal, letter["code"]) == ("genuine", None)
    copy = f"/v1/documents/{letter['document_id']}"
    assert terminal.call("GET", copy).status_code == 200
    life.clock.advance(days=2)
    take_promise_back(terminal, case)
    assert terminal.call("GET", copy).json()["code"] == "document_withdrawn"
    assert verified(terminal, letter["code"]) == ("withdrawn", "2026-11-26T10:01:00.000+08:00")
    page = terminal.http.get(f"/public/v1/verify/{letter['code']}").text
    assert "已经作废" in page and "2026年11月26日 10:01" in page
    assert verified(terminal, receipt["code"]) == ("genuine", None), "that it was brought stays so"
    assert made(terminal, case_no, "decision", "again").json()["code"] == "case_paper_not_yet"
    assert terminal.call("POST", "/v1/documents/reprints", slip, key="copy").json()["code"] == "document_withdrawn"
    with life.office.database.read() as connection:
        kept = connection.execute(select(tables.audit.c.entry)).scalars().all()
    assert sum("documents_withdrawn" in entry and case_no in entry for entry in kept) == 1
    life.move(case_no, (Role.REVIEWER, Move.REVIEWED), (Role.DECIDER, Move.APPROVE))
    anew = made(terminal, case_no, "decision", "anew").json()
    assert anew["code"] != letter["code"] and verified(terminal, anew["code"]) == ("genuine", None)
    assert verified(terminal, letter["code"])[0] == "withdrawn"


def test_a_notice_is_replaced_by_the_next_and_what_was_taken_back_leaves_a_receipt(
    life: Any, start: Callable[..., Any]
) -> None:
    case_no = life.under_review()
    life.notice(case_no)
    at = start()
    papers = {kind: made(at, case_no, kind).json()["code"] for kind in ("receipt", "acceptance", "supplement")}
    life.supplement(case_no)
    assert verified(at, papers["supplement"]) == ("genuine", None)
    life.notice(case_no, Role.SUPERIOR, points=life.points(unusable=True), why_again="torn", days=20)
    assert verified(at, papers["supplement"])[0] == "withdrawn"
    later = made(at, case_no, "supplement", "later").json()["code"]
    life.move(case_no, (Role.INTAKE, Move.WITHDRAW))
    codes = (*papers.values(), later)
    assert [verified(at, code)[0] for code in codes] == ["genuine", "withdrawn", "withdrawn", "withdrawn"]
    refused = [made(at, case_no, kind, f"{kind}/late").json()["code"] for kind in ("acceptance", "supplement")]
    assert refused == ["case_paper_not_yet"] * 2
    assert made(at, case_no, "receipt", "receipt/late").json()["copy"] == 2


@pytest.mark.parametrize(("step", "code"), [("make", "case_paper_not_yet"), ("another_copy", "document_withdrawn")])
def test_a_decision_that_falls_while_its_letter_is_drawn_gives_no_letter(
    terminal: Any,
    submission: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    code: str,
) -> None:
    case = terminal.post_case(submission(**PROMISED)).json()
    if step == "another_copy":
        assert made(terminal, case["case_no"], "decision").status_code == 201
    draw: Callable[..., Any] = getattr(making, step)

    def overtaken(*args: Any) -> Any:
        drawn = draw(*args)
        take_promise_back(terminal, case)
        return drawn

    monkeypatch.setattr(making, step, overtaken)
    answer = made(terminal, case["case_no"], "decision", "overtaken")
    assert (answer.status_code, answer.json()["code"]) == (409, code)
