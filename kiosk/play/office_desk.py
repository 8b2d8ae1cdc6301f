"""Who works in the back office: a reviewer with an account of her own, over the same API as every desk."""

from __future__ import annotations

import json
import re
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from kiosk.play.process import StageError
from kiosk.play.stage import Stage

LOGIN = "reviewer"
_WAIT_S = 20.0


class OfficeDesk:
    """One reviewer; her account is made when she is first needed."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._token = ""

    def issue_notice(self, case_no: str, points: Sequence[Mapping[str, Any]], until: str, helper: str) -> None:
        """A one-time notice of all that is missing. :raises StageError: the office refuses it."""
        if not self._token:
            self._begin()
        target = f"/staff/v1/cases/{case_no}"
        version = self._call("GET", target)[1]["ETag"]
        body = {"points": [dict(point) for point in points], "until": until, "helper": helper}
        self._call("POST", f"{target}/notices", body, **{"If-Match": version})

    def _begin(self) -> None:
        """As on the first morning: the first password becomes one's own, and shows the code generator once."""
        argv = ["staff", "add", LOGIN, "--role", "reviewer", "--data", str(self._stage.folder.office)]
        told = self._stage.run_backoffice(argv)
        password = re.search(r"password\s*(\S+)", told)
        if password is None:
            raise StageError("the office's new account has no password")
        new = secrets.token_urlsafe(24)
        first = {"login": LOGIN, "password": password[1], "new": new}
        shown = str(self._call("POST", "/public/v1/staff-first-logins", first)[0]["otpauth"])
        session = {"login": LOGIN, "password": new, "code": self._code(shown)}
        self._token = str(self._call("POST", "/public/v1/staff-sessions", session)[0]["token"])

    def _code(self, otpauth: str) -> str:
        import pyotp  # Of the back office's side: a kiosk does not need it.

        generator = pyotp.parse_uri(otpauth)
        if not isinstance(generator, pyotp.TOTP):
            raise StageError("the office's code generator is none that goes by time")
        return str(generator.at(int(self._stage.office_time_s())))

    def _call(self, method: str, target: str, body: object = None, **headers: str) -> tuple[dict[str, Any], Any]:
        """The answer and its headers. :raises StageError: with what the office says."""
        told = {"Content-Type": "application/json", **headers}
        if self._token:
            told["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._stage.office_url + target, data=data, headers=told, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_WAIT_S) as answer:
                text = answer.read()
                return (json.loads(text) if text else {}), answer.headers
        except urllib.error.HTTPError as error:
            raise StageError(f"office: {method} {target}: {error.code} {error.read().decode()[:300]}") from error
        except OSError as error:
            raise StageError(f"office: {method} {target}: {error}") from error
