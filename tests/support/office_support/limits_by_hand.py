"""Limits counted another way, and made-up limits and calendars to count."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from backoffice.clock import CHINA
from backoffice.domain.cases.limits import Stop, Term, Unit
from backoffice.domain.days import DayKind, WorkCalendar

FIRST = datetime(2026, 1, 1, tzinfo=CHINA)


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
    return WorkCalendar(draw(st.dictionaries(days, st.sampled_from(DayKind), max_size=40)))


@st.composite
def terms(draw: st.DrawFn) -> tuple[Term, datetime]:
    start = FIRST + timedelta(minutes=draw(st.integers(0, 500_000)))
    stops: list[Stop] = []
    last = start
    for _ in range(draw(st.integers(0, 4))):
        begun = start + timedelta(minutes=draw(st.integers(-3_000, 60_000)))
        ended = begun + timedelta(minutes=draw(st.integers(0, 40_000)))
        stops.append(Stop(begun, ended))
        last = max(last, ended)
    lasts = draw(st.booleans())
    if stops and lasts:
        stops[-1] = Stop(stops[-1].start, None)
    now = last + timedelta(minutes=draw(st.integers(0, 10_000)))
    return Term(start, draw(st.integers(1, 60)), draw(st.sampled_from(Unit)), tuple(stops)), now


def by_hand(term: Term, calendar: WorkCalendar, now: datetime) -> datetime:
    """Another way: every day (or minute) of two years is written down, and what does not count is crossed out."""
    spans = [(stop.start, stop.end or now) for stop in term.stops]
    if term.unit is Unit.HOUR:
        minutes, moment = term.count * 60, term.start
        while minutes:
            minutes -= not any(start <= moment < end for start, end in spans)
            moment += timedelta(minutes=1)
        return moment
    sheet = [term.start.date() + timedelta(days=n) for n in range(1, 900)]
    crossed = {day for start, end in spans for day in sheet if start.date() < day <= end.date()}
    worked = [day for day in sheet if calendar.is_workday(day)]
    counted = [day for day in (sheet if term.unit is Unit.DAY else worked) if day not in crossed]
    last = counted[term.count - 1]
    if term.unit is Unit.DAY:
        last = next(day for day in worked if day >= last and day not in crossed)
    return datetime.combine(last, datetime.max.time().replace(microsecond=999000), CHINA)
