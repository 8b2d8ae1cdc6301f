"""Who lives with whom: couples have a household, children stay until they marry, one married child keeps the old."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from backoffice.simulators.people import Person
from backoffice.simulators.places import Village


@dataclass(slots=True)
class Household:
    index: int
    village: Village
    door: int
    members: list[Person] = field(default_factory=list)
    """The living; the head is the first."""

    @property
    def head(self) -> Person:
        return self.members[0]

    @property
    def number(self) -> str:
        """Of the household book."""
        return f"{self.village.code[6:]}{self.index:06d}"

    def relation(self, person: Person) -> str:
        """Of a member to the head: head, spouse, child, parent, grandchild, sibling, other."""
        head = self.head
        if person is head:
            return "head"
        if person is head.spouse and head.couple:
            return "spouse"
        if person in head.children:
            return "child"
        if person in (head.father, head.mother):
            return "parent"
        if any(person in child.children for child in head.children):
            return "grandchild"
        siblings = [] if head.father is None else head.father.children
        return "sibling" if person in siblings else "other"


def settle(people: list[Person], villages: tuple[Village, ...], chance: Random) -> list[Household]:
    """Give every living person a household. `people` lists parents before their children."""
    households: list[Household] = []
    for person in people:
        if person.alive and person.household < 0:
            _settle_one(person, households, villages, chance)
    return households


def _settle_one(person: Person, households: list[Household], villages: tuple[Village, ...], chance: Random) -> None:
    home = _home_of_family(person, households, chance)
    if home is None:
        moved = chance.random() < 0.15
        village = chance.choice(villages) if moved else person.village
        home = Household(len(households), village, chance.randrange(1, 400))
        households.append(home)
    _join(home, person)
    partner = person.spouse
    if person.couple and partner is not None and partner.household < 0:
        _join(home, partner)


def _home_of_family(person: Person, households: list[Household], chance: Random) -> Household | None:
    """Unmarried: where a parent lives. Married: with parents in one family of four. Widowed: as before."""
    if person.spouse is not None and not person.couple and person.divorced_on is None:
        grown = [child for child in person.children if child.household >= 0]
        return households[grown[0].household] if grown else None
    if person.spouse is not None and chance.random() >= 0.25:
        return None
    for parent in (person.father, person.mother):
        if parent is not None and parent.household >= 0:
            return households[parent.household]
    return None


def _join(home: Household, person: Person) -> None:
    person.household = home.index
    person.village = home.village
    home.members.append(person)
