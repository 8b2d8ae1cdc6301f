"""Papers of a case on its way, printed at the terminal where it came in: whose, by whom, when, why, and what then."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest

from backoffice.documents import case_papers
from backoffice.domain.cases.case import Move, Role
from backoffice.domain.cases.notice import Point
from backoffice.identity.devices import add_device
from backoffice.problems.problem import Problem

Say = Callable[[str, str], dict[str, Any]]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.fixture
def paper(start: Callable[..., Any]) -> Say:
    """Make a paper of a case: what it says, without blanks, and which copy of which document it is."""
    at: list[Any] = []
    serial = itertools.count()

    def of(case_no: str, kind: str) -> dict[str, Any]:
        # Only now: its server would decide cases that wait to be handed over.
        if not at:
            at.append(start())
        terminal = at[0]
        made = terminal.call("POST", f"/v1/cases/{case_no}/documents", {"kind": kind}, key=f"paper-{next(serial)}")
        if made.status_code != 201:
            return {"code": made.json()["code"]}
        pdf = pypdfium2.PdfDocument(terminal.call("GET", f"/v1/documents/{made.json()['document_id']}").content)
        try:
            text = "".join(page.get_textpage().get_text_range() for page in pdf)
            assert len(pdf) == 1, "one sheet, with all that proves it"
        finally:
            pdf.close()
        return {**made.json(), "text": squeezed(text)}

    return of


def check_head(text: str, case_no: str, title: str) -> None:
    for said in (title, case_no[-16:], "翔安区民政局", "高龄津贴", "12345", "无法律效力", "陈**"):
        assert said in text, f"{said}: {text}"


def test_who_is_taken_up_is_told_since_when_and_until_when(life: Any, paper: Say) -> None:
    case_no = life.handed_over()
    life.clock.advance(days=1)
    life.move(case_no, (Role.INTAKE, Move.ADMIT))
    made = paper(case_no, "acceptance")
    check_head(made["text"], case_no, "受理通知书")
    # 20 workdays by law from 25 November; nothing that can be counted is promised.
    for said in ("申请日期2026年11月24日10:00", "受理日期2026年11月25日10:00", "法定办结2026年12月23日", "经办民政局"):
        assert said in made["text"], made["text"]
    assert "承诺办结" not in made["text"]
    again = paper(case_no, "acceptance")
    assert (again["document_id"], again["copy"]) == (made["document_id"], 2)
    assert "第2次打印" in again["text"]


def test_who_lacks_something_is_told_all_of_it_and_a_later_notice_is_another_paper(life: Any, paper: Say) -> None:
    case_no = life.under_review()
    names = [material.name for material in life.office.release.items["XA032"].materials][:2]
    first, second = (Point(name, f"{name}没有带来", "办事指南", f"请把{name}带到窗口", False) for name in names)
    life.notice(case_no, points=(first, second), helper="便民中心王小明0592-7000001")
    made = paper(case_no, "supplement")
    check_head(made["text"], case_no, "一次性补正告知书")
    until = life.clock.now().date() + timedelta(days=30)
    for point in (first, second):
        assert f"{point.what}:{point.why}({point.basis})" in made["text"]
        assert point.how in made["text"]
    for said in (
        f"补正期限{until.year}年{until.month}月{until.day}日",
        "告知日期2026年11月24日",
        "便民中心王小明0592-7000001",
        "金海街道",
    ):
        assert said in made["text"], made["text"]
    life.clock.advance(days=3)
    life.supplement(case_no)
    life.notice(case_no, Role.SUPERIOR, points=life.points(unusable=True), why_again="torn", days=20)
    later = paper(case_no, "supplement")
    assert (later["copy"], later["document_id"] != made["document_id"]) == (1, True)
    assert "补正期限2026年12月17日" in later["text"]


@pytest.mark.parametrize(
    ("admitted", "code", "title", "reason"),
    [
        (True, "condition_not_met", "不予许可决定书", "不符合法定条件"),
        (False, "not_our_authority", "不予受理决定书", "不属于本机关职权范围"),
    ],
)
def test_who_is_refused_is_told_by_what_law_where_else_and_what_can_be_done_against_it(
    life: Any, paper: Say, admitted: bool, code: str, title: str, reason: str
) -> None:
    case_no = life.under_review() if admitted else life.handed_over()
    life.propose(case_no, code=code)
    assert paper(case_no, "refusal") == {"code": "case_paper_not_yet"}, "nobody has looked a second time"
    life.clock.advance(days=1)
    life.review(case_no, confirm=True)
    life.clock.advance(days=2)
    made = paper(case_no, "refusal")
    check_head(made["text"], case_no, title)
    remedy = "自收到本决定之日起60日内申请行政复议,或者6个月内向人民法院提起行政诉讼"
    number = f"文号{case_no[-16:]}-1"
    decided = f"陈**:您的申请经复核,于2026年11月25日决定{title[:4]}"
    for said in (decided, reason, "inwords", "thelaw", "thetown'scounter", remedy, number):
        assert said in made["text"], made["text"]


# ---- the letter that says how a case stands, for whoever holds its slip, and for staff ------------------------------


@pytest.fixture
def slip(life: Any) -> Callable[[str], str]:
    """The query code on a case's slip."""

    def of(case_no: str) -> str:
        vault = life.office.vault
        return str(vault.open_json(f"case.access:{case_no}", life.row(case_no).access_sealed)["query_code"])

    return of


@pytest.mark.parametrize(
    ("reach", "key", "letter", "title"),
    [
        (lambda life: life.admitted(), "progress.admitted", "acceptance", "受理通知书"),
        (lambda life: refused(life), "progress.refused", "refusal", "不予许可决定书"),
        (lambda life: noticed(life), "progress.noticed", "supplement", "一次性补正告知书"),
    ],
)
def test_progress_names_the_letter_that_says_so_and_any_terminal_makes_it(
    life: Any, start: Any, slip: Any, reach: Any, key: str, letter: str, title: str
) -> None:
    case_no = reach(life)
    add_device(life.office, "K2", bytes(range(32)), "009")
    own = start()
    other = type(own)(own.http, own.clock, own.contract, device="K2")
    told = other.call("GET", f"/v1/progress?q={case_no}&code={slip(case_no)}").json()
    assert (told["key"], told["letter"]) == (key, letter)
    wrong = f"{(int(slip(case_no)) + 1) % 10_000:04d}"
    refused_to = other.call("POST", f"/v1/cases/{case_no}/letters", {"code": wrong}, key="wrong")
    assert (refused_to.status_code, refused_to.json()["code"]) == (404, "progress_unknown")
    made = other.call("POST", f"/v1/cases/{case_no}/letters", {"code": slip(case_no)}, key="letter")
    assert made.status_code == 201, made.text
    pdf = pypdfium2.PdfDocument(other.call("GET", f"/v1/documents/{made.json()['document_id']}").content)
    try:
        assert title in squeezed("".join(page.get_textpage().get_text_range() for page in pdf))
    finally:
        pdf.close()
    assert own.call("GET", f"/v1/documents/{made.json()['document_id']}").status_code == 404, "made for the other one"


def refused(life: Any) -> str:
    case_no = str(life.under_review())
    life.propose(case_no)
    life.review(case_no, confirm=True)
    return case_no


def noticed(life: Any) -> str:
    case_no = str(life.under_review())
    life.notice(case_no)
    return case_no


def test_staff_print_the_letters_that_there_are_and_no_other(life: Any) -> None:
    case_no, reviewer = refused(life), life.order(life.accept(serial=9), Role.REVIEWER).actor
    assert case_papers.letters_for_staff(life.office, reviewer, case_no) == ["refusal", "acceptance", "receipt"]
    pdf = case_papers.letter_for_staff(life.office, reviewer, "one", case_no, "refusal")
    assert pdf.startswith(b"%PDF") and pdf == case_papers.letter_for_staff(
        life.office, reviewer, "one", case_no, "refusal"
    )
    with pytest.raises(Problem, match="case_paper_not_yet"):
        case_papers.letter_for_staff(life.office, reviewer, "two", case_no, "decision")
    stranger = replace(reviewer, town="350213002")
    for ask in (
        lambda: case_papers.letters_for_staff(life.office, stranger, case_no),
        lambda: case_papers.letter_for_staff(life.office, stranger, "three", case_no, "refusal"),
    ):
        with pytest.raises(Problem, match="case_unknown"):
            ask()
