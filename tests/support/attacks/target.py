"""One way to attack both: the broken back office, and ours through its raw server interface."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pyotp
from sqlalchemy import update

from backoffice.clock import unix_ms
from backoffice.identity import credentials
from backoffice.identity.accounts import add_account, first_values
from backoffice.identity.devices import add_device
from backoffice.identity.enrolment import Post, make_code
from backoffice.identity.sessions import open_session
from backoffice.identity.staff import Staff
from backoffice.identity.terminals import LastSeen, list_terminals, suspend
from backoffice.office import Office
from backoffice.store.tables.identity import staff, staff_role

COVERED = ("idempotency-key", "if-match", "upload-length", "upload-metadata", "upload-offset")
Headers = list[tuple[str, str]]
KEYS = {f"K{n}": bytes(range(n - 1, n + 31)) for n in range(1, 7)}
OWN, OTHER = "350213007", "350213001"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str

    @property
    def fine(self) -> bool:
        return 200 <= self.status < 300

    def code(self) -> str:
        return str(json.loads(self.text)["code"]) if self.text.startswith("{") else ""


@dataclass(slots=True)
class Target:
    """The attacker's hands. K1 owns the case; K2 is another terminal whose key the attacker has."""

    victim: Any
    clock: Any
    seq: itertools.count[int] = field(default_factory=lambda: itertools.count(100))

    def send(self, method: str, target: str, body: Any = None, headers: Headers | None = None) -> Answer:
        return Answer(*self.victim.send(method, target, encoded(body), list(headers or [])))

    def signed(
        self,
        device: str,
        method: str,
        target: str,
        body: Any = None,
        covered: Mapping[str, str] | None = None,
        **changes: str,
    ) -> Headers:
        number = str(next(self.seq))
        values = {"Device": device, "Seq": number, "Nonce": f"nonce-{device}-{number}"}
        values["Time"] = str(unix_ms(self.clock.now()))
        values.update(changes)
        digest = hashlib.new("sm3", encoded(body)).hexdigest()
        beside = {name.lower(): value for name, value in (covered or {}).items()}
        parts = (method, target, digest, values["Device"], values["Seq"], values["Nonce"], values["Time"])
        parts += tuple(f"{name}:{beside[name]}" for name in COVERED if name in beside)
        mac = hmac.new(KEYS.get(device, bytes(32)), "\n".join(parts).encode(), "sm3").hexdigest()
        return [
            *values.items(),
            ("Body-Digest", digest),
            ("Signature", f"hmac-sm3={mac}"),
            ("Content-Type", "application/json"),
        ]

    def call(self, device: str, method: str, target: str, body: Any = None, **headers: str) -> Answer:
        extra = [(name.replace("_", "-"), value) for name, value in headers.items()]
        return self.send(method, target, body, [*self.signed(device, method, target, body, dict(extra)), *extra])

    def as_staff(
        self, role: str, town: str, method: str, target: str, body: Any = None, token: str = "", **headers: str
    ) -> Answer:
        token = token or self.victim.open_session(role, town)
        extra = [(name.replace("_", "-"), value) for name, value in headers.items()]
        told = [("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"), *extra]
        return self.send(method, target, body, told)

    def log_in(self, headers: Headers | None = None, **changes: str) -> Answer:
        body = {"login": self.victim.person["login"], "password": self.victim.person["password"], **changes}
        body.setdefault("code", self.code())
        told = [("Content-Type", "application/json"), *(headers or [])]
        return self.send("POST", "/public/v1/staff-sessions", body, told)

    def code(self, ago_s: int = 0) -> str:
        return pyotp.TOTP(self.victim.person["secret"]).at(int(self.clock.now().timestamp()) - ago_s)

    def told(self, answer: Answer) -> bool:
        """Whether an answer gives away what is none of the attacker's business, or falls over."""
        secrets = (self.victim.case["visit_token"], self.victim.case["case_no"], self.victim.person["secret"])
        return answer.status >= 500 or (answer.fine and any(secret in answer.text for secret in secrets))


def encoded(body: Any) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


class Ours:
    """The real application, with a case of K1 and a person of staff."""

    def __init__(self, office: Office, terminal: Any, body: dict[str, Any]) -> None:
        self._office, self._http, self._terminal = office, terminal.http, terminal
        self._numbers = itertools.count(1)
        for device in list(KEYS)[1:]:
            add_device(office, device, KEYS[device], None)
        self.case = {name: str(value) for name, value in terminal.post_case(body).json().items()}
        first = add_account(office, "victim", ("admin",), OWN, None, "test")
        secret = credentials.new_totp_secret()
        values = first_values(office, "victim", credentials.hash_password("victim", first.password), secret)
        with office.database.write() as connection:
            connection.execute(update(staff).where(staff.c.login == "victim").values(**values))
        self.person = {"login": "victim", "password": first.password, "secret": secret}
        self.enrolment_code = make_code(office, Post("K9", f"{OWN}007", "099"), "test")[0]

    def send(self, method: str, target: str, body: bytes, headers: Headers) -> tuple[int, str]:
        """Straight into the server interface: no client tidies up the path, and header lines stay as they are."""
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("latin-1", "replace"),
            "query_string": query.encode("latin-1", "replace"),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), text.encode("latin-1", "replace")) for name, text in headers],
            "client": ("192.0.2.7", 4711),
            "server": ("backoffice", 80),
        }
        return self._http._run(_ask(self._http._client._transport.app, scope, body))

    def open_session(self, role: str, town: str) -> str:
        login = f"{role.replace('_', '-')}-{next(self._numbers)}"
        with self._office.database.write() as connection:
            row = {"login": login, "password_hash": "none", "totp_sealed": b"", "totp_step": 0, "town": town or None}
            row |= {"state": "active", "wrong": 0, "created_at": "2026-11-24T10:00:00.000+08:00", "row_version": 1}
            connection.execute(staff.insert().values(**row))
            given = {"login": login, "role": role, "granted_by": "test", "granted_at": row["created_at"]}
            connection.execute(staff_role.insert().values(**given))
            return open_session(self._office, connection, login)[1]

    def suspend(self, device: str) -> None:
        operator = Staff("op", frozenset({"operator"}), None, None, "s")
        listed = list_terminals(self._office, LastSeen(self._office), operator, "", 200)
        version = next(row["row_version"] for row in listed if row["device"] == device)
        suspend(self._office, device, True, version, operator)

    def renew_key(self, device: str) -> None:
        add_device(self._office, device, bytes(32), None)

    def stop(self, login: str) -> None:
        with self._office.database.write() as connection:
            connection.execute(staff.update().where(staff.c.login == login).values(state="suspended"))

    def code_fits(self, guess: str) -> bool:
        body = {"code": guess, "public_key": "A" * 43}
        return (
            self.send("POST", "/public/v1/enrolments", encoded(body), [("Content-Type", "application/json")])[0] == 201
        )


async def _ask(app: Any, scope: dict[str, Any], body: bytes) -> tuple[int, str]:
    sent: list[dict[str, Any]] = []
    parts = [{"type": "http.request", "body": body, "more_body": False}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        return parts.pop(0) if len(parts) > 1 else parts[0]

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent[1:]).decode("utf-8", "replace")
    return int(sent[0]["status"]), text
