"""Judging: a case of six answered rules with expressions compiled once, against compiling them anew for each case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bench_row import Row, in_turns, repeated, timed

from backoffice.catalogue.release import read_release
from backoffice.domain.days import WorkCalendar
from backoffice.domain.decide import judge
from backoffice.domain.facts.base import Value
from backoffice.domain.facts.derive import Lookup, LookupState
from backoffice.domain.rules import compiled, facts_used
from backoffice.paths import catalogue_dir

CASES = 200
GOAL = 4.0
"""Compiled once a case must be this many times cheaper than compiled anew."""
TODAY = date(2026, 11, 24)
ITEM = "XA032"
FORM = {"account": "yes"}


def _answers() -> dict[str, Lookup]:
    """Everything right: all six rules pass."""
    found: Mapping[str, Mapping[str, Value] | None] = {
        "L01": {"matches": True, "birth": "1944-03-15", "household": "350213007007", "alive": True},
        "L08": None,
        "L12": None,
        "L16": {"state": "active", "bank": "x", "last4": "6821", "account_ref": "a"},
        "L28": {"matches": True},
    }
    return {
        code: Lookup(code, LookupState.NOT_FOUND if values is None else LookupState.ANSWERED, values or {}, "id", "at")
        for code, values in found.items()
    }


def rows() -> list[Row]:
    item, answers, calendar = read_release(catalogue_dir()).items[ITEM], _answers(), WorkCalendar()
    rules = len(item.rules)
    if judge(item, answers, FORM, TODAY, calendar).decision.outcome != "approved":
        raise AssertionError("the case that is measured must pass all its rules")

    def cached() -> None:
        for _ in range(CASES):
            judge(item, answers, FORM, TODAY, calendar)

    def anew() -> None:
        for _ in range(CASES):
            compiled.cache_clear()
            facts_used.cache_clear()
            judge(item, answers, FORM, TODAY, calendar)

    pairs = in_turns(timed(anew), timed(cached))
    per_s = CASES / pairs.middles()[1]
    note = f"({per_s:.0f} cases of {rules} rules/s, {per_s * rules:.0f} rules/s in this run)"
    return [repeated("rules: a case compiled anew / compiled once", pairs.ratios(), at_least=GOAL, note=note)]
