"""扣款授权: taking a contribution from the social card's account, on a paper that was signed once.

For one item, up to a limit a year, and revoked by a word of the person at any terminal.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from backoffice.calls.once import Answer, Call, answered, once
from backoffice.casework.consequence_notes import known_here
from backoffice.clock import iso
from backoffice.decisions.evidence import record_calls
from backoffice.domain.bill import ITEMS
from backoffice.domain.facts.base import Lookup, LookupState
from backoffice.domain.payment import PayState
from backoffice.files.uploads import COMPLETE
from backoffice.gateways.lookups import LookupGateway
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store import audit
from backoffice.store.tables import payments as rows
from backoffice.store.tables.papers import upload

ROUTE, REVOKE_ROUTE = "deduction-authorities", "authority-revocations"
_GIVEN_BACK = (PayState.REFUSED.value, PayState.REVERSED.value)


@dataclass(frozen=True, slots=True, repr=False)
class AuthorityRequest:
    item_id: str
    site: str
    name: str
    number: str
    year_limit_fen: int
    paper_digest: str
    """Of the scan of the signed paper."""

    def __repr__(self) -> str:
        return f"AuthorityRequest({self.item_id})"


@dataclass(frozen=True, slots=True, repr=False)
class Usable:
    authority_id: str
    account_ref: str


def give(office: Office, gateway: LookupGateway, call: Call, request: AuthorityRequest) -> Answer:
    """Put an authority in force; its signed paper has been uploaded before.

    :raises Problem: idempotency_mismatch, item_mode, site_unknown, authority_account, authority_exists,
        materials_missing.
    """
    if request.item_id not in ITEMS:
        raise Problem("item_mode")
    if request.site[:9] not in office.tables.towns:
        raise Problem("site_unknown")
    with office.database.read() as connection:
        known = answered(office, connection, call, ROUTE)
    if known is not None:
        return known
    asked = gateway.ask(("L16",), request.name, request.number)
    card = known_here(office, request.number, asked.lookups)["L16"]

    def work(connection: Connection) -> Answer:
        record_calls(connection, asked.calls, None, "authority")
        return _insert(office, connection, call.device, request, card)

    return once(office, call, ROUTE, 201, work)


def find(office: Office, item_id: str, number: str) -> Answer | None:
    """The one in force of this person for this item."""
    table = rows.deduction_authority
    place = f"{office.vault.index(number)}:{item_id}"
    with office.database.read() as connection:
        row = connection.execute(select(table).where(table.c.in_force == place)).one_or_none()
    if row is None:
        return None
    account = office.vault.open_json(_place(row.authority_id), row.account_sealed)
    return _answer(row.authority_id, account, row.year_limit_fen, row.given_at)


def revoke(office: Office, call: Call, authority_id: str, number: str) -> Answer:
    """At any terminal, by the person whose card was read. :raises Problem: authority_unknown."""

    def work(connection: Connection) -> Answer:
        table = rows.deduction_authority
        query = select(table).where(table.c.authority_id == authority_id).with_for_update()
        row = connection.execute(query).one_or_none()
        if row is None or row.person_index != office.vault.index(number):
            raise Problem("authority_unknown")
        revoked_at = row.revoked_at or iso(office.clock.now())
        connection.execute(
            update(table).where(table.c.authority_id == authority_id).values(revoked_at=revoked_at, in_force=None)
        )
        _audit(office, connection, row.site, "authority_revoked", authority_id, call.device)
        return {"authority_id": authority_id, "revoked_at": revoked_at}

    return once(office, call, REVOKE_ROUTE, 200, work)


def usable(office: Office, connection: Connection, bill: Row[Any]) -> Usable:
    """The person's authority for the bill's item, held to the end.

    :raises Problem: authority_missing, authority_limit.
    """
    table = rows.deduction_authority
    query = select(table).where(table.c.in_force == f"{bill.person_index}:{bill.item_id}").with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Problem("authority_missing")
    year = f"{office.clock.now().year}-"
    payment = rows.payment
    used = connection.execute(
        select(func.coalesce(func.sum(payment.c.amount_fen), 0)).where(
            payment.c.authority_id == row.authority_id,
            payment.c.state.not_in(_GIVEN_BACK),
            payment.c.created_at.startswith(year),
        )
    ).scalar_one()
    if int(used) + bill.total_fen > row.year_limit_fen:
        raise Problem("authority_limit")
    account = office.vault.open_json(_place(row.authority_id), row.account_sealed)
    return Usable(row.authority_id, account["account_ref"])


def _insert(office: Office, connection: Connection, device: str, request: AuthorityRequest, card: Lookup) -> Answer:
    if card.state is not LookupState.ANSWERED or card.values.get("state", "active") != "active":
        raise Problem("authority_account")
    _check_paper(connection, device, request.paper_digest)
    authority_id, person, given_at = str(uuid.uuid4()), office.vault.index(request.number), iso(office.clock.now())
    account = {name: card.values[name] for name in ("bank", "last4", "account_ref")}
    try:
        connection.execute(
            insert(rows.deduction_authority).values(
                authority_id=authority_id,
                person_index=person,
                item_id=request.item_id,
                year_limit_fen=request.year_limit_fen,
                account_sealed=office.vault.seal_json(_place(authority_id), account),
                paper_digest=request.paper_digest,
                device=device,
                site=request.site,
                given_at=given_at,
                in_force=f"{person}:{request.item_id}",
            )
        )
    except IntegrityError as cause:
        # The id is random; what can be taken is the place of the one authority in force.
        raise Problem("authority_exists") from cause
    _audit(office, connection, request.site, "authority_given", authority_id, device)
    return _answer(authority_id, account, request.year_limit_fen, given_at)


def _answer(authority_id: str, account: Mapping[str, Any], year_limit_fen: int, given_at: str) -> Answer:
    return {
        "authority_id": authority_id,
        "bank": account["bank"],
        "last4": account["last4"],
        "year_limit_fen": year_limit_fen,
        "given_at": given_at,
    }


def _check_paper(connection: Connection, device: str, digest: str) -> None:
    """:raises Problem: materials_missing: this terminal has not brought the scan of what was signed."""
    query = select(upload.c.digest).where(
        upload.c.device == device, upload.c.state == COMPLETE, upload.c.digest == digest
    )
    if connection.execute(query.limit(1)).one_or_none() is None:
        raise Problem("materials_missing", missing=[digest])


def _audit(office: Office, connection: Connection, site: str, event: str, authority_id: str, device: str) -> None:
    entry = {"at": iso(office.clock.now()), "event": event, "actor": device, "authority": authority_id}
    audit.append(connection, office.digest, site[:9], entry)


def _place(authority_id: str) -> str:
    return f"deduction_authority.account:{authority_id}"
