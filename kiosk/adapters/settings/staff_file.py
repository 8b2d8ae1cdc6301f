"""Who may enter technician mode: `staff.toml` beside terminal.toml, PINs only as scrypt hashes (RFC 7914).

    [staff]
    1001 = "scrypt$16384$8$1$<salt, hex>$<hash, hex>"

    [badges]
    salt = "<hex>"
    "<scrypt of the card's number or the QR code's text, hex>" = "1001"

Made by `kiosk staff add NUMBER` and `kiosk staff badge NUMBER`; there is no PIN to begin with. A badge opens nothing:
it only spares typing the number.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters.settings.durable import write_durably
from kiosk.domain.technician.mode import NUMBER_MOST, PIN_LEAST, PIN_MOST
from kiosk.domain.technician.staff_lock import RollError

FILE = "staff.toml"
_COST, _BLOCK, _LANES = 16384, 8, 1
_MEMORY = 64 * 1024 * 1024
_HASH = re.compile(r"scrypt\$(\d{4,7})\$(\d{1,2})\$(\d{1,2})\$([0-9a-f]{32})\$([0-9a-f]{64})")


BADGE_LEAST, BADGE_MOST = 8, 200
_IS_DIGEST = re.compile("[0-9a-f]{64}").fullmatch


class StaffError(RollError):
    """The file or the PIN cannot be used; the text says what to do."""


@dataclass(frozen=True, slots=True, repr=False)
class _Hash:
    cost: int
    block: int
    lanes: int
    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, pin: str) -> _Hash:
        salt = os.urandom(16)
        return cls(_COST, _BLOCK, _LANES, salt, _scrypt(pin, salt, _COST, _BLOCK, _LANES))

    @classmethod
    def parse(cls, text: str) -> _Hash | None:
        match = _HASH.fullmatch(text)
        if match is None:
            return None
        cost, block, lanes = int(match[1]), int(match[2]), int(match[3])
        if cost & (cost - 1) or cost < 2048 or not block or not lanes or 128 * cost * block > _MEMORY:
            return None
        return cls(cost, block, lanes, bytes.fromhex(match[4]), bytes.fromhex(match[5]))

    def __str__(self) -> str:
        return f"scrypt${self.cost}${self.block}${self.lanes}${self.salt.hex()}${self.digest.hex()}"

    def fits(self, pin: str) -> bool:
        """Compared in constant time."""
        return hmac.compare_digest(self.digest, _scrypt(pin, self.salt, self.cost, self.block, self.lanes))


def _scrypt(pin: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=_MEMORY + 2**20, dklen=32)


def _badge_digest(shown: str, salt: bytes) -> str:
    return _scrypt(shown.strip().upper(), salt, _COST, _BLOCK, _LANES).hex()


class StaffFile:
    """Read anew at each login: who was added or taken out counts at once."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._nobody = _Hash(_COST, _BLOCK, _LANES, os.urandom(16), os.urandom(32))
        """Compared with where a number is unknown, so that the time tells nothing; no PIN is known to fit."""

    def has_anyone(self) -> bool:
        """:raises StaffError: a file that cannot be used."""
        return bool(self._load())

    def check(self, number: str, pin: str) -> bool:
        """Takes some 50 ms, known number or not. :raises StaffError: a file that cannot be used."""
        known = self._load().get(number)
        fits = (known or self._nobody).fits(pin)
        return fits and known is not None

    def number_of(self, shown: str) -> str:
        """Whose badge this is, empty when nobody's. Takes some 50 ms where there are badges. :raises StaffError:"""
        salt, badges = self._load_badges()
        return badges.get(_badge_digest(shown, salt), "") if badges else ""

    def add_badge(self, number: str, shown: str) -> None:
        """:param shown: the number of an ID card or the text of a QR code. :raises StaffError, OSError:"""
        staff = self._load()
        if number not in staff:
            raise StaffError(f"{self._path.name} has no number {number}: add it first")
        if not BADGE_LEAST <= len(shown) <= BADGE_MOST or not shown.isprintable():
            raise StaffError(f"a badge has {BADGE_LEAST} to {BADGE_MOST} characters")
        salt, badges = self._load_badges()
        salt = salt or os.urandom(16)
        self._write(staff, salt, {**badges, _badge_digest(shown, salt): number})

    def add(self, number: str, pin: str) -> None:
        """Put a person in, or give a new PIN. :raises StaffError, OSError:"""
        if not re.fullmatch(rf"[0-9]{{1,{NUMBER_MOST}}}", number):
            raise StaffError(f"a staff number has 1 to {NUMBER_MOST} digits")
        if reason := weakness(pin):
            raise StaffError(reason)
        self._write({**self._load(), number: _Hash.of(pin)}, *self._load_badges())

    def remove(self, number: str) -> None:
        """:raises StaffError, OSError:"""
        staff = self._load()
        if number not in staff:
            raise StaffError(f"{self._path.name} has no number {number}")
        salt, badges = self._load_badges()
        left = {digest: owner for digest, owner in badges.items() if owner != number}
        self._write({name: kept for name, kept in staff.items() if name != number}, salt, left)

    def _write(self, staff: dict[str, _Hash], salt: bytes, badges: dict[str, str]) -> None:
        lines = ["# Who may enter technician mode. Made by `kiosk staff add NUMBER`.", "", "[staff]"]
        lines += [f'{number} = "{kept}"' for number, kept in sorted(staff.items())]
        if badges:
            lines += ["", "[badges]", f'salt = "{salt.hex()}"']
            lines += [f'{digest} = "{number}"' for digest, number in sorted(badges.items())]
        write_durably(self._path, ("\n".join(lines) + "\n").encode(), 0o600)

    def _load(self) -> dict[str, _Hash]:
        return self._parse(self._document())

    def _load_badges(self) -> tuple[bytes, dict[str, str]]:
        """Salt and owners by digest; nothing where there are none."""
        table = self._document().get("badges", {})
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            raise StaffError(f"{self._path}: [badges] must be a table of texts")
        owners = {digest: number for digest, number in table.items() if digest != "salt"}
        salt = str(table.get("salt", ""))
        if not owners:
            return b"", {}
        if not re.fullmatch("[0-9a-f]{32}", salt) or not all(map(_IS_DIGEST, owners)):
            raise StaffError(f"{self._path}: [badges] holds no digest of `kiosk staff badge`")
        return bytes.fromhex(salt), owners

    def _document(self) -> dict[str, object]:
        try:
            text = self._path.read_text(encoding="utf-8")
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise StaffError(f"{self._path}: cannot be read: {error}") from error
        if mode & 0o077:
            raise StaffError(f"{self._path}: others may read it; chmod 600 {self._path.name}")
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise StaffError(f"{self._path}: not TOML: {error}") from error
        if unknown := [key for key in document if key not in ("staff", "badges")]:
            raise StaffError(f"{self._path}: unknown key {unknown[0]}; allowed: [staff], [badges]")
        return document

    def _parse(self, document: dict[str, object]) -> dict[str, _Hash]:
        table = document.get("staff", {})
        if not isinstance(table, dict):
            raise StaffError(f"{self._path}: [staff] must be a table")
        return {number: self._entry(number, value) for number, value in table.items()}

    def _entry(self, number: str, value: object) -> _Hash:
        if not re.fullmatch(rf"[0-9]{{1,{NUMBER_MOST}}}", number):
            raise StaffError(f"{self._path}: {number!r} is no staff number (1 to {NUMBER_MOST} digits)")
        kept = _Hash.parse(value) if isinstance(value, str) else None
        if kept is None:
            raise StaffError(f"{self._path}: {number} holds no hash of `kiosk staff add`")
        return kept


def weakness(pin: str) -> str:
    """Why a PIN is not taken; empty when it is."""
    if not re.fullmatch(rf"[0-9]{{{PIN_LEAST},{PIN_MOST}}}", pin):
        return f"a PIN has {PIN_LEAST} to {PIN_MOST} digits"
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(pin)}
    in_a_row = steps in ({0}, {1}, {9})
    return "a PIN of one digit repeated or of digits in a row is too easy" if in_a_row else ""
