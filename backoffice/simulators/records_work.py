"""Registers of our own: cards and household books in the making (L32), and work that is offered (L33).

They draw from chances of their own, so that what the other registers say of a seed stays as it was.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from backoffice.simulators.people import Person
from backoffice.simulators.world import Entry, World

_STATES = ("checking", "making", "sent", "ready", "collected")
_LONGEST_DAYS = 60
"""The law gives sixty days from the application to the card (居民身份证法, article 12)."""
_LEAST_FEN, _MOST_FEN, _STEP_FEN = 220_000, 650_000, 10_000
WORK_OF_SHOPS = {"小吃店": "service", "食杂店": "service", "理发店": "service", "茶叶店": "service"}
"""What else a shop is, mends or makes something: the rest is one of the others."""
_OTHER_WORK = ("factory", "building", "other")


def in_the_making(person: Person, as_of: date) -> Entry | None:
    """L32: of a few, one paper; the register forgets it when it has been collected for a while."""
    chance = Random(f"L32/{person.number}")
    if not person.alive or chance.random() >= 0.06:
        return None
    return {"papers": [_paper(person, as_of, chance)]}


def _paper(person: Person, as_of: date, chance: Random) -> Entry:
    days = chance.randrange(1, _LONGEST_DAYS)
    state = _STATES[min(days * len(_STATES) // _LONGEST_DAYS, len(_STATES) - 1)]
    since = as_of - timedelta(days=chance.randrange(0, days))
    paper = {
        "kind": "id_card" if person.age(as_of) >= 16 and chance.random() < 0.8 else "household_book",
        "receipt_no": f"3502130{since:%y%m%d}{person.serial % 10**6:06d}",
        "state": state,
        "since": since.isoformat(),
    }
    if state == "ready":
        paper["collect_at"] = f"{person.village.town}派出所"
    return paper


def openings(person: Person, world: World, business: Entry | None) -> list[dict[str, Any]]:
    """L33: some of whoever runs an open business looks for people, where the business is."""
    chance = Random(f"L33/{person.number}")
    if business is None or business["state"] != "open" or chance.random() >= 0.7:
        return []
    return [_opening(person, world, business, chance) for _ in range(chance.randrange(1, 3))]


def _opening(person: Person, world: World, business: Entry, chance: Random) -> dict[str, Any]:
    posted = world.as_of - timedelta(days=chance.randrange(0, 30))
    return {
        "work": WORK_OF_SHOPS.get(business["scope"]) or chance.choice(_OTHER_WORK),
        "employer": business["name"],
        "division": person.village.code_on(posted),
        "monthly_fen": chance.randrange(_LEAST_FEN, _MOST_FEN, _STEP_FEN),
        "wanted": chance.randrange(1, 6),
        # 0592-000 is nobody's exchange.
        "phone": f"0592000{chance.randrange(10_000):04d}",
        "posted_on": posted.isoformat(),
    }
