"""Asking the registers of one item about the person who stands there; nothing is opened and nothing decided yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from backoffice.casework.consequence_notes import known_here
from backoffice.catalogue.stored import item_version
from backoffice.decisions.asking import consents_of, grounds_of, keys_for, questions_of
from backoffice.decisions.evidence import record_calls
from backoffice.domain.cases.case import Outcome
from backoffice.domain.decide import judge
from backoffice.domain.divisions import Divisions
from backoffice.domain.facts.base import LookupState
from backoffice.domain.facts.derive import APPLICANT, facts_of
from backoffice.domain.items.item import Item, Mode
from backoffice.domain.rules import Facts
from backoffice.domain.text import Arg, Line
from backoffice.gateways.lookups import Asked, LookupGateway
from backoffice.gateways.questions import Question, Subject
from backoffice.geography.stored import read_stored_divisions
from backoffice.intake.taking_in import Submission, check_item
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.queries.lines import Freshness, Wanted, freshness_of, lines_of, unlisted
from backoffice.queries.views import VIEWS, View

_POPULATION, _FACE = "L01", "L02"


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """What registers said, about whom only the caller knows."""

    item: Item
    view: View
    asked: Asked
    facts: Facts
    freshness: tuple[Freshness, ...]
    lines: tuple[tuple[str, Line], ...]
    open_reasons: tuple[Line, ...]
    """What the item's rules could not settle: whatever is shown may be shown, but nothing is certified."""
    unlisted: tuple[str, ...]
    """Registers that kept the asked rows to themselves: nothing is certified then."""

    def __repr__(self) -> str:
        return f"Seen({self.item.item_id})"


def item_and_view(office: Office, submission: Submission, modes: tuple[Mode, ...]) -> tuple[Item, View | None]:
    """:raises Problem: what would be refused later is refused before anybody is asked."""
    with office.database.read() as connection:
        item = item_version(connection, submission.item_id, submission.item_version)
    check_item(office, item, submission)
    if item is None or item.mode not in modes:
        raise Problem("item_mode")
    return item, VIEWS.get(item.item_id)


def look(office: Office, gateway: LookupGateway, item: Item, view: View, submission: Submission) -> Seen:
    """Ask, side by side. :raises Problem: consent_missing, face_missing, identity_mismatch, refused_by_rule."""
    _check_consent(item, view, submission)
    _check_face(view, submission)
    questions = _questions(item, view, submission)
    asked_at = office.clock.now()
    asked = gateway.ask_all(questions, grounds=grounds_of(item, submission.registers_agreed))
    person = submission.applicant.number
    asked = replace(asked, lookups=known_here(office, person, asked.lookups, creates=False))
    try:
        _check_person(asked)
        open_reasons = _check_rules(office, item, asked, submission, asked_at.date())
    except Problem:
        office.database.transact(lambda connection: record_calls(connection, asked.calls, None, item.mode.value))
        raise
    confirmed = (APPLICANT,) if _POPULATION in view.registers else ()
    facts = facts_of(asked.lookups, submission.form, asked_at.date(), confirmed)
    if submission.applicant.is_vouched and view.witness:
        facts.setdefault("face_matches", True)
    place, wanted = place_names(office, asked_at), Wanted(submission.form, submission.site)
    return Seen(
        item,
        view,
        asked,
        facts,
        freshness_of(view, asked.lookups, asked_at),
        lines_of(view, asked.lookups, place, wanted),
        open_reasons,
        unlisted(view, asked.lookups, wanted),
    )


def _questions(item: Item, view: View, submission: Submission) -> list[Question]:
    person = submission.applicant
    own = questions_of(item, keys_for(item), person.name, person.number, submission.form)
    details = view.details_for(submission.form, submission.site)
    if submission.form.get("photo"):
        details["photo_ref"] = submission.form["photo"]
    subject = Subject(person.name, person.number, details)
    asked = {question.key for question in own}
    return [*own, *(Question(code, subject) for code in view.registers if code not in asked)]


def _check_consent(item: Item, view: View, submission: Submission) -> None:
    """:raises Problem: consent_missing; no register has been asked anything then."""
    lacking = set(consents_of(item, view.registers)) - submission.registers_agreed
    if lacking:
        raise refused("consent_missing", Line("reason.no_consent"), following=Line("next.no_consent"))


def _check_face(view: View, submission: Submission) -> None:
    """:raises Problem: face_missing: neither a picture for the register nor a witness, where one of them suffices."""
    if _FACE not in view.registers or submission.form.get("photo"):
        return
    if not (view.witness and submission.applicant.is_vouched):
        following = Line("next.print.window" if view.witness else "next.police")
        raise refused("face_missing", Line("reason.face_missing"), following=following)


def _check_person(asked: Asked) -> None:
    """:raises Problem: the registers know this number as somebody else's, or the face is not theirs."""
    person, face = asked.lookups.get(_POPULATION), asked.lookups.get(_FACE)
    unknown = person is not None and person.state is LookupState.NOT_FOUND
    other = person is not None and person.state is LookupState.ANSWERED and person.values["matches"] is not True
    not_theirs = face is not None and face.state is LookupState.ANSWERED and face.values["same"] is not True
    if unknown or other or not_theirs:
        raise refused("identity_mismatch", Line("reason.print.identity"))


def _check_rules(office: Office, item: Item, asked: Asked, submission: Submission, today: date) -> tuple[Line, ...]:
    """What stays open. :raises Problem: a rule says no."""
    if item.ruling is None:
        return ()
    calendar, vouched = office.tables.calendar, submission.applicant.is_vouched
    decision = judge(item, asked.lookups, submission.form, today, calendar, vouched=vouched).decision
    if decision.outcome is Outcome.NOTICE:
        following = decision.next_step or Line("next.print.window")
        raise refused("refused_by_rule", *decision.reasons, following=following)
    return () if decision.outcome is Outcome.APPROVED else decision.reasons


def refused(code: str, *reasons: Line, following: Line | None = None, retry: bool = False) -> Problem:
    """A refusal that says why and what to do next, as lines for the resident."""
    following = following or Line("next.print.later" if retry else "next.print.window")
    headers: Mapping[str, str] = {"Retry-After": "600"} if retry else {}
    told = [reason.to_json() for reason in reasons]
    return Problem(code, headers=headers, reasons=told, next=following.to_json())


def silent(registers: list[str]) -> Problem:
    reasons = [Line("reason.print.silent", {"register": Arg("key", f"register.{code}")}) for code in registers]
    return refused("register_silent", *reasons, retry=True)


class PlaceNames:
    """Names of divisions on a day, town and village together; what nobody knows keeps its code."""

    def __init__(self, divisions: Divisions, day: date) -> None:
        self._divisions = divisions
        self._day = day

    def __call__(self, code: str) -> str:
        if not code:
            return "-"
        path = self._divisions.path(code, self._day)
        names = [division.name for division in reversed(path) if len(division.code) >= len("350213007")]
        return "".join(names) or code


def place_names(office: Office, moment: datetime) -> PlaceNames:
    with office.database.read() as connection:
        return PlaceNames(read_stored_divisions(connection), moment.date())


def record(connection: Connection, seen: Seen, case_no: str) -> None:
    record_calls(connection, seen.asked.calls, case_no, seen.item.mode.value)
