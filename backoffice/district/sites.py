"""Where the district serves people: the list of sites, what each can do now, and the nearest that can do something."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from backoffice.calls.once import Answer
from backoffice.clock import iso
from backoffice.domain.help_desk import Post
from backoffice.domain.items.item import Item
from backoffice.domain.sites import Hindrance, Position, Site, distance_m, hindrance, position_of_way
from backoffice.geography.stored import read_stored_divisions, sites_on
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables.district import site_state

WEEK_DAYS = 8
"""A terminal without a network knows the hours so long."""


STATE_MOST_AGE_S = 240.0
"""A terminal tells its state each minute; one that has missed three of them is not counted on any more."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What a terminal said last about itself."""

    device: str
    devices: Mapping[str, str]
    """Device class -> health."""
    capabilities: frozenset[str]
    observed_at: str
    is_fresh: bool
    """It has said so within `STATE_MOST_AGE_S`: what was said before says nothing of now."""

    def to_json(self) -> Answer:
        return {
            "device": self.device,
            "devices": dict(self.devices),
            "capabilities": sorted(self.capabilities),
            "observed_at": self.observed_at,
        }


@dataclass(frozen=True, slots=True)
class SiteNow:
    """A site at one moment."""

    site: Site
    terminals: Sequence[Terminal]
    is_open: bool
    opens_at: datetime | None
    """The next opening after now; None when there is none within a month."""
    week: Sequence[Answer] = ()
    """Today and the days after it: date, and when people sit there."""

    def hindrance(self, item: Item) -> Hindrance | None:
        return hindrance(self.site, item, self.usable, is_open=self.is_open)

    @property
    def usable(self) -> list[frozenset[str]]:
        """What each terminal can do that is known to be there now."""
        return [terminal.capabilities for terminal in self.terminals if terminal.is_fresh]

    def to_json(self) -> Answer:
        site = self.site
        return {
            "site": site.code,
            "kind": site.kind.value,
            "name": site.name,
            "address": site.address,
            "phone": site.phone,
            "agent": site.agent,
            "open": self.is_open,
            "opens_at": iso(self.opens_at) if self.opens_at else None,
            "demo": site.position is Position.DEMO,
        }


def places_now(office: Office, connection: Connection) -> tuple[SiteNow, ...]:
    """Every site of today, by code."""
    now = office.clock.now()
    terminals = _terminals(connection, now)
    return tuple(_place(office, site, terminals.get(site.code, ()), now) for site in sites_on(connection, now.date()))


def site_code(office: Office, connection: Connection, code: str) -> str:
    """A site's or village's code of any time as today's. :raises Problem: site_unknown, also when it was divided."""
    today = office.clock.now().date()
    town = code.endswith("000")
    found = read_stored_divisions(connection).resolve(code[:9] if town else code, today).code
    if found is None:
        raise Problem("site_unknown")
    return f"{found}000" if town else found


def list_sites(office: Office) -> Answer:
    """Every site with its hours, its people, and the state of its terminals."""
    with office.database.read() as connection:
        places = places_now(office, connection)
    return {
        "as_of": iso(office.clock.now()),
        "sites": [
            {
                **place.to_json(),
                "week": list(place.week),
                "terminals": [terminal.to_json() for terminal in place.terminals],
            }
            for place in places
        ],
    }


def items_now(office: Office, site: str) -> Answer:
    """For each item whether this site can serve it now, or what keeps it. :raises Problem: site_unknown."""
    with office.database.read() as connection:
        place = place_of(places_now(office, connection), site_code(office, connection, site))
    found = {item.item_id: place.hindrance(item) for item in office.release.items.values()}
    return {
        **place.to_json(),
        "items": [
            {"item_id": item_id, "usable": hindered is None, "hindrance": hindered.value if hindered else None}
            for item_id, hindered in found.items()
        ],
    }


def nearest(office: Office, item_id: str, site: str) -> Answer:
    """The nearest site that can serve an item now, and the nearest that could once it opens.

    :raises Problem: item_unknown, site_unknown.
    """
    item = office.release.items.get(item_id)
    if item is None:
        raise Problem("item_unknown")
    with office.database.read() as connection:
        places = places_now(office, connection)
        here = place_of(places, site_code(office, connection, site)).site
    ranked = sorted(places, key=lambda place: (distance_m(here, place.site), place.site.code))
    now = next((place for place in ranked if place.hindrance(item) is None), None)
    later = next((place for place in ranked if _when_open(place, item)), None)
    return {
        "item_id": item_id,
        "from_site": here.code,
        "now": _way(here, now) if now else None,
        "later": _way(here, later) if later else None,
    }


def place_of(places: Sequence[SiteNow], code: str) -> SiteNow:
    """:raises Problem: site_unknown: no such site today."""
    found = next((place for place in places if place.site.code == code), None)
    if found is None:
        raise Problem("site_unknown")
    return found


def _when_open(place: SiteNow, item: Item) -> bool:
    """Closed now, and nothing else keeps it."""
    closed = not place.is_open and place.opens_at is not None
    return closed and hindrance(place.site, item, place.usable, is_open=True) is None


def _way(here: Site, place: SiteNow) -> Answer:
    made_up = position_of_way(here, place.site) is Position.DEMO
    return {
        **place.to_json(),
        "distance_m": round(distance_m(here, place.site)),
        "distance_is_demo": made_up,
    }


def _place(office: Office, site: Site, terminals: Sequence[Terminal], now: datetime) -> SiteNow:
    post = post_of(office.tables.posts, site.hours)
    calendar = office.tables.calendar
    week = [
        {"date": day.isoformat(), "open": list(post.hours_of(day, calendar))}
        for day in (now.date() + timedelta(days=ahead) for ahead in range(WEEK_DAYS))
    ]
    return SiteNow(site, terminals, post.is_open(now, calendar), post.next_opening(now, calendar), week)


def post_of(posts: Sequence[Post], hours: str) -> Post:
    """:raises LookupError: sites.tsv names hours that service_hours.toml does not have."""
    for post in posts:
        if post.who == hours:
            return post
    raise LookupError(f"service_hours.toml has no post {hours}")


def _terminals(connection: Connection, now: datetime) -> dict[str, list[Terminal]]:
    """By site; of each terminal only what it said last."""
    table = site_state
    last = select(table.c.device, func.max(table.c.n).label("n")).group_by(table.c.device).subquery()
    newest = (last.c.device == table.c.device) & (last.c.n == table.c.n)
    found: dict[str, list[Terminal]] = defaultdict(list)
    for row in connection.execute(select(table).join(last, newest).order_by(table.c.device)):
        usable = frozenset(json.loads(row.capabilities))
        seen = datetime.fromisoformat(row.seen_at or row.received_at)
        is_fresh = (now - seen).total_seconds() <= STATE_MOST_AGE_S
        found[row.site].append(Terminal(row.device, json.loads(row.devices), usable, row.observed_at, is_fresh))
    return found
