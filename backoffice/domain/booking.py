"""Appointments: which slots a service has on a day, and where. Every function is given the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from backoffice.domain.days import WorkCalendar, full_years
from backoffice.domain.waiting import QueueRules

DISTRICT_CENTRE = "350213000000"


@dataclass(frozen=True, slots=True)
class Service:
    """`open`: (from, to) minutes of the day; `days`: ISO weekdays."""

    code: str
    items: tuple[str, ...]
    in_town: bool
    """At the centre of the terminal's own town; otherwise at the district's."""
    days: tuple[int, ...]
    open: tuple[tuple[int, int], ...]
    slot_min: int
    capacity: int

    def place_for(self, site: str) -> str:
        """The hall, 12 digits, for a terminal's site."""
        return f"{site[:9]}000" if self.in_town else DISTRICT_CENTRE

    def is_open_on(self, day: date, calendar: WorkCalendar) -> bool:
        """A legal holiday is closed and a shifted working day is open, whatever weekday it is."""
        if day in calendar.exceptions:
            return calendar.is_workday(day)
        if day.isoweekday() > 5:
            # Without a published calendar nobody knows which weekend is a feast.
            return day.isoweekday() in self.days and day.year in calendar.years
        return calendar.is_workday(day) and day.isoweekday() in self.days

    def starts(self) -> Iterator[str]:
        """The day's slots by their beginning, HH:MM; a rest that is too short for one is none."""
        for begin, end in self.open:
            for minute in range(begin, end - self.slot_min + 1, self.slot_min):
                yield f"{minute // 60:02d}:{minute % 60:02d}"


@dataclass(frozen=True, slots=True)
class Booking:
    """`config/catalogue/booking.toml`."""

    services: Mapping[str, Service]
    """By item."""
    queue: QueueRules
    horizon_days: int
    reminder_from_age: int

    def slots(self, service: Service, now: datetime, calendar: WorkCalendar) -> list[tuple[str, str]]:
        """(day, start) of everything that begins after now and within the horizon."""
        found = []
        for ahead in range(self.horizon_days + 1):
            day = now.date() + timedelta(days=ahead)
            if not service.is_open_on(day, calendar):
                continue
            for start in service.starts():
                if datetime.combine(day, time.fromisoformat(start), now.tzinfo) > now:
                    found.append((day.isoformat(), start))
        return found

    def is_elder(self, birth: str, day: date) -> bool:
        return bool(birth) and full_years(date.fromisoformat(birth), day) >= self.reminder_from_age
