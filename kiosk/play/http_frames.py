"""Where one HTTP/1.1 message ends on a stream (RFC 9112 section 6): the proxy cuts at exact bytes of it."""

from __future__ import annotations

import socket
from dataclasses import dataclass

_MAX_HEAD = 65_536
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Message:
    """One whole message: `start` is the request or status line, `raw` every byte of it."""

    start: str
    raw: bytes
    closes: bool
    """True when the sender ends the connection after it."""

    @property
    def method(self) -> str:
        return self.start.split(" ", 1)[0]

    @property
    def path(self) -> str:
        """The request's path without the query, which may hold what is no proxy's business."""
        parts = self.start.split(" ")
        return parts[1].split("?", 1)[0] if len(parts) > 1 else ""

    @property
    def status(self) -> int:
        parts = self.start.split(" ")
        return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


class MessageReader:
    """Reads messages from one socket; bytes of the next message stay for the next call."""

    def __init__(self, source: socket.socket):
        self._source = source
        self._buffer = bytearray()

    def read(self, *, is_reply: bool = False, head_only: bool = False) -> Message | None:
        """The next message; None when the peer ended before it was whole.

        :param head_only: the reply of a HEAD request has no body whatever its headers say.
        """
        end = self._fill_until(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self._buffer[: end + 4])
        lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        closes = headers.get("connection", "").lower() == "close"
        whole = (
            len(head) if head_only or _no_body(lines[0], is_reply) else self._end_of_body(len(head), headers, is_reply)
        )
        if whole < 0:
            return None
        raw = bytes(self._buffer[:whole])
        del self._buffer[:whole]
        return Message(lines[0], raw, closes)

    def _end_of_body(self, start: int, headers: dict[str, str], is_reply: bool) -> int:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._end_of_chunks(start)
        if "content-length" in headers:
            end = start + int(headers["content-length"])
            return end if self._fill_to(end) else -1
        if is_reply:
            while self._more():
                pass
            return len(self._buffer)
        return start

    def _end_of_chunks(self, at: int) -> int:
        while True:
            line_end = self._fill_until(b"\r\n", at)
            if line_end < 0:
                return -1
            size = int(bytes(self._buffer[at:line_end]).split(b";")[0] or b"0", 16)
            at = line_end + 2 + size + 2
            if not self._fill_to(at):
                return -1
            if size == 0:
                return at

    def _fill_until(self, mark: bytes, start: int = 0) -> int:
        while (found := self._buffer.find(mark, start)) < 0:
            if len(self._buffer) - start > _MAX_HEAD or not self._more():
                return -1
        return found

    def _fill_to(self, length: int) -> bool:
        while len(self._buffer) < length:
            if not self._more():
                return False
        return True

    def _more(self) -> bool:
        try:
            got = self._source.recv(_CHUNK)
        except OSError:
            return False
        self._buffer += got
        return bool(got)


def _no_body(start: str, is_reply: bool) -> bool:
    status = start.split(" ")[1:2]
    return is_reply and bool(status) and (status[0] in ("204", "304") or status[0].startswith("1"))
