"""Print mode: registers say, rules agree, the paper is made, and only then one transaction gives it.

A register that is silent gives no paper. There is no such thing as a certificate with an empty line.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from backoffice.calls.once import Answer, Call, answered, once_at
from backoffice.casework.closing import complete
from backoffice.casework.events import answer_of
from backoffice.clock import iso
from backoffice.documents import making, papers
from backoffice.documents.letterhead import headed
from backoffice.documents.papers import Sheet
from backoffice.documents.words import masked_number, moment_text, row_text, words
from backoffice.domain.cases.case import Outcome
from backoffice.domain.decide import Decision
from backoffice.domain.facts.base import LookupState
from backoffice.domain.items.item import Item, Mode
from backoffice.domain.rules import Verdict
from backoffice.domain.text import Arg, Line
from backoffice.gateways.lookups import LookupGateway
from backoffice.intake.taking_in import Submission, open_case
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.queries.looking import Seen, item_and_view, look, place_names, record, refused, silent

ROUTE = "prints"
_FACE = "L02"
PURPOSE = "purpose"


def print_certificate(office: Office, gateway: LookupGateway, call: Call, submission: Submission) -> Answer:
    """The case, and the document to fetch.

    :raises Problem: register_silent, nothing_found, refused_by_rule, identity_mismatch, and those of `open_case`.
    """
    with office.database.read() as connection:
        known = answered(office, connection, call, ROUTE)
    if known is not None:
        return known
    item, view = item_and_view(office, submission, (Mode.PRINT,))
    if view is None:
        raise Problem("item_not_transacted", "no certificate is made of this")
    seen = look(office, gateway, item, view, submission)
    _check(seen, photo="photo" in submission.form)
    made = making.make(office, _sheet(office, seen, submission), submission.applicant.name)

    def work(connection: Connection, site_no: str | None) -> Answer:
        open_case(office, connection, call.device, site_no, call.key, submission, Mode.PRINT)
        record(connection, seen, submission.case_no)
        told = making.enter(
            office,
            connection,
            made,
            case_no=submission.case_no,
            device=call.device,
            item_id=item.item_id,
            purpose=submission.form.get(PURPOSE, ""),
        )
        complete(
            office,
            connection,
            submission.case_no,
            event="document_made",
            details={"document": made.document_id, "template": made.sheet.template},
            decision=Decision(Outcome.DONE),
        )
        return {"case": answer_of(office, connection, submission.case_no), "document": told}

    return once_at(office, call, ROUTE, 201, work)


def _check(seen: Seen, *, photo: bool) -> None:
    """:raises Problem: not every register that the paper rests on has said what it must say."""
    lookups, view = seen.asked.lookups, seen.view
    needed = [code for code in view.registers if code != _FACE or photo]
    asked = [*needed, *(code for code in lookups if code not in view.registers)]
    dumb = [code for code in asked if code not in lookups or not lookups[code].state.answered]
    if dumb:
        raise silent(dumb)
    lacking = [code for code in view.entry if lookups[code].state is LookupState.NOT_FOUND]
    if lacking:
        reasons = (Line("reason.print.not_found", {"register": Arg("key", f"register.{code}")}) for code in lacking)
        raise refused("nothing_found", *reasons)
    if seen.unlisted:
        raise silent(list(seen.unlisted))
    verdict = view.certified(seen.facts)
    if verdict is Verdict.UNKNOWN:
        raise silent([_FACE] if _FACE in view.registers and not photo else list(view.registers))
    if verdict is Verdict.FAILED:
        raise refused("refused_by_rule", Line("reason.print.rule"))
    if seen.open_reasons:
        raise refused("refused_by_rule", *seen.open_reasons)


def _sheet(office: Office, seen: Seen, submission: Submission) -> Sheet:
    item, now, person = seen.item, office.clock.now(), submission.applicant
    own = words()
    purpose = _purpose(item, submission.form)
    values = {
        "purpose": purpose,
        "asked": moment_text(iso(now)),
        "as_of": moment_text(min((one.as_of for one in seen.freshness if one.as_of), default=iso(now))),
        "printed": place_names(office, now)(submission.site),
    }
    if person.is_vouched and "photo" not in submission.form:
        seen_by = moment_text(person.vouched_at)
        values["witness"] = own["certificate"]["witness"].format(staff=person.vouched_by, time=seen_by)
    body = papers.certificate(
        {"name": person.name, "number": masked_number(person.number)},
        own["statement"].get(item.item_id, "") if seen.view.statement else "",
        _groups(seen),
        values,
    )
    return headed(
        office,
        item,
        submission.case_no,
        submission.site,
        template="certificate",
        title=own["certificate_title"][item.item_id],
        body=body,
        purpose=purpose or own["certificate"]["no_purpose"],
    )


def _purpose(item: Item, form: Any) -> str:
    """In the words of the catalogue; empty for items that do not ask for one."""
    field = item.form.field(PURPOSE) if item.form else None
    return field.spec.label_of(form[PURPOSE]) if field and PURPOSE in form else ""


def _groups(seen: Seen) -> list[tuple[str, list[tuple[str, str]]]]:
    """Lines by the register that answered, in the order of the view."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for register, line in seen.lines:
        groups.setdefault(register, []).append(row_text(line))
    titles = words()["register"]
    return [(titles[register], rows) for register, rows in groups.items()]
