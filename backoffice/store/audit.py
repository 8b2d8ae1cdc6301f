"""The audit chain: one a town, each link carries the hash of the one before. No personal data in it.

A link's hash is made with a key that lies apart from the database: who can write rows cannot make one that fits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import NoResultFound

from backoffice.store.chain_key import KEYED, ChainKey
from backoffice.store.digest import Digest, Profile
from backoffice.store.prepared import Prepared, Sent, adding, among, moving
from backoffice.store.tables import tables

Head = tuple[int, str]
"""Number and hash of the last link."""
Heads = dict[str, Head]
"""By town: those that a transaction holds."""
GENESIS = "0" * 64
DISTRICT = "350213000"
"""The chain of what concerns no single town."""

# Made once: each accepted case uses them, and making a statement costs more than running it.
_HEAD = tables.audit_head.c
_HOLD = Prepared(select(_HEAD.n, _HEAD.hash).where(_HEAD.town == bindparam("of_town")).with_for_update())
_HOLD_ALL = Prepared(
    select(_HEAD.town, _HEAD.n, _HEAD.hash).where(among(_HEAD.town, "towns")).order_by(_HEAD.town).with_for_update()
)
_MOVE = moving(tables.audit_head, "town", "n", "hash")
_ADD = adding(tables.audit, "town", "n", "entry", "algorithm", "previous", "hash")


@dataclass(frozen=True, slots=True)
class BrokenLink:
    town: str
    n: int
    what: str


def prepare(connection: Connection, towns: Iterable[str]) -> None:
    """Give each town and the district a head: appending only ever locks a row, and no two first links collide."""
    known = set(connection.execute(select(tables.audit_head.c.town)).scalars())
    for town in sorted({*towns, DISTRICT} - known):
        connection.execute(insert(tables.audit_head).values(town=town, n=0, hash=GENESIS))


def hold(connection: Connection, town: str) -> Head:
    """Number and hash of the town's head, held to the end: what counts by town comes one after the other.

    :raises NoResultFound: the town was never prepared.
    """
    return held(hold_sent(connection, town), town)


def hold_sent(connection: Connection, town: str) -> Sent:
    """`hold`, for whoever has more to ask at the same time; `held` reads the answer."""
    return _HOLD.send(connection, {"of_town": town})


def hold_all_sent(connection: Connection, towns: Iterable[str]) -> Sent:
    """The heads of several towns, in the order in which everybody takes them."""
    return _HOLD_ALL.send(connection, {"towns": list(towns)})


def held(sent: Sent, town: str) -> Head:
    """:raises NoResultFound: the town was never prepared."""
    head = sent.first()
    if head is None:
        raise NoResultFound(f"town {town} has no chain")
    return head[0], head[1]


def append(
    connection: Connection, digest: Digest, town: str, entry: Mapping[str, str], heads: Heads | None = None
) -> None:
    """Add one link inside the caller's transaction.

    :param heads: what this transaction holds already; the town's moves on with the link.
    :raises NoResultFound: the town was never prepared.
    """
    last, previous = (heads or {}).get(town) or hold(connection, town)
    n = last + 1
    text = json.dumps(dict(entry), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    link = _link(digest, town, n, previous, text)
    _ADD.run(
        connection,
        {
            "town": town,
            "n": n,
            "entry": text,
            "algorithm": _algorithm(digest),
            "previous": previous,
            "hash": link,
        },
    )
    _MOVE.run(connection, {"of_town": town, "new_n": n, "new_hash": link})
    if heads is not None:
        heads[town] = (n, link)


def extend(connection: Connection, digest: Digest, town: str, entries: Iterable[Mapping[str, str]]) -> None:
    """Add many links to one chain in the caller's transaction. :raises NoResultFound: the town was never prepared."""
    n, previous = hold(connection, town)
    rows = []
    for entry in entries:
        n += 1
        text = json.dumps(dict(entry), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        link = _link(digest, town, n, previous, text)
        row = {"town": town, "n": n, "entry": text, "algorithm": _algorithm(digest)}
        rows.append({**row, "previous": previous, "hash": link})
        previous = link
    if rows:
        connection.execute(insert(tables.audit), rows)
        _MOVE.run(connection, {"of_town": town, "new_n": n, "new_hash": previous})


def heads(connection: Connection) -> Heads:
    """Of every chain that has a link."""
    rows = connection.execute(select(tables.audit_head).where(_HEAD.n > 0))
    return {row.town: (row.n, row.hash) for row in rows}


def verify(
    connection: Connection, key: ChainKey, anchored: Mapping[str, Head] | None = None
) -> tuple[int, list[BrokenLink]]:
    """Recompute every chain: how many links were read, and each that does not fit.

    :param anchored: heads that another holder kept: each must still be there, as it was.
    """
    broken: list[BrokenLink] = []
    seen: Heads = {}
    waiting = dict(anchored or {})
    count = 0
    for row in connection.execute(select(tables.audit).order_by(tables.audit.c.town, tables.audit.c.n)):
        count += 1
        n, previous = seen.get(row.town, (0, GENESIS))
        if row.n != n + 1:
            broken.append(BrokenLink(row.town, row.n, "missing link before it"))
        elif row.previous != previous:
            broken.append(BrokenLink(row.town, row.n, "does not follow the link before it"))
        digest = _digest_of_link(row.algorithm, key, row.n <= key.unkeyed.get(row.town, 0))
        if digest is None:
            broken.append(BrokenLink(row.town, row.n, "it was not made with the key"))
        elif _link(digest, row.town, row.n, row.previous, row.entry) != row.hash:
            broken.append(BrokenLink(row.town, row.n, "its content was changed"))
        if row.town in waiting and waiting[row.town][0] == row.n and waiting.pop(row.town)[1] != row.hash:
            broken.append(BrokenLink(row.town, row.n, "it is not the link of the anchor"))
        seen[row.town] = (row.n, row.hash)
    for row in connection.execute(select(tables.audit_head)):
        if seen.get(row.town, (0, GENESIS)) != (row.n, row.hash):
            broken.append(BrokenLink(row.town, row.n, "the head is not the last link"))
    broken.extend(BrokenLink(town, n, "the link of the anchor is missing") for town, (n, _) in waiting.items())
    return count, broken


def _digest_of_link(algorithm: str, key: ChainKey, unkeyed: bool) -> Digest | None:
    """What made this link; None: something that did not hold the key, or an algorithm that is none of ours."""
    for profile in Profile:
        keyed = Digest(profile, key.mac_key)
        if algorithm == _algorithm(keyed):
            return keyed
        if unkeyed and algorithm == profile.value:
            return Digest(profile)
    return None


def _algorithm(digest: Digest) -> str:
    return f"{KEYED}{digest.algorithm}" if digest.chain_key else digest.profile.value


def _link(digest: Digest, town: str, n: int, previous: str, text: str) -> str:
    return digest.link(f"{town}\n{n}\n{previous}\n{text}".encode())
