"""Files to the back office in pieces (tus 1.0.0): what was acknowledged is never sent again, also after a restart.

The Idempotency-Key of an upload is made of the case and the content: a new process that announces the same file is
given the same upload, and asks it how much has arrived.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from kiosk.domain.attachments import KeptFile
from kiosk.domain.outbox import BAD_ANSWER
from kiosk.domain.ports import Reply

PIECE = 128 * 1024
"""16 kB/s bring it within a request's time; a call for help waits one piece at most."""
OCTETS = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}
WHOLE, GOES_ON = 200, 202
"""Status of a reply: the file is complete there, or one piece more of it is."""
_GENERATIONS = 4
"""An upload that the server gave up is begun anew under another key, so often."""
_GONE = (404, 410)


class TusAnswer(Protocol):
    @property
    def reply(self) -> Reply: ...
    @property
    def tus(self) -> Mapping[str, str]: ...


Ask = Callable[[str, str, bytes, Mapping[str, str]], TusAnswer]
"""Method, target, content, headers -> the answer."""


@dataclass(frozen=True, slots=True)
class _Place:
    target: str
    offset: int


class Uploads:
    """One piece at a call. Used by the outbox's thread alone."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._places: dict[tuple[str, str], _Place] = {}
        self._generation: dict[tuple[str, str], int] = {}

    def bring(self, file: KeptFile) -> Reply:
        """WHOLE, GOES_ON, or why not; then the next call asks anew how much has arrived."""
        name = (file.case_no, file.digest)
        place = self._places.pop(name, None) or self._find(file)
        if isinstance(place, Reply):
            return place
        if place.offset < len(file.content):
            piece = file.content[place.offset : place.offset + PIECE]
            answer = self._ask(
                "PATCH", place.target, piece, {"Upload-Offset": str(place.offset), "Content-Type": OCTETS}
            )
            offset = _offset(answer)
            if answer.reply.status != 204 or offset is None:
                return self._refused(name, answer)
            place = _Place(place.target, offset)
        if place.offset >= len(file.content):
            return Reply(WHOLE, {})
        self._places[name] = place
        return Reply(GOES_ON, {})

    def _refused(self, name: tuple[str, str], answer: TusAnswer) -> Reply:
        reply = answer.reply
        if reply.status in (*_GONE, 422):
            # Thrown away there: this key names nothing any more.
            self._generation[name] = self._generation.get(name, 0) + 1
        return reply if not 200 <= reply.status < 300 else Reply(0, {"code": BAD_ANSWER})

    def _find(self, file: KeptFile) -> _Place | Reply:
        """Announce it, or be told of the upload that was announced before; then ask how much is there."""
        name = (file.case_no, file.digest)
        reply = Reply(0, {"code": BAD_ANSWER})
        for _ in range(_GENERATIONS):
            key = f"{file.case_no}/file/{file.digest[:32]}/{self._generation.get(name, 0)}"
            headers = {"Idempotency-Key": key, "Upload-Length": str(len(file.content)), "Upload-Metadata": _said(file)}
            made = self._ask("POST", "/v1/uploads", b"", headers)
            target = urlsplit(made.tus.get("location", "")).path
            if made.reply.status == 201 and target.startswith("/v1/uploads/"):
                there = self._ask("HEAD", target, b"", {})
                offset = _offset(there)
                if there.reply.status == 200 and offset is not None:
                    return _Place(target, offset)
                reply = self._refused(name, there)
            else:
                return self._refused(name, made)
            if there.reply.status not in _GONE:
                return reply
        return reply


def _offset(answer: TusAnswer) -> int | None:
    text = answer.tus.get("offset", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _said(file: KeptFile) -> str:
    """Upload-Metadata: each value in Base64."""
    values = {"digest": file.digest, "filetype": file.media_type, "material": file.material}
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())
