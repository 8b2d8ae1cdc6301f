"""Bills and payments as a terminal asks for them, with real registers and a real payment side on the loopback."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select

from backoffice.calls.once import Call
from backoffice.domain.uploads import Declared
from backoffice.files import uploads
from backoffice.gateways.payments import HttpPayments
from backoffice.office import Office
from backoffice.simulators.payment_ledger import Ledger
from backoffice.simulators.payments import build_server
from backoffice.store.tables.tables import lookup_call

KEY = bytes(range(32))
SITE = "350213007007"
CODE = {"way": "code", "code": "134567890123456789"}


@pytest.fixture
def ledger(clock: Any) -> Ledger:
    return Ledger(clock.now)


@pytest.fixture
def payments(ledger: Ledger, office: Office) -> Iterator[HttpPayments]:
    server, bank = build_server(ledger, KEY, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield HttpPayments(f"http://127.0.0.1:{server.server_address[1]}", KEY, office.clock, office.digest, 0.4)
    bank.stopping.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def registers(simulator: Any) -> Iterator[Any]:
    meters, fines = simulator.registers.accounts["L30"], simulator.registers.accounts["L31"]
    meters["W00000007"] = {"kind": "water", "owed_fen": 4560}
    fines["JT0000000701"] = {"due_fen": 20000, "state": "open"}
    fines["JT0000000702"] = {"due_fen": 15000, "state": "open"}
    yield simulator
    meters.clear()
    fines.clear()


@pytest.fixture
def counter(start: Callable[..., Any], registers: Any, payments: HttpPayments) -> Any:
    return start(payments=payments)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "")
    finally:
        document.close()


def person(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body["applicant"][name] for name in ("document", "name", "number")}


def ask(terminal: Any, body: dict[str, Any], item_id: str, *codes: str, key: str = "bill-1") -> Any:
    sent = {"item_id": item_id, "site": SITE, "applicant": person(body), "codes": codes, "family": False}
    return terminal.call("POST", "/v1/bills", sent, key=key)


def test_a_bill_is_shown_paid_and_told(
    counter: Any, office: Office, ledger: Ledger, submission: Callable[..., dict[str, Any]]
) -> None:
    item = office.release.items["XA101"]
    body = submission(item_id="XA101", item_version=item.version, form={})
    bill = ask(counter, body, "XA101", "W00000007").json()
    assert (bill["total_fen"], bill["lines"][0]["what"]["key"]) == (4560, "bill.what.water")
    assert ask(counter, body, "XA101", "W00000007").json() == bill
    sent = {"submission": body, "bill_no": bill["bill_no"], "means": CODE}
    paid = counter.call("POST", "/v1/payments", sent, key=body["case_no"])
    assert (paid.status_code, paid.json()["payment"]["state"]) == (201, "booked")
    assert counter.call("POST", "/v1/payments", sent, key=body["case_no"]).json() == paid.json()
    assert counter.call("GET", f"/v1/payments/{body['case_no']}").json() == paid.json()
    assert ledger.taken_fen() == 4560
    made = [counter.call("POST", f"/v1/payments/{body['case_no']}/paper", key=f"paper-{n}").json() for n in range(2)]
    assert [one["copy"] for one in made] == [1, 2] and made[0]["code"] == made[1]["code"]
    text = text_of(counter.call("GET", f"/v1/documents/{made[0]['document_id']}").content)
    for said in ("缴费凭证", "已缴金额", "肆拾伍元陆角整", "45.60", "凭证号"):
        assert said in text
    another = {**sent, "submission": {**body, "case_no": "9" * 22}, "means": {"way": "slip", "code": "1" * 18}}
    assert counter.call("POST", "/v1/payments", another, key="9" * 22).json()["code"] == "payment_code"


def test_a_slip_has_its_paper_and_what_is_unknown_has_none(
    counter: Any, office: Office, ledger: Ledger, submission: Callable[..., dict[str, Any]]
) -> None:
    body = submission(item_id="XA101", item_version=office.release.items["XA101"].version, form={})
    bill = ask(counter, body, "XA101", "W00000007").json()
    sent = {"submission": body, "bill_no": bill["bill_no"], "means": {"way": "slip", "code": ""}}
    slip = counter.call("POST", "/v1/payments", sent, key=body["case_no"]).json()["payment"]
    assert (slip["state"], slip["line"]["key"]) == ("sent", "pay.slip")
    made = counter.call("POST", f"/v1/payments/{body['case_no']}/paper", key="paper-1").json()
    text = text_of(counter.call("GET", f"/v1/documents/{made['document_id']}").content)
    for said in ("缴款书", "应缴金额", slip["slip_code"], "45.60"):
        assert said in text
    ledger.fault("late")
    again = counter.call("POST", f"/v1/payments/{body['case_no']}/attempts", CODE, key="again-1")
    assert again.json()["payment"]["state"] == "unknown"
    refused = counter.call("POST", f"/v1/payments/{body['case_no']}/paper", key="paper-2")
    assert refused.json()["code"] == "paper_not_yet"


def test_some_of_several_fines_are_chosen_and_the_first_bill_is_replaced(
    counter: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    bill = ask(counter, submission(), "XA068", "JT0000000701", "JT0000000702").json()
    assert [line["amount_fen"] for line in bill["lines"]] == [20000, 15000]
    chosen = counter.call("POST", f"/v1/bills/{bill['bill_no']}/choice", {"lines": [2]}, key="choice-1").json()
    assert (chosen["total_fen"], len(chosen["lines"])) == (15000, 1)
    again = counter.call("POST", f"/v1/bills/{bill['bill_no']}/choice", {"lines": [1]}, key="choice-2")
    assert again.json()["code"] == "bill_state"
    assert ask(counter, submission(), "XA068", "JT0000000799", key="bill-2").json()["code"] == "bill_code"
    assert ask(counter, submission(), "XA032", key="bill-3").json()["code"] == "item_mode"


def signed_paper(office: Office) -> str:
    """The scan of what was signed, brought by K1."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "JPEG")
    content = out.getvalue()
    digest = office.digest.hex(content)
    declared = Declared(digest, "image/jpeg", "authority")
    upload_id = uploads.create(office, Call("K1", "upload-1", "body"), len(content), declared)
    assert uploads.append(office, "K1", upload_id, 0, content).received == len(content)
    return digest


def test_an_authority_is_given_once_reaches_so_far_and_is_taken_back(
    counter: Any, office: Office, ledger: Ledger, submission: Callable[..., dict[str, Any]]
) -> None:
    version = office.release.items["XA101"].version
    first, second = (submission("a_kim", n, item_id="XA101", item_version=version, form={}) for n in (1, 2))
    given = {"item_id": "XA101", "site": SITE, "applicant": person(first), "year_limit_fen": 5000}
    paper = signed_paper(office)
    given["paper_digest"] = "0" * 64
    missing = counter.call("POST", "/v1/deduction-authorities", given, key="give-0").json()
    assert missing["code"] == "materials_missing"
    given["paper_digest"] = paper
    bill = ask(counter, first, "XA101", "W00000007").json()
    sent = {"submission": first, "bill_no": bill["bill_no"], "means": {"way": "authority", "code": ""}}
    assert counter.call("POST", "/v1/payments", sent, key=first["case_no"]).json()["code"] == "authority_missing"
    authority = counter.call("POST", "/v1/deduction-authorities", given, key="give-1").json()
    assert authority["last4"] == "6821"
    asked = {"item_id": "XA101", "applicant": person(first)}
    assert counter.call("POST", "/v1/deduction-authorities/search", asked).json() == {"authority": authority}
    other = {**asked, "item_id": "XA102"}
    assert counter.call("POST", "/v1/deduction-authorities/search", other).json() == {"authority": None}
    assert counter.call("POST", "/v1/deduction-authorities", given, key="give-2").json()["code"] == "authority_exists"
    paid = counter.call("POST", "/v1/payments", sent, key=first["case_no"])
    assert (paid.json()["payment"]["state"], ledger.taken_fen()) == ("booked", 4560)
    office.clock.advance(days=2)
    bill = ask(counter, second, "XA101", "W00000007", key="bill-2").json()
    sent = {"submission": second, "bill_no": bill["bill_no"], "means": {"way": "authority", "code": ""}}
    assert counter.call("POST", "/v1/payments", sent, key=second["case_no"]).json()["code"] == "authority_limit"
    target = f"/v1/deduction-authorities/{authority['authority_id']}/revocation"
    assert counter.call("POST", target, {"applicant": person(first)}, key="revoke-1").status_code == 200
    assert counter.call("POST", "/v1/deduction-authorities/search", asked).json() == {"authority": None}
    assert counter.call("POST", "/v1/payments", sent, key=second["case_no"]).json()["code"] == "authority_missing"
    assert ledger.taken_fen() == 4560


def test_without_a_payment_side_nothing_is_begun(
    start: Callable[..., Any], registers: Any, office: Office, submission: Callable[..., dict[str, Any]]
) -> None:
    terminal = start()
    body = submission(item_id="XA101", item_version=office.release.items["XA101"].version, form={})
    bill = ask(terminal, body, "XA101", "W00000007").json()
    sent = {"submission": body, "bill_no": bill["bill_no"], "means": CODE}
    answer = terminal.call("POST", "/v1/payments", sent, key=body["case_no"])
    assert (answer.status_code, answer.json()["code"]) == (503, "payments_off")
    assert terminal.call("GET", f"/v1/cases/{body['case_no']}").status_code == 404


def test_what_the_rules_refuse_or_a_silent_register_leaves_open_is_told_and_opens_no_case(
    counter: Any, office: Office, ledger: Ledger, registers: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    version = office.release.items["XA068"].version
    form = {"plate": "闽D12345", "violation_accepted": "yes"}
    body = submission(item_id="XA068", item_version=version, form=form)
    bill = ask(counter, body, "XA068", "JT0000000701", "JT0000000702").json()
    sent = {"submission": body, "bill_no": bill["bill_no"], "means": CODE}
    refused = counter.call("POST", "/v1/payments", sent, key=body["case_no"])
    told = refused.json()
    assert (refused.status_code, told["code"], told["next"]["key"]) == (409, "refused_by_rule", "next.nothing_to_do")
    assert [reason["key"] for reason in told["reasons"]] == ["reason.nothing_due"], "she has no fines in the register"
    registers.fault("L06", "error")
    silent = counter.call("POST", "/v1/payments", sent, key=body["case_no"])
    told = silent.json()
    assert (silent.status_code, told["code"]) == (503, "payment_register_silent")
    assert (told["next"]["key"], "Retry-After" in silent.headers) == ("bill.register_silent", True)
    assert counter.call("GET", f"/v1/cases/{body['case_no']}").status_code == 404
    assert ledger.taken_fen() == 0
    with office.database.read() as connection:
        asked = connection.execute(select(lookup_call).where(lookup_call.c.purpose == "pay")).all()
    assert {row.case_no for row in asked} == {None}
    assert Counter(row.lookup for row in asked) == {"L01": 2, "L06": 2, "L31": 4}, "of two fines nothing twice"
