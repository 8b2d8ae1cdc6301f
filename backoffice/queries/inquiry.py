"""Questions that change nothing: a terminal's own case, a resident's progress, what registers already know."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from backoffice.calls.once import Answer
from backoffice.casework.consequence_notes import known_here
from backoffice.casework.events import answer_of, case_row
from backoffice.casework.telling import progress_line
from backoffice.consequences.repeats import standing_for
from backoffice.decisions.asking import keys_for
from backoffice.decisions.evidence import record_calls
from backoffice.domain.cases.case import Outcome
from backoffice.domain.decide import due
from backoffice.domain.facts.derive import Lookups, account_known, facts_of
from backoffice.domain.facts.entitlements import ELDER_CARD, dues_of, registers_needed
from backoffice.domain.facts.known import known_answers, lookups_of
from backoffice.domain.items.item import Item
from backoffice.domain.text import Arg, Line
from backoffice.gateways.answers import SPECS, Needs
from backoffice.gateways.lookups import LookupGateway
from backoffice.gateways.questions import Grounds, Question, Subject
from backoffice.identity.slip_codes import CodeGuard
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables

LetterOf = Callable[[Office, Connection, str], str]


def case_of_device(office: Office, device: str, case_no: str) -> Answer:
    """:raises Problem: case_unknown, also for another terminal's case."""
    with office.database.read() as connection:
        row = case_row(connection, case_no)
        if row is None or row.device != device:
            raise Problem("case_unknown")
        return answer_of(office, connection, case_no)


def progress(office: Office, guard: CodeGuard, number: str, code: str) -> Answer:
    """State and a text, for whoever holds the slip; no name, no bank, no amount.

    :param number: all 22 digits or the 16 of the slip.
    :raises Problem: progress_unknown, too_many_attempts.
    """
    row = slip_case(office, guard, number, code)
    with office.database.read() as connection:
        line = progress_line(office, connection, row)
    return _progress(office, row, line)


def state_of_slip(office: Office, guard: CodeGuard, number: str, code: str, letter: LetterOf) -> Answer:
    """`progress`, with the letter that says it: words promise one only where there is one."""
    told = progress(office, guard, number, code)
    query = select(tables.service_case.c.case_no).where(tables.service_case.c.shown_no == number[-16:])
    with office.database.read() as connection:
        return {**told, "letter": letter(office, connection, connection.execute(query).scalar_one())}


def slip_case(office: Office, guard: CodeGuard, number: str, code: str) -> Row[Any]:
    """The case of whoever holds the slip.

    :raises Problem: progress_unknown for an unknown number and for a wrong code alike; too_many_attempts.
    """
    shown = number[-16:]
    guard.check(shown)
    query = select(tables.service_case).where(tables.service_case.c.shown_no == shown)
    with office.database.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None or (len(number) > len(shown) and row.case_no != number):
        guard.wrong(shown)
        raise Problem("progress_unknown")
    access = office.vault.open_json(f"case.access:{row.case_no}", row.access_sealed)
    if not hmac.compare_digest(access["query_code"].encode(), code.encode()):
        guard.wrong(shown)
        raise Problem("progress_unknown")
    guard.right(shown)
    return row


def _progress(office: Office, row: Any, line: Line | None) -> Answer:
    state = "accepted" if row.outcome is None else "decided"
    if line is not None:
        return {"state": state, **line.to_json()}
    line = Line("progress.accepted")
    if row.outcome is not None:
        decision = office.vault.open_json(f"case.decision:{row.case_no}", row.decision_sealed)
        starts_on = decision["facts"].get("starts_on")
        line = Line(f"progress.{row.outcome}")
        if row.outcome == Outcome.APPROVED.value:
            line = _approved(starts_on)
    return {"state": state, **line.to_json()}


def _approved(starts_on: str | None) -> Line:
    """What begins on a day, or what is done already."""
    if starts_on is None:
        return Line("progress.approved.now")
    return Line("progress.approved", {"date": Arg("date", starts_on)})


def prefill(
    office: Office, gateway: LookupGateway, item_id: str, name: str, number: str, consent_version: str = ""
) -> Answer:
    """What registers know already, and what this person is due. A silent register leaves its field out.

    :param item_id: the chosen item, or empty when the card came first: only then everything is looked for that a
        person may be due, and nothing of it is kept.
    :param consent_version: of the item's consent text that the resident has agreed to; empty = not yet, and then no
        register is asked that needs consent.
    :raises Problem: item_unknown, consent_version.
    """
    items = office.release.items
    if item_id and item_id not in items:
        raise Problem("item_unknown")
    chosen = items.get(item_id)
    consented = _consented(chosen, consent_version)
    # Only what is offered unasked: nobody else's registers are looked into before the resident has chosen.
    offered = [item for item in items.values() if item.ruling is not None and item.ruling.offered]
    wanted = {lookup for item in offered for lookup in keys_for(item, with_form=False)}
    if not item_id:
        wanted.update(registers_needed())
    asks_account = [item for item in items.values() if item.form and any(f.key == "account" for f in item.form.fields)]
    if not item_id or any(item.item_id == item_id for item in asks_account):
        wanted.add("L16")
    asked_for = [field.key for field in chosen.form.fields] if chosen is not None and chosen.form else []
    of_form = {code for code in lookups_of(asked_for) if SPECS[code].needs is not Needs.CONSENT or code in consented}
    wanted |= of_form
    # No retry: somebody stands and waits, and a missing field only means one question more.
    subject = Subject(name, number, {"certificate_type": ELDER_CARD})
    questions = [Question(lookup, subject) for lookup in sorted(wanted)]
    asked = gateway.ask_all(questions, retries=0, grounds=Grounds(consented))
    office.database.transact(lambda connection: record_calls(connection, asked.calls, None, "prefill"))
    asked = replace(asked, lookups=known_here(office, number, asked.lookups))
    account = account_known(asked.lookups)
    today = office.clock.now().date()
    claimable = [item.item_id for item in offered if due(item, asked.lookups, today)]
    known: Answer = {
        key: {"value": found.value, "label": found.label}
        for key, found in known_answers(asked_for, asked.lookups, _names(office)).items()
    }
    answer: Answer = {
        "known": {**known, **({"account": account} if account else {})},
        "dues": claimable,
        "unanswered": sorted(code for code, lookup in asked.lookups.items() if not lookup.state.answered),
    }
    if not item_id:
        answer = _with_entitlements(answer, asked.lookups, {item.item_id for item in offered}, today)
    return _without_repeats(office, number, answer)


def _without_repeats(office: Office, number: str, answer: Answer) -> Answer:
    """Nobody is told to ask for what she has asked for or been granted already."""
    with office.database.read() as connection:
        dues = [due_id for due_id in answer["dues"] if standing_for(office, connection, number, due_id) is None]
    if "entitlements" not in answer:
        return {**answer, "dues": dues}
    told = [one for one in answer["entitlements"] if set(one["items"]) & set(dues)]
    return {**answer, "dues": dues, "entitlements": told}


def _consented(item: Item | None, consent_version: str) -> frozenset[str]:
    """Registers that may be asked because the resident agreed to this item's text. :raises Problem: consent_version."""
    if not consent_version:
        return frozenset()
    if item is None or item.form is None or item.form.consent_version != consent_version:
        raise Problem("consent_version")
    return frozenset(code for code, spec in SPECS.items() if spec.needs is Needs.CONSENT)


def _names(office: Office) -> dict[str, Mapping[str, str]]:
    return {**office.release.lists, "places": office.tables.places, "towns": office.tables.towns}


def _with_entitlements(answer: Answer, lookups: Lookups, by_rules: set[str], today: date) -> Answer:
    """What else this person is due, and why. An item whose own rules are offered unasked is told only if they pass."""
    found = dues_of(facts_of(lookups, {}, today), lookups)
    told = [one for one in found if one.item_id in answer["dues"] or one.item_id not in by_rules]
    reasons = [
        {
            "items": [one.item_id],
            "reason": one.reason.to_json(),
            "since": one.since.isoformat() if one.since else None,
        }
        for one in told
    ]
    dues = list(dict.fromkeys([*answer["dues"], *(one.item_id for one in told)]))
    return {**answer, "dues": dues, "entitlements": reasons}
