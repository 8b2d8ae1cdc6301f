"""A commitment instead of a paper (告知承诺): who may make it, and what can become of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from backoffice.domain.items.item import Item
from backoffice.domain.items.terms import AUTHORITY, DeputyPromise


class CommitmentState(StrEnum):
    MADE = "made"
    """It stands, and its check is still to come."""
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"
    """By the resident, before the check."""
    LAPSED = "lapsed"
    """Nothing was decided on it: the case went the ordinary way."""


class Lifted(StrEnum):
    """Why somebody may make commitments again."""

    REPAIR = "repair"
    """信用修复: put right what was not so."""
    APPEAL = "appeal"
    """申诉: it had been kept after all."""


def deputy_may_promise(item: Item, authority: str) -> bool:
    """:param authority: digest of the written authority that came with the case; empty = none."""
    deputy = item.deputy
    able = deputy.promise is DeputyPromise.WITH_AUTHORITY and bool(AUTHORITY & set(deputy.who))
    return able and bool(authority)


def promiser(item: Item, applicant_number: str, form: Mapping[str, str]) -> str:
    """Whose commitment it is: the firm's by its code where the item is about one, else the applicant's."""
    parties = item.ruling.asking.parties if item.ruling else ()
    firms = [form.get(party.field, "") for party in parties if party.firm]
    return next((code for code in firms if code), applicant_number)
