"""Played by the generator's own Python: a client that openapi-python-client made carries one case to its end.

Nothing of the product is imported. `python generated_visit.py URL KEY_FILE BODY_FILE`, with the client beside it as
`office_client`; the case as it ended goes to the standard output.
"""

import hashlib
import hmac
import itertools
import json
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from office_client import Client
from office_client.api.public import alive
from office_client.api.terminal import get_case, get_catalogue, get_progress, health, post_case
from office_client.models.submission import Submission
from office_client.models.taken_case import TakenCase

COVERED = ("idempotency-key", "if-match", "upload-length", "upload-metadata", "upload-offset")
SET_BELOW = "is set when the request is signed"


class Signed(httpx.Auth):
    """As the description of `Signature` says."""

    requires_request_body = True

    def __init__(self, device: str, key: bytes) -> None:
        self._device, self._key = device, key
        self._seq = itertools.count(1)

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:
        values = (self._device, str(next(self._seq)), secrets.token_urlsafe(12), str(time.time_ns() // 1_000_000))
        digest = hashlib.new("sm3", request.content).hexdigest()
        if request.content:
            request.headers["Body-Digest"] = digest
        covered = [f"{name}:{request.headers[name]}" for name in COVERED if name in request.headers]
        text = "\n".join((request.method, request.url.raw_path.decode(), digest, *values, *covered))
        for name, value in zip(("Device", "Seq", "Nonce", "Time"), values, strict=True):
            request.headers[name] = value
        request.headers["Signature"] = "hmac-sm3=" + hmac.new(self._key, text.encode(), "sm3").hexdigest()
        yield request


def main(url: str, key_file: str, body_file: str) -> None:
    signed = Signed("F2", bytes.fromhex(Path(key_file).read_text("ascii")))
    client = Client(base_url=url, raise_on_unexpected_status=True, httpx_args={"auth": signed, "trust_env": False})
    headers = dict.fromkeys(("device", "seq", "nonce", "time", "signature"), SET_BELOW)
    assert alive.sync(client=client).status == "ok"
    assert health.sync(client=client, **headers).status == "ok"
    catalogue = get_catalogue.sync(client=client, **headers)
    assert any(item.item_id == "XA032" for item in catalogue.items)
    body = json.loads(Path(body_file).read_text("utf-8"))
    case = post_case.sync(client=client, body=Submission.from_dict(body), idempotency_key=body["case_no"], **headers)
    assert isinstance(case, TakenCase), case
    again = get_case.sync(body["case_no"], client=client, **headers)
    assert isinstance(again, TakenCase) and again.case_no == case.case_no
    slip = get_progress.sync(client=client, q=case.case_no[-16:], code=case.query_code, **headers)
    sys.stdout.write(json.dumps({"case": again.to_dict(), "progress": slip.to_dict()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
