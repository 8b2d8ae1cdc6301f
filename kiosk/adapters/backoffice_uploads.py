"""Files to the back office in pieces (tus 1.0.0): what was acknowledged is never sent again, also after a restart.

The Idempotency-Key of an upload is made of the case and the content: a new process that announces the same file is
given the same upload, and asks it how much has arrived.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from kiosk.domain.attachments import KeptFile
from kiosk.domain.outbox import BAD_ANSWER, NO_ANSWER
from kiosk.domain.ports import Reply

FIRST_PIECE = 16 * 1024
"""A line of 64 kbit/s brings it in 2 s."""
LEAST_PIECE, MOST_PIECE = 2 * 1024, 512 * 1024
"""The other side takes at most 1 MiB at once."""
MOST_PIECES = 900
"""Of one file; the other side refuses one that comes in more than 1024."""
QUICK_S, SLOW_S = 1.0, 3.0
"""A piece that took less is followed by one twice as large, after one that took longer by half of it: a call for help
waits for one piece at most."""
OCTETS = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}
WHOLE, GOES_ON = 200, 202
"""Status of a reply: the file is complete there, or one piece more of it is."""
_GENERATIONS = 4
"""An upload that the server gave up is begun anew under another key, so often."""
_GONE = (404, 410)
_TOO_SLOW = 408


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
    """One piece at a call, as large as the line brings in a second or two. Used by the outbox's thread alone."""

    def __init__(self, ask: Ask, now_s: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._now_s = ask, now_s
        self._size = FIRST_PIECE
        """Of the next piece, whatever file it is of: it is the line's."""
        self._places: dict[tuple[str, str], _Place] = {}
        self._generation: dict[tuple[str, str], int] = {}

    def bring(self, file: KeptFile) -> Reply:
        """WHOLE, GOES_ON, or why not; then the next call asks anew how much has arrived."""
        name = (file.case_no, file.digest)
        place = self._places.pop(name, None) or self._find(file)
        if isinstance(place, Reply):
            return place
        if place.offset < len(file.content):
            size = max(self._size, -(-len(file.content) // MOST_PIECES))
            piece = file.content[place.offset : place.offset + size]
            began_s = self._now_s()
            answer = self._ask(
                "PATCH", place.target, piece, {"Upload-Offset": str(place.offset), "Content-Type": OCTETS}
            )
            self._learn(len(piece), self._now_s() - began_s, answer.reply)
            offset = _offset(answer)
            if answer.reply.status != 204 or offset is None:
                return self._refused(name, answer)
            place = _Place(place.target, offset)
        if place.offset >= len(file.content):
            return Reply(WHOLE, {})
        self._places[name] = place
        return Reply(GOES_ON, {})

    def _learn(self, size: int, took_s: float, reply: Reply) -> None:
        """How large the next piece may be."""
        if reply.status == _TOO_SLOW or reply.body.get("code") == NO_ANSWER:
            self._size = max(LEAST_PIECE, self._size // 4)
        elif took_s > SLOW_S:
            self._size = max(LEAST_PIECE, self._size // 2)
        elif took_s < QUICK_S and size >= self._size:
            self._size = min(MOST_PIECE, self._size * 2)

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
