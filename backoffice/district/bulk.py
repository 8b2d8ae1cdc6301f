"""Many past cases at once: the same rows, states and chains as one after the other, in batches.

What is checked one by one: number, site's town, item, every move by role and person. What is not done: asking
registers, and anything that a state only brings with it while it lasts (limits, timers, work lists), so a history must
have come to its end.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from backoffice.casework.refusals import LAWSUIT_MONTHS, NOT_GRANTED, REVIEW_DAYS, Proposal, reasons
from backoffice.clock import iso
from backoffice.domain.cases.case import ENDED, CaseState, Move, Outcome, Role
from backoffice.domain.cases.case_number import CaseNoInvalid, parse_case_number
from backoffice.domain.cases.standing import Event, check_move, rebuild
from backoffice.domain.decide import Decision
from backoffice.domain.items.item import Item
from backoffice.domain.person import Applicant
from backoffice.domain.rating import Satisfaction
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store import audit
from backoffice.store.tables import tables
from backoffice.store.tables.casework import refusal


@dataclass(frozen=True, slots=True)
class Step:
    """One move of a case by somebody."""

    move: Move
    event: str
    role: Role
    actor: str
    at: datetime
    details: Mapping[str, str] = field(default_factory=dict)
    """For audit and outbox: no personal data."""


@dataclass(frozen=True, slots=True, repr=False)
class History:
    """A case from its receipt to its end."""

    case_no: str
    device: str
    site: str
    item_id: str
    item_version: int
    consent_version: str
    lang: str
    applicant: Applicant
    accepted_at: datetime
    steps: tuple[Step, ...]
    rated: Satisfaction | None = None
    rated_at: datetime | None = None
    refused: Proposal | None = None
    """The entry of the ledger, where somebody proposed to refuse."""


Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Rows:
    cases: list[Row]
    events: list[Row]
    outbox: list[Row]
    ratings: list[Row]
    refusals: list[Row]
    chain: dict[str, list[dict[str, str]]]


def write_histories(office: Office, connection: Connection, histories: Sequence[History]) -> None:
    """Write them in the caller's transaction.

    :raises Problem: case_no_*, item_unknown. :raises NotAllowed: a move that this person could not take.
    :raises ValueError: a case has not come to its end.
    """
    rows = _Rows([], [], [], [], [], {})
    items = office.release.items
    for history in histories:
        _add(office, items, rows, history)
    for table, values in (
        (tables.service_case, rows.cases),
        (tables.case_event, rows.events),
        (tables.outbox, rows.outbox),
        (tables.rating, rows.ratings),
        (refusal, rows.refusals),
    ):
        if values:
            connection.execute(insert(table), values)
    for town in sorted(rows.chain):
        audit.extend(connection, office.digest, town, rows.chain[town])


def _add(office: Office, items: Mapping[str, Item], rows: _Rows, history: History) -> None:
    try:
        number = parse_case_number(history.case_no)
    except CaseNoInvalid as cause:
        raise Problem(cause.code) from cause
    item = items.get(history.item_id)
    if item is None or item.version != history.item_version:
        raise Problem("item_unknown")
    details = {"item": f"{history.item_id}/{history.item_version}", "consent": history.consent_version}
    events = [Event("accepted", CaseState.ACCEPTED, Role.INTAKE, history.device)]
    _note(rows, history, 1, history.accepted_at, (None, events[0]), details)
    expert = item.technical_review.need
    standing = rebuild(events, expert)
    for n, step in enumerate(history.steps, 2):
        after = check_move(standing, step.move, step.role, step.actor)
        event = Event(step.event, after, step.role, step.actor)
        events.append(event)
        _note(rows, history, n, step.at, (standing.state, event), step.details)
        standing = rebuild(events, expert)
    if standing.state not in ENDED:
        raise ValueError(f"{history.case_no} is {standing.state}: it has not come to its end")
    if history.rated is not None and history.rated_at is not None:
        _rate(rows, history, len(events) + 1, standing.state)
    _enter_refusal(office, rows, history)
    rows.cases.append(_case(office, history, number.shown, standing.state, len(history.steps) + 1))


def _note(
    rows: _Rows,
    history: History,
    n: int,
    at: datetime,
    change: tuple[CaseState | None, Event],
    details: Mapping[str, str],
) -> None:
    before, event = change
    now = iso(at)
    row = {"case_no": history.case_no, "n": n, "at": now, "role": event.role.value, "actor": event.actor}
    states = {"from_state": before.value if before else None, "to_state": event.to.value}
    rows.events.append({**row, "event": event.event, **states})
    entry = {"at": now, "case_no": history.case_no, "event": event.event, "role": event.role.value}
    rows.chain.setdefault(history.site[:9], []).append({**entry, "actor": event.actor, **details})
    body = json.dumps({"state": event.to.value, **details}, sort_keys=True)
    # Delivered: what is over for long is news to nobody.
    told = {"body": body, "created_at": now, "delivered_at": now}
    rows.outbox.append({"topic": f"case.{event.event}", "case_no": history.case_no, **told})


def _rate(rows: _Rows, history: History, n: int, state: CaseState) -> None:
    assert history.rated is not None and history.rated_at is not None
    event = Event("rated", state, Role.INTAKE, history.device)
    _note(rows, history, n, history.rated_at, (state, event), {"satisfaction": history.rated.value})
    at = iso(history.rated_at)
    rows.ratings.append(
        {
            "case_no": history.case_no,
            "satisfaction": history.rated.value,
            "labels": "[]",
            "rated_at": at,
            "received_at": at,
        }
    )


def _enter_refusal(office: Office, rows: _Rows, history: History) -> None:
    """Both persons stand in the ledger. :raises ValueError: a refusal without an entry, or an entry without one."""
    steps = {step.move: step for step in history.steps}
    proposed, reviewed = steps.get(Move.PROPOSE_REFUSAL), steps.get(Move.REFUSE)
    entry = history.refused
    if proposed is None or reviewed is None or entry is None:
        if (proposed, reviewed, entry) != (None, None, None):
            raise ValueError(f"{history.case_no}: a refusal needs a proposal, a second review and its entry")
        return
    reason = reasons().get(entry.reason_code)
    if reason is None or reason.kind != NOT_GRANTED:
        raise ValueError(f"{history.case_no}: {entry.reason_code} is no reason for not granting")
    place = f"{history.case_no}/1"
    words = entry.words.encode()
    rows.refusals.append(
        {
            "case_no": history.case_no,
            "n": 1,
            "town": history.site[:9],
            "kind": reason.kind,
            "reason_code": reason.code,
            "basis": entry.basis,
            "helping_authority": entry.authority,
            "words_sealed": office.vault.seal(f"refusal.words:{place}", words),
            "proposed_by": proposed.actor,
            "proposed_at": iso(proposed.at),
            "verdict": "confirmed",
            "reviewed_by": reviewed.actor,
            "reviewed_at": iso(reviewed.at),
            "review_sealed": office.vault.seal(f"refusal.review:{place}", words),
            "review_days": REVIEW_DAYS,
            "lawsuit_months": LAWSUIT_MONTHS,
        }
    )


_OUTCOMES = {
    Move.COMPLETE: "done",
    Move.APPROVE: "approved",
    Move.HAND_OVER: "pending",
    Move.REFUSE: "refused",
}


def _case(office: Office, history: History, shown: str, state: CaseState, row_version: int) -> Row:
    case_no, vault = history.case_no, office.vault
    access = {"query_code": f"{secrets.randbelow(10_000):04d}", "visit_token": secrets.token_urlsafe(24)}
    decided = [step for step in history.steps if step.move in _OUTCOMES]
    outcome, decided_at = _OUTCOMES[decided[-1].move], decided[-1].at
    # What the machine decided is kept as it was; what people decide stands in the row alone.
    decision = Decision(Outcome(_OUTCOMES[decided[0].move]))
    return {
        "case_no": case_no,
        "shown_no": shown,
        "device": history.device,
        "site": history.site,
        "town": history.site[:9],
        "item_id": history.item_id,
        "item_version": history.item_version,
        "consent_version": history.consent_version,
        "lang": history.lang,
        "state": state.value,
        "outcome": outcome,
        "created_at": iso(history.accepted_at),
        "boot_id": "past",
        "monotonic_s": 0.0,
        "accepted_at": iso(history.accepted_at),
        "decided_at": iso(decided_at),
        "row_version": row_version,
        "applicant_index": vault.index(history.applicant.number),
        "applicant_sealed": vault.seal_json(f"case.applicant:{case_no}", history.applicant.to_json()),
        "form_sealed": vault.seal_json(f"case.form:{case_no}", {}),
        "access_sealed": vault.seal_json(f"case.access:{case_no}", access),
        "decision_sealed": vault.seal_json(f"case.decision:{case_no}", decision.to_json()),
    }
