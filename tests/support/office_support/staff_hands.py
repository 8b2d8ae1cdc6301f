"""A member of staff as a client of the API: makes an account, logs in with codes of the right moment, calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
import pyotp
from sqlalchemy import update

from backoffice.identity import credentials
from backoffice.identity.accounts import account_row, add_account, first_values
from backoffice.identity.sessions import open_session
from backoffice.office import Office
from backoffice.store.tables.identity import staff

PASSWORD = "a-quite-long-pass-phrase"


@dataclass(slots=True)
class StaffHands:
    """`http`: any client of the application; `clock`: the server's, moved on by one code step a login."""

    http: Any
    clock: Any
    login: str
    password: str
    secret: str
    token: str = ""

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(int(self.clock.now().timestamp()))

    def log_in(self, **changes: str) -> httpx.Response:
        body = {"login": self.login, "password": self.password, "code": self.code(), **changes}
        answer: httpx.Response = self.http.request("POST", "/public/v1/staff-sessions", json=body)
        if answer.status_code == 201:
            self.token = answer.json()["token"]
        return answer

    def call(self, method: str, target: str, body: Any = None, **headers: str) -> httpx.Response:
        told = {"Authorization": f"Bearer {self.token}", **{name.replace("_", "-"): v for name, v in headers.items()}}
        options = {} if body is None else {"json": body}
        answer: httpx.Response = self.http.request(method, target, headers=told, **options)
        return answer

    def first_log_in(self, password: str = PASSWORD) -> httpx.Response:
        """The first password against one of one's own and a code generator."""
        body = {"login": self.login, "password": self.password, "new": password}
        answer: httpx.Response = self.http.request("POST", "/public/v1/staff-first-logins", json=body)
        if answer.status_code == 201:
            self.password, self.secret = password, secret_of(answer.json()["otpauth"])
        return answer

    def settle(self, password: str = PASSWORD) -> httpx.Response:
        """Change the password; each code is good once, so time goes on."""
        self.clock.advance(seconds=30)
        body = {"old": self.password, "new": password, "code": self.code()}
        answer = self.call("PUT", "/staff/v1/password", body)
        if answer.status_code == 204:
            self.password = password
        return answer


def new_hands(
    office: Office, http: Any, clock: Any, login: str, *roles: str, town: str | None = None, ready: bool = True
) -> StaffHands:
    """Somebody with an account; `ready`: past the first login, with an open session (passwords are slow on purpose)."""
    first = add_account(office, login, roles, town, None, "test")
    hands = StaffHands(http, clock, login, first.password, "")
    if ready:
        hands.secret = make_active(office, login)
        with office.database.write() as connection:
            hands.token = open_session(office, connection, login)[1]
    return hands


def make_active(office: Office, login: str) -> str:
    """As after a first login that kept the first password: the secret of the codes."""
    secret = credentials.new_totp_secret()
    with office.database.write() as connection:
        row = account_row(connection, login)
        assert row is not None
        values = first_values(office, login, row.password_hash, secret)
        connection.execute(update(staff).where(staff.c.login == login).values(**values))
    return secret


def secret_of(otpauth: str) -> str:
    found = re.search(r"secret=([A-Z2-7]+)", otpauth)
    assert found is not None
    return found[1]
