"""What registers paid out, took in and noted month by month and year by year: L03, L12, L14, L17, L21 and L23.

They draw from chances of their own, so that what the other registers say of a seed stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from backoffice.simulators.world import Entry

_MONTHS, _YEARS, _SPENDINGS = 24, 10, 6
_PAID_ON_DAY = 5
"""Of the month that is paid for."""
_OWN_FEN, _AIDED_FEN, _MEDICAL_FEN = (20000, 40000, 60000), 7000, 43000
_SELLERS = ("翔安区某药店", "翔安区某医院", "村卫生所")


def with_histories(number: str, entries: Mapping[str, Entry], as_of: date) -> dict[str, Entry]:
    """The entries, those of registers that keep a history with theirs."""
    return {code: {**entry, **_of(code, number, entry, as_of)} for code, entry in entries.items()}


def _of(code: str, number: str, entry: Entry, as_of: date) -> Entry:
    make = _MAKE.get(code)
    return make(entry, as_of, Random(f"{code}/{number}/history")) if make else {}


def _household(entry: Entry, as_of: date, chance: Random) -> Entry:
    return {"former_names": [], "cancelled": []}


def _allowance(entry: Entry, as_of: date, chance: Random) -> Entry:
    if "amount_fen" not in entry:
        return {}
    paid = [month for month in _months(entry.get("last_paid", _month(as_of))) if month >= entry["since"]]
    return {"payments": [_payment(month, entry["amount_fen"]) for month in paid]}


def _pension(entry: Entry, as_of: date, chance: Random) -> Entry:
    aided = chance.choice((0, _AIDED_FEN))
    own = chance.choice(_OWN_FEN)
    drawing = "monthly_fen" in entry
    # Whoever draws a pension has paid before it, not beside it.
    last = as_of.year - 1 if not drawing else as_of.year - 1 - chance.randrange(1, 15)
    years = [{"year": last - back, "own_fen": own, "aided_fen": aided} for back in range(_YEARS)]
    months = _months(_month(as_of))[chance.randrange(0, 3) if entry["state"] == "paused" else 0 :] if drawing else []
    return {"contributions": years, "payments": [_payment(month, entry["monthly_fen"]) for month in months]}


def _medical(entry: Entry, as_of: date, chance: Random) -> Entry:
    paid = [{"year": entry["year"] - back, "paid_fen": _MEDICAL_FEN - 2000 * back} for back in range(_YEARS)]
    count = chance.randrange(1, _SPENDINGS) if entry["balance_fen"] else 0
    days = sorted((as_of - timedelta(days=chance.randrange(0, 500)) for _ in range(count)), reverse=True)
    spent = [
        {"on": day.isoformat(), "place": chance.choice(_SELLERS), "amount_fen": chance.randrange(500, 40000, 10)}
        for day in days
    ]
    return {"contributions": paid, "spendings": spent}


def _fund(entry: Entry, as_of: date, chance: Random) -> Entry:
    months = _months(_month(as_of)) if entry["monthly_fen"] else []
    return {"deposits": [{"month": month, "amount_fen": entry["monthly_fen"]} for month in months]}


def _land(entry: Entry, as_of: date, chance: Random) -> Entry:
    total = sum(plot["subsidy_fen"] for plot in entry["plots"])
    years = [as_of.year - back for back in range(_YEARS)]
    return {"subsidies": [{"year": year, "amount_fen": total, "paid_on": f"{year}-06-20"} for year in years]}


_MAKE: dict[str, Callable[[Entry, date, Random], Entry]] = {
    "L03": _household,
    "L12": _allowance,
    "L14": _pension,
    "L17": _medical,
    "L21": _fund,
    "L23": _land,
}


def _payment(month: str, amount_fen: int) -> dict[str, Any]:
    return {"month": month, "amount_fen": amount_fen, "paid_on": f"{month}-{_PAID_ON_DAY:02d}"}


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _months(last: str) -> list[str]:
    """The newest first."""
    year, month = map(int, last.split("-"))
    return [f"{(n := year * 12 + month - 1 - back) // 12}-{n % 12 + 1:02d}" for back in range(_MONTHS)]
