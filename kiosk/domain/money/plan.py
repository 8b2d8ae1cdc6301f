"""Which fields of a bill's or an appointment's form are asked: the bill, the booking and the card say the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from kiosk.domain.catalogue import FormField, Mode, ServiceItem
from kiosk.domain.money.state import Bill

MODES = frozenset((Mode.PAY, Mode.BOOK))
HOUSEHOLD = frozenset(("XA004", "XA023"))
"""Contributions: the bill can be of the whole household, once she has agreed to that look-up (L03)."""
OF_BILL = frozenset(("pay_year", "pension_tier", "insured_people", "amount"))
"""What the bill says line by line."""
CODES = ("water_no", "power_no", "gas_no", "violations")
"""What finds a bill that stands under no name: a meter's number, or the payment code on a decision about a fine. They
travel beside the form and are asked all the same."""


def asked_of(item: ServiceItem, field: FormField) -> bool:
    """Whether somebody must be asked this field of this item."""
    if item.mode not in MODES:
        return field.is_question
    if field.key in CODES:
        return True
    return field.is_question and field.key not in OF_BILL and field.key != "slot"


def codes_of(answers: Mapping[str, str]) -> list[str]:
    """The meter's number, or each decision's code: several are one answer, joined as the contract joins picks."""
    return [code for name in CODES for code in answers.get(name, "").split(";") if code]


def form_of_bill(item_id: str, answers: Mapping[str, str], bill: Bill, who: str) -> dict[str, str]:
    """The form's answers, with what the bill says of them.

    :param who: number and name of who stands here, as the contract writes a person.
    """
    form = {key: value for key, value in answers.items() if key not in CODES}
    if item_id not in HOUSEHOLD or not bill.due:
        return form
    form["pay_year"] = bill.due[0].period
    if item_id == "XA004":
        form["pension_tier"] = _tier(bill.due[0].amount_fen)
    else:
        form["insured_people"] = who
    return form


TIERS_YUAN = (200, 500, 800, 1000, 1500, 2000, 3000, 4000, 5000)
"""Yearly contributions that can be chosen (list `pension_tiers`); a rest of one is owed on the next higher."""


def _tier(owed_fen: int) -> str:
    return f"t{next((yuan for yuan in TIERS_YUAN if yuan * 100 >= owed_fen), TIERS_YUAN[-1])}"


_BILLS_A_YEAR = 12
"""Of a meter: each month one."""


def year_limit_fen(bill: Bill) -> int:
    """What she signs for at most a year: this contribution, or as much as this bill each month."""
    return bill.total_fen if bill.item_id in HOUSEHOLD else bill.total_fen * _BILLS_A_YEAR


ELDER_YEARS = 60
"""Who counts as an elder (老年人权益保障法 art. 2): the priority line without being asked."""


def lane_for(birth: str, today: date) -> str:
    """The line of a hall's queue; without a birthday the common one. :param birth: ISO 8601, or empty."""
    if not birth:
        return "normal"
    born = date.fromisoformat(birth)
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return "priority" if years >= ELDER_YEARS else "normal"
