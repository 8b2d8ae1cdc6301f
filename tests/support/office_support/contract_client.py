"""A client that knows `openapi.json` and nothing else: no line of the product is imported here.

Each body that it sends and each answer that it gets is held against the document's own schemas, so whatever the
document does not say, this client cannot do.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

import httpx
import jsonschema_rs
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Client:
    def __init__(self, document: Mapping[str, Any], url: str) -> None:
        self._document = document
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=30)
        self._seq = itertools.count(1)
        self._operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }
        self._key = b""
        self.device = ""
        self.site = ""
        self._site_no = ""
        self._digest = ""
        self._serial = itertools.count(1)

    def close(self) -> None:
        self._http.close()

    # ---- what the document says about enrolment, numbers and signatures ------------------------------------

    def enrol(self, code: str) -> None:
        """As the description of operation `enrol` says."""
        own = X25519PrivateKey.generate()
        public = own.public_key().public_bytes_raw()
        code = "".join(code.split()).replace("-", "").upper()
        told = self.call("enrol", body={"code": code, "public_key": _base64url(public)})
        theirs = _bytes(told["public_key"])
        self.device, self.site, self._site_no = told["device"], told["site"], told["site_no"]
        self._digest = told["profile"].removeprefix("hmac-")
        context = b"\0".join((b"tshu-pinn enrolment 1", public + theirs, self.device.encode(), self.site.encode()))
        shared = own.exchange(X25519PublicKey.from_public_bytes(theirs))
        self._key = HKDF(SHA256(), 32, code.encode(), context).derive(shared)
        agreed = ("enrolled", self.device, self.site, self._site_no, str(told["server_time"]))
        assert hmac.compare_digest(self._mac("\n".join(agreed).encode()), told["proof"])

    def number(self, day: str) -> str:
        """The next case number, as the description of `case_no` says. `day`: yyMMdd."""
        digits = f"350213{self._site_no}8{day}{next(self._serial):05d}"
        product = 10
        for digit in digits:
            product = ((product + int(digit)) % 10 or 10) * 2 % 11
        return digits + str((11 - product) % 10)

    def _mac(self, text: bytes) -> str:
        return hmac.new(self._key, text, self._digest).hexdigest()

    def _signed(self, method: str, target: str, body: bytes, beside: Mapping[str, str]) -> dict[str, str]:
        headers = {"Device": self.device, "Seq": str(next(self._seq)), "Nonce": secrets.token_urlsafe(12)}
        headers["Time"] = str(time.time_ns() // 1_000_000)
        parts = [method, target, hashlib.new(self._digest, body).hexdigest(), *headers.values()]
        if "Idempotency-Key" in beside:
            parts.append(f"idempotency-key:{beside['Idempotency-Key']}")
        return {**headers, "Signature": f"hmac-{self._digest}={self._mac(chr(10).join(parts).encode())}"}

    # ---- any operation -------------------------------------------------------------------------------------

    def call(
        self,
        operation_id: str,
        body: Any = None,
        *,
        key: str | None = None,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        """The answer's body, after it was found to be one that the document describes for a success."""
        answer = self.send(operation_id, body, key=key, path=path, query=query)
        assert answer.is_success, f"{operation_id}: {answer.status_code} {answer.text[:400]}"
        return answer.json() if answer.headers["content-type"] == "application/json" else answer.content

    def send(
        self,
        operation_id: str,
        body: Any = None,
        *,
        key: str | None = None,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        method, template, operation = self._operations[operation_id]
        target = template.format(**(path or {}))
        if query:
            target += "?" + str(httpx.QueryParams(dict(query)))
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers: dict[str, str] = {}
        if body is not None:
            self._fits(body, operation["requestBody"]["content"]["application/json"]["schema"], operation_id)
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        if {"terminal": []} in operation.get("security", ()):
            headers |= self._signed(method, target, data, headers)
        answer = self._http.request(method, target, content=data, headers=headers)
        self._described(operation_id, operation, answer)
        return answer

    def _described(self, operation_id: str, operation: Mapping[str, Any], answer: httpx.Response) -> None:
        described = operation["responses"].get(str(answer.status_code))
        assert described is not None, f"{operation_id}: {answer.status_code} is not described: {answer.text[:400]}"
        media = answer.headers.get("content-type", "").partition(";")[0]
        content = described.get("content", {})
        if media:
            assert media in content, f"{operation_id}: {media} is not described"
            if media.endswith("json"):
                self._fits(answer.json(), content[media]["schema"], operation_id)

    def _fits(self, value: Any, schema: Mapping[str, Any], where: str) -> None:
        whole = {**schema, "components": self._document["components"]}
        problems = [
            f"{list(found.instance_path)}: {found.message}" for found in jsonschema_rs.iter_errors(whole, value)
        ]
        assert not problems, f"{where}: {problems[:3]}"
