"""Who somebody is: population register, face, residence permit, death (L01 L02 L04 L05 L08)."""

from __future__ import annotations

from datetime import date

from backoffice.domain.days import full_years
from backoffice.domain.facts.base import Lookups, LookupState, day, entry, holds_on, known_absent, number
from backoffice.domain.rules import FactValue

SOURCES: dict[str, tuple[str, ...]] = {
    "age_years": ("L01",),
    "household": ("L01",),
    "register_alive": ("L01",),
    "face_matches": ("L02",),
    "face_score": ("L02",),
    "residence_registered": ("L04",),
    "residence_days": ("L04",),
    "permit_valid": ("L04",),
    "criminal_record_clear": ("L05",),
    "death_reported": ("L08",),
    "days_since_death": ("L08",),
    "cremated": ("L08",),
}


def facts(lookups: Lookups, today: date) -> dict[str, FactValue]:
    return {
        **_population(lookups, today),
        **_face(lookups),
        **_residence(lookups, today),
        **_record(lookups),
        **_death(lookups, today),
    }


def _population(lookups: Lookups, today: date) -> dict[str, FactValue]:
    register = entry(lookups, "L01")
    if register is None:
        return {}
    found: dict[str, FactValue] = {
        "age_years": full_years(day(register, "birth"), today),
        "register_alive": register["alive"] is True,
    }
    if register["household"]:
        found["household"] = str(register["household"])
    return found


def _face(lookups: Lookups) -> dict[str, FactValue]:
    """No photo in the register says nothing about the person: somebody looks."""
    face = entry(lookups, "L02")
    if face is None:
        return {}
    return {"face_matches": face["same"] is True and face["live"] is True, "face_score": number(face, "score")}


def _residence(lookups: Lookups, today: date) -> dict[str, FactValue]:
    if known_absent(lookups, "L04"):
        return {"residence_registered": False, "permit_valid": False}
    residence = entry(lookups, "L04")
    if residence is None:
        return {}
    found: dict[str, FactValue] = {
        "residence_registered": True,
        "residence_days": (today - day(residence, "registered_on")).days,
    }
    found["permit_valid"] = "permit_until" in residence and holds_on(residence, "permit_until", today)
    return found


def _record(lookups: Lookups) -> dict[str, FactValue]:
    """Only a clear record is a fact; anything else goes to a human, who tells no reason at the kiosk."""
    record = entry(lookups, "L05")
    return {"criminal_record_clear": True} if record is not None and record["result"] == "none" else {}


def _death(lookups: Lookups, today: date) -> dict[str, FactValue]:
    death = lookups.get("L08")
    if death is None or not death.state.answered:
        return {}
    if death.state is LookupState.NOT_FOUND:
        return {"death_reported": False}
    found: dict[str, FactValue] = {"death_reported": True}
    if "died_on" in death.values:
        found["days_since_death"] = (today - day(death.values, "died_on")).days
        found["cremated"] = "cremated_on" in death.values
    return found
