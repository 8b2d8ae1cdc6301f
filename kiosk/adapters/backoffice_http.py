"""The back office over HTTP: fulfils `kiosk.domain.ports.BackOffice`.

Every request is signed with a fresh sequence number. Whatever the network does becomes a `Reply`;
status 0 with a code means that no usable answer came, so the request may or may not have arrived.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

import requests
import urllib3

from kiosk.adapters.backoffice_uploads import OCTETS, TUS, Uploads
from kiosk.adapters.signing import Signer
from kiosk.domain.attachments import KeptFile
from kiosk.domain.outbox import BAD_ANSWER, NO_ANSWER, ItemKind, OutboxItem, StoreError
from kiosk.domain.ports import FileReply, Reply
from kiosk.domain.timing import REQUEST_TIMEOUT_S

log = logging.getLogger(__name__)

_MOST_BYTES = 8 * 1024 * 1024
PDF = "application/pdf"
_CONNECT_TIMEOUT_S = 4.0
_REPEATS = 3
_TRUSTED_S = 2.0
"""How long an unused connection is thought to be open: less than any server keeps one."""
"""One for a corrected clock or a connection that died unseen, two for a sequence number overtaken by another thread."""


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    target: str
    """Path and query."""
    body: bytes = b""
    headers: Mapping[str, str] | None = None
    media: str = "application/json"
    changes: bool = False
    """True when repeating it blindly is not for this module to decide: the outbox asks first."""


@dataclass(frozen=True, slots=True, repr=False)
class _Answer:
    reply: Reply
    etag: str = ""
    file: bytes = b""
    """What came instead of JSON."""
    tus: Mapping[str, str] = field(default_factory=dict)
    """Of an upload: `location` and `offset`, as far as they were told."""


_NO_ANSWER = _Answer(Reply(0, {"code": NO_ANSWER}))


class ServerSetClock(Protocol):
    """What this module reads and puts right: `kiosk.adapters.clock.SystemClock`."""

    def wall(self) -> datetime: ...

    def correct(self, by_s: float) -> None: ...


class HttpBackOffice:
    """Thread-safe; each thread has its own connection."""

    def __init__(
        self,
        url: str,
        signer: Signer,
        next_seq: Callable[[], int],
        clock: ServerSetClock,
        timeout_s: float = REQUEST_TIMEOUT_S,
        ca_file: Path | None = None,
    ) -> None:
        """
        :param ca_file: certificates (PEM) of a private authority; without, the public ones are believed.
        :param url: scheme, host, port and, behind a proxy, the path that it takes away; without `/v1`.
        :param next_seq: strictly increasing, never twice: `Store.next_request_seq`.
        """
        self._url = url.rstrip("/")
        self._signer, self._next_seq, self._clock, self._timeout_s = signer, next_seq, clock, timeout_s
        self._verify: bool | str = str(ca_file) if ca_file is not None else True
        self._local = threading.local()
        self._uploads = Uploads(self._tus)
        self._catalogue: tuple[str, Mapping[str, object]] | None = None

    # -- the contract

    def catalogue(self) -> Reply:
        """The released catalogue; asked again it is fetched only when it has changed."""
        known = self._catalogue
        headers = {"If-None-Match": known[0]} if known else {}
        answer = self._exchange(_Request("GET", "/v1/catalogue", headers=headers))
        reply = answer.reply
        if reply.status == 304 and known:
            return Reply(200, known[1])
        if reply.status == 200 and answer.etag:
            self._catalogue = (answer.etag, reply.body)
        return reply

    def prefill(self, body: Mapping[str, object]) -> Reply:
        return self._exchange(_Request("POST", "/v1/prefills", _encoded(body))).reply

    def send(self, item: OutboxItem) -> Reply:
        headers = {"Idempotency-Key": item.key}
        return self._exchange(_Request("POST", _target(item), _encoded(_sent(item)), headers, changes=True)).reply

    def ask(self, item: OutboxItem) -> Reply:
        """Only a case can be asked for. Anything else counts as absent: sending it again is safe
        (409 already_rated, same Idempotency-Key)."""
        if item.kind is ItemKind.PAYMENT:
            return self._exchange(_Request("GET", f"/v1/payments/{item.case_no}")).reply
        if not item.kind.opens_case:
            return Reply(404, {"code": "not_askable"})
        return self._exchange(_Request("GET", f"/v1/cases/{item.case_no}")).reply

    def progress(self, number: str, code: str = "") -> Reply:
        """:param number: 22 or the last 16 digits. :param code: the four digits from the slip."""
        query = urlencode({"q": number, "code": code})
        return self._exchange(_Request("GET", f"/v1/progress?{query}")).reply

    def get(self, target: str) -> Reply:
        """:param target: path and query, e.g. `/v1/sites`."""
        return self._exchange(_Request("GET", target)).reply

    def file(self, target: str, digest: str = "") -> FileReply:
        """:param digest: hex, by the digest of this terminal's profile; other bytes are no answer."""
        answer = self._exchange(_Request("GET", target))
        if answer.reply.status != 200 or not answer.file:
            return FileReply(answer.reply.status if answer.reply.status != 200 else 0)
        if digest and self._signer.digest_of(answer.file) != digest:
            log.error("back office: a file is not the one that was announced")
            return FileReply(0)
        return FileReply(200, answer.file)

    def post(self, target: str, body: Mapping[str, object], key: str = "") -> Reply:
        """:param key: Idempotency-Key; with one, repeating what may have arrived is the caller's decision."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._exchange(_Request("POST", target, _encoded(body), headers, changes=bool(key))).reply

    def upload(self, file: KeptFile) -> Reply:
        """One piece more of a file: 200 when it is whole there, 202 when it goes on."""
        return self._uploads.bring(file)

    def _tus(self, method: str, target: str, content: bytes, headers: Mapping[str, str]) -> _Answer:
        return self._exchange(_Request(method, target, content, {**TUS, **headers}, media=OCTETS, changes=True))

    def health(self) -> Reply:
        return self._exchange(_Request("GET", "/v1/health")).reply

    # -- one exchange

    def _exchange(self, request: _Request) -> _Answer:
        """Repeats what the server refused before doing anything."""
        answer = _NO_ANSWER
        for _ in range(_REPEATS):
            try:
                seq = self._next_seq()
            except StoreError as error:
                return _Answer(Reply(0, {"code": error.code}))
            # Without the address' own path: a proxy takes it away, and the back office never sees it.
            headers = self._signer.headers(
                request.method, request.target, request.body, seq, self._now_ms(), request.headers
            )
            if request.changes and self._has_kept_connection() and self._idle_s() > _TRUSTED_S:
                # What changes something is not sent into a connection that the other side may have closed unseen.
                self._drop_connection()
            was_kept = self._has_kept_connection()
            answer = self._once(request, headers)
            reply = answer.reply
            code = reply.body.get("code")
            if code == NO_ANSWER and was_kept and not request.changes:
                # A kept connection may have died unseen behind a router: a question goes once more on a new one.
                continue
            corrected = reply.status == 401 and code == "clock_skew" and self._correct_clock(reply, headers["Nonce"])
            if not corrected and not (reply.status == 409 and code == "replayed"):
                break
        return answer

    def _once(self, request: _Request, signed: Mapping[str, str]) -> _Answer:
        headers = {"Accept": f"application/json, application/problem+json, {PDF}", **(request.headers or {}), **signed}
        if request.body:
            headers["Content-Type"] = request.media
        url = self._url + request.target
        self._local.used_s = time.monotonic()
        try:
            with self._session().request(
                request.method,
                url,
                data=request.body or None,
                headers=headers,
                timeout=(_CONNECT_TIMEOUT_S, self._timeout_s),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = _read(response, self._timeout_s)
                etag = response.headers.get("ETag", "")
                if response.status_code == 200 and response.headers.get("Content-Type", "").startswith(PDF):
                    return _Answer(Reply(200, {}), etag, content)
                if response.ok and response.headers.get("Tus-Resumable") == TUS["Tus-Resumable"]:
                    return _Answer(Reply(response.status_code, {}), tus=_tus_headers(response))
                return _Answer(_reply(response.status_code, content), etag)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            self._drop_connection()
            log.info("back office: %s", type(error).__name__)
            return _NO_ANSWER

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            # Proxies and passwords of the environment are nobody's business here.
            session.trust_env = False
            session.verify = self._verify
            self._local.session = session
        return session

    def _idle_s(self) -> float:
        """Since this thread's connection was last used."""
        used_s: float = getattr(self._local, "used_s", 0.0)
        return time.monotonic() - used_s

    def _has_kept_connection(self) -> bool:
        return getattr(self._local, "session", None) is not None

    def _drop_connection(self) -> None:
        self._session().close()
        self._local.session = None

    def _now_ms(self) -> int:
        return int(self._clock.wall().timestamp() * 1000)

    def _correct_clock(self, reply: Reply, nonce: str) -> bool:
        """Take over the server's time if it signed it; True when the request is worth repeating."""
        time_ms, signature = reply.body.get("server_time"), reply.body.get("server_signature")
        if not isinstance(time_ms, int) or not isinstance(signature, str):
            return False
        if not self._signer.is_server_time(time_ms, nonce, signature):
            log.error("back office: server time without a valid signature")
            return False
        behind_s = time_ms / 1000 - self._clock.wall().timestamp()
        self._clock.correct(behind_s)
        log.warning("clock differed from the server's by %.0f s", behind_s)
        return True


def _target(item: OutboxItem) -> str:
    match item.kind:
        case ItemKind.CASE:
            return "/v1/cases"
        case ItemKind.RATING:
            return f"/v1/cases/{item.case_no}/rating"
        case ItemKind.CALL:
            return "/v1/help-calls"
        case ItemKind.CONSENT:
            return "/v1/consents"
        case ItemKind.COMPLAINT:
            return "/v1/complaints"
        case ItemKind.GUIDANCE:
            return "/v1/guidances"
        case ItemKind.PRINTED:
            return f"/v1/documents/{item.body['document_id']}/printed"
        case ItemKind.SUPPLEMENT:
            return f"/v1/cases/{item.body['case_no']}/supplements"
        case ItemKind.PAYMENT:
            raise ValueError("a payment is never sent by the outbox")


def _sent(item: OutboxItem) -> Mapping[str, object]:
    """An item's body as the contract takes it: what stands in the address is not said twice."""
    if item.kind is ItemKind.PRINTED:
        return {"outcome": item.body["outcome"]}
    if item.kind is ItemKind.SUPPLEMENT:
        return {name: value for name, value in item.body.items() if name != "case_no"}
    return item.body


def _tus_headers(response: requests.Response) -> dict[str, str]:
    names = {"location": "Location", "offset": "Upload-Offset"}
    return {key: response.headers[name] for key, name in names.items() if name in response.headers}


def _encoded(body: Mapping[str, object]) -> bytes:
    """The same bytes for the same body, also after a restart: the server compares them."""
    return json.dumps(dict(body), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _read(response: requests.Response, timeout_s: float) -> bytes:
    """The whole body within `timeout_s`, however slowly it trickles.

    :raises requests.RequestException: too slow or too long.
    :raises urllib3.exceptions.HTTPError: broken off.
    """
    ends_s = time.monotonic() + timeout_s
    content = bytearray()
    # read1 returns what one receive brought; iter_content would wait for its chunk to be full.
    while chunk := response.raw.read1(65536, decode_content=True):
        content += chunk
        if len(content) > _MOST_BYTES:
            raise requests.RequestException("answer too long")
        if time.monotonic() > ends_s:
            raise requests.Timeout("answer too slow")
    return bytes(content)


def _reply(status: int, content: bytes) -> Reply:
    """JSON objects only; a success that is none counts as no answer, for somebody else gave it."""
    if status in (204, 304):
        return Reply(status, {})
    try:
        body: Any = json.loads(content)
    except ValueError:
        body = None
    if isinstance(body, dict):
        return Reply(status, body)
    return Reply(0 if 200 <= status < 300 else status, {"code": BAD_ANSWER})
