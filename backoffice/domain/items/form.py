"""The form of an item: what is asked, where the answer comes from, and whether a set of answers fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backoffice.domain.items.answer_checks import AnswerError, Around, person
from backoffice.domain.items.fields import FieldSpec, check_answer
from backoffice.domain.person import Applicant

AGENT = "agent"
"""Who came for the applicant, as `number name`: whatever is applied for, a form may say it."""


class Source(StrEnum):
    CARD = "card"
    """The card or whoever else was identified by."""
    LOOK_UP = "look_up"
    """A register answers; the resident confirms, or answers where the register was silent."""
    ASK = "ask"
    """Nobody knows it but the resident."""


@dataclass(frozen=True, slots=True)
class When:
    """Asked only where another field has this answer."""

    key: str
    answer: str


@dataclass(frozen=True, slots=True)
class FormField:
    key: str
    source: Source
    spec: FieldSpec
    confirm: bool = False
    """A known answer is shown and confirmed all the same."""
    optional: bool = False
    when: When | None = None
    beside: bool = False
    """The answer travels beside the form, with a bill or a booking; the form may leave it out."""

    @property
    def options(self) -> tuple[str, ...]:
        return self.spec.options

    def must_be_answered(self, answers: Mapping[str, str]) -> bool:
        if self.optional or self.beside or self.source is Source.CARD:
            return False
        if self.source is Source.LOOK_UP and not self.confirm:
            return False
        return self.when is None or answers.get(self.when.key) == self.when.answer


@dataclass(frozen=True, slots=True)
class Form:
    """What makes an item one that a terminal carries to its end: what is asked and agreed to."""

    consent_version: str
    commitment: str
    """Text key of what is promised; empty where nothing is."""
    fields: tuple[FormField, ...]

    def field(self, key: str) -> FormField | None:
        return next((field for field in self.fields if field.key == key), None)


class FormError(Exception):
    """A set of answers that does not fit: `key: rule`, never an answer."""

    def __init__(self, key: str, rule: str) -> None:
        super().__init__(f"{key}: {rule}")
        self.key = key
        self.rule = rule


def check_form(form: Form, answers: Mapping[str, str], applicant: Applicant, around: Around) -> None:
    """:raises FormError: the first field that is unknown, missing or breaks its rule."""
    known = {field.key: field for field in form.fields}
    if AGENT not in known and AGENT in answers:
        _check_agent(answers[AGENT])
    for key in answers:
        if key not in known and key != AGENT:
            raise FormError("fields", "one of " + ", ".join(sorted(known)))
    for field in form.fields:
        if field.key in answers:
            _check_field(field, answers, applicant, around)
        elif field.must_be_answered(answers):
            raise FormError(field.key, "missing")


def _check_agent(text: str) -> None:
    try:
        person(text)
    except AnswerError as cause:
        raise FormError(AGENT, str(cause)) from None


def _check_field(field: FormField, answers: Mapping[str, str], applicant: Applicant, around: Around) -> None:
    answer = answers[field.key]
    if field.source is Source.CARD:
        if answer != said_by_card(field.spec, applicant):
            raise FormError(field.key, "as the card says")
        return
    if field.when is not None and answers.get(field.when.key) != field.when.answer:
        raise FormError(field.key, f"only where {field.when.key} is {field.when.answer}")
    try:
        check_answer(field.spec, answer, around, answers)
    except AnswerError as cause:
        raise FormError(field.key, str(cause)) from None


def said_by_card(spec: FieldSpec, applicant: Applicant) -> str:
    """The answer of a field that the card fills; a person is number and name."""
    elements = {source.removeprefix("card.") for source in spec.filled_by if source.startswith("card.")}
    if elements == {"name", "number"}:
        return f"{applicant.number} {applicant.name}"
    said = {"birth": applicant.birth, "address": applicant.address, "sex": applicant.sex}
    return said[elements.pop()]
