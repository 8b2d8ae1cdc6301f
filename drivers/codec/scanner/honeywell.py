"""Honeywell's (and some Datalogic models') serial commands.

    trigger  16 54 0D on, 16 55 0D off: not answered
    menu     16 4D 0D | TAG SUB data or ? | ! until power-off or . permanent
    reply    TAG SUB data | 06 ACK, 15 NAK, 05 ENQ | the same ! or .

Source: serial-programming chapters of the N431x and N86 manuals (menu syntax, responses).
"""

from __future__ import annotations

import re

from drivers.codec.scanner.replies import VERDICT_OF_BYTE, Cut, Reply, Request, only_controls, unfinished

MENU = b"\x16M\r"
TRIGGER_ON, TRIGGER_OFF = b"\x16T\r", b"\x16U\r"
TRIGGER_MODE, PRODUCT = b"TRGMOD", b"REVINF"
MAX_REPLY_BYTES = {TRIGGER_MODE: 16, PRODUCT: 1024}
_END = re.compile(rb"([\x06\x15\x05])[.!]")
_DEBRIS = re.compile(rb"[\x05\x06\x15]|^(TRGMOD|REVINF)")


def encode_menu(text: str) -> bytes:
    """`TRGMOD?.` as a menu command."""
    return MENU + text.encode("ascii")


class HoneywellSerial:
    """See `scanner_replies.Family`."""

    name = "honeywell_serial"
    query = Request(encode_menu("TRGMOD?."), "TRGMOD")
    product_query: Request | None = Request(encode_menu("REVINF."), "REVINF")

    def trigger(self, on: bool) -> Request:
        return Request(TRIGGER_ON if on else TRIGGER_OFF, answered=False)

    def mode(self, answer: Reply, by_command: bool) -> Request | None:
        """TRGMOD0 reads when told to, TRGMOD3 is presentation: when something comes into view."""
        wanted = b"0" if by_command else b"3"
        return None if answer.value == wanted else Request(encode_menu(f"TRGMOD{wanted.decode()}!"), "TRGMOD")

    def first_cut(self, buffer: bytes) -> Cut | None:
        starts = [(at, tag) for tag in MAX_REPLY_BYTES if (at := buffer.find(tag)) >= 0]
        if not starts:
            partial = [at for tag in MAX_REPLY_BYTES if (at := unfinished(buffer, tag)) >= 0]
            return Cut(min(partial)) if partial else None
        start, tag = min(starts)
        most = start + len(tag) + MAX_REPLY_BYTES[tag]
        end = _END.search(buffer, start + len(tag), most + 2)
        body = buffer[start + len(tag) : end.start() if end else len(buffer)]
        if tag == TRIGGER_MODE and re.search(rb"[\r\n]", body):
            return Cut(start, spoiled=True)
        if end is None:
            return Cut(start, spoiled=len(buffer) > most + 2)
        return Cut(start, end.end(), Reply(VERDICT_OF_BYTE[end[1]], tag.decode(), body))

    def is_debris(self, line: bytes) -> bool:
        cut_off = any(tag.startswith(line) for tag in MAX_REPLY_BYTES)
        return cut_off or only_controls(line) or _DEBRIS.search(line) is not None


FAMILY = HoneywellSerial()
