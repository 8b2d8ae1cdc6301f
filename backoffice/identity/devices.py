"""Terminals: their keys, and the proof that a request is theirs, fresh and seen for the first time."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from backoffice.clock import iso, unix_ms
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import identity, tables

KEY_BYTES = 32
MAX_SKEW_MS = 300_000
SEQ_WINDOW = 1024
"""Requests of one terminal may overtake each other by this much; nothing older is accepted."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_SIGNATURE = re.compile(r"(hmac-[a-z0-9]+)=([0-9a-f]{64})", re.ASCII)


ACTIVE, SUSPENDED = "active", "suspended"

_STANDING = identity.device_standing
_KEY = (
    select(tables.device.c.key_sealed, _STANDING.c.state)
    .outerjoin(_STANDING, _STANDING.c.device == tables.device.c.device)
    .where(tables.device.c.device == bindparam("of_device"))
)


class TerminalEntryError(ValueError):
    """The terminal cannot be registered as asked."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The five headers of a request, already of the right form."""

    device: str
    seq: int
    nonce: str
    time_ms: int
    profile: str
    signature: str


def add_device(office: Office, device: str, key: bytes, site_no: str | None) -> None:
    """Register a terminal, or give a known one a new key: its sequence then starts again.

    :raises TerminalEntryError: name, key or site number has the wrong form.
    """
    check_device(device, key, site_no)
    with office.database.write() as connection:
        put_device(office, connection, device, key, site_no)


def check_device(device: str, key: bytes | None, site_no: str | None) -> None:
    """:raises TerminalEntryError: name, key or site number has the wrong form."""
    if not _NAME.fullmatch(device):
        raise TerminalEntryError("a device name has letters, digits, dot, dash and underscore, at most 64")
    if key is not None and len(key) != KEY_BYTES:
        raise TerminalEntryError(f"a device key has {KEY_BYTES} bytes, not {len(key)}")
    if site_no is not None and not re.fullmatch(r"[0-9]{3}", site_no, re.ASCII):
        raise TerminalEntryError("a site number has three digits")


def put_device(office: Office, connection: Connection, device: str, key: bytes, site_no: str | None) -> None:
    """A terminal's only key from now on: the one before is gone, and its sequence starts again."""
    values = {
        "key_sealed": office.vault.seal(f"device.key:{device}", key),
        "site_no": site_no,
        "last_seq": 0,
        "added_at": iso(office.clock.now()),
    }
    where = tables.device.c.device == device
    known = connection.execute(select(tables.device.c.device).where(where).with_for_update()).one_or_none()
    if known is None:
        connection.execute(insert(tables.device).values(device=device, **values))
        return
    connection.execute(update(tables.device).where(where).values(**values))
    connection.execute(delete(tables.nonce).where(tables.nonce.c.device == device))


def signed_of(headers: Mapping[str, str]) -> Signed:
    """From lower-case header names. :raises Problem: `unsigned` when one is missing or malformed."""
    found = _SIGNATURE.fullmatch(headers.get("signature", ""))
    values = (headers.get("device", ""), headers.get("seq", ""), headers.get("nonce", ""), headers.get("time", ""))
    device, seq, nonce, time_ms = values
    well_formed = _NAME.fullmatch(device) and _NUMBER.fullmatch(seq) and _NONCE.fullmatch(nonce)
    if not (found and well_formed and _NUMBER.fullmatch(time_ms)):
        raise Problem("unsigned", "Device, Seq, Nonce, Time and Signature are needed on every request")
    return Signed(device, int(seq), nonce, int(time_ms), found.group(1), found.group(2))


class Authenticator:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._nobody = secrets.token_bytes(KEY_BYTES)

    def body_hash(self, body: bytes) -> str:
        return self._office.digest.hex(body)

    def check(
        self, method: str, target: str, body_hash: str, headers: Mapping[str, str], covered: Sequence[str] = ()
    ) -> str:
        """The device whose request this is; afterwards the request is used up.

        :param target: path and query exactly as sent. :param body_hash: the body's digest, or what it is told to be.
        :param covered: further lines that are signed.
        :raises Problem: unsigned, unknown_signer, suspended, clock_skew, replayed.
        """
        signed = signed_of(headers)
        key, suspended = self._key(signed.device)
        digest = self._office.digest
        told = (signed.device, str(signed.seq), signed.nonce, str(signed.time_ms))
        text = "\n".join((method, target, body_hash, *told, *covered))
        # An unknown device costs the same work as a known one, so that names cannot be told by the clock.
        right = hmac.compare_digest(digest.mac(key or self._nobody, text.encode()), signed.signature)
        if key is None or not right or signed.profile != digest.profile.value:
            raise Problem("unknown_signer")
        if suspended:
            raise Problem("suspended")
        self._check_time(key, signed)
        self._use_up(signed)
        return signed.device

    def _key(self, device: str) -> tuple[bytes | None, bool]:
        """The terminal's key, and whether it is suspended."""
        with self._office.database.read() as connection:
            row = connection.execute(_KEY, {"of_device": device}).one_or_none()
        if row is None:
            return None, False
        return self._office.vault.open(f"device.key:{device}", row.key_sealed), row.state == SUSPENDED

    def _check_time(self, key: bytes, signed: Signed) -> None:
        server_ms = unix_ms(self._office.clock.now())
        if abs(server_ms - signed.time_ms) <= MAX_SKEW_MS:
            return
        # A village terminal's battery dies: it learns the time from us, and from nobody else.
        proof = self._office.digest.mac(key, f"server-time\n{server_ms}\n{signed.nonce}".encode())
        raise Problem("clock_skew", server_time=server_ms, server_signature=proof)

    def _use_up(self, signed: Signed) -> None:
        where = tables.device.c.device == signed.device

        def work(connection: Connection) -> None:
            last = connection.execute(select(tables.device.c.last_seq).where(where).with_for_update()).scalar_one()
            oldest = max(last, signed.seq) - SEQ_WINDOW
            if signed.seq <= oldest or signed.seq == 0:
                raise Problem("replayed", "Seq is far behind")
            connection.execute(insert(tables.nonce).values(device=signed.device, seq=signed.seq, nonce=signed.nonce))
            if signed.seq > last:
                connection.execute(update(tables.device).where(where).values(last_seq=signed.seq))
                used = (tables.nonce.c.device == signed.device) & (tables.nonce.c.seq <= oldest)
                connection.execute(delete(tables.nonce).where(used))

        try:
            self._office.database.transact(work)
        except IntegrityError as cause:
            raise Problem("replayed", "Seq or Nonce was used before") from cause
