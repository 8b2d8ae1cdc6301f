"""Letters of what rules found: reason, basis, who helps and what can be done against it, on the paper itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest

from backoffice.catalogue.release import read_release
from backoffice.documents.rule_words import basis_of, next_text, reason_text
from backoffice.domain.text import FIXED_KEYS, Arg, Line

CATALOGUE = read_release(Path(__file__).resolve().parents[3] / "config" / "catalogue")
REMEDY = "自收到决定之日起60日内申请行政复议,或者6个月内向人民法院提起行政诉讼"
HELPER = "后村社区便民服务代办点演示人员庚000-0000-0096"
COMMITMENTS = ("reason.commitment_barred", "reason.commitment_broken", "reason.commitment_withdrawn")


def letter(at: Any, case_no: str, kind: str) -> str:
    made = at.call("POST", f"/v1/cases/{case_no}/documents", {"kind": kind}, key=f"paper-{kind}")
    assert made.status_code == 201, made.text
    pdf = pypdfium2.PdfDocument(at.call("GET", f"/v1/documents/{made.json()['document_id']}").content)
    try:
        text = re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in pdf))
        assert len(pdf) == 1, text
        return text
    finally:
        pdf.close()


def check(text: str, *said: str) -> None:
    assert [each for each in said if re.sub(r"\s", "", each) not in text] == [], text


def test_a_notice_that_rules_made_says_why_by_which_law_who_helps_and_what_can_be_done(
    terminal: Any, submission: Any, office: Any
) -> None:
    case = terminal.post_case(submission("seventy_nine")).json()
    assert case["decision"]["outcome"] == "notice"
    text = letter(terminal, case["case_no"], "supplement")
    rule = next(rule for rule in office.release.items["XA032"].rules if rule.rule_id == "age")
    check(
        text,
        "一次性告知书",
        "不是拒绝",
        "须年满80周岁, 申请人2027年3月5日满80周岁。",
        f"依据: {rule.legal_basis}",
    )
    check(text, "2027年3月5日起带身份证再来办理", "谁能帮忙" + HELPER, "翔安区民政局", "12345", REMEDY)
    check(text, "2026年11月24日, 申请保留到2027年4月4日")


def test_what_the_machine_left_to_a_human_says_what_is_looked_at_by_when_and_by_whom(
    terminal: Any, submission: Any, simulator: Any, office: Any
) -> None:
    httpx.post(f"{simulator.url}/faults", json={"lookup": "L12", "mode": "error", "count": 0}, trust_env=False)
    try:
        case = terminal.post_case(submission()).json()
    finally:
        httpx.delete(f"{simulator.url}/faults", trust_env=False)
    assert case["decision"]["outcome"] == "pending"
    text = letter(terminal, case["case_no"], "review")
    rule = next(rule for rule in office.release.items["XA032"].rules if rule.rule_id == "duplicate")
    check(text, "转人工核查告知书", "不是拒绝", "是否已经领取高龄津贴没有核对到结果。", f"依据: {rule.legal_basis}")
    check(text, "最迟答复", "谁能帮忙" + HELPER, "12345", "行政复议")
    decided = terminal.call("POST", f"/v1/cases/{case['case_no']}/documents", {"kind": "supplement"}, key="p")
    assert decided.json()["code"] == "case_paper_not_yet"


@pytest.mark.parametrize("item_id", [item.item_id for item in CATALOGUE.items.values() if item.rules])
def test_every_rule_has_its_words_its_law_and_its_next_step_for_a_letter(item_id: str) -> None:
    item = CATALOGUE.items[item_id]
    date = {"date": Arg("date", "2027-03-05")}
    for rule in item.rules:
        for key in (rule.failed, rule.unknown):
            for args in ({}, date):
                text = "".join(reason_text(item, Line(key, args)))
                assert rule.legal_basis in text and not re.search(r"[\[\]{}]", text)
        for args in ({}, date):
            assert not re.search(r"[\[\]{}]", next_text(Line(rule.next_step, args)))


def test_a_reason_that_is_no_rules_has_a_basis_too() -> None:
    item = CATALOGUE.items["XA092"]
    for key in ("reason.by_hand", "reason.ordinary_way", "reason.unknown.identity", *COMMITMENTS):
        assert key in FIXED_KEYS and basis_of(item, key)
        assert reason_text(item, Line(key))[1].endswith(basis_of(item, key))
