"""Relief, allowance, disability, veterans (L11 L12 L13 L24).

An expired entry is an entry that does not hold: the fact is false, its class and level are absent.
"""

from __future__ import annotations

from datetime import date

from backoffice.domain.facts.base import Lookups, LookupState, entry, holds_on, known_absent, number
from backoffice.domain.rules import FactValue

SOURCES: dict[str, tuple[str, ...]] = {
    "on_relief": ("L11",),
    "relief_category": ("L11",),
    "allowance_paid": ("L12",),
    "allowance_fen": ("L12",),
    "disabled": ("L13",),
    "disability_class": ("L13",),
    "disability_level": ("L13",),
    "veteran": ("L24",),
    "veteran_rural": ("L24",),
    "veteran_card": ("L24",),
}


def facts(lookups: Lookups, today: date) -> dict[str, FactValue]:
    return {
        **_relief(lookups, today),
        **_allowance(lookups),
        **_disability(lookups, today),
        **_veteran(lookups),
    }


def _relief(lookups: Lookups, today: date) -> dict[str, FactValue]:
    if known_absent(lookups, "L11"):
        return {"on_relief": False}
    relief = entry(lookups, "L11")
    if relief is None:
        return {}
    if not holds_on(relief, "valid_until", today):
        return {"on_relief": False}
    return {"on_relief": True, "relief_category": str(relief["category"])}


def _allowance(lookups: Lookups) -> dict[str, FactValue]:
    ledger = lookups.get("L12")
    if ledger is None or not ledger.state.answered:
        return {}
    found: dict[str, FactValue] = {"allowance_paid": ledger.state is LookupState.ANSWERED}
    if "amount_fen" in ledger.values:
        found["allowance_fen"] = number(ledger.values, "amount_fen")
    return found


def _disability(lookups: Lookups, today: date) -> dict[str, FactValue]:
    if known_absent(lookups, "L13"):
        return {"disabled": False}
    card = entry(lookups, "L13")
    if card is None:
        return {}
    if not holds_on(card, "valid_until", today):
        return {"disabled": False}
    return {"disabled": True, "disability_class": str(card["class"]), "disability_level": number(card, "level")}


def _veteran(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L24"):
        return {"veteran": False}
    service = entry(lookups, "L24")
    if service is None:
        return {}
    # A family member of a fallen soldier is entitled as such, not as a veteran.
    return {
        "veteran": service["category"] != "family",
        "veteran_rural": service["rural"] is True,
        "veteran_card": service["card"] is True,
    }
