"""A year of made-up cases: by town, item, channel and hour, each with a history that the case table allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import cycle
from random import Random

from backoffice.casework.refusals import Proposal
from backoffice.clock import CHINA
from backoffice.district.bulk import History, Step
from backoffice.district.channels import Channel
from backoffice.domain.cases.case import Move, Role
from backoffice.domain.cases.case_number import DIVISION, check_digit
from backoffice.domain.days import WorkCalendar
from backoffice.domain.divisions import Divisions
from backoffice.domain.items.item import Item, Mode, Release, SelfService
from backoffice.domain.items.terms import ExpertNeed
from backoffice.domain.person import Applicant
from backoffice.domain.rating import Satisfaction
from backoffice.simulators.population import generate

YEAR_CASES, YEAR_NOT_FACE_TO_FACE = 548_200, 354_400
"""As the district counted them in 2021: 54.82 and 35.44 ten thousands."""
CONSENT = "demo"
_HANDHELD_SHARE, _KIOSK_SHARE = Decimal("0.3"), Decimal("0.1")
"""Of the cases without a counter; nobody has published how they were divided, so this is made up."""
_WEIGHTS = {"yes": 4, "partly": 2, "no": 1}
_RATED = 0.4
_REFUSED_EVERY, _WITHDRAWN_EVERY = 50, 30
"""Of the cases that people looked at; made up."""
_LEVELS = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED, Satisfaction.FAIRLY_SATISFIED)
_LEVEL_WEIGHTS = (92, 7, 1)


@dataclass(frozen=True, slots=True)
class Person:
    applicant: Applicant
    village: str
    """Today's code."""


def scaled(count: int, scale: Decimal) -> int:
    """A year's count at this scale, rounded half up."""
    return int((count * scale).to_integral_value(ROUND_HALF_UP))


def channel_counts(scale: Decimal) -> Counter[Channel]:
    """How many cases come through each door; together and without a counter exactly the scaled counts."""
    total, remote = scaled(YEAR_CASES, scale), scaled(YEAR_NOT_FACE_TO_FACE, scale)
    handheld, kiosk = int(remote * _HANDHELD_SHARE), int(remote * _KIOSK_SHARE)
    return Counter(
        {
            Channel.WINDOW: total - remote,
            Channel.NET: remote - handheld - kiosk,
            Channel.HANDHELD: handheld,
            Channel.KIOSK: kiosk,
        }
    )


def people(seed: int, count: int) -> list[Person]:
    """Living residents of a made-up population."""
    population = generate(seed, count)
    found = []
    for person, record in zip(population.world.people, population.residents, strict=True):
        if not person.alive:
            continue
        birth, address = record["birth"], record["address"]
        applicant = Applicant("resident", person.name, person.number, str(person.sex), birth, address, "", "demo")
        found.append(Person(applicant, person.village.code))
    return found


class Year:
    """The cases of a year, in the order of their receipt.

    :param first_day, last_day: both included.
    """

    def __init__(
        self,
        release: Release,
        divisions: Divisions,
        calendar: WorkCalendar,
        days: tuple[date, date],
        chance: Random,
        residents: Sequence[Person],
        refusals: Sequence[Proposal],
    ) -> None:
        self._chance = chance
        self._divisions = divisions
        self._calendar = calendar
        self._residents = residents
        self._refusals = cycle(refusals)
        self._promised = 0
        first, last = days
        self._days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        self._workdays = [day for day in self._days if calendar.is_workday(day)]
        items = tuple(release.items.values())
        self._items = {channel: _Weighted(_served(items, channel)) for channel in Channel}
        self._site_no: dict[str, int] = {}
        self._serials: Counter[str] = Counter()

    def cases(self, counts: Mapping[Channel, int]) -> Iterator[History]:
        """One after the other in time."""
        moments = [(self._moment(channel), channel) for channel, count in counts.items() for _ in range(count)]
        moments.sort(key=lambda pair: pair[0])
        for at, channel in moments:
            yield self._case(at, channel)

    def _moment(self, channel: Channel) -> datetime:
        chance = self._chance
        counter = channel is Channel.WINDOW
        day = chance.choice(self._workdays if counter else self._days)
        first, last = (8, 17) if counter else (6, 22)
        hours = timedelta(hours=first, seconds=chance.randrange((last - first) * 3600))
        return datetime(day.year, day.month, day.day, tzinfo=CHINA) + hours

    def _case(self, at: datetime, channel: Channel) -> History:
        chance, day = self._chance, at.date()
        person = chance.choice(self._residents)
        village = self._divisions.resolve(person.village, day).code or person.village
        item = self._items[channel].pick(chance)
        site = f"{village[:9]}000" if channel is Channel.WINDOW else village
        device = device_of(channel, village[:9])
        steps = self._steps(item, at, village[:9])
        refused = next(self._refusals) if steps[-1].move is Move.REFUSE else None
        rated = self._rating(item) if chance.random() < _RATED else None
        return History(
            case_no=self._number(device, channel, day),
            device=device,
            site=site,
            item_id=item.item_id,
            item_version=item.version,
            consent_version=CONSENT,
            lang=chance.choice(("nan", "cmn")),
            applicant=person.applicant,
            accepted_at=at,
            steps=steps,
            rated=rated,
            rated_at=steps[-1].at + timedelta(minutes=1) if rated else None,
            refused=refused,
        )

    def _steps(self, item: Item, at: datetime, town: str) -> tuple[Step, ...]:
        engine = f"item:{item.item_id}/{item.version}"
        soon = at + timedelta(seconds=self._chance.randint(2, 90))
        if item.mode is not Mode.APPLY:
            return (Step(Move.COMPLETE, "given", Role.RULE_ENGINE, engine, soon),)
        if item.instant or item.case_type == "instant_counter":
            return (Step(Move.APPROVE, "decided", Role.RULE_ENGINE, engine, soon, {"outcome": "approved"}),)
        promised = item.promised_limit.count if item.promised_limit.unit == "workday" else None
        end = self._calendar.after(at.date(), self._chance.randint(1, max(1, promised or 1))).day
        late = datetime(end.year, end.month, end.day, 9, tzinfo=CHINA)
        begun: tuple[Step, ...] = (
            Step(Move.HAND_OVER, "decided", Role.RULE_ENGINE, engine, soon, {"outcome": "pending"}),
            Step(Move.ADMIT, "admitted", Role.INTAKE, f"demo-intake-{town}", soon + timedelta(minutes=5)),
            Step(Move.BEGIN_REVIEW, "review_begun", Role.REVIEWER, "demo-reviewer", soon + timedelta(minutes=9)),
        )
        self._promised += 1
        if item.technical_review.need is ExpertNeed.REQUIRED:
            begun += (
                Step(Move.ASK_EXPERT, "expert_asked", Role.REVIEWER, "demo-reviewer", soon + timedelta(minutes=14)),
                Step(Move.REPORT, "expert_reported", Role.TECHNICAL_REVIEWER, "demo-expert", soon + timedelta(hours=2)),
            )
        return (*begun, *self._end(late, town))

    def _end(self, late: datetime, town: str) -> tuple[Step, ...]:
        """How a case that people looked at ended: now and then it was taken back, or refused by two of them."""
        later = late + timedelta(hours=1)
        if self._promised % _REFUSED_EVERY == 0:
            return (
                Step(Move.PROPOSE_REFUSAL, "refusal_proposed", Role.REVIEWER, "demo-reviewer", late),
                Step(Move.REFUSE, "refused", Role.SUPERIOR, "demo-superior", later),
            )
        if self._promised % _WITHDRAWN_EVERY == 0:
            return (Step(Move.WITHDRAW, "withdrawn", Role.RESIDENT, "resident", late),)
        return (
            Step(Move.REVIEWED, "reviewed", Role.REVIEWER, "demo-reviewer", late),
            Step(Move.APPROVE, "approved", Role.DECIDER, "demo-decider", later),
            Step(Move.ISSUE, "issued", Role.INTAKE, f"demo-intake-{town}", later + timedelta(hours=1)),
        )

    def _rating(self, item: Item) -> Satisfaction:
        if item.elder == "yes":
            return Satisfaction.VERY_SATISFIED
        return self._chance.choices(_LEVELS, _LEVEL_WEIGHTS)[0]

    def _number(self, device: str, channel: Channel, day: date) -> str:
        site_no = self._site_no.setdefault(device, len(self._site_no) + 1)
        head = f"{DIVISION}{site_no:03d}{channel.value}{day:%y%m%d}"
        self._serials[head] += 1
        digits = f"{head}{self._serials[head]:05d}"
        return digits + check_digit(digits)


def device_of(channel: Channel, town: str) -> str:
    """Each door of each town signs with a name of its own."""
    return f"demo-{channel.name.lower()}-{town}"


def _served(items: Sequence[Item], channel: Channel) -> list[Item]:
    if channel is Channel.KIOSK:
        return [item for item in items if item.self_service is not SelfService.NO]
    return [item for item in items if item.mode is not Mode.GUIDE]


class _Weighted:
    """Old people's items are asked for more often."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._weights = [_WEIGHTS[item.elder] for item in items]

    def pick(self, chance: Random) -> Item:
        return chance.choices(self._items, self._weights)[0]
