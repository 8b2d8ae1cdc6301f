"""缴款书 and 缴费凭证: the paper for the way by slip, and the receipt once it is booked. Printed again as a copy."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from backoffice.calls.once import Answer, Call, answered, once
from backoffice.casework.events import case_row
from backoffice.documents import making
from backoffice.documents import papers as sheets
from backoffice.documents.papers import Sheet
from backoffice.documents.words import day_text, masked_name, money_text
from backoffice.documents.words import words as paper_words
from backoffice.domain.bill import BillLine, Standing
from backoffice.domain.payment import PayState
from backoffice.office import Office
from backoffice.payments.bills import lines_of
from backoffice.payments.paper_words import amount_words, what_words, words
from backoffice.payments.paying import last_attempt
from backoffice.payments.records import receipt_no
from backoffice.problems.problem import Problem
from backoffice.store.tables.papers import document

ROUTE = "payment-papers"
SLIP, PAID = "slip", "paid"


def paper(office: Office, call: Call, case_no: str) -> Answer:
    """The paper that the newest payment has now. :raises Problem: case_unknown, paper_not_yet, idempotency_mismatch."""
    with office.database.read() as connection:
        known = answered(office, connection, call, ROUTE)
        if known is not None:
            return known
        row = last_attempt(connection, call.device, case_no)
        kind = _kind(row)
        there = _made_before(connection, case_no, f"{kind}-{row.n:02d}")
        lines = lines_of(office, connection, row.bill_no)
        case = case_row(connection, case_no)
    assert case is not None
    applicant = office.vault.open_json(f"case.applicant:{case_no}", case.applicant_sealed)
    if there is not None:
        return _again(office, call, there)
    sheet = _sheet(office, case, row, kind, lines, applicant["name"])
    made = making.make(office, sheet, applicant["name"])

    def work(connection: Connection) -> Answer:
        return making.enter(
            office,
            connection,
            made,
            case_no=case_no,
            device=call.device,
            item_id=case.item_id,
            purpose=f"{kind}-{row.n:02d}",
        )

    return once(office, call, ROUTE, 201, work)


def _again(office: Office, call: Call, row: Row[Any]) -> Answer:
    """The same document once more: it says so on the paper."""
    copy, digest = making.another_copy(office, row)

    def work(connection: Connection) -> Answer:
        making.enter_another(office, connection, row, call.device, digest)
        return making.told(row.document_id, row.code, copy, digest)

    return once(office, call, ROUTE, 201, work)


def _kind(row: Row[Any]) -> str:
    """:raises Problem: paper_not_yet: nothing can be put on paper while nobody knows."""
    if row.state == PayState.BOOKED.value:
        return PAID
    if row.state == PayState.SENT.value and row.slip_code:
        return SLIP
    raise Problem("paper_not_yet")


def _made_before(connection: Connection, case_no: str, purpose: str) -> Row[Any] | None:
    query = select(document).where(document.c.case_no == case_no, document.c.purpose == purpose)
    return connection.execute(query).one_or_none()


def _sheet(office: Office, case: Row[Any], row: Row[Any], kind: str, lines: list[BillLine], name: str) -> Sheet:
    item, own = office.release.items[case.item_id], words()[kind]
    payee = str(paper_words()["department"][item.level]).format(name=item.department)
    return Sheet(
        template="payment",
        title=own["title"],
        case_no=case.case_no[-16:],
        department=payee,
        made_at=office.clock.now(),
        item=item.official,
        supervision=paper_words()["place"]["supervision"],
        body=_body(row, kind, lines, name, payee),
    )


def _body(row: Row[Any], kind: str, lines: list[BillLine], name: str, payee: str) -> sheets.Data:
    own, due = words()[kind], [line for line in lines if line.standing is Standing.DUE]
    paid = kind == PAID
    values = {
        "payer": masked_name(name),
        "what": ", ".join(dict.fromkeys(what_words(line.what, line.period) for line in due)),
        "number": receipt_no(row.reference) if paid else row.slip_code,
        "due": day_text(_day(row.paid_at if paid else row.expires_on)),
        "payee": payee,
    }
    body = sheets.payment(values, money_text(row.amount_fen), amount_words(row.amount_fen), own["steps"])
    return {**body, "rows": _relabelled(body["rows"], own), "words": _receipt_words(own)} if paid else body


def _receipt_words(own: dict[str, Any]) -> dict[str, str]:
    """What the slip's template says around the figures, as a receipt says it."""
    common = paper_words()["sheet"]
    same = {name: common[name] for name in ("case_no", "seal", "verify", "digest", "legal")}
    return {**same, "to_pay": own["amount"], "how_to_pay": own["steps_heading"]}


def _relabelled(rows: list[list[str]], own: dict[str, Any]) -> list[list[str]]:
    """On a receipt number and day are other things than on a slip."""
    labels = paper_words()["payment"]["rows"]
    changed = {labels[name]: own[name] for name in ("number", "due")}
    return [[changed.get(label, label), value] for label, value in rows]


def _day(moment: str) -> date:
    return date.fromisoformat(moment[:10])
