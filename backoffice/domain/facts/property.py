"""Business, housing fund, homes, land, certificates (L20 L21 L22 L23 L29)."""

from __future__ import annotations

from datetime import date

from backoffice.domain.facts.base import Lookups, entry, holds_on, known_absent, number, rows
from backoffice.domain.rules import FactValue

SOURCES: dict[str, tuple[str, ...]] = {
    "business_registered": ("L20",),
    "business_open": ("L20",),
    "operated_uscc": ("L20",),
    "fund_state": ("L21",),
    "fund_balance_fen": ("L21",),
    "owns_home": ("L22",),
    "homes_owned": ("L22",),
    "contracted_land_m2": ("L23",),
    "land_subsidy_fen": ("L23",),
    "certificate_found": ("L29",),
    "certificate_valid": ("L29",),
}


def facts(lookups: Lookups, today: date) -> dict[str, FactValue]:
    return {
        **_business(lookups),
        **_fund(lookups),
        **_homes(lookups),
        **_land(lookups),
        **_certificate(lookups, today),
    }


def _business(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L20"):
        return {"business_registered": False, "business_open": False, "operated_uscc": ""}
    business = entry(lookups, "L20")
    if business is None:
        return {}
    return {
        "business_registered": True,
        "business_open": business["state"] == "open",
        "operated_uscc": str(business["uscc"]),
    }


def _fund(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L21"):
        return {"fund_state": "none", "fund_balance_fen": 0}
    fund = entry(lookups, "L21")
    return {} if fund is None else {"fund_state": str(fund["state"]), "fund_balance_fen": number(fund, "balance_fen")}


def _homes(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L22"):
        return {"owns_home": False, "homes_owned": 0}
    homes = entry(lookups, "L22")
    if homes is None:
        return {}
    owned = len(rows(homes, "homes"))
    return {"owns_home": owned > 0, "homes_owned": owned}


def _land(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L23"):
        return {"contracted_land_m2": 0, "land_subsidy_fen": 0}
    land = entry(lookups, "L23")
    if land is None:
        return {}
    plots = rows(land, "plots")
    return {
        "contracted_land_m2": sum(number(plot, "area_m2") for plot in plots),
        "land_subsidy_fen": sum(number(plot, "subsidy_fen") for plot in plots),
    }


def _certificate(lookups: Lookups, today: date) -> dict[str, FactValue]:
    """A certificate that the library lacks may lie at home: not found is no "not valid"."""
    if known_absent(lookups, "L29"):
        return {"certificate_found": False}
    certificate = entry(lookups, "L29")
    if certificate is None:
        return {}
    return {"certificate_found": True, "certificate_valid": holds_on(certificate, "valid_until", today)}
