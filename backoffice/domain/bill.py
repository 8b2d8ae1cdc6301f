"""What is owed, line by line, from what registers answer. A silent register takes no money.

Amounts are fen. `due` names one debt for good (kind, whose, period): two bills about the same debt carry the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backoffice.domain.facts.base import Lookup, Lookups, LookupState, Value, entry
from backoffice.domain.text import Arg, Line

PENSION, MEDICAL, FINE = "XA004", "XA023", "XA068"
UTILITIES = {"XA101": "water", "XA102": "power", "XA103": "gas"}
ITEMS = frozenset((PENSION, MEDICAL, FINE, *UTILITIES))

PAID_BY_THE_STATE = ("low_income", "destitute")
"""L11: their contribution is paid for them; `near_low` pays a part itself."""
SEVERE_LEVELS = (1, 2)
"""L13: levels of a severe disability."""


class Standing(StrEnum):
    DUE = "due"
    EXEMPT = "exempt"
    """The state pays it."""
    EXEMPTION_UNCLEAR = "exemption_unclear"
    """Who would know whether the state pays does not answer: nothing is taken."""
    REGISTER_SILENT = "register_silent"
    UNDER_WAY = "under_way"
    PAID_ALREADY = "paid_already"


@dataclass(frozen=True, slots=True, repr=False)
class BillLine:
    what: str
    """Text key."""
    standing: Standing
    amount_fen: int
    """0 unless due."""
    period: str
    """Year, or empty where the register names none."""
    due: str
    source: str
    as_of: str
    payer: str = ""
    """Whose debt it is; personal."""

    def __repr__(self) -> str:
        return f"BillLine({self.what}, {self.standing})"

    @property
    def whose(self) -> str:
        """The number in `due`: a person's, a meter's, or a payment code."""
        return self.due.split("/")[1]

    @property
    def text(self) -> Line:
        return Line(self.what, {"year": Arg("digits", self.period)} if self.period else {})


def contributions(item_id: str, name: str, number: str, lookups: Lookups, today: date) -> tuple[BillLine, ...]:
    """The insurance contributions of one person: L19 says what, L11 and L13 whether the state pays it."""
    kind = "pension" if item_id == PENSION else "medical"
    what = f"bill.what.{kind}"
    tax = lookups.get("L19")
    if tax is None or not tax.state.answered:
        return (_silent("bill.what.contribution", "L19", f"{kind}/{number}", name, tax),)
    if tax.state is LookupState.NOT_FOUND:
        return ()
    standing = _exemption(lookups, today)
    lines = []
    for row in _rows(tax, "bills"):
        owed = int(row["due_fen"]) - int(row["paid_fen"])
        if row["kind"] != kind or owed <= 0:
            continue
        year = str(row["year"])
        amount = owed if standing is Standing.DUE else 0
        lines.append(BillLine(what, standing, amount, year, f"{kind}/{number}/{year}", "L19", tax.answered_at, name))
    return tuple(lines)


def utility(item_id: str, meter_no: str, lookup: Lookup | None) -> tuple[BillLine, ...]:
    """:raises WrongMeter: the number belongs to another supplier, or to nobody."""
    kind = UTILITIES[item_id]
    what, due = f"bill.what.{kind}", f"{kind}/{meter_no}"
    if lookup is None or not lookup.state.answered:
        return (_silent(what, "L30", due, "", lookup),)
    if lookup.state is LookupState.NOT_FOUND or lookup.values["kind"] != kind:
        raise WrongMeter(kind)
    owed = _int(lookup, "owed_fen")
    return (BillLine(what, Standing.DUE, owed, "", due, "L30", lookup.answered_at),) if owed else ()


def fine(payment_code: str, lookup: Lookup | None) -> tuple[BillLine, ...]:
    """:raises WrongMeter: no such payment code."""
    what, due = "bill.what.fine", f"fine/{payment_code}"
    if lookup is None or not lookup.state.answered:
        return (_silent(what, "L31", due, "", lookup),)
    if lookup.state is LookupState.NOT_FOUND:
        raise WrongMeter("fine")
    state, owed = lookup.values["state"], _int(lookup, "due_fen")
    if state == "unclear":
        return (BillLine(what, Standing.UNDER_WAY, 0, "", due, "L31", lookup.answered_at),)
    if state != "open" or owed == 0:
        return ()
    return (BillLine(what, Standing.DUE, owed, "", due, "L31", lookup.answered_at),)


class WrongMeter(Exception):
    """The number is none of this kind of bill."""


def _exemption(lookups: Lookups, today: date) -> Standing:
    relief, disability = entry(lookups, "L11"), entry(lookups, "L13")
    if relief and relief["category"] in PAID_BY_THE_STATE and _valid(relief, today):
        return Standing.EXEMPT
    if disability and disability["level"] in SEVERE_LEVELS and _valid(disability, today):
        return Standing.EXEMPT
    if not all(code in lookups and lookups[code].state.answered for code in ("L11", "L13")):
        return Standing.EXEMPTION_UNCLEAR
    return Standing.DUE


def _valid(entered: Mapping[str, Value], today: date) -> bool:
    return date.fromisoformat(str(entered["valid_until"])) >= today


def _silent(what: str, source: str, due: str, payer: str, lookup: Lookup | None) -> BillLine:
    as_of = lookup.answered_at if lookup is not None else ""
    return BillLine(what, Standing.REGISTER_SILENT, 0, "", due, source, as_of, payer)


def _rows(lookup: Lookup, name: str) -> Sequence[Mapping[str, str | bool | int]]:
    rows = lookup.values[name]
    assert isinstance(rows, tuple)
    return rows


def _int(lookup: Lookup, name: str) -> int:
    value = lookup.values[name]
    assert isinstance(value, int)
    return value
