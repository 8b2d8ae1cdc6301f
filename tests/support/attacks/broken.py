"""A back office with every mistake that the attacks look for. It lives here only, and serves nobody."""

from __future__ import annotations

import json
import posixpath
import sqlite3
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

Answer = tuple[int, str]
SLOW_STEPS = 4_000


class Broken:
    """`send` is its whole interface; `case`, `person` and so on are what an attacker knows or is after."""

    def __init__(self, case: Mapping[str, str], person: Mapping[str, str], enrolment_code: str) -> None:
        self.case, self.person, self.enrolment_code = dict(case), dict(person), enrolment_code
        self.suspended: set[str] = set()
        self.sessions: dict[str, dict[str, Any]] = {}
        self.roles: dict[str, list[str]] = {}
        self.kept: dict[str, str] = {}
        self.uploads: dict[str, bytes] = {}
        self.served = 0
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.execute("CREATE TABLE cases (case_no, device, code, secret)")
        row = (case["case_no"], "K1", case["query_code"], json.dumps(self.case))
        self._db.execute("INSERT INTO cases VALUES (?, ?, ?, ?)", row)

    def close(self) -> None:
        self._db.close()

    def open_session(self, role: str, town: str) -> str:
        # The next one is easily guessed, and it never ends.
        token = f"token-{len(self.sessions) + 1:037d}"
        self.sessions[token] = {"role": role, "town": town}
        return token

    def send(self, method: str, target: str, body: bytes, headers: list[tuple[str, str]]) -> Answer:
        try:
            return self._send(method, target, body, headers)
        except Exception as failure:  # as a framework would: everything is told to everybody
            return 500, f"{type(failure).__name__}: {failure} {self.case}"

    def _send(self, method: str, target: str, body: bytes, headers: list[tuple[str, str]]) -> Answer:
        raw, _, query = target.partition("?")
        told = {name.lower(): value for name, value in headers}
        method = told.get("x-http-method-override", method)
        # Who may come in is decided by the path as it was sent; who answers, by what is left of it.
        closed = raw.startswith("/staff/")
        path = posixpath.normpath(unquote(raw)).lower().replace("//", "/").split(";")[0].rstrip("/")
        values = {name: given[-1] for name, given in parse_qs(query, keep_blank_values=True).items()}
        token = told.get("authorization", "").removeprefix("Bearer ") or values.get("access_token", "")
        if closed and token not in self.sessions:
            return 401, "no session"
        self.served += 1
        data = (
            json.loads(body.decode("utf-8", "surrogateescape") or "null") if not path.startswith("/v1/uploads") else {}
        )
        return self._route(method, path, values, data, body, told)

    def _route(
        self, method: str, path: str, values: dict[str, str], data: Any, body: bytes, told: dict[str, str]
    ) -> Answer:
        parts = path.strip("/").split("/")
        if path.startswith("/v1/uploads"):
            return self._upload(method, parts, body, told)
        if path.startswith("/public/v1/enrolments"):
            return (201, "a key") if data["code"] == self.enrolment_code else self._search("code", data["code"])
        if path.startswith("/public/v1/staff-sessions"):
            return self._log_in(data)
        if path.startswith("/staff/v1"):
            return self._staff(method, parts, values, data, told)
        return self._terminal(method, parts, values, data, told)

    def _terminal(
        self, method: str, parts: list[str], values: dict[str, str], data: Any, told: dict[str, str]
    ) -> Answer:
        key = told.get("idempotency-key", "")
        if key in self.kept:
            return 201, self.kept[key]
        if parts[1:] == ["health"]:
            return self._search("device", told.get("device", "")) if "'" in told.get("device", "") else (200, "ok")
        if parts[1] == "progress":
            found = self._search("case_no", values.get("q", ""))
            return found if found[1] != "[]" else self._search("code", values.get("code", ""))
        if parts[1:2] == ["cases"] and method == "GET":
            return self._search("case_no", unquote(parts[2]))
        if isinstance(data, dict):
            self.kept[key] = json.dumps({**self.case, **data})
        return 201, self._dig(data) + self._search("case_no", self._longest(data))[1]

    def _search(self, column: str, value: str) -> Answer:
        rows = self._db.execute(f"SELECT secret FROM cases WHERE {column} = '{value}'").fetchall()
        return 200, json.dumps(rows) if rows else "[]"

    def _dig(self, data: Any) -> str:
        """Copies what it got by hand, however deep it is."""
        if isinstance(data, dict):
            return "".join(self._dig(value) for value in data.values())
        return "".join(self._dig(value) for value in data) if isinstance(data, list) else str(data)

    def _longest(self, data: Any) -> str:
        texts = [value for value in data.values() if isinstance(value, str)] if isinstance(data, dict) else []
        return next((text for text in texts if "'" in text), "")

    def _upload(self, method: str, parts: list[str], body: bytes, told: dict[str, str]) -> Answer:
        name = unquote("/".join(parts[2:]))
        if method == "POST":
            self.uploads["1"] = b""
            return 201, "1"
        if method == "HEAD":
            return 200, f"{name}: {self.case['case_no']}"
        self.uploads["1"] = self.uploads.get("1", b"") + body
        return 204, ""

    def _log_in(self, data: dict[str, str]) -> Answer:
        if "'" in data["login"]:
            return self._search("device", data["login"])
        if data["login"] != self.person["login"]:
            return 401, "no such login"
        if data["password"] != self.person["password"]:
            return 401, "wrong password"
        return 201, self.open_session("admin", "")

    def _staff(self, method: str, parts: list[str], values: dict[str, str], data: Any, told: dict[str, str]) -> Answer:
        if "'" in (text := "".join(values.values()) + unquote(parts[-1])):
            return self._search("case_no", text)
        if method == "GET":
            return 200, json.dumps([self.case, self.person])
        self.roles.update({"changed": data})
        return 200, json.dumps({**self.person, **(data or {})})

    def code_fits(self, guess: str) -> bool:
        """Stops at the first wrong character, and takes its time for each right one."""
        for one, other in zip(guess, self.enrolment_code, strict=False):
            if one != other:
                return False
            sum(range(SLOW_STEPS))
        return True
