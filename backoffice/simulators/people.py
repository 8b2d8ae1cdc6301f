"""Made-up families of the district: four generations from founding couples, with marriages, divorces and deaths.

Everything comes from one `Random`; the same seed gives the same people.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from backoffice.simulators.numbers import Numbers, local_prefix
from backoffice.simulators.places import Lists, Village

FIRST_BIRTH = date(1920, 1, 1)
_LAST_FOUNDER = date(1954, 12, 31)
_MODERN = 1980
_SPREAD_DEATH_YEARS = (84.0, 10.5)
"""Mean and spread of the age at death."""
_YOUNGEST = {1: timedelta(days=22 * 366), 2: timedelta(days=20 * 366)}
"""Age at marriage, by sex (Marriage Law 1980, article 5; Civil Code, article 1047)."""
_STAYS = 0.55
"""Share of children whose own families live here too; the young move to the city."""
_ELSEWHERE = ("350524", "350525")
"""Counties that many brides and workers come from."""


@dataclass(slots=True, repr=False, eq=False)
class Person:
    number: str
    name: str
    sex: int
    nation: str
    birth: date
    village: Village
    elsewhere: bool
    """The household register is kept in another district."""
    father: Person | None = None
    mother: Person | None = None
    spouse: Person | None = None
    """The last one, also after a divorce or a death."""
    married_on: date | None = None
    divorced_on: date | None = None
    died_on: date | None = None
    children: list[Person] = field(default_factory=list)
    household: int = -1
    """Index of the household; -1 for the dead."""
    serial: int = 0
    """Place in the list of people; what departments number their own files by."""

    def __repr__(self) -> str:
        return f"Person(***{self.number[-4:]})"

    @property
    def alive(self) -> bool:
        return self.died_on is None

    def age(self, on: date) -> int:
        return on.year - self.birth.year - ((on.month, on.day) < (self.birth.month, self.birth.day))

    @property
    def couple(self) -> bool:
        """Married and both alive."""
        partner = self.spouse
        return self.alive and partner is not None and partner.alive and self.divorced_on is None

    @property
    def marital_state(self) -> str:
        """married, divorced, widowed, or empty. Of the dead: as it was on the day of death."""
        if self.spouse is None:
            return ""
        if self.divorced_on is not None:
            return "divorced"
        other = self.spouse.died_on
        left_alone = other is not None and (self.died_on is None or other < self.died_on)
        return "widowed" if left_alone else "married"


class Families:
    """Founds families until enough people live."""

    def __init__(self, chance: Random, lists: Lists, as_of: date) -> None:
        self._chance = chance
        self._lists = lists
        self._as_of = as_of
        self._numbers = Numbers(chance)
        self.people: list[Person] = []

    def until(self, living: int) -> list[Person]:
        count = 0
        while count < living:
            before = len(self.people)
            self._found_family()
            count += sum(person.alive for person in self.people[before:])
        return self.people

    def shop_number(self) -> str:
        return self._numbers.shop()

    def _found_family(self) -> None:
        village = self._chance.choice(self._lists.villages)
        nation = self._chance.choices(("01", "22", "03"), (96, 3, 1))[0]
        birth = self._day_between(FIRST_BIRTH, _LAST_FOUNDER)
        founder = self._person(1, self._surname(), birth, village, nation)
        generation = [founder]
        while generation:
            children = [child for person in generation for child in self._family_of(person)]
            generation = [child for child in children if self._chance.random() < _STAYS]

    def _family_of(self, person: Person) -> list[Person]:
        """Marriage and children of one person. Returns the children."""
        married_on = person.birth + timedelta(days=round(self._chance.gauss(24.5, 2.5) * 365.25))
        married_on = max(married_on, person.birth + _YOUNGEST[person.sex])
        single = self._chance.random() < 0.07
        if single or married_on >= self._as_of or not _lives(person, married_on):
            return []
        spouse = self._marry(person, married_on)
        wife, husband = (spouse, person) if person.sex == 1 else (person, spouse)
        return [self._child(wife, husband, day) for day in self._births(wife, husband, married_on)]

    def _marry(self, person: Person, on: date) -> Person:
        birth = person.birth + timedelta(days=round(self._chance.gauss(2.0 if person.sex == 1 else -2.0, 2.0) * 365))
        birth = min(max(birth, FIRST_BIRTH), on - _YOUNGEST[3 - person.sex])
        elsewhere = self._chance.random() < 0.06
        nation = person.nation if self._chance.random() < 0.9 else "01"
        spouse = self._person(3 - person.sex, self._surname(), birth, person.village, nation, elsewhere, after=on)
        for one, other in ((person, spouse), (spouse, person)):
            one.spouse, one.married_on = other, on
        self._divorce(person, spouse, on)
        return spouse

    def _divorce(self, person: Person, spouse: Person, married_on: date) -> None:
        if self._chance.random() >= (0.03 if married_on.year < _MODERN else 0.12):
            return
        on = married_on + timedelta(days=self._chance.randrange(2 * 365, 25 * 365))
        if on < self._as_of and _lives(person, on) and _lives(spouse, on):
            person.divorced_on = spouse.divorced_on = on

    def _births(self, wife: Person, husband: Person, married_on: date) -> list[date]:
        wished = self._wished_children(married_on.year)
        day = married_on + timedelta(days=self._chance.randrange(300, 1000))
        days: list[date] = []
        while len(days) < wished and day < self._as_of and wife.age(day) < 43:
            if not (_lives(wife, day) and _lives(husband, day)) or _over(wife.divorced_on, day):
                break
            days.append(day)
            day += timedelta(days=self._chance.randrange(550, 1500))
        return days

    def _wished_children(self, year: int) -> int:
        if year < 1972:
            return self._chance.choice((2, 3, 4, 5))
        return self._chance.choices((0, 1, 2, 3), (8, 38, 44, 10) if year >= _MODERN else (3, 20, 47, 30))[0]

    def _child(self, mother: Person, father: Person, birth: date) -> Person:
        sex = 1 if self._chance.random() < 0.515 else 2
        child = self._person(sex, father.name[0], birth, father.village, father.nation)
        child.father, child.mother = father, mother
        for parent in (father, mother):
            parent.children.append(child)
        return child

    def _person(
        self,
        sex: int,
        surname: str,
        birth: date,
        village: Village,
        nation: str,
        elsewhere: bool = False,
        after: date | None = None,
    ) -> Person:
        prefix = self._chance.choice(_ELSEWHERE) if elsewhere else local_prefix(birth)
        number = self._numbers.citizen(prefix, birth, sex)
        person = Person(number, self._name(surname, sex, birth), sex, nation, birth, village, elsewhere)
        person.serial = len(self.people)
        person.died_on = self._death(person, after or birth)
        self.people.append(person)
        return person

    def _death(self, person: Person, not_before: date) -> date | None:
        years = min(self._chance.gauss(*_SPREAD_DEATH_YEARS) + (2.5 if person.sex == 2 else 0.0), 106.0)
        on = person.birth + timedelta(days=round(max(years, 0.5) * 365.25))
        on = max(on, not_before + timedelta(days=30))
        return on if on <= self._as_of else None

    def _name(self, surname: str, sex: int, birth: date) -> str:
        age = "old" if birth.year < _MODERN else "young"
        return surname + self._chance.choice(self._lists.given[f"{age}_{'men' if sex == 1 else 'women'}"])

    def _surname(self) -> str:
        return self._chance.choice(self._lists.surnames)

    def _day_between(self, first: date, last: date) -> date:
        return first + timedelta(days=self._chance.randrange((last - first).days + 1))


def _lives(person: Person, on: date) -> bool:
    return person.died_on is None or on < person.died_on


def _over(ended_on: date | None, day: date) -> bool:
    return ended_on is not None and day >= ended_on
