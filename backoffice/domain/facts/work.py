"""Pension, employment, social card, medical insurance (L14 L15 L16 L17 L18)."""

from __future__ import annotations

from datetime import date

from backoffice.domain.facts.base import Lookups, day, entry, holds_on, known_absent, number, rows
from backoffice.domain.rules import FactValue

SOURCES: dict[str, tuple[str, ...]] = {
    "pension_insured": ("L14",),
    "pension_scheme": ("L14",),
    "pension_state": ("L14",),
    "pension_drawing": ("L14",),
    "certification_due_days": ("L14",),
    "employment_state": ("L15",),
    "employment_hardship": ("L15",),
    "social_card_state": ("L16",),
    "medical_registered": ("L17",),
    "medical_insured": ("L17",),
    "medical_scheme": ("L17",),
    "medical_year_paid": ("L17",),
    "medical_pool": ("L17",),
    "medical_balance_fen": ("L17",),
    "away_registered": ("L18",),
    "chronic_registered": ("L18",),
}


def facts(lookups: Lookups, today: date) -> dict[str, FactValue]:
    return {
        **_pension(lookups, today),
        **_employment(lookups),
        **_card(lookups),
        **_medical(lookups, today),
        **_away(lookups, today),
    }


def _pension(lookups: Lookups, today: date) -> dict[str, FactValue]:
    if known_absent(lookups, "L14"):
        return {"pension_insured": False, "pension_drawing": False}
    pension = entry(lookups, "L14")
    if pension is None:
        return {}
    found: dict[str, FactValue] = {
        "pension_insured": pension["state"] != "closed",
        "pension_scheme": str(pension["scheme"]),
        "pension_state": str(pension["state"]),
        "pension_drawing": pension["state"] == "drawing",
    }
    if "certify_by" in pension:
        found["certification_due_days"] = (day(pension, "certify_by") - today).days
    return found


def _employment(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L15"):
        return {"employment_state": "none"}
    work = entry(lookups, "L15")
    if work is None:
        return {}
    return {"employment_state": str(work["state"]), "employment_hardship": work["hardship"] is True}


def _card(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L16"):
        return {"social_card_state": "none"}
    card = entry(lookups, "L16")
    return {"social_card_state": str(card["state"])} if card is not None and "state" in card else {}


def _medical(lookups: Lookups, today: date) -> dict[str, FactValue]:
    if known_absent(lookups, "L17"):
        return {"medical_registered": False, "medical_insured": False, "medical_year_paid": False}
    medical = entry(lookups, "L17")
    if medical is None:
        return {}
    this_year = number(medical, "year") >= today.year
    return {
        "medical_registered": True,
        "medical_insured": this_year and medical["state"] == "paid",
        "medical_scheme": str(medical["scheme"]),
        "medical_year_paid": this_year and medical["state"] == "paid",
        "medical_pool": str(medical["pool"]),
        "medical_balance_fen": number(medical, "balance_fen"),
    }


def _away(lookups: Lookups, today: date) -> dict[str, FactValue]:
    if known_absent(lookups, "L18"):
        return {"away_registered": False, "chronic_registered": False}
    away = entry(lookups, "L18")
    if away is None:
        return {}
    return {
        "away_registered": away["away"] is True,
        "chronic_registered": any(holds_on(row, "until", today) for row in rows(away, "chronic")),
    }
