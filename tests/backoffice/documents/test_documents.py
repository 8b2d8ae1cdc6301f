"""Papers as they are seen: what each template says, in type that can be read, with a code that is right."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from backoffice.__main__ import main
from backoffice.clock import CHINA
from backoffice.documents import papers
from backoffice.documents.fonts import font_dir, fonts_gap
from backoffice.documents.making import PUBLIC_URL, public_address_gap, verify_address
from backoffice.documents.papers import Remedy, Sheet, data_of
from backoffice.documents.press import VERSIONS, press
from backoffice.documents.words import in_fours, masked_name, masked_number, money_text, row_text, words
from backoffice.domain.check_code import check_character, new_code, read_code
from backoffice.domain.text import Arg, Line
from backoffice.gateways.answers import SPECS
from backoffice.paths import OfficeFilesMissing
from backoffice.queries.views import VIEWS

MADE_AT = datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)
SHOWN = "0078261124000016"
CODE = "7K3MP2XQ9WRTY4HBN5C" + check_character("7K3MP2XQ9WRTY4HBN5C")

BODIES: dict[str, dict[str, Any]] = {
    "receipt": papers.receipt({"applicant": "陈**", "count": "1", "device": "K1"}, ["诊断证明(照片)"], "4821"),
    "acceptance": papers.acceptance({"applicant": "陈**", "due": "2026年12月8日"}, provisional=True),
    "supplement": papers.supplement({"contact": "村里代办员"}, ["诊断证明: 看不清楚"], "请重新拍照"),
    "advice": papers.advice(
        {"helper": "村里代办员"}, [("户名不一致。", "依据: 办法第三条")], ["带社保卡来"], papers.Remedy(60, 6)
    ),
    "review": papers.review({"due": "2026年12月23日"}, [("没有核对到结果。", "依据: 办法第五条")], provisional=True),
    "refusal": papers.refusal(
        "licence",
        {"number": "12", "applicant": "陈**", "decided": "2026年11月24日"},
        ["场所不符合规定"],
        ["食品安全法第三十三条"],
        "街道便民中心",
        Remedy(60, 6),
    ),
    "decision": papers.decision("approved", {"result": "同意办理", "amount": "100元"}, [], "不用再来"),
    "certificate": papers.certificate(
        {"name": "陈䶮㛃𠮷", "number": "350***********0021"},
        "特此证明。",
        [("人社", [("参保险种", "居保")])],
        {"purpose": "贷款"},
    ),
    "guide": {
        "plain": "满80岁,每月发钱",
        "sections": [{"title": "要带什么", "rows": [], "list": ["身份证"]}],
        "edition": "版本1",
    },
    "payment": papers.payment({"number": "MED1"}, "430元", "人民币肆佰叁拾元整", ["到任一银行柜台"]),
}
SAID = {
    "receipt": ("收件凭证", "诊断证明(照片)", "查询码4821", "不代表已经受理"),
    "acceptance": ("受理通知书", "现予受理", "2026年12月8日", "放假安排", "办不成事"),
    "supplement": ("一次性补正告知书", "看不清楚", "请重新拍照", "一次说完"),
    "advice": ("一次性告知书", "户名不一致", "办法第三条", "村里代办员", "带社保卡来", "60日内申请行政复议", "6个月"),
    "review": ("转人工核查告知书", "没有核对到结果", "办法第五条", "最迟答复", "假安排", "申请行政复议"),
    "refusal": ("不予许可决定书", "场所不符合规定", "食品安全法第三十三条", "街道便民中心", "60日内"),
    "decision": ("办理结果告知书", "审核通过", "100元", "不用再来"),
    "certificate": ("证明", "陈䶮㛃𠮷", "居保", "仅用于贷款", "特此证明"),
    "guide": ("办事指南", "满80岁", "身份证", "版本1"),
    "payment": ("缴款书", "430元", "人民币肆佰叁拾元整", "到任一银行柜台"),
}
TITLES = {**words()["title"], "refusal": "不予许可决定书", "certificate": "证明"}


def sheet(template: str, **changes: Any) -> Sheet:
    plain = Sheet(
        template=template,
        title=TITLES[template],
        case_no=SHOWN,
        department="翔安区民政局",
        made_at=MADE_AT,
        phone="0592-7000000",
        supervision="12345",
        code="" if template == "guide" else CODE,
        digest="3f9a12bc" * 8,
        verify_url=verify_address(CODE),
        purpose="贷款" if template == "certificate" else "",
        body=BODIES[template],
    )
    return replace(plain, **changes)


def made(template: str, **changes: Any) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(press(template, data_of(sheet(template, **changes)), MADE_AT))


def text_of(pdf: pypdfium2.PdfDocument) -> str:
    return re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in pdf))


@pytest.mark.parametrize("template", sorted(VERSIONS))
def test_a_template_says_what_it_must(template: str) -> None:
    pdf = made(template)
    text = text_of(pdf)
    assert len(pdf) == 1
    for words_wanted in (*SAID[template], "翔安区民政局", "2026年11月24日", "0592-7000000", "参考实现,无法律效力"):
        assert words_wanted in text
    assert ("0078261124000016" in text) and ("3f9a12bc" in text) == (template != "guide")
    assert "打印" not in text, "a first copy says nothing of copies"


@pytest.mark.parametrize("template", sorted(set(VERSIONS) - {"guide"}))
def test_the_code_of_every_paper_is_read_from_its_picture(template: str) -> None:
    picture = made(template)[0].render(scale=1.6).to_numpy()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [verify_address(CODE)]


def test_what_residents_read_is_set_in_large_type() -> None:
    page = made("receipt")[0].get_textpage()
    text = page.get_text_range()
    heights = {}
    for word in ("诊断证明", "申请人", "查询码"):
        _, bottom, _, top = page.get_charbox(text.index(word), loose=True)
        heights[word] = top - bottom
    assert min(heights.values()) >= 14, "pt, the whole body of a character"


def test_a_later_copy_says_the_how_manieth_it_is() -> None:
    assert "第3次打印" in text_of(made("certificate", copy=3))


def test_a_long_paper_goes_on_and_keeps_its_code() -> None:
    body = papers.supplement({}, [f"第{n}样材料看不清楚, 请重新拍照以后再补上来" for n in range(1, 31)], "请补齐")
    pdf = made("supplement", body=body)
    assert len(pdf) > 1
    assert "第30样材料" in text_of(pdf)
    last = pdf[len(pdf) - 1].render(scale=1.6).to_numpy()
    assert [found.text for found in zxingcpp.read_barcodes(last)] == [verify_address(CODE)]


def test_a_value_is_never_read_as_markup() -> None:
    body = papers.decision("done", {"result": '#panic("x") *不粗* $x$ ]) 《引号"》\\'}, [], "")
    assert '#panic("x")*不粗*$x$])《引号"》\\' in text_of(made("decision", body=body))


def test_the_same_paper_is_the_same_bytes_from_every_thread() -> None:
    barrier = threading.Barrier(4)

    def once(_: int) -> bytes:
        barrier.wait()
        return press("receipt", data_of(sheet("receipt")), MADE_AT)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(once, range(8)))) == 1


def test_missing_faces_are_told_and_never_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KIOSK_FONT_DIR", str(tmp_path))
    with pytest.raises(OfficeFilesMissing, match=r"sc-regular\.otf"):
        font_dir()


def test_every_line_of_every_certificate_has_printed_words() -> None:
    own = words()
    for view in VIEWS.values():
        assert set(view.registers) <= own["register"].keys()
        for row in view.rows:
            assert row.key in own["row"]
            assert {f"{row.key}.{word}" for group in row.words.values() for word in group} <= own["value"].keys()
        assert not view.statement or view.item_id in own["statement"]
    assert set(SPECS) >= set(own["register"])
    line = Line("row.relief.since", {"year": Arg("digits", "2024"), "month": Arg("count", "3")})
    assert row_text(line) == ("开始时间", "2024年3月")


@given(st.integers(0, 10**12))
def test_money_is_written_to_the_fen(fen: int) -> None:
    assert int(re.sub(r"[,.元]", "", money_text(fen))) == (fen if fen % 100 else fen // 100)


def test_names_and_numbers_are_masked() -> None:
    assert (masked_name("陈阿金"), masked_name("𠮷"), masked_number("350221194403150021")) == (
        "陈**",
        "*",
        "350***********0021",
    )
    assert in_fours(SHOWN) == ["0078", "2611", "2400", "0016"]


def test_a_code_is_checked_forgiven_its_writing_and_refused_with_one_wrong_character() -> None:
    code = new_code()
    assert read_code(f" {code[:5].lower()}-{code[5:]}") == code
    for at, character in enumerate(code):
        other = "A" if character != "A" else "B"
        assert read_code(code[:at] + other + code[at + 1 :]) is None
    for at in range(19):
        swapped = CODE[:at] + CODE[at + 1] + CODE[at] + CODE[at + 2 :]
        assert read_code(swapped) is None


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_none(text: str) -> None:
    assert read_code(text) is None or len(str(read_code(text))) == 20


def test_receipt_and_decision_of_a_case_are_printed_and_counted(
    terminal: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    case = terminal.post_case(submission()).json()
    target = f"/v1/cases/{case['case_no']}/documents"
    made_now = terminal.call("POST", target, {"kind": "receipt"}, key="d1").json()
    pdf = terminal.call("GET", f"/v1/documents/{made_now['document_id']}").content
    text = text_of(pypdfium2.PdfDocument(pdf))
    assert f"查询码{case['query_code']}" in text and "陈**" in text and "金海街道" in text
    decision = terminal.call("POST", target, {"kind": "decision"}, key="d2").json()
    pdf = terminal.call("GET", f"/v1/documents/{decision['document_id']}").content
    assert "每月" not in text and "100元" in text_of(pypdfium2.PdfDocument(pdf))
    again = terminal.call("POST", target, {"kind": "receipt"}, key="d3").json()
    assert (again["document_id"], again["copy"]) == (made_now["document_id"], 2)
    for kind in ("acceptance", "supplement", "refusal"):
        assert terminal.call("POST", target, {"kind": kind}, key=f"x-{kind}").json()["code"] == "case_paper_not_yet"


def test_the_guide_on_paper_is_the_guide(terminal: Any, office: Any) -> None:
    answer = terminal.call("GET", "/v1/guides/XA032/paper?site=350213007007")
    text = text_of(pypdfium2.PdfDocument(answer.content))
    item = office.release.items["XA032"]
    assert item.official in text and re.sub(r"\s", "", item.plain) in text
    assert terminal.call("GET", "/v1/guides/XA999/paper").json()["code"] == "item_unknown"


def test_who_starts_the_server_is_told_where_the_codes_on_papers_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PUBLIC_URL, raising=False)
    assert "127.0.0.1" in public_address_gap() and PUBLIC_URL in public_address_gap()
    monkeypatch.setenv(PUBLIC_URL, "")
    assert "127.0.0.1" in public_address_gap(), "set to nothing is not set"
    monkeypatch.setenv(PUBLIC_URL, "https://office.example/")
    assert public_address_gap() == "" and verify_address("x") == "https://office.example/public/v1/verify/x"
    monkeypatch.setenv(PUBLIC_URL, "office.example")
    assert main(["serve", "--port", "0", "--data", "/nowhere"]) == 1, "refused before anything is opened"


def test_a_server_without_faces_is_told_so_before_anybody_wants_a_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fonts_gap() == ""
    monkeypatch.setenv("KIOSK_FONT_DIR", str(tmp_path))
    assert "no paper can be made" in fonts_gap() and str(tmp_path) in fonts_gap()
