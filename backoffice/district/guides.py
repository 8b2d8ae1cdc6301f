"""Guide mode: where an item is served, when, by whom, and what to bring; and the visit that asked for it as a case."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from backoffice.calls.once import Answer, Call, once_at
from backoffice.casework.closing import complete
from backoffice.casework.events import answer_of
from backoffice.catalogue.stored import item_version
from backoffice.clock import iso
from backoffice.district.responsible import responsible
from backoffice.district.sites import SiteNow, place_of, places_now, post_of, site_code
from backoffice.domain.cases.case import Outcome
from backoffice.domain.decide import Decision
from backoffice.domain.items.item import Item, Mode
from backoffice.domain.items.terms import PlaceKind
from backoffice.domain.sites import Hindrance, SiteKind
from backoffice.domain.text import Line
from backoffice.intake.taking_in import Submission, open_case
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.queries.reason_keys import sayable

ROUTE = "guidances"
EVENT = "guided"


class Cause(StrEnum):
    """Why a terminal that carries an item sends somebody elsewhere with it."""

    REFUSED = "refused"
    """A look-up was answered with a no: its reasons are named."""
    SILENT = "silent"
    """A register did not answer."""
    OFFLINE = "offline"
    BROKEN = "broken"
    NO_CARD_READER = "no_card_reader"
    NO_PRINTER = "no_printer"


@dataclass(frozen=True, slots=True)
class Because:
    cause: Cause
    reasons: tuple[str, ...] = ()
    """Text keys of what was said on the screen; their values stay there."""


def guide(office: Office, item_id: str, site: str) -> Answer:
    """How an item is served for somebody who stands at this site. :raises Problem: item_unknown, site_unknown."""
    item = office.release.items.get(item_id)
    if item is None:
        raise Problem("item_unknown")
    now = office.clock.now()
    with office.database.read() as connection:
        places = places_now(office, connection)
        here = place_of(places, site_code(office, connection, site))
        department = responsible(office, connection, item_id, now.date())
    hindered = here.hindrance(item)
    where = _where(item, here, places, hindered)
    return {
        "item_id": item.item_id,
        "version": item.version,
        "release": office.release.release,
        "effective_from": office.release.effective_from,
        "official": item.official,
        "village": item.village,
        "plain": item.plain,
        "department": department,
        "here_now": hindered is None,
        "hindrance": hindered.value if hindered else None,
        "where": {"place": _kind_of_place(item, where).value, **where.to_json()},
        "when": _when(office, item, where, now),
        "bring": [material.name for material in item.materials if material.to_bring],
        "deputy": item.deputy.text,
        "fallback": item.fallback.text,
    }


def guidance(office: Office, call: Call, submission: Submission, because: Because | None = None) -> Answer:
    """A visit that was told where to go: opened and completed at once, so that it has a number and can be rated.

    :param because: of an item that a terminal carries; whoever opens the case later reads cause and basis.
    :raises Problem: idempotency_mismatch, case_no_*, site_unknown, item_unknown, item_mode, cause_unknown.
    """

    def work(connection: Connection, site_no: str | None) -> Answer:
        instead = because is not None
        open_case(office, connection, call.device, site_no, call.key, submission, Mode.GUIDE, instead=instead)
        item = item_version(connection, submission.item_id, submission.item_version)
        told = _cause_and_basis(item, because) if item is not None and because is not None else {}
        reasons = tuple(Line(reason) for reason in because.reasons) if because is not None else ()
        decision = Decision(Outcome.DONE, reasons, facts={"told_on": office.clock.now().date().isoformat(), **told})
        details = {"item": submission.item_id, **told}
        complete(office, connection, call.key, event=EVENT, details=details, decision=decision)
        return answer_of(office, connection, call.key)

    return once_at(office, call, ROUTE, 201, work)


def _cause_and_basis(item: Item, because: Because) -> dict[str, str]:
    """Cause and legal basis of a way that was shown instead of a service.

    :raises Problem: cause_unknown: a refusal without a reason, or a reason that nobody here gives for this item.
    """
    if because.cause is Cause.REFUSED and not because.reasons:
        raise Problem("cause_unknown", "a refusal has its reasons")
    known = sayable(item)
    if strange := [reason for reason in because.reasons if reason not in known]:
        raise Problem("cause_unknown", f"{len(strange)} of {len(because.reasons)} reasons")
    told = {"cause": because.cause.value}
    if because.reasons:
        told["reasons"] = " ".join(because.reasons)
    if basis := _basis(item, because.reasons):
        told["basis"] = basis
    return told


def _basis(item: Item, reasons: Collection[str]) -> str:
    """Of the rules that say one of these; where it was no rule, of whatever the item is judged by."""
    of_reasons = [rule.legal_basis for rule in item.rules if {rule.failed, rule.unknown}.intersection(reasons)]
    of_item = [rule.legal_basis for rule in item.rules]
    return "; ".join(dict.fromkeys(of_reasons or of_item))


def _where(item: Item, here: SiteNow, places: tuple[SiteNow, ...], hindered: Hindrance | None) -> SiteNow:
    """This site if its terminal carries the item, open or not; otherwise who helps: the point's own people, or those
    of its town."""
    if hindered is None or (item.transact and hindered is Hindrance.CLOSED):
        return here
    if item.fallback.where in (PlaceKind.VILLAGE_DESK, PlaceKind.HOME_VISIT):
        return here
    if here.site.kind is SiteKind.TOWN_CENTRE:
        return here
    town = f"{here.site.division[:9]}000"
    # A farm has no centre of its own: its people are helped at their own point.
    return next((place for place in places if place.site.code == town), here)


def _kind_of_place(item: Item, where: SiteNow) -> PlaceKind:
    if item.guide is not None:
        return item.guide.place
    return PlaceKind.TOWN_DESK if where.site.kind is SiteKind.TOWN_CENTRE else PlaceKind.VILLAGE_DESK


def _when(office: Office, item: Item, where: SiteNow, now: datetime) -> dict[str, Any]:
    """By the hours of the item's own place, where it has some."""
    calendar = office.tables.calendar
    post = post_of(office.tables.posts, item.guide.hours if item.guide is not None else where.site.hours)
    opens_at = post.next_opening(now, calendar)
    return {
        "open": post.is_open(now, calendar),
        "opens_at": iso(opens_at) if opens_at else None,
        "provisional": _is_provisional(opens_at.date() if opens_at else now.date(), calendar.years),
    }


def _is_provisional(day: date, years: frozenset[int]) -> bool:
    """No notice of that year's holidays is known here."""
    return day.year not in years
