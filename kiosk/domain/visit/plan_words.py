"""The words of a plan: what there is to do in a visit, one thing after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.domain.catalogue import FormField


class ActionKind(StrEnum):
    CONSENT = "consent"
    """Whether the registers that the subject names may be asked: their codes, with blanks between."""
    ASK = "ask"
    READ = "read"
    CAPTURE = "capture"
    COMMIT = "commit"
    SIGN = "sign"
    PAY = "pay"
    BOOK = "book"
    SHOW = "show"
    SUBMIT = "submit"
    PRINT = "print"
    LOOK = "look"
    """Registers say what they know; of a certificate it is the preview."""
    PAPER = "paper"
    BRING = "bring"
    """What was missing from a case goes on its way."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do in a visit. `subject` is the form field, the commitment or the document it is about."""

    kind: ActionKind
    subject: str
    field: FormField | None = None
    """Of a question: what it takes, and when it is asked at all."""
    least: int = 1
    """Of a capture: so many pictures make it whole, sides counted."""
    most: int = 1
    """Of a capture: so many are taken at most."""
    alone: bool = False
    """Of a face: only the register may say that it is her, and no staff member."""
    material: str = ""
    """Of a capture or a signature: what the guide calls it."""

    def applies(self, answers: Mapping[str, str]) -> bool:
        """False for a question that an earlier answer makes idle: it is passed over."""
        return self.field is None or self.field.applies(answers)
