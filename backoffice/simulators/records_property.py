"""Registers of business, home, land, credit, certificates and bills: L19 to L23, L26, L27, L29 to L31."""

from __future__ import annotations

from datetime import date

from backoffice.simulators.people import Person
from backoffice.simulators.world import Entry, World, years_after

_MEDICAL_FEE_FEN = 43000
_PENSION_STEPS_FEN = (20000, 40000, 60000, 100000)
_SUBSIDY_FEN_PER_M2 = 15


def contributions(person: Person, world: World, paying_pension: bool) -> Entry | None:
    """L19: this year's bills of the two insurances of residents."""
    if not person.alive or not world.maybe(0.7):
        return None
    bills = [_bill(world, "medical", _MEDICAL_FEE_FEN)]
    if paying_pension:
        bills.append(_bill(world, "pension", world.chance.choice(_PENSION_STEPS_FEN)))
    return {"cleared": world.maybe(0.97), "bills": bills}


def _bill(world: World, kind: str, due_fen: int) -> Entry:
    paid = due_fen if world.maybe(0.85) else 0
    return {"kind": kind, "year": world.as_of.year, "due_fen": due_fen, "paid_fen": paid}


def business(person: Person, world: World) -> Entry | None:
    """L20"""
    if not person.alive or not 18 <= person.age(world.as_of) < 75 or not world.maybe(0.05):
        return None
    kind = world.chance.choice(world.lists.shops)
    return {
        "uscc": world.shop_number(),
        "name": f"{person.village.name}{person.name}{kind}",
        "state": world.chance.choices(("open", "cancelled", "revoked"), (80, 17, 3))[0],
        "operator": person.name,
        "scope": kind,
    }


def housing_fund(person: Person, world: World, employed: bool) -> Entry | None:
    """L21"""
    if not person.alive or not employed or not world.maybe(0.75):
        return None
    retired = person.age(world.as_of) >= 60
    return {
        "state": "sealed" if retired else "active",
        "monthly_fen": 0 if retired else world.chance.randrange(30000, 300000, 100),
        "balance_fen": world.chance.randrange(0, 20000000, 100),
    }


def homes(person: Person, world: World) -> Entry | None:
    """L22: the head of a household owns, and some own a second one."""
    home = world.home(person)
    if home is None or person is not home.head or not world.maybe(0.75):
        return None
    count = 2 if world.maybe(0.08) else 1
    return {"homes": [_home(world, home.village.code_on(world.days_ago(100, 9000))) for _ in range(count)]}


def _home(world: World, division: str) -> Entry:
    return {
        "certificate": f"XA{world.chance.randrange(10**7):07d}",
        "division": division,
        "area_m2": world.chance.randrange(45, 320),
    }


def land(person: Person, world: World) -> Entry | None:
    """L23: by household, in villages that farm."""
    home = world.home(person)
    if home is None or person is not home.head or not home.village.farming or not world.maybe(0.8):
        return None
    return {"plots": [_plot(world, home.index, n) for n in range(world.chance.randrange(1, 5))]}


def _plot(world: World, household: int, n: int) -> Entry:
    area = world.chance.randrange(200, 2500)
    return {"plot": f"{household:06d}-{n + 1:02d}", "area_m2": area, "subsidy_fen": area * _SUBSIDY_FEN_PER_M2}


def judgment(person: Person, world: World) -> Entry | None:
    """L26"""
    return {"hit": True} if person.age(world.as_of) >= 18 and world.maybe(0.004) else None


def broken_promise(person: Person, world: World) -> Entry | None:
    """L27"""
    if not person.alive or person.age(world.as_of) < 18 or not world.maybe(0.004):
        return None
    return {"hit": True, "repaired": world.maybe(0.4), "until": world.days_ahead(-100, 365).isoformat()}


def broken_by_firm(person: Person, entries: dict[str, Entry]) -> Entry | None:
    """L27 of some who run a business; asked by the firm's code it is the firm's."""
    if "L20" not in entries or "L27" in entries or person.serial % 20:
        return entries.get("L27")
    return {"hit": True, "repaired": False}


def certificates(person: Person, world: World, entries: dict[str, Entry]) -> dict[str, Entry]:
    """L29, by type: only what another register knows, so that both say the same."""
    found: dict[str, Entry] = {}
    if person.alive and person.age(world.as_of) >= 16:
        issued = max(world.days_ago(100, 5000), years_after(person.birth, 16))
        found["id_card"] = _certificate("SF", person, min(issued, world.as_of))
    if "L13" in entries:
        until = entries["L13"]["valid_until"]
        issued = years_after(date.fromisoformat(until), -10)
        found["disability"] = {**_certificate("CJ", person, issued), "valid_until": until}
    if "L10" in entries and person.married_on is not None:
        found["marriage"] = _certificate("JH", person, person.married_on)
    if entries.get("L20", {}).get("state") == "open":
        found["business_licence"] = _certificate("YY", person, world.days_ago(30, 4000))
    return found


def _certificate(kind: str, person: Person, issued: date) -> Entry:
    return {"certificate_no": f"{kind}{person.serial:09d}", "issued_on": issued.isoformat()}


def meters(person: Person, world: World) -> dict[str, Entry]:
    """L30, by meter: water and power of a household are the head's."""
    home = world.home(person)
    if home is None or person is not home.head:
        return {}
    return {
        f"{prefix}{home.index:08d}": {
            "kind": kind,
            "owed_fen": world.chance.randrange(1000, 30000, 10) if world.maybe(0.2) else 0,
        }
        for prefix, kind in (("W", "water"), ("E", "power"))
    }


def payments(person: Person, entries: dict[str, Entry]) -> dict[str, Entry]:
    """L31, by payment code: the traffic fines of L06 and the insurance bills of L19."""
    fines = entries.get("L06", {}).get("violations", [])
    bills = entries.get("L19", {}).get("bills", [])
    of_fines = {
        f"JT{person.serial:08d}{n:02d}": _payment(person, 0 if fine["paid"] else fine["fine_fen"])
        for n, fine in enumerate(fines, start=1)
    }
    of_bills = {
        f"SB{person.serial:08d}{n:02d}": _payment(person, bill["due_fen"] - bill["paid_fen"])
        for n, bill in enumerate(bills, start=1)
    }
    return of_fines | of_bills


def _payment(person: Person, due_fen: int) -> Entry:
    """Of some the bank has never said whether they came through."""
    if due_fen and person.serial % 31 == 0:
        return {"due_fen": due_fen, "state": "unclear"}
    return {"due_fen": due_fen, "state": "open" if due_fen else "paid"}
