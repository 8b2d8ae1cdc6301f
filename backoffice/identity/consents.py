"""What residents agreed to: which text in which version, heard in which language, when, for which case; or no more."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from backoffice.calls.once import Answer, Call, answered, lock_device, once, remember
from backoffice.clock import iso
from backoffice.identity.slip_codes import CodeGuard
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store import audit
from backoffice.store.tables import tables
from backoffice.store.tables.identity import consent

ROUTE, WITHDRAWAL_ROUTE = "consents", "consent-withdrawals"
REGISTER = "register."
"""Before the code of a register in a purpose: she lets it be asked, once, for this case."""
ALOUD = "sign.by_key"
"""Purpose of whoever cannot write on glass: the promise was agreed to aloud, by a key."""


@dataclass(frozen=True, slots=True)
class Given:
    """A terminal's word; `case_no` may be of a case that is still to come, or never will."""

    case_no: str
    purpose: str
    text_version: str
    lang: str
    given_at: str


def record(office: Office, call: Call, given: Given) -> Answer:
    """:raises Problem: idempotency_mismatch; case_unknown, when the number belongs to another terminal's case."""

    def work(connection: Connection) -> Answer:
        owner = select(tables.service_case.c.device).where(tables.service_case.c.case_no == given.case_no)
        if connection.execute(owner).scalar_one_or_none() not in (None, call.device):
            raise Problem("case_unknown")
        answer: Answer = {
            "consent_id": str(uuid.uuid4()),
            "case_no": given.case_no,
            "purpose": given.purpose,
            "text_version": given.text_version,
            "lang": given.lang,
            "given_at": given.given_at,
            "received_at": iso(office.clock.now()),
            "withdrawn_at": None,
        }
        connection.execute(insert(consent).values(device=call.device, **answer))
        return answer

    return once(office, call, ROUTE, 201, work)


def registers_in(purposes: Iterable[str]) -> frozenset[str]:
    """Codes of the registers that these purposes let us ask."""
    return frozenset(one.removeprefix(REGISTER) for one in purposes if one.startswith(REGISTER))


def keep(
    connection: Connection,
    device: str,
    case_no: str,
    given: Iterable[tuple[str, str]],
    lang: str,
    given_at: str,
    received_at: str,
) -> None:
    """What came with a case, in the transaction that takes it in: nothing is asked before this is written.

    :param given: purpose and version of the words.
    """
    common = {"device": device, "case_no": case_no, "lang": lang, "given_at": given_at, "received_at": received_at}
    rows = [
        {**common, "consent_id": str(uuid.uuid4()), "purpose": purpose, "text_version": version}
        for purpose, version in given
    ]
    if rows:
        connection.execute(insert(consent), rows)


def registers_agreed(connection: Connection, case_no: str) -> frozenset[str]:
    """Registers that may be asked for this case: agreed to, and not taken back since."""
    open_ones = (consent.c.case_no == case_no) & consent.c.withdrawn_at.is_(None)
    return registers_in(connection.execute(select(consent.c.purpose).where(open_ones)).scalars())


def withdraw(office: Office, guard: CodeGuard, call: Call, number: str, code: str, at: str) -> Answer:
    """All that was agreed to for one case, by whoever holds its slip, at any terminal. The case itself stays as it is.

    :param number: all 22 digits or the 16 of the slip.
    :raises Problem: progress_unknown for an unknown number and for a wrong code alike; too_many_attempts.
    """
    shown = number[-16:]
    guard.check(shown)

    def work(connection: Connection) -> Answer | None:
        lock_device(connection, call.device)
        known = answered(office, connection, call, WITHDRAWAL_ROUTE)
        if known is not None:
            return known
        case = _case(office, connection, number, code)
        if case is None:
            return None
        open_ones = (consent.c.case_no == case.case_no) & consent.c.withdrawn_at.is_(None)
        change = update(consent).where(open_ones).values(withdrawn_at=at, withdrawn_on=call.device)
        answer: Answer = {"case_no": case.case_no, "withdrawn": connection.execute(change).rowcount}
        entry = {
            "at": iso(office.clock.now()),
            "case_no": case.case_no,
            "event": "consent_withdrawn",
            "actor": call.device,
        }
        audit.append(connection, office.digest, case.town, entry)
        remember(office, connection, call, WITHDRAWAL_ROUTE, 200, answer)
        return answer

    answer = office.database.transact(work)
    if answer is None:
        guard.wrong(shown)
        raise Problem("progress_unknown")
    guard.right(shown)
    return answer


def _case(office: Office, connection: Connection, number: str, code: str) -> Any | None:
    query = select(tables.service_case).where(tables.service_case.c.shown_no == number[-16:])
    row = connection.execute(query).one_or_none()
    if row is None or (len(number) > 16 and row.case_no != number):
        return None
    access = office.vault.open_json(f"case.access:{row.case_no}", row.access_sealed)
    return row if hmac.compare_digest(access["query_code"].encode(), code.encode()) else None
