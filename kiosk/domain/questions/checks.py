"""What is wrong with an answer, told before it is sent: small pure checks that agree with the back office's.

The same answers are right and wrong on both sides (tests/contract/test_answer_checks.py holds them to one table).
`problem` names a text (`wrong.<what>`) that says what is wrong and what a right answer looks like.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from kiosk.domain.catalogue import FormField
from kiosk.domain.identity import IdentityError, IdentityKind, check_character, credit_code_check, parse_identity

OLDEST = date(1850, 1, 1)
MOST_TEXT = 1000
_PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82)
)
"""First two digits of a division (GB/T 2260)."""
_PROVINCES_ON_CARDS = _PROVINCES | {83}

WRONG = (
    *("empty", "length", "number", "range", "phone", "bank_card", "bank_card_check", "id_length", "id_number"),
    *("id_check", "name", "text", "social_card", "letters", "company", "company_check", "plate", "pin", "pin_easy"),
    *("pin_differs", "date", "future", "before", "year", "place", "twice", "many", "option"),
)
"""What can be wrong; each has words `wrong.<what>`."""


class Wrong(ValueError):
    """An answer breaks a rule; `what` is one of WRONG, the answer itself is in no message."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def problem(field: FormField, text: str, today: str, answers: Mapping[str, str]) -> str:
    """Text key of what is wrong with an answer in its text form; empty when it is right.

    :param today: ISO 8601 date; empty where no day is known: then nothing is in the future.
    :param answers: the form's other answers.
    """
    try:
        check(field, text, today, answers)
    except Wrong as wrong:
        return f"wrong.{wrong.what}"
    return ""


def check(field: FormField, text: str, today: str, answers: Mapping[str, str]) -> None:
    """:raises Wrong: the first rule that is broken."""
    need(bool(text), "empty")
    need(len(text) <= MOST_TEXT, "length")
    if field.options:
        need(text in field.options, "option")
    _CHECKS[field.check](field, text, date.fromisoformat(today) if today else date.max)
    before = answers.get(field.not_before, "") if field.not_before else ""
    # Days and months are written so that the order of texts is their order.
    need(before <= text, "before")


def need(holds: bool, what: str) -> None:
    """:raises Wrong: it does not hold."""
    if not holds:
        raise Wrong(what)


def person_number(text: str) -> None:
    """18 characters of GB 11643; permits of residents of Hong Kong, Macao and Taiwan are numbered alike."""
    need(len(text) == 18, "id_length")
    need(re.fullmatch(r"[0-9]{17}[0-9X]", text) is not None and int(text[:2]) in _PROVINCES_ON_CARDS, "id_number")
    need(_day(f"{text[6:10]}-{text[10:12]}-{text[12:14]}", "id_number") >= OLDEST, "id_number")
    need(check_character(text[:17]) == text[17], "id_check")


def number_of_today(text: str, today: date) -> str:
    """A typed number as it is written now: one of 15 digits from an old card becomes its 18. :raises Wrong:"""
    if len(text) != 15:
        return text
    try:
        found = parse_identity(text, today)
    except IdentityError:
        raise Wrong("id_number") from None
    need(found.kind is IdentityKind.RESIDENT, "id_number")
    return found.number.reveal()


def person_name(text: str) -> None:
    need(bool(text.strip()) and text == text.strip(), "name")
    need(all(character.isalpha() or character in "·•. '-" for character in text), "name")


def _person(text: str) -> None:
    number, _, name = text.partition(" ")
    person_number(number)
    need(len(name) <= 64, "length")
    person_name(name)


def _day(text: str, what: str = "date") -> date:
    need(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None, what)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Wrong(what) from None


def _a_day(text: str) -> date:
    found = _day(text)
    need(found >= OLDEST, "date")
    return found


def _within(value: int | Decimal, field: FormField, what: str = "range") -> None:
    need(field.least is None or value >= Decimal(str(field.least)), what)
    need(field.most is None or value <= Decimal(str(field.most)), what)


def _year_number(text: str) -> int:
    need(re.fullmatch(r"[0-9]{4}", text) is not None, "year")
    return int(text)


def _past_date(field: FormField, text: str, today: date) -> None:
    need(_a_day(text) <= today, "future")


def _past_month(field: FormField, text: str, today: date) -> None:
    need(re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) is not None, "date")
    found = int(text[:4] + text[5:])
    _within(found, field)
    need(found <= today.year * 100 + today.month, "future")


def _past_year(field: FormField, text: str, today: date) -> None:
    found = _year_number(text)
    _within(found, field)
    need(found <= today.year, "future")


def _near_year(field: FormField, text: str, today: date) -> None:
    need(_year_number(text) - today.year in (0, 1), "year")


def _whole(field: FormField, text: str, today: date) -> None:
    need(re.fullmatch(r"0|[1-9][0-9]{0,14}", text) is not None, "number")
    _within(int(text), field)


def _decimal(field: FormField, text: str, today: date) -> None:
    need(re.fullmatch(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?", text) is not None, "number")
    _within(Decimal(text), field)


def _digits(field: FormField, text: str, today: date) -> None:
    need(re.fullmatch(r"[0-9]+", text) is not None, "number")
    _within(len(text), field, "length")


def _bank_card(text: str) -> None:
    """12 to 19 digits, Luhn (ISO/IEC 7812-1)."""
    need(re.fullmatch(r"[0-9]{12,19}", text) is not None, "bank_card")
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(text))]
    need(sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0, "bank_card_check")


def _phone(text: str) -> None:
    mobile_or_line = r"1[3-9][0-9]{9}|0(10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}"
    need(re.fullmatch(mobile_or_line, text) is not None, "phone")


def _plain_text(text: str) -> None:
    need(bool(text.strip()), "empty")
    need(not any(unicodedata.category(character)[0] == "C" for character in text), "text")


def _company(text: str) -> None:
    """GB 32100: 18 of 31 characters, weights 3^i modulo 31."""
    need(re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{18}", text) is not None, "company")
    need(credit_code_check(text[:17]) == text[17], "company_check")


def _pin(text: str) -> None:
    need(re.fullmatch(r"[0-9]{6}", text) is not None, "pin")
    steps = {int(after) - int(before) for before, after in itertools.pairwise(text)}
    need(steps not in ({0}, {1}, {-1}), "pin_easy")


def _plate(field: FormField, text: str, today: date) -> None:
    """GA 36: the province's sign, a letter, five signs, or six for a car without fuel; never I and O."""
    need(text[:1] != "" and text[:1] in field.alphabet, "plate")
    need(re.fullmatch(r"[A-HJ-NP-Z][A-HJ-NP-Z0-9]{5,6}", text[1:]) is not None, "plate")


def _place_code(text: str) -> None:
    need(re.fullmatch(r"[0-9]{6}([0-9]{3}){0,2}", text) is not None and int(text[:2]) in _PROVINCES, "place")


def _village_code(text: str) -> None:
    need(len(text) == 12, "place")
    _place_code(text)


def _people(field: FormField, text: str, today: date) -> None:
    everybody = text.split(";")
    _within(len(everybody), field, "many")
    need(len({each[:18] for each in everybody}) == len(everybody), "twice")
    for each in everybody:
        _person(each)


def _picks(field: FormField, text: str, today: date) -> None:
    picks = text.split(";")
    _within(len(picks), field, "many")
    need(len(set(picks)) == len(picks), "twice")
    for pick in picks:
        need(len(pick) <= 40, "length")
        _matches(r"[0-9A-Za-z_.:-]+", "letters")(pick)


def _slot(field: FormField, text: str, today: date) -> None:
    need(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:(00|15|30|45)", text) is not None, "date")
    try:
        moment = datetime.fromisoformat(text).date()
    except ValueError:
        raise Wrong("date") from None
    need(today <= moment <= today + timedelta(days=366), "date")


def _matches(pattern: str, what: str) -> Callable[[str], None]:
    return lambda text: need(re.fullmatch(pattern, text) is not None, what)


_Check = Callable[[FormField, str, date], None]


def _sized(rule: Callable[[str], None]) -> _Check:
    """A check of one text that has a length too."""

    def run(field: FormField, text: str, today: date) -> None:
        rule(text)
        _within(len(text), field, "length")

    return run


def _nothing(field: FormField, text: str, today: date) -> None:
    """The options are asked for before every check."""


_CHECKS: Mapping[str, _Check] = {
    "one_of": _nothing,
    "account": _nothing,
    "in_table": _sized(_matches(r"[0-9A-Za-z_]{1,32}", "option")),
    "plain_text": _sized(_plain_text),
    "person_name": _sized(person_name),
    "social_card_no": _sized(_matches(r"[0-9A-Z]{9}", "social_card")),
    "policy_no": _sized(_matches(r"[0-9A-Z]+", "letters")),
    "meter_no": _sized(_matches(r"[0-9A-Z]+", "letters")),
    "reference": _sized(_matches(r"[0-9A-Za-z_.:-]+", "letters")),
    "receipt_no": _digits,
    "bank_card": _sized(_bank_card),
    "pin": _sized(_pin),
    "mainland_phone": _sized(_phone),
    "any_date": lambda field, text, today: need(_a_day(text) >= OLDEST, "date"),
    "past_date": _past_date,
    "past_month": _past_month,
    "past_year": _past_year,
    "this_or_next_year": _near_year,
    "money_range": _whole,
    "count_range": _whole,
    "measure_range": _decimal,
    "place_code": _sized(_place_code),
    "village_code": _sized(_village_code),
    "person": _sized(_person),
    "people": _people,
    "plate": _plate,
    "uscc": _sized(_company),
    "picks": _picks,
    "future_slot": _slot,
}
CHECKS = frozenset(_CHECKS)
"""Names of the checks; a catalogue that names another one asks what this kiosk cannot judge."""
