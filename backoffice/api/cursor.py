"""Opaque cursors: where a list goes on, sealed with a MAC so that nobody writes one of her own.

A cursor names a place (a time, an id) and never a row number: what is added meanwhile shifts nothing.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json

from backoffice.office import Office
from backoffice.problems.problem import Problem

MAX_CURSOR = 400
_MAC = 32


class Cursors:
    """The cursors of one list; one of another list is refused."""

    def __init__(self, office: Office, name: str) -> None:
        self._vault = office.vault
        self._name = name

    def seal(self, *parts: str) -> str:
        """URL-safe text, at most `MAX_CURSOR` long for parts as short as times and numbers are."""
        text = json.dumps(parts, separators=(",", ":"))
        return base64.urlsafe_b64encode((self._mac(text) + text).encode()).decode().rstrip("=")

    def open(self, cursor: str, count: int) -> tuple[str, ...]:
        """The parts of a cursor that this list gave. :raises Problem: cursor_invalid."""
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            whole = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        except (binascii.Error, ValueError) as cause:
            raise Problem("cursor_invalid") from cause
        mac, text = whole[:_MAC], whole[_MAC:]
        if len(cursor) > MAX_CURSOR or not hmac.compare_digest(self._mac(text).encode(), mac.encode()):
            raise Problem("cursor_invalid")
        parts = json.loads(text)
        if len(parts) != count:
            raise Problem("cursor_invalid")
        return tuple(parts)

    def _mac(self, text: str) -> str:
        return self._vault.index(f"cursor:{self._name}:{text}")[:_MAC]
