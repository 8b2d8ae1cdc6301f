"""What is owed and what is forbidden: traffic, tax, credit, bills, payments (L06 L19 L26 L27 L30 L31)."""

from __future__ import annotations

from datetime import date

from backoffice.domain.facts.base import Lookups, entry, holds_on, known_absent, number, rows
from backoffice.domain.rules import FactValue

SOURCES: dict[str, tuple[str, ...]] = {
    "licence_valid": ("L06",),
    "driver_medical_ok": ("L06",),
    "unpaid_fines_fen": ("L06",),
    "vehicle_registered": ("L06",),
    "vehicle_inspection_exempt": ("L06",),
    "contribution_due_fen": ("L19",),
    "tax_cleared": ("L19",),
    "judgment_debtor": ("L26",),
    "commitment_allowed": ("L27",),
    "utility_owed_fen": ("L30",),
    "payment_state": ("L31",),
    "payment_due_fen": ("L31",),
}


def facts(lookups: Lookups, today: date, plate: str = "") -> dict[str, FactValue]:
    """:param plate: the vehicle that is spoken about; without one nothing is said about vehicles."""
    return {
        **_traffic(lookups, today),
        **(_vehicle(lookups, plate) if plate else {}),
        **_tax(lookups),
        **_credit(lookups, today),
        **_bills(lookups),
    }


def _traffic(lookups: Lookups, today: date) -> dict[str, FactValue]:
    if known_absent(lookups, "L06"):
        return {"licence_valid": False, "unpaid_fines_fen": 0}
    traffic = entry(lookups, "L06")
    if traffic is None:
        return {}
    unpaid = [number(fine, "fine_fen") for fine in rows(traffic, "violations") if fine["paid"] is False]
    found: dict[str, FactValue] = {
        "licence_valid": traffic["licence"] == "valid" and holds_on(traffic, "licence_until", today),
        "unpaid_fines_fen": sum(unpaid),
    }
    if "medical_until" in traffic:
        found["driver_medical_ok"] = holds_on(traffic, "medical_until", today)
    return found


def _vehicle(lookups: Lookups, plate: str) -> dict[str, FactValue]:
    if known_absent(lookups, "L06"):
        return {"vehicle_registered": False}
    traffic = entry(lookups, "L06")
    if traffic is None:
        return {}
    own = [vehicle for vehicle in rows(traffic, "vehicles") if vehicle["plate"] == plate]
    if not own:
        return {"vehicle_registered": False}
    return {"vehicle_registered": True, "vehicle_inspection_exempt": own[0]["exempt"] is True}


def _tax(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L19"):
        return {"contribution_due_fen": 0, "tax_cleared": True}
    tax = entry(lookups, "L19")
    if tax is None:
        return {}
    owed = (max(0, number(bill, "due_fen") - number(bill, "paid_fen")) for bill in rows(tax, "bills"))
    return {"contribution_due_fen": sum(owed), "tax_cleared": tax["cleared"] is True}


def _credit(lookups: Lookups, today: date) -> dict[str, FactValue]:
    """A hit closes the way of the promise, not the service: the ordinary way stays open."""
    found: dict[str, FactValue] = {}
    debtor = entry(lookups, "L26")
    if debtor is not None:
        found["judgment_debtor"] = debtor["hit"] is True
    elif known_absent(lookups, "L26"):
        found["judgment_debtor"] = False
    broken = entry(lookups, "L27")
    if broken is not None:
        in_force = broken["hit"] is True and broken["repaired"] is not True and holds_on(broken, "until", today)
        found["commitment_allowed"] = not in_force
    elif known_absent(lookups, "L27"):
        found["commitment_allowed"] = True
    return found


def _bills(lookups: Lookups) -> dict[str, FactValue]:
    """An unknown meter or payment code is no fact about money: it may have been typed wrongly."""
    found: dict[str, FactValue] = {}
    meter = entry(lookups, "L30")
    if meter is not None:
        found["utility_owed_fen"] = number(meter, "owed_fen")
    payment = entry(lookups, "L31")
    if payment is not None:
        found["payment_state"] = str(payment["state"])
        # Whether it was paid is what "unclear" means: an amount would invite paying twice.
        if payment["state"] != "unclear":
            found["payment_due_fen"] = number(payment, "due_fen")
    return found
