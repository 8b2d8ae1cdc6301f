"""Registers of relief, work, pensions, medical insurance and veterans: L11 to L18, L24."""

from __future__ import annotations

from datetime import date

from backoffice.simulators.people import Person
from backoffice.simulators.world import Entry, World, month, years_after

_ALLOWANCE_SINCE = date(2012, 1, 1)
_CITY_POOL = "350200"
_RESIDENT_PENSION_AGE = 60


def grant_relief(world: World) -> None:
    """Decide by household, before entries are made: a family gets relief as a whole."""
    for home in world.households:
        alone = len(home.members) == 1 and home.head.age(world.as_of) >= 70
        category = world.chance.choices(("", "low_income", "destitute", "near_low"), _relief_odds(alone))[0]
        if category:
            world.relief[home.index] = {
                "category": category,
                "since": month(world.days_ago(60, 3000)),
                "valid_until": world.days_ahead(-20, 365).isoformat(),
            }


def _relief_odds(alone: bool) -> tuple[int, int, int, int]:
    return (82, 6, 9, 3) if alone else (95, 3, 0, 2)


def relief(person: Person, world: World) -> Entry | None:
    """L11"""
    return world.relief.get(person.household) if person.alive else None


def allowance(person: Person, world: World) -> Entry | None:
    """L12: from the month after the 80th birthday; not everybody has claimed it."""
    starts = max(years_after(person.birth, 80), _ALLOWANCE_SINCE)
    planted = world.has("paid_after_death", person)
    ends = world.as_of if person.alive or planted else person.died_on
    if person.elsewhere or ends is None or starts >= ends or not (planted or world.maybe(0.85)):
        return None
    age = person.age(ends)
    amount = 110000 if age >= 100 else 20000 if age >= 90 else 10000
    return {"since": _month_after(starts), "amount_fen": amount, "last_paid": month(ends)}


def _month_after(day: date) -> str:
    return f"{day.year + 1}-01" if day.month == 12 else f"{day.year}-{day.month + 1:02d}"


def disability(person: Person, world: World) -> Entry | None:
    """L13"""
    age = person.age(world.as_of)
    if not person.alive or not world.maybe(0.16 if age >= 75 else 0.07 if age >= 55 else 0.025):
        return None
    kinds = ("physical", "hearing", "visual", "speech", "intellectual", "mental", "multiple")
    return {
        "class": world.chance.choices(kinds, (45, 20, 13, 3, 7, 8, 4))[0],
        "level": world.chance.choices((1, 2, 3, 4), (12, 23, 27, 38))[0],
        "valid_until": world.days_ahead(-200, 3650).isoformat(),
    }


def pension(person: Person, world: World) -> Entry | None:
    """L14: certified once a year; overdue ones are paused in part."""
    age = person.age(world.as_of if person.died_on is None else person.died_on)
    planted = world.has("pension_after_death", person)
    if age < 16 or not (planted or world.maybe(0.92)):
        return None
    scheme = "employee" if world.maybe(0.45 if person.birth.year >= 1970 else 0.18) else "resident"
    if not person.alive and not planted:
        return {"scheme": scheme, "state": "closed"}
    if age < _pension_age(person, scheme):
        return {"scheme": scheme, "state": "paying"}
    due = world.days_ahead(-40, 365)
    paused = due < world.as_of and person.alive and world.maybe(0.5)
    low, high = (180000, 600000) if scheme == "employee" else (20000, 70000)
    return {
        "scheme": scheme,
        "state": "paused" if paused else "drawing",
        "monthly_fen": world.chance.randrange(low, high, 100),
        "certify_by": due.isoformat(),
        "account_ref": account_ref(person),
    }


def _pension_age(person: Person, scheme: str) -> int:
    return _RESIDENT_PENSION_AGE if scheme == "resident" or person.sex == 1 else 55


def account_ref(person: Person) -> str:
    return f"acct-{person.serial:08d}"


def employment(person: Person, world: World) -> Entry | None:
    """L15"""
    if not person.alive or not 16 <= person.age(world.as_of) < 60 or world.maybe(0.25):
        return None
    state = world.chance.choices(("employed", "unemployed", "flexible"), (70, 8, 22))[0]
    hardship = state == "unemployed" and world.maybe(0.25)
    return {"state": state, "since": world.days_ago(10, 3000).isoformat(), "hardship": hardship}


def social_card(person: Person, world: World) -> Entry | None:
    """L16. `account_matches` is what the bank will say when asked; no part of this answer."""
    planted = world.has("account_of_another_name", person)
    if not person.alive or not (planted or world.maybe(0.94)):
        return None
    return {
        "state": world.chance.choices(("active", "lost", "frozen"), (96, 3, 1))[0],
        "bank": world.chance.choice(world.lists.banks),
        "last4": f"{world.chance.randrange(10000):04d}",
        "account_ref": account_ref(person),
        "account_matches": not planted,
    }


def medical(person: Person, world: World) -> Entry | None:
    """L17"""
    if not person.alive or world.maybe(0.03):
        return None
    unpaid = world.maybe(0.04)
    employed = person.age(world.as_of) >= 18 and world.maybe(0.35)
    return {
        "pool": _CITY_POOL,
        "scheme": "employee" if employed else "resident",
        "state": "unpaid" if unpaid else "paid",
        "year": world.as_of.year - unpaid,
        "balance_fen": world.chance.randrange(0, 500000, 10) if employed else 0,
    }


def away_and_chronic(person: Person, world: World) -> Entry | None:
    """L18"""
    chronic = person.alive and person.age(world.as_of) >= 55 and world.maybe(0.3)
    away = person.alive and world.maybe(0.02)
    if not (chronic or away):
        return None
    disease = world.chance.choice(world.lists.diseases)
    rows = [{"disease": disease, "until": world.days_ahead(-30, 700).isoformat()}] if chronic else []
    found: Entry = {"away": away, "chronic": rows}
    if away:
        found["away_pool"] = "350500"
    return found


def veteran(person: Person, world: World) -> Entry | None:
    """L24"""
    if not person.alive or person.sex != 1 or person.age(world.as_of) < 21 or not world.maybe(0.05):
        return None
    return {
        "category": world.chance.choices(("conscript", "volunteer", "officer"), (80, 15, 5))[0],
        "card": world.maybe(0.85),
        "rural": person.village.farming,
        "left_on": years_after(person.birth, 20 + world.chance.randrange(0, 2)).isoformat(),
    }
