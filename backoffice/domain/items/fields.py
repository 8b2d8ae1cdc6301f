"""The dictionary of fields: what a form may ask, of which type an answer is, and by which named check it is taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backoffice.domain.items import answer_checks as checks
from backoffice.domain.items.answer_checks import UNBOUNDED, Around, Bounds, Check, need

LONGEST_ANSWER = 1000
"""Characters; longer than the longest text that a field may hold."""
MOST_ON_A_SCREEN = 4
"""Options; a longer list comes from a table and is turned page by page."""


class FieldType(StrEnum):
    """An answer travels as text. Its form by type: choice, yes_no, table = the option's key; account = an option, or a
    card number in a field of its own; date `YYYY-MM-DD`; month `YYYY-MM`; year `YYYY`; money = whole fen; measure = a
    number in the field's unit; place = a division's code; person = `number name`; people and picks = several, joined
    by `;`; slot `YYYY-MM-DDTHH:MM`.
    """

    CHOICE = "choice"
    YES_NO = "yes_no"
    TABLE = "table"
    """One of a long list, e.g. a village."""
    TEXT = "text"
    DIGITS = "digits"
    PHONE = "phone"
    DATE = "date"
    MONTH = "month"
    YEAR = "year"
    MONEY = "money"
    COUNT = "count"
    MEASURE = "measure"
    ACCOUNT = "account"
    PLACE = "place"
    PERSON = "person"
    PEOPLE = "people"
    PLATE = "plate"
    METER_NO = "meter_no"
    COMPANY = "company"
    PICKS = "picks"
    """Several of what a register listed, e.g. fields of land."""
    SLOT = "slot"
    """A day and time that was offered."""
    PICTURE = "picture"
    """What stands for a picture that was taken here, e.g. its digest."""
    SECRET = "secret"
    """Typed twice, shown never."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One entry of the dictionary."""

    key: str
    label: str
    """As it stands on papers."""
    type: FieldType
    check: str
    options: tuple[str, ...] = ()
    option_labels: tuple[str, ...] = ()
    optional: bool = False
    sensitive: bool = False
    """Never on the loudspeaker."""
    filled_by: tuple[str, ...] = ()
    """`card.<element>` or a register's code, first the one that is asked first."""
    table: str = ""
    not_before: str = ""
    """Another field: this day or month does not come before that one."""
    unit: str = ""
    bounds: Bounds = UNBOUNDED

    @property
    def question(self) -> str:
        return f"ask.{self.key}"

    def label_of(self, option: str) -> str:
        """:raises ValueError: no such option."""
        return self.option_labels[self.options.index(option)]


def _any_date(text: str, bounds: Bounds, around: Around) -> None:
    checks.day(text)


def _past_date(text: str, bounds: Bounds, around: Around) -> None:
    need(checks.day(text) <= around.today, "not yet")


def _past_month(text: str, bounds: Bounds, around: Around) -> None:
    found = checks.month(text)
    checks.within(found, bounds)
    need(found <= around.today.year * 100 + around.today.month, "not yet")


def _year(text: str) -> int:
    need(re.fullmatch(r"[0-9]{4}", text) is not None, "year")
    return int(text)


def _past_year(text: str, bounds: Bounds, around: Around) -> None:
    found = _year(text)
    checks.within(found, bounds)
    need(found <= around.today.year, "not yet")


def _this_or_next_year(text: str, bounds: Bounds, around: Around) -> None:
    need(_year(text) - around.today.year in (0, 1), "this year or the next")


def _whole_range(text: str, bounds: Bounds, around: Around) -> None:
    checks.within(checks.whole(text), bounds)


def _measure_range(text: str, bounds: Bounds, around: Around) -> None:
    checks.within(checks.decimal(text), bounds)


def _people(text: str, bounds: Bounds, around: Around) -> None:
    everybody = text.split(";")
    checks.within(len(everybody), bounds, "how many")
    need(len({each[:18] for each in everybody}) == len(everybody), "twice")
    for each in everybody:
        checks.person(each)


def _picks(text: str, bounds: Bounds, around: Around) -> None:
    picks = text.split(";")
    checks.within(len(picks), bounds, "how many")
    need(len(set(picks)) == len(picks), "twice")
    for pick in picks:
        need(len(pick) <= 40, "length")
        checks.reference(pick)


def _table_code(text: str, bounds: Bounds, around: Around) -> None:
    need(re.fullmatch(r"[0-9A-Za-z_]{1,32}", text) is not None, "code")


def _digits(text: str, bounds: Bounds, around: Around) -> None:
    need(re.fullmatch(r"[0-9]+", text) is not None, "digits")
    checks.length(text, bounds)


def _one_of(text: str, bounds: Bounds, around: Around) -> None:
    """The options are asked for before every check."""


def _sized(check: Callable[[str], None]) -> Check:
    """A check of one text that has a length too."""

    def run(text: str, bounds: Bounds, around: Around) -> None:
        checks.length(text, bounds)
        check(text)

    return run


CHECKS: Mapping[str, Check] = {
    "one_of": _one_of,
    "account": _one_of,
    "in_table": _table_code,
    "plain_text": _sized(checks.plain_text),
    "person_name": _sized(checks.person_name),
    "social_card_no": _sized(checks.social_card_no),
    "policy_no": _sized(checks.policy_no),
    "receipt_no": _digits,
    "bank_card": _sized(checks.bank_card),
    "pin": _sized(checks.pin),
    "mainland_phone": _sized(checks.mainland_phone),
    "any_date": _any_date,
    "past_date": _past_date,
    "past_month": _past_month,
    "past_year": _past_year,
    "this_or_next_year": _this_or_next_year,
    "money_range": _whole_range,
    "count_range": _whole_range,
    "measure_range": _measure_range,
    "place_code": _sized(checks.place_code),
    "village_code": _sized(checks.village_code),
    "person": _sized(checks.person),
    "people": _people,
    "plate": lambda text, bounds, around: checks.plate(text, bounds.alphabet),
    "meter_no": _sized(checks.meter_no),
    "uscc": _sized(checks.uscc),
    "picks": _picks,
    "reference": _sized(checks.reference),
    "future_slot": lambda text, bounds, around: checks.slot(text, around.today),
}
"""Name of a check -> the function; `fields.toml` may name no other."""

CHECKS_OF_TYPE: Mapping[FieldType, frozenset[str]] = {
    FieldType.CHOICE: frozenset({"one_of"}),
    FieldType.YES_NO: frozenset({"one_of"}),
    FieldType.TABLE: frozenset({"in_table"}),
    FieldType.TEXT: frozenset({"plain_text", "person_name", "social_card_no", "policy_no"}),
    FieldType.DIGITS: frozenset({"bank_card", "receipt_no"}),
    FieldType.PHONE: frozenset({"mainland_phone"}),
    FieldType.DATE: frozenset({"any_date", "past_date"}),
    FieldType.MONTH: frozenset({"past_month"}),
    FieldType.YEAR: frozenset({"past_year", "this_or_next_year"}),
    FieldType.MONEY: frozenset({"money_range"}),
    FieldType.COUNT: frozenset({"count_range"}),
    FieldType.MEASURE: frozenset({"measure_range"}),
    FieldType.ACCOUNT: frozenset({"account"}),
    FieldType.PLACE: frozenset({"place_code", "village_code"}),
    FieldType.PERSON: frozenset({"person"}),
    FieldType.PEOPLE: frozenset({"people"}),
    FieldType.PLATE: frozenset({"plate"}),
    FieldType.METER_NO: frozenset({"meter_no"}),
    FieldType.COMPANY: frozenset({"uscc"}),
    FieldType.PICKS: frozenset({"picks"}),
    FieldType.SLOT: frozenset({"future_slot"}),
    FieldType.PICTURE: frozenset({"reference"}),
    FieldType.SECRET: frozenset({"pin"}),
}


def check_answer(spec: FieldSpec, answer: str, around: Around, others: Mapping[str, str] | None = None) -> None:
    """One answer by its field's type and named check.

    :param others: the form's other answers, for fields that must not come before another.
    :raises AnswerError: the rule that is broken.
    """
    need(len(answer) <= LONGEST_ANSWER, "length")
    if spec.options:
        need(answer in spec.options, f"one of {', '.join(spec.options)}")
    CHECKS[spec.check](answer, spec.bounds, around)
    if spec.table in around.lists:
        need(answer in around.lists[spec.table], f"code of {spec.table}")
    before = (others or {}).get(spec.not_before, "")
    # Days and months are written so that text order is their order.
    need(before <= answer, f"not before {spec.not_before}")
