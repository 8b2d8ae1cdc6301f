"""账单先行: what is owed is shown before anything is paid, each line with amount, period, what for and as of when."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from backoffice.calls.once import Answer, Call, answered, once
from backoffice.clock import iso
from backoffice.decisions.evidence import record_calls
from backoffice.domain import bill as domain
from backoffice.domain.bill import BillLine, Standing
from backoffice.domain.facts.derive import key_of
from backoffice.domain.text import Arg, Line
from backoffice.gateways.lookups import Asked, LookupGateway
from backoffice.gateways.questions import Grounds, Question, Subject
from backoffice.office import Office
from backoffice.payments.records import OPEN, PAID, REPLACED, bill_row
from backoffice.problems.problem import Problem
from backoffice.store.tables import payments as rows

ROUTE, CHOICE_ROUTE = "bills", "bill-choices"
VALID_FOR = timedelta(hours=12)
"""Afterwards the registers are asked again."""
_OF_CONTRIBUTION = ("L11", "L13", "L19")
REGISTER_LAG = timedelta(hours=24)
"""A meter's register may still show what was paid here within this time (its `fresh_hours`)."""


@dataclass(frozen=True, slots=True, repr=False)
class BillRequest:
    item_id: str
    site: str
    name: str
    number: str
    codes: tuple[str, ...] = ()
    """Meter number, or the payment codes of decisions on fines."""
    family: bool = False
    """Also for those who live in the same household; the resident has agreed to that look-up (L03)."""

    def __repr__(self) -> str:
        return f"BillRequest({self.item_id})"


@dataclass(frozen=True, slots=True)
class _Found:
    lines: tuple[BillLine, ...] = ()
    asked: tuple[Asked, ...] = ()


def make(office: Office, gateway: LookupGateway, call: Call, request: BillRequest) -> Answer:
    """A bill from the registers. :raises Problem: idempotency_mismatch, site_unknown, item_mode, bill_code."""
    item = office.release.items.get(request.item_id)
    if item is None or request.item_id not in domain.ITEMS:
        raise Problem("item_mode")
    if request.site[:9] not in office.tables.towns:
        raise Problem("site_unknown")
    with office.database.read() as connection:
        known = answered(office, connection, call, ROUTE)
    if known is not None:
        return known
    found = _ask(gateway, request, office.clock.now())

    def work(connection: Connection) -> Answer:
        for asked in found.asked:
            record_calls(connection, asked.calls, None, "bill")
        lines = tuple(_after_ours(office, connection, line) for line in found.lines)
        return _insert(office, connection, call.device, request, lines)

    return once(office, call, ROUTE, 201, work)


def choose(office: Office, call: Call, bill_no: str, chosen: Sequence[int]) -> Answer:
    """A bill of some lines of another, which it replaces. :raises Problem: bill_unknown, bill_state, bill_lines."""

    def work(connection: Connection) -> Answer:
        old = bill_row(connection, bill_no, lock=True)
        if old is None or old.device != call.device:
            raise Problem("bill_unknown")
        if old.state != OPEN:
            raise Problem("bill_state")
        lines = dict(enumerate(lines_of(office, connection, bill_no), start=1))
        if not chosen or not set(chosen) <= set(lines):
            raise Problem("bill_lines")
        table = rows.bill
        connection.execute(update(table).where(table.c.bill_no == bill_no).values(state=REPLACED))
        kept = [lines[n] for n in sorted(set(chosen))]
        return _write(
            office,
            connection,
            kept,
            {name: getattr(old, name) for name in ("device", "site", "item_id", "person_index", "valid_until")},
        )

    return once(office, call, CHOICE_ROUTE, 201, work)


def _ask(gateway: LookupGateway, request: BillRequest, now: datetime) -> _Found:
    """Look-ups go out here, before any transaction. :raises Problem: bill_code."""
    if request.item_id in (domain.PENSION, domain.MEDICAL):
        return _of_people(gateway, request, now)
    codes = tuple(dict.fromkeys(request.codes))
    if not codes or (request.item_id in domain.UTILITIES and len(codes) != 1):
        raise Problem("bill_code", "one meter number, or the codes of the decisions")
    return _of_codes(gateway, request, codes)


def _of_codes(gateway: LookupGateway, request: BillRequest, codes: Sequence[str]) -> _Found:
    metered = request.item_id in domain.UTILITIES
    lookup, named = ("L30", "meter_no") if metered else ("L31", "payment_code")
    abouts = {f"code{n}": code for n, code in enumerate(codes, start=1)}
    asked = gateway.ask_all(
        [
            Question(lookup, Subject(request.name, request.number, {named: code}), about)
            for about, code in abouts.items()
        ]
    )
    lines: tuple[BillLine, ...] = ()
    try:
        for about, code in abouts.items():
            answer = asked.lookups.get(key_of(about, lookup))
            lines += domain.utility(request.item_id, code, answer) if metered else domain.fine(code, answer)
    except domain.WrongMeter as cause:
        raise Problem("bill_code") from cause
    return _Found(lines, (asked,))


def _of_people(gateway: LookupGateway, request: BillRequest, now: datetime) -> _Found:
    people, found = {request.number: request.name}, _Found()
    if request.family:
        household = Question("L03", Subject(request.name, request.number))
        asked = gateway.ask_all([household], grounds=Grounds(consents=frozenset(("L03",))))
        people |= _members(asked)
        found = _Found((), (asked,))
    abouts = {f"payer{n}": (number, name) for n, (number, name) in enumerate(people.items(), start=1)}
    asked = gateway.ask_all(
        [
            Question(code, Subject(name, number), about)
            for about, (number, name) in abouts.items()
            for code in _OF_CONTRIBUTION
        ]
    )
    lines: tuple[BillLine, ...] = ()
    for about, (number, name) in abouts.items():
        answers = {code: asked.lookups[key_of(about, code)] for code in _OF_CONTRIBUTION}
        lines += domain.contributions(request.item_id, name, number, answers, now.date())
    return _Found(lines, (*found.asked, asked))


def _members(asked: Asked) -> dict[str, str]:
    household = asked.lookups["L03"]
    rows_of_members = household.values.get("members", ())
    assert isinstance(rows_of_members, tuple)
    return {str(row["number"]): str(row["name"]) for row in rows_of_members if row["alive"] is True}


def _after_ours(office: Office, connection: Connection, line: BillLine) -> BillLine:
    """A register that has not heard of our payment yet must not make anybody pay twice."""
    if line.standing is not Standing.DUE:
        return line
    index = office.vault.index(line.due)
    claim = rows.due_claim
    if connection.execute(select(claim.c.reference).where(claim.c.due_index == index)).one_or_none() is not None:
        return replace(line, standing=Standing.UNDER_WAY, amount_fen=0)
    if paid_since(office, connection, index, _since(office, line.source)):
        return replace(line, standing=Standing.PAID_ALREADY, amount_fen=0)
    return line


def _since(office: Office, source: str) -> str:
    """Only a meter is owed for again and again; everything else is paid once."""
    return iso(office.clock.now() - REGISTER_LAG) if source == "L30" else ""


def paid_since(office: Office, connection: Connection, due_index: str, since: str) -> bool:
    bill, line = rows.bill, rows.bill_line
    query = (
        select(func.count())
        .select_from(line.join(bill, bill.c.bill_no == line.c.bill_no))
        .where(line.c.due_index == due_index, line.c.standing == Standing.DUE.value, bill.c.state == PAID)
        .where(bill.c.paid_at >= since)
    )
    return bool(connection.execute(query).scalar_one())


def _insert(
    office: Office, connection: Connection, device: str, request: BillRequest, lines: Sequence[BillLine]
) -> Answer:
    values = {
        "device": device,
        "site": request.site,
        "item_id": request.item_id,
        "person_index": office.vault.index(request.number),
        "valid_until": iso(office.clock.now() + VALID_FOR),
    }
    return _write(office, connection, lines, values)


def _write(office: Office, connection: Connection, lines: Sequence[BillLine], values: Mapping[str, Any]) -> Answer:
    now = office.clock.now()
    bill_no = f"{now:%y%m%d}{secrets.randbelow(10**12):012d}"
    total = sum(line.amount_fen for line in lines)
    connection.execute(
        insert(rows.bill).values(bill_no=bill_no, total_fen=total, state=OPEN, created_at=iso(now), **values)
    )
    for n, line in enumerate(lines, start=1):
        connection.execute(
            insert(rows.bill_line).values(
                bill_no=bill_no,
                n=n,
                what=line.what,
                standing=line.standing.value,
                amount_fen=line.amount_fen,
                period=line.period,
                source=line.source,
                as_of=line.as_of,
                due_index=office.vault.index(line.due),
                payer_sealed=office.vault.seal_json(f"bill_line.payer:{bill_no}/{n}", [line.payer, line.due]),
            )
        )
    return answer_of(bill_no, values["valid_until"], lines)


def lines_of(office: Office, connection: Connection, bill_no: str) -> list[BillLine]:
    table = rows.bill_line
    found = connection.execute(select(table).where(table.c.bill_no == bill_no).order_by(table.c.n)).all()
    lines = []
    for row in found:
        payer, due = office.vault.open_json(f"bill_line.payer:{bill_no}/{row.n}", row.payer_sealed)
        standing = Standing(row.standing)
        lines.append(BillLine(row.what, standing, row.amount_fen, row.period, due, row.source, row.as_of, payer))
    return lines


def answer_of(bill_no: str, valid_until: str, lines: Sequence[BillLine]) -> Answer:
    total = sum(line.amount_fen for line in lines)
    return {
        "bill_no": bill_no,
        "valid_until": valid_until,
        "total_fen": total,
        "line": _summary(total, lines).to_json(),
        "lines": [_line_json(n, line) for n, line in enumerate(lines, start=1)],
    }


def _summary(total: int, lines: Sequence[BillLine]) -> Line:
    """What is said about the whole: the sum, or why there is none."""
    if total:
        return Line("bill.total", {"amount": Arg("money", str(total))})
    standings = {line.standing for line in lines}
    for standing in Standing:
        if standing in standings and standing is not Standing.DUE:
            return Line(f"bill.{standing.value}")
    return Line("bill.nothing_due")


def _line_json(n: int, line: BillLine) -> Answer:
    return {
        "n": n,
        "what": line.text.to_json(),
        "standing": line.standing.value,
        "amount_fen": line.amount_fen,
        "period": line.period,
        "as_of": line.as_of or None,
        "payer": line.payer,
    }
