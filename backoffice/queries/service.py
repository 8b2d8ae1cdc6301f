"""Query mode: one call carries the whole visit; the case is opened and completed in one transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, or_, select

from backoffice.calls.once import Answer, Call, answered, once_at
from backoffice.casework.closing import complete
from backoffice.casework.events import answer_of
from backoffice.domain.cases.case import Outcome
from backoffice.domain.decide import Decision
from backoffice.domain.items.item import Item, Mode
from backoffice.domain.text import Arg, Line
from backoffice.gateways.lookups import LookupGateway
from backoffice.intake.taking_in import Submission, open_case
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.queries.lines import Freshness
from backoffice.queries.looking import Seen, item_and_view, look, record, refused, silent
from backoffice.queries.views import OWN_CASES
from backoffice.store.tables import tables

ROUTE = "queries"
_MOST_CASES = 20


def answer(office: Office, gateway: LookupGateway, call: Call, submission: Submission) -> Answer:
    """What the registers say, line by line, with the age of each answer.

    A print item may be asked about too: it is shown, and no case is opened before it is printed.

    :raises Problem: register_silent when nobody answered, refused_by_rule, identity_mismatch, and those of `open_case`.
    """
    with office.database.read() as connection:
        known = answered(office, connection, call, ROUTE)
    if known is not None:
        return known
    item, view = item_and_view(office, submission, (Mode.QUERY, Mode.PRINT))
    seen: Seen | None = None
    if item.item_id == OWN_CASES:
        told = _result(item, own_cases(office, submission), ())
    elif view is None:
        raise Problem("item_not_transacted", "no register answers this")
    else:
        seen = look(office, gateway, item, view, submission)
        if not any(freshness.state.answered for freshness in seen.freshness):
            raise silent([freshness.register for freshness in seen.freshness])
        told = _result(item, [line for _, line in seen.lines], seen.freshness)
    if item.mode is Mode.PRINT:
        return {"case": None, **told}
    return _give(office, call, submission, told, seen)


def _give(office: Office, call: Call, submission: Submission, told: Answer, seen: Seen | None) -> Answer:
    def work(connection: Connection, site_no: str | None) -> Answer:
        open_case(office, connection, call.device, site_no, call.key, submission, Mode.QUERY)
        if seen is not None:
            record(connection, seen, submission.case_no)
        complete(
            office,
            connection,
            submission.case_no,
            event="answered",
            details={"lines": str(len(told["lines"]))},
            decision=Decision(Outcome.DONE),
        )
        return {"case": answer_of(office, connection, submission.case_no), **told}

    return once_at(office, call, ROUTE, 201, work)


def _result(item: Item, lines: list[Line], freshness: tuple[Freshness, ...]) -> Answer:
    lacking = any(not one.state.answered for one in freshness)
    return {
        "item_id": item.item_id,
        "lines": [line.to_json() for line in lines],
        "registers": [_register(one) for one in freshness],
        "next": Line("next.query.later").to_json() if lacking else None,
    }


def _register(freshness: Freshness) -> dict[str, Any]:
    return {
        "lookup": freshness.register,
        "state": freshness.state.value,
        "asked_at": freshness.asked_at,
        "as_of": freshness.as_of,
        "fresh": freshness.as_of is not None,
        "line": freshness.line.to_json(),
    }


def own_cases(office: Office, submission: Submission) -> list[Line]:
    """The newest cases of the person whose card was read, from every terminal; a name that differs is another person.

    Where there are older ones, the last line says so and how to ask for one of them.

    :raises Problem: nothing_found for a number of the form that is none of theirs.
    """
    person, case = submission.applicant, tables.service_case
    query = select(case).where(case.c.applicant_index == office.vault.index(person.number))
    wanted = submission.form.get("receipt_no", "")
    if wanted:
        query = query.where(or_(case.c.case_no == wanted, case.c.shown_no == wanted))
    query = query.order_by(case.c.accepted_at.desc(), case.c.case_no).limit(_MOST_CASES + 1)
    with office.database.read() as connection:
        rows = connection.execute(query).all()
    lines = []
    for row in rows[:_MOST_CASES]:
        applicant = office.vault.open_json(f"case.applicant:{row.case_no}", row.applicant_sealed)
        if applicant["name"] == person.name:
            lines.append(_case_line(office, row))
    if wanted and not lines:
        raise refused("nothing_found", Line("reason.print.identity"))
    return [*lines, Line("row.case.more")] if len(rows) > _MOST_CASES else lines


def _case_line(office: Office, row: Any) -> Line:
    item = office.release.items.get(row.item_id)
    decided = row.outcome is not None
    return Line(
        "row.case",
        {
            "number": Arg("digits", row.shown_no),
            "item": Arg("text", item.village if item else row.item_id),
            "state": Arg("key", "case.decided" if decided else "case.accepted"),
            "date": Arg("date", row.accepted_at[:10]),
        },
    )
