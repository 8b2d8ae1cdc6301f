"""A request with an Idempotency-Key is done once: its turn, what was answered to the key before, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal_column, select, update

from backoffice.clock import iso
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store import audit
from backoffice.store.prepared import Prepared, adding, among, together
from backoffice.store.tables import tables

Answer = dict[str, Any]

# Made once: each accepted case uses them, and making a statement costs more than running it.
_DEVICE = Prepared(
    select(tables.device.c.site_no).where(tables.device.c.device == bindparam("of_device")).with_for_update()
)
_KEY = tables.idempotency.c
_KNOWN = Prepared(
    select(_KEY.route, _KEY.body_hash, _KEY.response_sealed).where(
        _KEY.device == bindparam("of_device"), _KEY.key == bindparam("of_key")
    )
)
_DEVICES = Prepared(
    select(tables.device.c.device, tables.device.c.site_no)
    .where(among(tables.device.c.device, "devices"))
    .order_by(tables.device.c.device)
    .with_for_update()
)
_WAIT_SHORTLY = Prepared(select(func.set_config(*map(literal_column, ("'lock_timeout'", "'250ms'", "true")))))
_KEPT = ("device", "key", "route", "body_hash", "status", "response_sealed", "created_at")
_ADD_KEY = adding(tables.idempotency, *_KEPT)


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a terminal with its Idempotency-Key and the digest of its body, as 64 hexadecimal digits."""

    device: str
    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Terminal:
    device: str
    site_no: str | None


def lock_device(connection: Connection, device: str) -> Terminal:
    """Its row, held to the end of the transaction: what one terminal writes comes one after the other.

    SQLite has one writer anyway; elsewhere this is what makes a key unique without a failed insert.
    """
    row = _DEVICE.first(connection, {"of_device": device})
    if row is None:
        raise LookupError("a terminal that has signed a request is registered")
    return Terminal(device, row[0])


@dataclass(frozen=True, slots=True)
class Keyed:
    """A call as the transaction that answers it begins. `town`: whose chain the call's event goes to."""

    call: Call
    route: str
    town: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What a request with a key finds when its turn has come."""

    terminal: Terminal
    answered: Answer | None
    """What was answered to this key before."""
    heads: audit.Heads
    """Of the town, held to the end; empty: no such town."""


def begin_keyed(office: Office, connection: Connection, request: Keyed) -> Begun:
    """`lock_device`, `answered` and the town's head in one message; each is asked after the one before was got.

    :raises Problem: idempotency_mismatch.
    """
    call, town = request.call, request.town
    with together(connection):
        held = _DEVICE.send(connection, {"of_device": call.device})
        known = _KNOWN.send(connection, {"of_device": call.device, "of_key": call.key})
        chain = audit.hold_sent(connection, town)
        terminal, kept, head = held.first(), known.first(), chain.first()
    if terminal is None:
        raise LookupError("a terminal that has signed a request is registered")
    known_answer = _answered(office, kept, call, request.route)
    return Begun(Terminal(call.device, terminal[0]), known_answer, {town: (head[0], head[1])} if head else {})


def begin_together(office: Office, connection: Connection, requests: Sequence[Keyed]) -> list[Begun | Exception]:
    """`begin_keyed` for several keys at once, in one message; a refused one is told in its place.

    Terminals are taken before towns and each in its order, as everybody takes them. What somebody else keeps is not
    waited for as long as one alone would wait: the others must not be kept by it.

    :raises DBAPIError: a row was not free.
    """
    devices = sorted({one.call.device for one in requests})
    with together(connection):
        if connection.dialect.name == "postgresql":
            _WAIT_SHORTLY.send(connection, {}).close()
        held = _DEVICES.send(connection, {"devices": devices})
        # One statement for all of them reads every key of these terminals on SQLite: slower with each case.
        known = [_KNOWN.send(connection, {"of_device": one.call.device, "of_key": one.call.key}) for one in requests]
        chains = audit.hold_all_sent(connection, {one.town for one in requests})
        sites: dict[str, str | None] = dict(held.all())
        kept = [sent.first() for sent in known]
        heads: audit.Heads = {town: (n, link) for town, n, link in chains.all()}

    def begun(one: Keyed, row: tuple[Any, ...] | None) -> Begun | Exception:
        device = one.call.device
        if device not in sites:
            return LookupError("a terminal that has signed a request is registered")
        try:
            known_answer = _answered(office, row, one.call, one.route)
        except Problem as problem:
            return problem
        return Begun(Terminal(device, sites[device]), known_answer, heads)

    return [begun(one, row) for one, row in zip(requests, kept, strict=True)]


def once(office: Office, call: Call, route: str, status: int, work: Callable[[Connection], Answer]) -> Answer:
    """Do `work` in one transaction and keep its answer; a call that was answered before gets that answer again.

    :raises Problem: idempotency_mismatch, and those of `work`, which then leaves nothing.
    """
    return once_at(office, call, route, status, lambda connection, _: work(connection))


def once_at(
    office: Office, call: Call, route: str, status: int, work: Callable[[Connection, str | None], Answer]
) -> Answer:
    """`once`, for work that is told the number of the site where the terminal stands."""

    def begun(connection: Connection) -> Answer:
        site_no = lock_device(connection, call.device).site_no
        known = answered(office, connection, call, route)
        if known is not None:
            return known
        answer = work(connection, site_no)
        remember(office, connection, call, route, status, answer)
        return answer

    return office.database.transact(begun)


def answered(office: Office, connection: Connection, call: Call, route: str) -> Answer | None:
    """What was answered to this key before. :raises Problem: idempotency_mismatch."""
    row = _KNOWN.first(connection, {"of_device": call.device, "of_key": call.key})
    return _answered(office, row, call, route)


def _answered(office: Office, row: tuple[Any, ...] | None, call: Call, route: str) -> Answer | None:
    if row is None:
        return None
    known_route, known_hash, sealed = row
    if (known_route, known_hash) != (route, call.body_hash):
        raise Problem("idempotency_mismatch")
    answer: Answer = office.vault.open_json(_place(call.device, call.key), sealed)
    return answer


def remember(office: Office, connection: Connection, call: Call, route: str, status: int, answer: Answer) -> None:
    keep(connection, kept_answer(office, call, route, status, answer))


def kept_answer(office: Office, call: Call, route: str, status: int, answer: Answer) -> Mapping[str, object]:
    """The row of an answer that will be asked for again."""
    return {
        "device": call.device,
        "key": call.key,
        "route": route,
        "body_hash": call.body_hash,
        "status": status,
        "response_sealed": office.vault.seal_json(_place(call.device, call.key), answer),
        "created_at": iso(office.clock.now()),
    }


def keep(connection: Connection, row: Mapping[str, object]) -> None:
    """In the transaction that did what is answered."""
    _ADD_KEY.run(connection, row)


def renew(office: Office, connection: Connection, device: str, key: str, answer: Answer) -> None:
    """The answer to a key is complete now: what a repeated request gets from here on."""
    table = tables.idempotency
    connection.execute(
        update(table)
        .where((table.c.device == device) & (table.c.key == key))
        .values(response_sealed=office.vault.seal_json(_place(device, key), answer))
    )


def _place(device: str, key: str) -> str:
    return f"idempotency.response:{device}/{key}"
