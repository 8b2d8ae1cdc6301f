"""The code on a slip, written and read. It carries no personal data; `kiosk.domain.slip.blocks` prints it.

`TSHP1:<22 digits>:<query code or ->` opens how a case stands; `TSHP2:<22 digits>:<query code>:<item>` is the ticket of
an appointment; `TSHP3:<22 digits>:<code>` finds a draft, which the resident's card opens. Each ends with the language
that the slip was printed in, `:NAN` or `:CMN`; slips of before have none. Upper case, digits, `:` and `-` only: the QR
code stays small (alphanumeric mode).
"""

from __future__ import annotations

import re

from kiosk.domain.case_number import is_valid
from kiosk.domain.money.state import OwnSlip
from kiosk.domain.speech import Lang

QR_PREFIX = "TSHP1"
APPOINTMENT_PREFIX = "TSHP2"
DRAFT_PREFIX = "TSHP3"
_APPOINTMENT = re.compile(rf"{APPOINTMENT_PREFIX}:([0-9]{{22}}):([0-9]{{4}}):([A-Z]{{2}}[0-9]{{3}})", re.ASCII)


_LANGS = {f":{lang.value.upper()}": lang for lang in Lang}


def slip_code(number: str, code: str, lang: Lang) -> str:
    """:param code: empty where the office did not have the case yet."""
    return f"{QR_PREFIX}:{number}:{code or '-'}{_tail(lang)}"


def appointment_code(number: str, code: str, item_id: str, lang: Lang) -> str:
    return f"{APPOINTMENT_PREFIX}:{number}:{code}:{item_id}{_tail(lang)}"


def language_of(text: str) -> Lang | None:
    """Of the slip that bears this code; None where it does not say, or is no slip of ours."""
    is_ours = any(read(text) is not None for read in (read_payload, read_appointment, read_draft))
    return _LANGS.get(text.strip()[-4:]) if is_ours else None


def _tail(lang: Lang) -> str:
    return f":{lang.value.upper()}"


def _code(text: str) -> str:
    """Without the language."""
    text = text.strip()
    return text[:-4] if text[-4:] in _LANGS else text


def read_appointment(text: str) -> OwnSlip | None:
    """None when it is no appointment's slip of ours."""
    found = _APPOINTMENT.fullmatch(_code(text))
    if found is None or not is_valid(found[1]):
        return None
    return OwnSlip(*found.groups())


_DRAFT = re.compile(rf"{DRAFT_PREFIX}:([0-9]{{22}}):([0-9]{{4}})", re.ASCII)


def draft_code(number: str, code: str, lang: Lang) -> str:
    return f"{DRAFT_PREFIX}:{number}:{code}{_tail(lang)}"


def read_draft(text: str) -> tuple[str, str] | None:
    """Number and code of a draft; None when it is no draft's slip of ours."""
    found = _DRAFT.fullmatch(_code(text))
    if found is None or not is_valid(found[1]):
        return None
    return found[1], found[2]


def read_payload(text: str) -> tuple[str, str] | None:
    """Case number and query code from a slip's QR code; None when it is no slip of ours. The code may be missing."""
    parts = _code(text).split(":")
    if len(parts) != 3 or parts[0] != QR_PREFIX or not is_valid(parts[1]):
        return None
    code = parts[2]
    if code != "-" and not (len(code) == 4 and code.isascii() and code.isdigit()):
        return None
    return parts[1], "" if code == "-" else code
