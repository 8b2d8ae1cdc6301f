"""Registers of persons, families, births and deaths: L01 to L10 and L25."""

from __future__ import annotations

from datetime import date, timedelta

from backoffice.simulators.people import Person
from backoffice.simulators.world import Entry, World

_BIRTH_CERTIFICATES_SINCE = date(1996, 1, 1)
_MARRIAGES_ENTERED_SINCE = 1986
_PLATE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


def population(person: Person, world: World) -> Entry | None:
    """L01. A household elsewhere: of most of them the district's copy has no division."""
    if world.has("not_in_population", person):
        return None
    last_day = world.as_of if person.died_on is None else person.died_on
    return {
        "birth": person.birth.isoformat(),
        "household": _household_elsewhere(person) if person.elsewhere else person.village.code_on(last_day),
        "alive": person.alive or world.has("death_not_passed_on", person),
    }


def _household_elsewhere(person: Person) -> str:
    """Whose papers have followed: the home county's first town."""
    return f"{person.number[:6]}100201" if person.serial % 3 == 0 else ""


def photo(person: Person, world: World) -> Entry | None:
    """L02. Nobody under 16 and not every old person has a photo in the register."""
    if person.age(world.as_of) < 16 or not person.alive or world.maybe(0.04):
        return None
    return {"photo_ref": f"photo-{person.serial:08d}", "score": world.chance.randrange(820, 990)}


def household(person: Person, world: World) -> Entry | None:
    """L03. Everybody else in the book, with the relation to the head."""
    home = world.home(person)
    if home is None:
        return None
    others = [
        {"number": other.number, "name": other.name, "relation": home.relation(other), "alive": True}
        for other in home.members
        if other is not person
    ]
    return {"head": person is home.head, "household_no": home.number, "members": others}


def residence(person: Person, world: World) -> Entry | None:
    """L04: whose household register is elsewhere."""
    if not person.elsewhere or not person.alive or world.maybe(0.3):
        return None
    registered = world.days_ago(30, 3000)
    found: Entry = {"registered_on": registered.isoformat(), "division": person.village.code_on(registered)}
    if world.maybe(0.7):
        found["permit_until"] = world.days_ahead(-60, 365).isoformat()
    return found


def criminal_record(person: Person, world: World) -> Entry | None:
    """L05"""
    if person.age(world.as_of) < 14:
        return None
    return {"result": world.chance.choices(("none", "record", "review"), (985, 8, 7))[0]}


def traffic(person: Person, world: World) -> Entry | None:
    """L06"""
    if not person.alive or not 18 <= person.age(world.as_of) < 75 or not world.maybe(0.5):
        return None
    expired = world.maybe(0.05)
    until = world.days_ago(1, 700) if expired else world.days_ahead(0, 3000)
    return {
        "licence": "expired" if expired else "valid",
        "licence_until": until.isoformat(),
        "medical_until": world.days_ahead(-30, 700).isoformat(),
        "vehicles": [_vehicle(world)] if world.maybe(0.6) else [],
        "violations": [_violation(world) for _ in range(world.chance.choice((0, 0, 0, 1, 2)))],
    }


def _vehicle(world: World) -> Entry:
    plate = "\u95fdD" + "".join(world.chance.choice(_PLATE_SIGNS) for _ in range(5))
    return {"plate": plate, "exempt": world.maybe(0.5), "inspect_by": world.days_ahead(-60, 700).isoformat()}


def _violation(world: World) -> Entry:
    fine = world.chance.choice((5000, 10000, 20000))
    return {"on": world.days_ago(1, 300).isoformat(), "fine_fen": fine, "paid": world.maybe(0.5)}


def births(person: Person, world: World) -> Entry | None:
    """L07, asked by the mother's number."""
    if person.sex != 2:
        return None
    children = [
        {
            "number": child.number,
            "certificate": f"X{child.serial:09d}",
            "born_on": child.birth.isoformat(),
            **({"father": child.father.number} if child.father is not None else {}),
        }
        for child in person.children
        if child.birth >= _BIRTH_CERTIFICATES_SINCE
    ]
    return {"children": children} if children else None


def death(person: Person, world: World) -> Entry | None:
    """L08"""
    if person.died_on is None:
        return None
    found: Entry = {"died_on": person.died_on.isoformat()}
    cremated = person.died_on + timedelta(days=world.chance.randrange(1, 8))
    if person.died_on.year >= 1998 and cremated <= world.as_of:
        found["cremated_on"] = cremated.isoformat()
        found["cremation_no"] = f"H{cremated:%Y%m%d}{world.chance.randrange(1000):03d}"
    return found


def birth_registrations(person: Person, world: World) -> Entry | None:
    """L09: of children born since 2003, in the order of all children."""
    registrations = [
        {"order": order, "registered_on": (child.birth - timedelta(days=90)).isoformat()}
        for order, child in enumerate(person.children, start=1)
        if child.birth.year >= 2003
    ]
    return {"registrations": registrations} if registrations else None


def marriage(person: Person, world: World) -> Entry | None:
    """L10: marriages before 1986 are mostly on paper only."""
    if person.spouse is None or person.number not in world.entered:
        return None
    state = person.marital_state
    since = person.divorced_on if state == "divorced" else person.married_on
    if state == "widowed":
        since = person.spouse.died_on
    assert since is not None
    return {"state": state, "spouse": person.spouse.number, "since": since.isoformat()}


def enter_marriages(world: World) -> None:
    """Decide which couples are in the register, before entries are made."""
    for person in world.people:
        spouse, on = person.spouse, person.married_on
        if spouse is None or on is None or person.sex == 2:
            continue
        if on.year >= _MARRIAGES_ENTERED_SINCE or world.maybe(0.4):
            world.entered.update((person.number, spouse.number))


def school(person: Person, world: World) -> Entry | None:
    """L25"""
    age = person.age(date(world.as_of.year, 8, 31))
    if not person.alive or not 6 <= age < 18:
        return None
    return {"school": f"{person.village.town}-{person.village.code[9:]}", "grade": age - 5}
