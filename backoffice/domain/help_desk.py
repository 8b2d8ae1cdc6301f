"""Who is on duty for calls for help, by when a call must be accepted, and the words for how it stands."""

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


def on_duty(posts: Sequence[Post], calendar: WorkCalendar, moment: datetime) -> Post | None:
    """The first post in the list that is open: the nearest person is named first. None when none is."""
    return next((post for post in posts if post.is_open(moment, calendar)), None)


def answer_by(moment: datetime, wait_s: float) -> datetime:
    """The full minute by which somebody must have accepted: a time of day is what can be said and kept."""
    due = moment + timedelta(seconds=wait_s)
    whole = due.replace(second=0, microsecond=0)
    return whole if whole == due else whole + timedelta(minutes=1)


def sent(ticket: str, due: datetime, phone: str) -> Line:
    """Stored and shown to staff; if nobody has accepted by `due`, whom to ring up."""
    args = {"ticket": Arg("digits", ticket), "time": Arg("time", due.strftime("%H:%M"))}
    return Line("help.sent", {**args, "desk_phone": Arg("phone", phone)}) if phone else Line("help.sent.no_phone", args)


def accepted(ticket: str, who: str, minutes: int) -> Line:
    """`who` has said that they come."""
    said = {"who": Arg("key", who), "minutes": Arg("count", str(minutes))}
    return Line("help.accepted", {**said, "ticket": Arg("digits", ticket)})


def unanswered(ticket: str, phone: str) -> Line:
    """Nobody accepted in time."""
    args = {"ticket": Arg("digits", ticket)}
    if not phone:
        return Line("help.unanswered.no_phone", args)
    return Line("help.unanswered", {**args, "desk_phone": Arg("phone", phone)})


def closed(posts: Sequence[Post], calendar: WorkCalendar, moment: datetime, ticket: str) -> Line:
    """Nobody is on duty: who opens next, and when. :raises LookupError: no post ever opens; the table is wrong."""
    openings = [(opening, post) for post in posts if (opening := post.next_opening(moment, calendar))]
    if not openings:
        raise LookupError("no post opens within a month")
    opening, post = min(openings, key=lambda pair: pair[0])
    return Line(
        "help.closed",
        {
            "who": Arg("key", post.who),
            "date": Arg("date", opening.date().isoformat()),
            "time": Arg("time", opening.strftime("%H:%M")),
            "ticket": Arg("digits", ticket),
        },
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
