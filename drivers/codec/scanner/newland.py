"""Newland's unified serial commands: text in a frame, answered by the same text with a verdict.

    command  7E 01 "0000" | @ permanent or # until power-off | TAG SUB data | 3B 03
    reply    02 01 "0000" | @ or # | TAG SUB data | 06 ACK, 15 NAK, 05 ENQ | 3B 03

Source: programming-command chapters of the NLS-HR52, NLS-HR42 and FM530 manuals.
"""

from __future__ import annotations

import re

from drivers.codec.scanner.replies import VERDICT_OF_BYTE, Cut, Reply, Request, only_controls, unfinished

COMMAND_PREFIX = b"~\x010000"
REPLY_PREFIX = b"\x02\x010000"
END = b";\x03"
MAX_REPLY_BYTES = 256
_REPLY_BODY = re.compile(rb"[@#]([A-Z0-9]{6})(.*)([\x06\x15\x05])", re.DOTALL)
_DEBRIS = re.compile(rb"\x01|0000[@#][A-Z]{6}|[\x05\x06\x15];")


def encode_command(text: str, *, permanent: bool = False) -> bytes:
    """`SCNTRG1` as a frame; its first six characters are the tag that the reply repeats."""
    return COMMAND_PREFIX + (b"@" if permanent else b"#") + text.encode("ascii") + END


def _request(text: str) -> Request:
    return Request(encode_command(text), text[:6], says=text[6:].encode("ascii"))


class NewlandUnified:
    """See `scanner_replies.Family`."""

    name = "newland_unified"
    query = _request("QRYPDN")
    product_query: Request | None = query

    def trigger(self, on: bool) -> Request:
        return _request(f"SCNTRG{int(on)}")

    def mode(self, answer: Reply, by_command: bool) -> Request | None:
        """SCNMOD0 reads when told to, SCNMOD2 when something comes into view."""
        return _request("SCNMOD0" if by_command else "SCNMOD2")

    def first_cut(self, buffer: bytes) -> Cut | None:
        start = buffer.find(REPLY_PREFIX)
        if start < 0:
            start = unfinished(buffer, REPLY_PREFIX)
            return Cut(start) if start >= 0 else None
        body_at = start + len(REPLY_PREFIX)
        end = buffer.find(END, body_at)
        body = buffer[body_at : end if end >= 0 else len(buffer)]
        if len(body) > MAX_REPLY_BYTES or b"\r" in body or b"\n" in body:
            return Cut(start, spoiled=True)
        if end < 0:
            return Cut(start)
        match = _REPLY_BODY.fullmatch(body)
        if match is None:
            return Cut(start, spoiled=True)
        reply = Reply(VERDICT_OF_BYTE[match[3]], match[1].decode("ascii"), match[2])
        return Cut(start, end + len(END), reply)

    def is_debris(self, line: bytes) -> bool:
        return only_controls(line) or _DEBRIS.search(line) is not None


FAMILY = NewlandUnified()
