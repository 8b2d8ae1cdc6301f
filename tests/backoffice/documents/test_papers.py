"""Queries and prints: what registers say, how old it is, and a paper only when all of it was said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pypdfium2
import pytest
import zxingcpp
from office_support import papers_world
from sqlalchemy import func, select

from backoffice.catalogue.release import read_release
from backoffice.clock import iso
from backoffice.documents import verifying
from backoffice.gateways.lookups import HttpLookups
from backoffice.identity.devices import add_device
from backoffice.office import Office
from backoffice.paths import catalogue_dir
from backoffice.queries import service
from backoffice.simulators.lookups import build_server
from backoffice.store.tables import tables
from backoffice.store.tables.identity import consent
from backoffice.store.tables.papers import document, document_copy
from backoffice.upkeep.reports import audit_told

ME = (papers_world.NAME, papers_world.NUMBER)
RELEASE = read_release(catalogue_dir())


@pytest.fixture(scope="module")
def registers() -> Iterator[str]:
    server, knowledge = build_server(papers_world.residents(), 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    knowledge.stopping.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def fault(registers: str) -> Iterator[Callable[[str, str], None]]:
    def break_it(lookup: str, mode: str) -> None:
        httpx.post(f"{registers}/faults", json={"lookup": lookup, "mode": mode, "count": 0}, trust_env=False)

    yield break_it
    httpx.delete(f"{registers}/faults", trust_env=False)


@pytest.fixture
def at(start: Callable[..., Any], registers: str, clock: Any) -> Any:
    return start(HttpLookups(registers, clock, timeout_s=0.5))


@pytest.fixture
def visit(submission: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def of(
        item: str, serial: int = 1, who: tuple[str, str] = (papers_world.NAME, papers_world.NUMBER), **form: str
    ) -> dict[str, Any]:
        version = RELEASE.items[item].version
        body = submission(serial=serial, item_id=item, item_version=version, form=form, consents=AGREED)
        body["applicant"] = {**body["applicant"], "name": who[0], "number": who[1]}
        return body

    return of


def vouched(body: dict[str, Any]) -> dict[str, Any]:
    seen = {"vouched_by": "1042", "vouched_at": "2026-11-24T09:58:00+08:00"}
    return {**body, "applicant": {**body["applicant"], **seen}}


def post(at: Any, route: str, body: dict[str, Any]) -> Any:
    return at.call("POST", f"/v1/{route}", body, key=body["case_no"])


def reasons(answer: Any) -> tuple[int, str, list[str], str]:
    told = answer.json()
    assert "reasons" in told, told
    return answer.status_code, told["code"], [line["key"] for line in told["reasons"]], told["next"]["key"]


def count(office: Office, table: Any) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def text_of(pdf: bytes) -> str:
    read = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in read).replace("\r", "")


def printed(at: Any, body: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    answer = post(at, "prints", body)
    assert answer.status_code == 201, answer.text
    made = answer.json()["document"]
    return answer.json(), at.call("GET", f"/v1/documents/{made['document_id']}").content


AGREED = [{"purpose": f"register.{code}", "text_version": "v1"} for code in ("L03", "L22")]
PENSION = {"month_from": "2026-01", "month_to": "2026-10", "purpose": "loan"}
MONTHS = {"month_from": "2026-01", "month_to": "2026-10"}


def test_a_query_is_answered_line_by_line_and_its_case_is_complete(at: Any, visit: Any, office: Office) -> None:
    told = post(at, "queries", body := visit("XA031", **MONTHS)).json()
    assert told["case"]["decision"]["outcome"] == "done"
    assert told["lines"][0] == {"key": "row.medical.balance", "args": {"amount": {"kind": "money", "value": "1234"}}}
    assert told["lines"][2]["args"]["state"] == {"kind": "key", "value": "row.medical.state.paid"}
    assert {one["lookup"]: one["state"] for one in told["registers"]} == {"L01": "answered", "L17": "answered"}
    assert all(one["fresh"] and one["as_of"] == one["asked_at"] for one in told["registers"])
    assert told["next"] is None
    assert post(at, "queries", body).json() == told
    assert count(office, tables.service_case) == 1


@pytest.mark.proof
def test_every_plot_has_a_line_and_an_account_stands_beside_it(at: Any, visit: Any) -> None:
    told = post(at, "queries", visit("XA080", record_year="2026")).json()
    assert [line["key"] for line in told["lines"]] == [
        "row.land.subsidy",
        "row.land.plot",
        "row.land.plot",
        "row.account",
    ]


def test_each_payment_has_a_line_with_month_amount_and_day(at: Any, visit: Any) -> None:
    told = post(at, "queries", visit("XA009", month_from="2026-10", month_to="2026-11")).json()
    assert [line["key"] for line in told["lines"]][:2] == ["row.pension.payment", "row.pension.state"]
    assert {name: arg["value"] for name, arg in told["lines"][0]["args"].items()} == {
        "year": "2026", "month": "10", "amount": "23050", "date": "2026-10-05",
    }  # fmt: skip
    both = post(at, "queries", visit("XA009", 2, month_from="2026-01", month_to="2026-11")).json()
    assert [line["key"] for line in both["lines"]].count("row.pension.payment") == 2
    before = post(at, "queries", visit("XA009", 3, month_from="2026-01", month_to="2026-08")).json()
    assert before["lines"][0] == {"key": "row.pension.payment.none", "args": {}}


def test_a_register_that_keeps_its_rows_to_itself_is_said_to_and_makes_no_paper(
    at: Any, visit: Any, office: Office
) -> None:
    rare = (papers_world.RARE_NAME, papers_world.RARE_NUMBER)
    told = post(at, "queries", visit("XA009", 1, rare, **MONTHS)).json()
    assert told["lines"][0] == {
        "key": "query.unlisted",
        "args": {"register": {"kind": "key", "value": "register.L14"}},
    }
    papers = count(office, document)
    refusal = post(at, "prints", visit("XA024", 2, rare, record_year="2026"))
    assert reasons(refusal) == (503, "register_silent", ["reason.print.silent"], "next.print.later")
    assert count(office, document) == papers == 0


def test_how_far_a_card_is_and_where_to_fetch_it(at: Any, visit: Any) -> None:
    told = post(at, "queries", visit("XA063")).json()
    assert [line["key"] for line in told["lines"]] == ["row.making"] * 2 + ["row.making.place"] + [
        "row.making.number"
    ] * 2
    assert told["lines"][0]["args"]["state"] == {"kind": "key", "value": "row.making.ready"}
    assert told["lines"][2]["args"]["place"]["value"] == "金海派出所"
    assert {one["lookup"]: one["fresh"] for one in told["registers"]} == {"L01": True, "L32": True}
    named = post(at, "queries", visit("XA063", 2, receipt_no="3502130261109000039")).json()
    assert [line["key"] for line in named["lines"]] == ["row.making", "row.making.number"]
    assert named["lines"][0]["args"]["kind"]["value"] == "row.making.id_card"
    other = post(at, "queries", visit("XA063", 3, receipt_no="3502130261109000055")).json()
    assert [line["key"] for line in other["lines"]] == ["row.making.none"]


@pytest.mark.parametrize(
    ("distance", "found"),
    [
        ("village", ["后村小吃店"]),
        ("town", ["隔壁小吃店", "后村小吃店"]),
        ("district", ["隔壁小吃店", "远处小吃店", "后村小吃店"]),
    ],
)
def test_work_is_looked_for_as_far_from_this_terminal_as_somebody_would_go(
    at: Any, visit: Any, distance: str, found: list[str]
) -> None:
    told = post(at, "queries", visit("XA021", work_wanted="service", distance=distance)).json()
    assert [line["args"]["employer"]["value"] for line in told["lines"]] == found
    assert [one["lookup"] for one in told["registers"]] == ["L33"], "whoever looks for work is not asked about"
    assert told["registers"][0]["as_of"]


def test_openings_are_told_again_with_their_own_date_while_their_register_is_silent(
    at: Any, visit: Any, fault: Any, clock: Any
) -> None:
    near = {"work_wanted": "service", "distance": "village"}
    fresh = post(at, "queries", visit("XA021", **near)).json()
    fault("L33", "error")
    clock.advance(hours=20)
    kept = post(at, "queries", visit("XA021", 2, **near)).json()
    assert kept["lines"] == fresh["lines"] and kept["next"] is None
    assert kept["registers"][0]["as_of"] == fresh["registers"][0]["as_of"] < iso(clock.now())
    other = post(at, "queries", visit("XA021", 3, **{**near, "work_wanted": "factory"}))
    assert other.json()["code"] == "register_silent", "of another question nothing is kept"
    clock.advance(hours=60)
    assert post(at, "queries", visit("XA021", 4, **near)).json()["code"] == "register_silent", "too old"


def test_where_nobody_offers_that_work_it_is_said_and_so_is_what_else_to_try(at: Any, visit: Any) -> None:
    told = post(at, "queries", visit("XA021", work_wanted="building", distance="any")).json()
    assert [line["key"] for line in told["lines"]] == ["row.job.none"]


@pytest.mark.parametrize(
    ("mode", "state", "line"),
    [("stale", "stale", "stale"), pytest.param("error", "error", "silent", marks=pytest.mark.proof)],
)
def test_a_register_that_gives_nothing_is_said_to_and_its_lines_are_missing(
    at: Any, visit: Any, fault: Any, mode: str, state: str, line: str
) -> None:
    fault("L16", mode)
    told = post(at, "queries", visit("XA080", record_year="2026")).json()
    assert [line["key"] for line in told["lines"]] == ["row.land.subsidy", "row.land.plot", "row.land.plot"]
    card = next(one for one in told["registers"] if one["lookup"] == "L16")
    assert (card["state"], card["fresh"], card["as_of"], card["line"]["key"]) == (state, False, None, f"query.{line}")
    assert told["next"]["key"] == "next.query.later"


@pytest.mark.proof
def test_when_nobody_answers_there_is_no_case_and_a_next_step(at: Any, visit: Any, fault: Any, office: Office) -> None:
    fault("*", "error")
    answer = post(at, "queries", visit("XA031", **MONTHS))
    said = ["reason.print.silent", "reason.print.silent"]
    assert reasons(answer) == (503, "register_silent", said, "next.print.later")
    assert count(office, tables.service_case) == 0


@pytest.mark.proof
def test_a_register_that_knows_nothing_says_so(at: Any, visit: Any) -> None:
    told = post(at, "queries", visit("XA086")).json()
    assert told["lines"] == []
    assert [one["line"]["key"] for one in told["registers"]] == ["query.as_of", "query.not_found"]


def test_my_own_cases_of_every_terminal_and_nobody_elses(at: Any, visit: Any, office: Office, case_no: Any) -> None:
    post(at, "queries", visit("XA031", 1, **MONTHS))
    add_device(office, "K2", bytes(32), None)
    post(at, "queries", visit("XA031", 2, (papers_world.RARE_NAME, papers_world.RARE_NUMBER), **MONTHS))
    at.device, at.key = "K2", bytes(32)
    told = post(at, "queries", visit("XA106", 3)).json()
    assert [line["args"]["number"]["value"] for line in told["lines"]] == [case_no(1)[-16:]]
    assert told["lines"][0]["args"]["state"]["value"] == "case.decided"
    stranger = post(at, "queries", visit("XA106", 4, ("王别人", papers_world.NUMBER)))
    assert stranger.json()["lines"] == []


def test_more_cases_than_a_list_holds_are_said_to_be_there_and_an_old_one_is_found_by_its_number(
    at: Any, visit: Any, case_no: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_MOST_CASES", 2)
    told = []
    for serial in (1, 2, 3):
        post(at, "queries", visit("XA031", serial, **MONTHS))
        clock.advance(seconds=60)
        told.append(post(at, "queries", visit("XA106", 10 + serial)).json()["lines"])
        clock.advance(seconds=60)
    # Each question about one's cases is a case, too: the second time there are three, of which two are listed.
    assert [[line["key"] for line in lines] for lines in told] == [
        ["row.case"],
        ["row.case", "row.case", "row.case.more"],
        ["row.case", "row.case", "row.case.more"],
    ]
    oldest = post(at, "queries", visit("XA106", 20, receipt_no=case_no(1)[-16:])).json()["lines"]
    assert [line["args"]["number"]["value"] for line in oldest] == [case_no(1)[-16:]]


def test_a_certificate_is_made_fetched_and_says_what_registers_say(at: Any, visit: Any, office: Office) -> None:
    rare = (papers_world.RARE_NAME, papers_world.RARE_NUMBER)
    told, pdf = printed(at, body := visit("XA007", who=rare, **PENSION))
    assert told["case"]["decision"]["outcome"] == "done"
    text = text_of(pdf)
    for words in (
        "社会保险参保证明",
        papers_world.RARE_NAME,
        "350***********0015",
        "城乡居民基本养老保险",
        "正在领取待遇",
    ):
        assert words in text
    assert "贷款" in text and "厦门市人社局" in text and "参考实现, 无法律效力" in text
    assert " ".join(case_groups(body["case_no"])) in text
    assert papers_world.RARE_NUMBER not in text
    target = f"/v1/documents/{told['document']['document_id']}"
    answer = at.call("GET", target)
    assert (answer.headers["content-type"], answer.headers["etag"]) == (
        "application/pdf",
        f'"{told["document"]["digest"]}"',
    )
    unchanged = at.call("GET", target, **{"If-None-Match": answer.headers["etag"]})
    assert unchanged.status_code == 304
    assert post(at, "prints", body).json() == told
    assert count(office, document) == count(office, document_copy) == 1


def case_groups(number: str) -> list[str]:
    shown = number[-16:]
    return [shown[at : at + 4] for at in range(0, 16, 4)]


def test_the_code_on_the_paper_leads_to_its_verification_and_the_watermark_is_there(at: Any, visit: Any) -> None:
    told, pdf = printed(at, visit("XA007", **PENSION))
    code = told["document"]["code"]
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_numpy()
    found = [result.text for result in zxingcpp.read_barcodes(image)]
    assert found == [f"http://127.0.0.1:8350/public/v1/verify/{code}"]
    grey = (image.min(axis=2) > 205) & (image.max(axis=2) < 235)
    thirds = [part.mean() for part in np.array_split(grey, 3, axis=0)]
    assert min(thirds) > 0.004, "the watermark does not cover the sheet"
    assert text_of(pdf).count("仅用于贷款") > 10
    plain = at.http.request("GET", f"/public/v1/documents/{code.lower()}").json()
    assert (plain["state"], plain["document"]["applicant"]) == ("genuine", "陈**")
    assert plain["document"]["digest"] in text_of(pdf).replace(" ", "")


def test_prints_are_counted_and_the_second_says_so(at: Any, visit: Any, office: Office) -> None:
    told, first = printed(at, visit("XA024", record_year="2026"))
    made, case = told["document"], told["case"]
    report = f"/v1/documents/{made['document_id']}/printed"
    assert at.call("POST", report, {"outcome": "unknown"}, key="p1").json() == {**counted(made), "unclear": 1}
    assert at.call("POST", report, {"outcome": "printed"}, key="p2").json() == {**counted(made), "printed": 1}
    assert at.call("POST", report, {"outcome": "failed"}, key="p3").json() == {**counted(made), "printed": 1}
    slip = {"number": case["case_no"][-16:], "code": case["query_code"]}
    again = at.call("POST", "/v1/documents/reprints", slip, key="r1")
    assert (again.status_code, again.json()["copy"], again.json()["code"]) == (201, 2, made["code"])
    second = at.call("GET", f"/v1/documents/{made['document_id']}").content
    assert "第2次打印" in text_of(second).replace(" ", "") and "次打印" not in text_of(first)
    at.call("POST", report, {"outcome": "printed"}, key="p4")
    found = verifying.verify(office, made["code"])["document"]
    assert (found["printed"], found["unclear"]) == (2, 0)
    audited = audit_told(office)
    events = [event["event"] for event in audited["events"] if event["case_no"] == case["case_no"]]
    assert events[-4:] == ["document_unknown", "document_printed", "document_copied", "document_printed"]
    assert audited["broken"] == 0


def counted(made: dict[str, Any]) -> dict[str, Any]:
    return {"document_id": made["document_id"], "printed": 0, "unclear": 0}


def test_a_paper_that_never_came_out_whole_is_void_until_a_copy_does(at: Any, visit: Any, office: Office) -> None:
    told, _ = printed(at, visit("XA024", record_year="2026"))
    made, case = told["document"], told["case"]
    report = f"/v1/documents/{made['document_id']}/printed"

    def public() -> str:
        page = at.http.request("GET", f"/public/v1/verify/{made['code']}").text
        state: str = at.http.request("GET", f"/public/v1/documents/{made['code']}").json()["state"]
        assert ("残页不作数" in page) is (state == "void")
        return state

    assert public() == "genuine", "nobody has told yet that it did not come out"
    at.call("POST", report, {"outcome": "failed"}, key="p1")
    assert public() == "void"
    slip = {"number": case["case_no"], "code": case["query_code"]}
    assert at.call("POST", "/v1/documents/reprints", slip, key="r1").status_code == 201
    at.call("POST", report, {"outcome": "printed"}, key="p2")
    assert public() == "genuine"


@pytest.mark.proof
def test_a_copy_that_surely_failed_is_not_counted_by_the_next(at: Any, visit: Any) -> None:
    told, _ = printed(at, visit("XA024", record_year="2026"))
    at.call("POST", f"/v1/documents/{told['document']['document_id']}/printed", {"outcome": "failed"}, key="p1")
    slip = {"number": told["case"]["case_no"], "code": told["case"]["query_code"]}
    assert at.call("POST", "/v1/documents/reprints", slip, key="r1").json()["copy"] == 1
    wrong = {**slip, "code": f"{(int(slip['code']) + 1) % 10000:04d}"}
    assert at.call("POST", "/v1/documents/reprints", wrong, key="r2").json()["code"] == "progress_unknown"


def test_another_terminal_gets_no_document_but_a_reprint_by_slip(at: Any, visit: Any, office: Office) -> None:
    told, _ = printed(at, visit("XA024", record_year="2026"))
    target = f"/v1/documents/{told['document']['document_id']}"
    add_device(office, "K2", bytes(32), None)
    at.device, at.key = "K2", bytes(32)
    assert at.call("GET", target).json()["code"] == "document_unknown"
    slip = {"number": told["case"]["case_no"], "code": told["case"]["query_code"]}
    assert at.call("POST", "/v1/documents/reprints", slip, key="r1").status_code == 201
    assert at.call("GET", target).status_code == 200


@pytest.mark.parametrize(
    ("lookup", "mode"),
    [
        ("L14", "stale"),
        *(pytest.param(*case, marks=pytest.mark.proof) for case in (("L14", "error"), ("L01", "garbage"))),
    ],
)
def test_a_silent_register_gives_no_paper_and_says_what_to_do(
    at: Any, visit: Any, fault: Any, office: Office, lookup: str, mode: str
) -> None:
    fault(lookup, mode)
    answer = post(at, "prints", visit("XA007", **PENSION))
    assert reasons(answer) == (503, "register_silent", ["reason.print.silent"], "next.print.later")
    assert answer.json()["reasons"][0]["args"]["register"]["value"] == f"register.{lookup}"
    assert count(office, tables.service_case) == count(office, document) == 0


def test_a_paper_never_says_the_opposite_of_the_register(at: Any, visit: Any) -> None:
    """Who owns a home gets no paper that says she has none; who is not known gets none at all."""
    owner = (papers_world.RARE_NAME, papers_world.RARE_NUMBER)
    answer = post(at, "prints", vouched(visit("XA076", 1, owner, purpose="loan")))
    assert reasons(answer)[:3] == (409, "refused_by_rule", ["reason.owns_home"])
    bare = post(at, "prints", visit("XA076", 2, purpose="loan"))
    assert reasons(bare) == (409, "face_missing", ["reason.face_missing"], "next.print.window")
    seen = visit("XA076", 2, purpose="loan", photo=papers_world.PHOTO)
    assert "未查询到" in text_of(printed(at, seen)[1])
    stranger = visit("XA058", 5, purpose="loan", photo="photo-99999999")
    assert post(at, "prints", stranger).json()["code"] == "identity_mismatch"
    nobody = post(at, "prints", vouched(visit("XA104", 3, owner, **MONTHS)))
    assert reasons(nobody) == (409, "nothing_found", ["reason.print.not_found"], "next.print.window")
    other = post(at, "prints", visit("XA040", 4, ("王别人", papers_world.NUMBER), purpose="loan"))
    assert reasons(other) == (409, "identity_mismatch", ["reason.print.identity"], "next.print.window")


@pytest.mark.proof
def test_a_print_item_may_be_shown_first_and_opens_nothing(at: Any, visit: Any, office: Office) -> None:
    told = post(at, "queries", visit("XA040", purpose="school")).json()
    assert told["case"] is None
    assert told["lines"][0]["args"]["category"]["value"] == "row.relief.category.low_income"
    assert count(office, tables.service_case) == 0


def test_anybody_learns_genuine_or_unknown_and_nothing_else(at: Any, visit: Any, office: Office) -> None:
    told, _ = printed(at, visit("XA040", purpose="school"))
    made = told["document"]
    page = at.http.request("GET", f"/public/v1/verify/{made['code']}")
    assert page.headers["content-type"].startswith("text/html") and "script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "真实" in page.text and "陈**" in page.text and made["code"] not in page.text
    assert papers_world.NAME not in page.text and papers_world.NUMBER not in page.text and "低" not in page.text
    unknown = at.http.request("GET", "/public/v1/documents/" + "<script>alert(1)</script>".replace("/", ""))
    assert unknown.json() == {"state": "unknown", "document": None}
    assert "没有这个验真码" in at.http.request("GET", "/public/v1/verify/ABC").text


def test_no_register_that_needs_her_word_is_asked_without_it(
    at: Any, visit: Any, registers: str, office: Office
) -> None:
    def questions() -> int:
        return int(httpx.get(f"{registers}/calls", trust_env=False).json().get("L22", 0))

    before = questions()
    silent = {**visit("XA076", 1, purpose="loan", photo=papers_world.PHOTO), "consents": []}
    for route in ("queries", "prints"):
        answer = post(at, route, silent)
        assert reasons(answer) == (409, "consent_missing", ["reason.no_consent"], "next.no_consent")
    other = {**silent, "consents": [{"purpose": "register.L03", "text_version": "v1"}]}
    assert post(at, "prints", other).json()["code"] == "consent_missing"
    assert (questions(), count(office, consent)) == (before, 0)


def test_her_word_is_kept_with_the_case_and_with_the_version_of_what_she_heard(
    at: Any, visit: Any, office: Office
) -> None:
    body = visit("XA076", 1, purpose="loan", photo=papers_world.PHOTO)
    body["consents"] = [{"purpose": "register.L22", "text_version": "abc123"}]
    printed(at, body)
    with office.database.read() as connection:
        row = connection.execute(select(consent)).one()
    assert (row.case_no, row.purpose, row.text_version) == (body["case_no"], "register.L22", "abc123")
    served = {item["item_id"]: item["consents"] for item in at.call("GET", "/v1/catalogue").json()["items"]}
    asking = {item_id: codes for item_id, codes in served.items() if codes}
    assert asking["XA076"] == ["L22"] and asking["XA060"] == ["L03"] and "XA032" not in asking


def test_whom_a_staff_member_vouches_for_gets_the_paper_and_the_paper_says_who(at: Any, visit: Any) -> None:
    shown = printed(at, vouched(visit("XA076", 1, purpose="loan")))[1]
    assert "工作人员1042当面核验" in text_of(shown).replace(" ", "")
    by_picture = printed(at, visit("XA076", 2, purpose="loan", photo=papers_world.PHOTO))[1]
    assert "当面核验" not in text_of(by_picture)


def test_where_only_the_register_may_say_who_she_is_no_witness_does_and_the_way_is_told(at: Any, visit: Any) -> None:
    for body in (visit("XA058", 1, purpose="loan"), vouched(visit("XA058", 1, purpose="loan"))):
        for route in ("queries", "prints"):
            assert reasons(post(at, route, body)) == (409, "face_missing", ["reason.face_missing"], "next.police")
    served = {item["item_id"]: item["witness"] for item in at.call("GET", "/v1/catalogue").json()["items"]}
    assert [item_id for item_id, witness in served.items() if not witness] == ["XA058"]


def test_no_paper_with_a_face_is_made_of_nobody(at: Any, visit: Any) -> None:
    """Neither a picture nor a witness: a card that somebody found is not enough."""
    assert post(at, "prints", visit("XA104", 1, **MONTHS)).json()["code"] == "face_missing"
    half = vouched(visit("XA104", 1, **MONTHS))
    del half["applicant"]["vouched_at"]
    assert post(at, "prints", half).json()["code"] == "invalid_request"
