"""Taking a case in at a counter: the same case, the same numbers, the same queue as from a kiosk."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from backoffice.calls.once import Answer, Call, once
from backoffice.casework.events import case_row
from backoffice.casework.moving import Order, take
from backoffice.casework.transfers import send_held
from backoffice.clock import iso
from backoffice.domain.cases.case import Actor, Move, Role
from backoffice.domain.cases.case_number import DIVISION, WINDOW_CHANNEL, mint
from backoffice.domain.items.item import Mode
from backoffice.domain.person import Applicant
from backoffice.intake import taking_in
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables

ROUTE = "window-cases"
_TOWN = re.compile(r"[0-9]{9}", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class AtCounter:
    """What a clerk enters for the resident before her. `for_place`: another place's code, or empty."""

    town: str
    item_id: str
    item_version: int
    consent_version: str
    applicant: Applicant
    form: Mapping[str, str]
    commitment: str | None
    lang: str
    for_place: str = ""
    for_authority: str = ""


def take_in(office: Office, actor: Actor, key: str, body_hash: str, entered: AtCounter) -> Answer:
    """Open a case at the counter of a town; a repeated key gives the same case again.

    :raises Problem: forbidden, town_unknown, idempotency_mismatch, and what `open_case` and `send` raise.
    """
    town = entered.town
    if not _TOWN.fullmatch(town) or town not in office.tables.towns:
        raise Problem("town_unknown")
    if not actor.may_act(Role.INTAKE, town):
        raise Problem("forbidden", "needs the role intake in this town")
    device, site_no = _counter(office, town), town[len(DIVISION) :]

    def work(connection: Connection) -> Answer:
        submission = _submission(office, connection, site_no, entered)
        number = submission.case_no
        answer = taking_in.open_case(
            office,
            connection,
            device,
            site_no,
            number,
            submission,
            Mode.APPLY,
            channel=WINDOW_CHANNEL,
            taken_by=actor.login,
        )
        if entered.for_place:
            _send_on(office, connection, actor, number, entered)
        return answer

    return once(office, Call(device, key, body_hash), ROUTE, 201, work)


def _send_on(office: Office, connection: Connection, actor: Actor, case_no: str, entered: AtCounter) -> None:
    """Our rules are not that place's: people there decide."""
    take(office, connection, _held(connection, case_no), Move.HAND_OVER, Role.RULE_ENGINE, "place:elsewhere")
    moved = _held(connection, case_no)
    order = Order(actor, Role.INTAKE, case_no, moved.row_version)
    reason = "collected_here_for_there"
    send_held(office, connection, moved, order, entered.for_place, entered.for_authority, reason)


def _held(connection: Connection, case_no: str) -> Row[Any]:
    row = case_row(connection, case_no, lock=True)
    if row is None:
        raise Problem("case_unknown")
    return row


def _submission(office: Office, connection: Connection, site_no: str, entered: AtCounter) -> taking_in.Submission:
    now = office.clock.now()
    return taking_in.Submission(
        case_no=_number(connection, site_no, f"{now:%y%m%d}", office),
        item_id=entered.item_id,
        item_version=entered.item_version,
        consent_version=entered.consent_version,
        applicant=entered.applicant,
        form=entered.form,
        commitment=entered.commitment,
        created_at=iso(now),
        site=f"{entered.town}000",
        lang=entered.lang,
        boot_id="counter",
        monotonic_s=0.0,
    )


def _number(connection: Connection, site_no: str, day: str, office: Office) -> str:
    """The next of this counter's day; its row is held."""
    prefix = f"{DIVISION}{site_no}{WINDOW_CHANNEL}{day}"
    case_no = tables.service_case.c.case_no
    newest = select(func.max(case_no)).where(case_no.between(f"{prefix}000000", f"{prefix}999999"))
    last = connection.execute(newest).scalar_one()
    serial = int(last[16:21]) + 1 if last else 1
    return mint(site_no, WINDOW_CHANNEL, office.clock.now().date(), serial)


def _counter(office: Office, town: str) -> str:
    """The counter as a place where cases are taken in; nobody knows its key, so nothing signed comes from it."""
    name = f"counter-{town}"
    values = {
        "device": name,
        "key_sealed": office.vault.seal(f"device.key:{name}", secrets.token_bytes(32)),
        "site_no": town[len(DIVISION) :],
        "last_seq": 0,
        "added_at": iso(office.clock.now()),
    }
    known = select(tables.device.c.device).where(tables.device.c.device == name)
    with office.database.read() as connection:
        if connection.execute(known).one_or_none() is not None:
            return name

    def work(connection: Connection) -> None:
        connection.execute(insert(tables.device).values(**values))

    try:
        office.database.transact(work)
    except IntegrityError:
        # Another request of this town was faster; its counter is this one.
        return name
    return name
