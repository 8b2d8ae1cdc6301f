"""A terminal gets its key: a code that is good once, and a key that both sides derive and nobody sends.

Key agreement X25519 (RFC 7748), key derivation HKDF with SHA-256 (RFC 5869): salt is the code, the context names both
public keys, the terminal and its site. The code proves to us who asks; that we are the server is TLS's matter.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, insert, select, update

from backoffice.clock import iso, unix_ms
from backoffice.identity import journal
from backoffice.identity.backoff import Backoff
from backoffice.identity.devices import ACTIVE, KEY_BYTES, put_device
from backoffice.identity.standing_place import put_site
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import identity, tables

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0 and O, no 1, I and L: read from a telephone or a note."""
LENGTH = 10
LIFE = timedelta(hours=24)
CONTEXT = b"tshu-pinn enrolment 1"
_CODE = identity.enrolment_code.c


@dataclass(frozen=True, slots=True)
class Post:
    """Where a terminal will stand."""

    device: str
    site: str
    site_no: str


def normal(code: str) -> str:
    """As it was made, however somebody typed it."""
    return "".join(code.split()).replace("-", "").upper()


def make_code(office: Office, post: Post, by: str, town: str | None = None) -> tuple[str, str]:
    """The code, nowhere kept in the clear, and until when it is good.

    :param town: the operator's, who takes no terminal away from another town.
    :raises Problem: site_unknown; site_no_taken: another terminal mints the numbers of this one already; not_found.
    """
    if post.site[:9] not in office.tables.towns:
        raise Problem("site_unknown")
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    now = office.clock.now()
    expires_at = iso(now + LIFE)
    row = {"code_index": _index(office, code), "made_by": by, "made_at": iso(now), "expires_at": expires_at}
    row |= {"device": post.device, "site": post.site, "site_no": post.site_no}

    def work(connection: Connection) -> None:
        _check_number(connection, post)
        _check_town(connection, post, town)
        connection.execute(insert(identity.enrolment_code).values(**row))
        journal.note(office, connection, post.site[:9], "enrolment_code_made", by, device=post.device, site=post.site)

    office.database.transact(work)
    return code, expires_at


class Enrolment:
    """One for a server: it remembers from which addresses somebody tried codes out."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._addresses = Backoff(office.clock)

    def enrol(self, address: str, code: str, public_key: str) -> dict[str, Any]:
        """What a terminal needs to know about itself. The code is used up and an older key has ended.

        :raises Problem: code_wrong, whether unknown, used or too old; key_unusable; too_many_attempts.
        """
        self._addresses.check(address)
        office, typed = self._office, normal(code)
        own = X25519PrivateKey.generate()
        theirs = _decoded(public_key)
        shared = _shared(own, theirs)
        ours = own.public_key().public_bytes_raw()

        def work(connection: Connection) -> tuple[Post, bytes] | None:
            post = _use_up(office, connection, typed)
            if post is None:
                return None
            _check_number(connection, post)
            key = derive(shared, typed, theirs, ours, post)
            put_device(office, connection, post.device, key, post.site_no)
            _place(office, connection, post)
            journal.note(office, connection, post.site[:9], "enrolled", post.device, site=post.site)
            return post, key

        enrolled = office.database.transact(work)
        if enrolled is None:
            self._addresses.wrong(address)
            raise Problem("code_wrong")
        self._addresses.right(address)
        return _answer(office, *enrolled, _encoded(ours))


def derive(shared: bytes, code: str, kiosk_key: bytes, server_key: bytes, post: Post) -> bytes:
    """The HMAC key of a terminal."""
    context = b"\0".join((CONTEXT, kiosk_key + server_key, post.device.encode(), post.site.encode()))
    return HKDF(SHA256(), KEY_BYTES, salt=code.encode(), info=context).derive(shared)


def proof_text(post: Post, server_time: int) -> bytes:
    """What both sides put a MAC on: the same key, and the same idea of who and where."""
    return "\n".join(("enrolled", post.device, post.site, post.site_no, str(server_time))).encode()


def _answer(office: Office, post: Post, key: bytes, public_key: str) -> dict[str, Any]:
    server_time = unix_ms(office.clock.now())
    return {
        "device": post.device,
        "site": post.site,
        "site_no": post.site_no,
        "server_time": server_time,
        "profile": office.digest.profile.value,
        "public_key": public_key,
        "proof": office.digest.mac(key, proof_text(post, server_time)),
    }


def _use_up(office: Office, connection: Connection, code: str) -> Post | None:
    # Found by a keyed digest: neither the time nor the database tells how much of a guess was right.
    where = _CODE.code_index == _index(office, code)
    row = connection.execute(select(identity.enrolment_code).where(where).with_for_update()).one_or_none()
    now = office.clock.now()
    if row is None or row.used_at is not None or datetime.fromisoformat(row.expires_at) <= now:
        return None
    connection.execute(update(identity.enrolment_code).where(where).values(used_at=iso(now)))
    return Post(row.device, row.site, row.site_no)


def _check_number(connection: Connection, post: Post) -> None:
    """Two terminals with one site number would mint the same case numbers. :raises Problem: site_no_taken."""
    taken = (tables.device.c.site_no == post.site_no) & (tables.device.c.device != post.device)
    if connection.execute(select(tables.device.c.device).where(taken)).first() is not None:
        raise Problem("site_no_taken")


def _check_town(connection: Connection, post: Post, town: str | None) -> None:
    """:raises Problem: not_found, when a known terminal stands outside `town`."""
    known = connection.execute(select(tables.device.c.device).where(tables.device.c.device == post.device)).first()
    standing = identity.device_standing
    site = connection.execute(select(standing.c.site).where(standing.c.device == post.device)).scalar_one_or_none()
    if town is not None and known is not None and (site or "")[:9] != town:
        raise Problem("not_found")


def _place(office: Office, connection: Connection, post: Post) -> None:
    """A suspended terminal stays suspended: only an operator starts it again."""
    put_site(office, connection, post.device, post.site)
    standing = identity.device_standing
    where = standing.c.device == post.device
    values = {"site": post.site, "changed_at": iso(office.clock.now()), "changed_by": post.device}
    row = connection.execute(select(standing).where(where).with_for_update()).one_or_none()
    if row is None:
        connection.execute(insert(standing).values(device=post.device, state=ACTIVE, row_version=1, **values))
        return
    connection.execute(update(standing).where(where).values(**values, row_version=row.row_version + 1))


def _index(office: Office, code: str) -> str:
    return office.vault.index(f"enrolment:{code}")


def _shared(own: X25519PrivateKey, theirs: bytes) -> bytes:
    try:
        return own.exchange(X25519PublicKey.from_public_bytes(theirs))
    except ValueError as cause:
        # A point of low order: the "shared" secret would be known to everybody.
        raise Problem("key_unusable") from cause


def _decoded(public_key: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(public_key + "=")
    except (binascii.Error, ValueError) as cause:
        raise Problem("key_unusable") from cause
    if len(key) != KEY_BYTES:
        raise Problem("key_unusable")
    return key


def _encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")
