"""What a terminal knows of the place where it stands: the window's hours, notices, the night, and who is nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

Span = tuple[str, str]
"""From and to on one day, each as HH:MM; the end may be 24:00."""


@dataclass(frozen=True, slots=True)
class OpenDay:
    """When people sit at the window on one day."""

    date: str
    """ISO 8601."""
    open: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """The site of this terminal as the back office tells it."""

    phone: str = ""
    days: tuple[OpenDay, ...] = ()
    """From the day it was told on, holidays reckoned in."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the village, shown from the first to the last day."""

    text: str
    first: str
    """ISO 8601 date."""
    last: str


@dataclass(frozen=True, slots=True)
class SiteToday:
    """The site at one moment, as screens tell it."""

    is_known: bool = False
    """False where the hours of this day were never told: then nothing is said of them."""
    spans: tuple[Span, ...] = ()
    """When people sit at the window today."""
    is_open: bool = False
    """They sit there now."""
    next_day: str = ""
    """ISO 8601 date of the next opening after today's; empty when none is known."""
    next_time: str = ""
    notice: str = ""
    is_night: bool = False
    """Hours in which the terminal says nothing of its own accord."""
    phone: str = ""
    """Of the site; empty while none is known."""


NOTHING_TOLD = SiteToday()
"""Before the back office has told of the site."""


@dataclass(frozen=True, slots=True)
class NearSite:
    """Another place that can do it."""

    name: str
    address: str
    phone: str
    distance_m: int = 0
    """0 where the position of one of the two is made up: then no distance is told."""
    next_day: str = ""
    """ISO 8601 date of its next opening; empty while it is open."""
    next_time: str = ""


@dataclass(frozen=True, slots=True)
class Nearest:
    """Value of Ev.NEAREST: where else an item can be done. Both None: nowhere that is known."""

    item_id: str
    now: NearSite | None = None
    later: NearSite | None = None

    @property
    def best(self) -> NearSite | None:
        """Where to send her: open now, else the one that opens."""
        return self.now or self.later


def site_today(site: Site, moment: datetime, *, night: Span | None = None, notices: Sequence[Notice] = ()) -> SiteToday:
    """
    :param moment: local wall time.
    :param night: hours of silence; they may run over midnight.
    """
    day, minute = moment.date().isoformat(), moment.strftime("%H:%M")
    told = next((one for one in site.days if one.date == day), None)
    later = [(one.date, one.open[0][0]) for one in site.days if one.date > day and one.open]
    rest = [(day, begin) for begin, _ in (told.open if told else ()) if begin > minute]
    next_day, next_time = next(iter((*rest, *later)), ("", ""))
    return SiteToday(
        is_known=told is not None,
        spans=told.open if told else (),
        is_open=told is not None and any(is_within(span, minute) for span in told.open),
        next_day=next_day,
        next_time=next_time,
        notice=next((one.text for one in notices if one.first <= day <= one.last), ""),
        is_night=night is not None and is_within(night, minute),
        phone=site.phone,
    )


def is_within(span: Span, minute: str) -> bool:
    """Whether HH:MM lies in a span, the end not included; one that ends before it begins runs over midnight."""
    begin, end = span
    return begin <= minute < end if begin <= end else minute >= begin or minute < end
