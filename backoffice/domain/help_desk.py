"""Who answers a call for help now, and when somebody will if nobody does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backoffice.domain.days import DayKind, WorkCalendar
from backoffice.domain.text import Arg, Line

_LOOK_AHEAD_DAYS = 31


@dataclass(frozen=True, slots=True)
class Post:
    """`who` is a text key; `open` are (from, to) minutes of the day; `minutes` until somebody comes."""

    who: str
    days: tuple[int, ...]
    """ISO weekdays, Monday = 1."""
    open: tuple[tuple[int, int], ...]
    minutes: int

    def works_on(self, day: date, calendar: WorkCalendar) -> bool:
        kind = calendar.exceptions.get(day)
        if kind is not None:
            return kind is DayKind.WORKDAY
        return day.isoweekday() in self.days

    def is_open(self, moment: datetime, calendar: WorkCalendar) -> bool:
        minute = moment.hour * 60 + moment.minute
        return self.works_on(moment.date(), calendar) and any(begin <= minute < end for begin, end in self.open)

    def hours_of(self, day: date, calendar: WorkCalendar) -> tuple[str, ...]:
        """`08:00-12:00` for each time that the post is open on a day."""
        spans = sorted(self.open) if self.works_on(day, calendar) else ()
        return tuple(f"{_clock(begin)}-{_clock(end)}" for begin, end in spans)

    def next_opening(self, moment: datetime, calendar: WorkCalendar) -> datetime | None:
        """The first opening after `moment`; None when there is none within a month."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        for ahead in range(_LOOK_AHEAD_DAYS):
            day = midnight + timedelta(days=ahead)
            if not self.works_on(day.date(), calendar):
                continue
            for begin, _ in sorted(self.open):
                if day + timedelta(minutes=begin) > moment:
                    return day + timedelta(minutes=begin)
        return None


def answer(posts: Sequence[Post], calendar: WorkCalendar, moment: datetime, ticket: str) -> Line:
    """`help.answer` with who and how many minutes, or `help.answer.closed` with the next opening.

    The first open post in the list answers: the nearest person is named first.
    :raises LookupError: no post ever opens; the table is wrong.
    """
    number = Arg("digits", ticket)
    for post in posts:
        if post.is_open(moment, calendar):
            return Line(
                "help.answer",
                {"who": Arg("key", post.who), "minutes": Arg("count", str(post.minutes)), "ticket": number},
            )
    openings = [(opening, post) for post in posts if (opening := post.next_opening(moment, calendar))]
    if not openings:
        raise LookupError("no post opens within a month")
    opening, post = min(openings, key=lambda pair: pair[0])
    return Line(
        "help.answer.closed",
        {
            "who": Arg("key", post.who),
            "date": Arg("date", opening.date().isoformat()),
            "time": Arg("time", opening.strftime("%H:%M")),
            "ticket": number,
        },
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
