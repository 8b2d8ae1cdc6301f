"""窗口无否决权: a refusal is proposed by one person, looked at by another, and stands in the ledger either way."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, tuple_, update

from backoffice.calls.once import Answer
from backoffice.casework.moving import Order, on_case, standing_of, take
from backoffice.catalogue.release import CatalogueError
from backoffice.clock import iso
from backoffice.domain.cases.case import Move
from backoffice.office import Office
from backoffice.paths import catalogue_dir
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.store.tables.casework import refusal

NOT_ADMITTED, NOT_GRANTED = "not_admitted", "not_granted"
REVIEW_DAYS = 60
"""行政复议法 20."""
LAWSUIT_MONTHS = 6
"""行政诉讼法 46."""

MAX_PAGE = 200
LedgerCursor = tuple[str, str, int]
"""In the ledger: when it was proposed, the case, which of its proposals."""

_R = refusal.c


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    kind: str
    text: str
    basis: str


@dataclass(frozen=True, slots=True, repr=False)
class Proposal:
    """`words`: the reason in full, for the letter. `authority`: who can help instead."""

    reason_code: str
    basis: str
    authority: str
    words: str


def read_reasons(folder: Path) -> Mapping[str, Reason]:
    """The closed list. :raises CatalogueError: the table is missing or malformed."""
    path = folder / "refusal_reasons.tsv"
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        reasons = [Reason(row["code"], row["kind"], row["text"], row["basis"]) for row in rows]
    except OSError as cause:
        raise CatalogueError(f"{path}: {cause.strerror}") from cause
    except KeyError as cause:
        raise CatalogueError(f"{path} has no column {cause}") from cause
    by_code = {reason.code: reason for reason in reasons}
    if len(by_code) != len(reasons) or {reason.kind for reason in reasons} != {NOT_ADMITTED, NOT_GRANTED}:
        raise CatalogueError("refusal_reasons.tsv: a code stands twice, or a kind is missing or unknown")
    return by_code


@cache
def reasons() -> Mapping[str, Reason]:
    return read_reasons(catalogue_dir())


def propose(office: Office, order: Order, proposal: Proposal) -> int:
    """A first person would refuse; nobody is told yet. The new row version.

    :raises Problem: what `on_case` and `take` raise; reason_unknown, notice_incomplete.
    """

    def work(connection: Connection, case: Row[Any]) -> int:
        kind = NOT_GRANTED if standing_of(connection, case.case_no).admitted else NOT_ADMITTED
        reason = reasons().get(proposal.reason_code)
        if reason is None or reason.kind != kind:
            codes = sorted(reason.code for reason in reasons().values() if reason.kind == kind)
            raise Problem("reason_unknown", f"{kind}: one of {', '.join(codes)}")
        if not all(text.strip() for text in (proposal.basis, proposal.authority, proposal.words)):
            raise Problem("refusal_incomplete")
        details = {"reason": reason.code, "kind": kind}
        version = take(office, connection, case, Move.PROPOSE_REFUSAL, order.role, order.actor.login, details)
        _put(office, connection, case, kind, proposal, order.actor.login)
        return version

    return on_case(office, order, work)


def second_review(office: Office, order: Order, *, confirm: bool, words: str) -> int:
    """Another person looks: confirmed, the case is refused; otherwise it goes back. The new row version.

    :raises Problem: what `on_case` and `take` raise; refusal_incomplete without words.
    """

    def work(connection: Connection, case: Row[Any]) -> int:
        if not words.strip():
            raise Problem("refusal_incomplete", "a second review says why")
        wanted = Move.REFUSE if confirm else _back(connection, case.case_no)
        n = _last(connection, case.case_no)
        details = {"second_review": "confirmed" if confirm else "overruled"}
        version = take(office, connection, case, wanted, order.role, order.actor.login, details)
        sealed = office.vault.seal(f"refusal.review:{case.case_no}/{n}", words.encode())
        connection.execute(
            update(refusal)
            .where(_R.case_no == case.case_no, _R.n == n)
            .values(
                verdict=details["second_review"],
                reviewed_by=order.actor.login[:80],
                reviewed_at=iso(office.clock.now()),
                review_sealed=sealed,
            )
        )
        return version

    return on_case(office, order, work)


def ledger(office: Office, after: LedgerCursor | None = None, limit: int | None = None) -> list[Answer]:
    """否决台账: a page of the proposals, oldest first; no personal data. `after`: the last one of the page before."""
    case = tables.service_case
    shown = (_R.case_no, _R.n, _R.town, case.c.item_id, _R.kind, _R.reason_code, _R.basis, _R.helping_authority)
    people = (_R.proposed_by, _R.proposed_at, _R.verdict, _R.reviewed_by, _R.reviewed_at)
    remedy = (_R.review_days, _R.lawsuit_months)
    query = select(*shown, *people, *remedy).join(case, case.c.case_no == _R.case_no)
    order = (_R.proposed_at, _R.case_no, _R.n)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    with office.database.read() as connection:
        return [dict(row._mapping) for row in connection.execute(query.order_by(*order).limit(limit or MAX_PAGE))]


def whole_ledger(office: Office) -> Iterator[Answer]:
    """All of it, page by page: no more than one page is in memory."""
    page = ledger(office)
    while page:
        yield from page
        page = ledger(office, place_in_ledger(page[-1])) if len(page) == MAX_PAGE else []


def place_in_ledger(entry: Answer) -> LedgerCursor:
    return entry["proposed_at"], entry["case_no"], entry["n"]


def refusals_of(office: Office, connection: Connection, case_no: str) -> list[Answer]:
    """With the words of the letter, for whoever works on the case."""
    found = []
    for row in connection.execute(select(refusal).where(_R.case_no == case_no).order_by(_R.n)):
        found.append(
            {
                "n": row.n,
                "kind": row.kind,
                "reason_code": row.reason_code,
                "basis": row.basis,
                "authority": row.helping_authority,
                "words": office.vault.open(f"refusal.words:{case_no}/{row.n}", row.words_sealed).decode(),
                "verdict": row.verdict,
                "review_days": row.review_days,
                "lawsuit_months": row.lawsuit_months,
            }
        )
    return found


def _back(connection: Connection, case_no: str) -> Move:
    return Move.SEND_BACK if standing_of(connection, case_no).admitted else Move.HAND_BACK


def _last(connection: Connection, case_no: str) -> int:
    newest = select(func.max(_R.n)).where(_R.case_no == case_no)
    return int(connection.execute(newest).scalar_one() or 0)


def _put(office: Office, connection: Connection, case: Row[Any], kind: str, proposal: Proposal, login: str) -> None:
    n = _last(connection, case.case_no) + 1
    connection.execute(
        insert(refusal).values(
            case_no=case.case_no,
            n=n,
            town=case.town,
            kind=kind,
            reason_code=proposal.reason_code,
            basis=proposal.basis,
            helping_authority=proposal.authority,
            words_sealed=office.vault.seal(f"refusal.words:{case.case_no}/{n}", proposal.words.encode()),
            proposed_by=login[:80],
            proposed_at=iso(office.clock.now()),
            review_days=REVIEW_DAYS,
            lawsuit_months=LAWSUIT_MONTHS,
        )
    )
