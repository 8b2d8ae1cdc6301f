"""Coming in and going out: password and one-time code against a session. Guessing is slowed by account and address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from backoffice.clock import iso
from backoffice.identity import credentials, journal
from backoffice.identity.accounts import ACTIVE, NEW, account_row, first_values, open_totp
from backoffice.identity.backoff import LONGEST_WAIT, Backoff, Budget, WrongTries, locked, wait_after
from backoffice.identity.sessions import end_sessions, open_session
from backoffice.identity.staff import Staff
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import identity as tables

OF_AN_ADDRESS = Budget(30, 900.0)
"""Over all names. Behind a proxy that nobody named all staff have one address, so a few mistakes must not close it."""


@dataclass(frozen=True, slots=True, repr=False)
class Session:
    session_id: str
    token: str


class Door:
    """One for a server: it remembers from which addresses, and for which unknown names, somebody guessed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._addresses = WrongTries(office.clock, OF_AN_ADDRESS)
        self._unknown = Backoff(office.clock)

    def log_in(self, address: str, login: str, password: str, code: str) -> Session:
        """:raises Problem: login_wrong, whatever of the three was wrong; too_many_attempts."""
        self._addresses.check(address)
        with self._office.database.read() as connection:
            row = account_row(connection, login)
        self._check_lock(login, row)
        # The slow part first and for everybody alike: neither an unknown name nor a used code is told by the time.
        fits = credentials.password_fits(row.password_hash if row else credentials.NOBODY, password)
        session = self._enter(row, fits, code) if row is not None else None
        if session is None:
            self._addresses.wrong(address)
            if row is None:
                self._unknown.wrong(login)
            raise Problem("login_wrong")
        return session

    def first_log_in(self, address: str, login: str, password: str, new: str) -> str:
        """The first password against a password and a code generator that nobody else has seen: its address.

        :raises Problem: login_wrong, also when the first password is used or too old; password_weak;
            too_many_attempts.
        """
        self._addresses.check(address)
        with self._office.database.read() as connection:
            row = account_row(connection, login)
        self._check_lock(login, row)
        hashed = credentials.hash_password(login, new)
        fits = credentials.password_fits(row.password_hash if row else credentials.NOBODY, password)
        if fits and credentials.password_fits(hashed, password):
            raise Problem("password_weak", "it is the first one")
        secret = credentials.new_totp_secret()
        if row is None or not self._settle(row, fits, hashed, secret):
            self._addresses.wrong(address)
            if row is None:
                self._unknown.wrong(login)
            raise Problem("login_wrong")
        return credentials.otpauth(login, secret)

    def _settle(self, seen: Row[Any], fits: bool, hashed: str, secret: str) -> bool:
        office = self._office

        def work(connection: Connection) -> bool:
            row = account_row(connection, seen.login, lock=True)
            assert row is not None  # accounts are never deleted
            now = office.clock.now()
            _check_open(row, now)
            waiting = row.state == NEW and row.first_until is not None and datetime.fromisoformat(row.first_until) > now
            if not fits or row.password_hash != seen.password_hash or not waiting:
                _count_wrong(office, connection, row)
                return False
            values = first_values(office, row.login, hashed, secret)
            _set(connection, row.login, **values, row_version=row.row_version + 1)
            journal.note(office, connection, row.town, "first_login", row.login)
            return True

        return office.database.transact(work)

    def _check_lock(self, login: str, row: Row[Any] | None) -> None:
        if row is None:
            self._unknown.check(login)
            return
        _check_open(row, self._office.clock.now())

    def _enter(self, seen: Row[Any], fits: bool, code: str) -> Session | None:
        office = self._office

        def work(connection: Connection) -> Session | None:
            row = account_row(connection, seen.login, lock=True)
            assert row is not None  # accounts are never deleted
            # Whoever guesses many times at once passed the first look before the account was locked.
            _check_open(row, office.clock.now())
            same = row.password_hash == seen.password_hash
            step = credentials.totp_step(open_totp(office, row), code, office.clock.now(), row.totp_step)
            if not fits or not same or step is None or row.state != ACTIVE:
                _count_wrong(office, connection, row)
                return None
            _set(connection, row.login, totp_step=step, wrong=0, locked_until=None)
            session_id, token = open_session(office, connection, row.login)
            journal.note(office, connection, row.town, "logged_in", row.login, session=session_id)
            return Session(session_id, token)

        return office.database.transact(work)


def change_password(office: Office, staff: Staff, old: str, new: str, code: str) -> None:
    """All other sessions end. :raises Problem: login_wrong, password_weak, too_many_attempts."""
    with office.database.read() as connection:
        seen = account_row(connection, staff.login)
    assert seen is not None  # accounts are never deleted
    now = office.clock.now()
    _check_open(seen, now)
    hashed = credentials.hash_password(staff.login, new)
    fits = credentials.password_fits(seen.password_hash, old)
    if credentials.password_fits(seen.password_hash, new):
        raise Problem("password_weak", "it is the old one")

    def work(connection: Connection) -> bool:
        row = account_row(connection, staff.login, lock=True)
        assert row is not None
        _check_open(row, now)
        step = credentials.totp_step(open_totp(office, row), code, now, row.totp_step)
        if not fits or row.password_hash != seen.password_hash or step is None:
            _count_wrong(office, connection, row)
            return False
        _set(connection, row.login, password_hash=hashed, totp_step=step, wrong=0, locked_until=None)
        end_sessions(office, connection, row.login, by=row.login, but=staff.session_id)
        journal.note(office, connection, row.town, "password_changed", row.login)
        return True

    if not office.database.transact(work):
        raise Problem("login_wrong")


def log_out(office: Office, staff: Staff, session_id: str) -> None:
    """End one of one's own sessions. :raises Problem: not_found."""

    def work(connection: Connection) -> None:
        if not end_sessions(office, connection, staff.login, by=staff.login, only=session_id):
            raise Problem("not_found")
        journal.note(office, connection, staff.town, "logged_out", staff.login, session=session_id)

    office.database.transact(work)


def _check_open(row: Row[Any], now: datetime) -> None:
    """:raises Problem: too_many_attempts."""
    if row.locked_until is not None and datetime.fromisoformat(row.locked_until) > now:
        raise locked(datetime.fromisoformat(row.locked_until), now)


def _count_wrong(office: Office, connection: Connection, row: Row[Any]) -> None:
    now = office.clock.now()
    # After an hour without a wrong try they begin anew, as an unknown name's do.
    forgotten = row.locked_until is not None and now - datetime.fromisoformat(row.locked_until) > LONGEST_WAIT
    wrong = 1 if forgotten else row.wrong + 1
    wait = wait_after(wrong)
    _set(connection, row.login, wrong=wrong, locked_until=iso(now + wait))
    if wait:
        journal.note(office, connection, row.town, "login_locked", row.login, wrong=str(wrong))


def _set(connection: Connection, login: str, **values: object) -> None:
    connection.execute(update(tables.staff).where(tables.staff.c.login == login).values(**values))
