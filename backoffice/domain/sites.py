"""Town centres and village points: what one can serve now, when it opens, and how far it is."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from backoffice.domain.divisions import Period
from backoffice.domain.items.item import Item, Mode

EARTH_M = 6_371_000.0


class SiteKind(StrEnum):
    TOWN_CENTRE = "town_centre"
    """Windows with people: whatever a terminal cannot do is taken in here."""
    VILLAGE_POINT = "village_point"
    """A terminal, and an agent who helps."""


class Position(StrEnum):
    SURVEYED = "surveyed"
    DEMO = "demo"
    """Made up: a distance from it says nothing about the real village."""


@dataclass(frozen=True, slots=True)
class Site:
    code: str
    """12 digits: the village's own, or the town's with three zeros."""
    kind: SiteKind
    division: str
    name: str
    address: str
    phone: str
    agent: str
    hours: str
    """The post of service_hours.toml whose hours these are."""
    latitude_deg: float
    longitude_deg: float
    position: Position
    period: Period
    source: str


IDENTIFY = frozenset(("read_id_card", "read_social_card", "read_id_face"))
"""Each of them says who stands there."""
ON_PAPER = frozenset(("print_slip", "print_document"))
ON_A_SHEET = "print_document"
"""A certificate is a sheet with its code and its statement: no strip of a roll stands in for it."""
CAPABILITIES = (
    IDENTIFY
    | ON_PAPER
    | {"read_code", "capture_page", "capture_face", "private_audio", "keypad", "guide_light"}
    | {"write_pinyin", "write_hand", "speak_minnan", "speak_mandarin"}
)
"""What a terminal may say it can do; the same names as its own."""
DEVICE_CLASSES = frozenset(
    ("id_card", "chip_card", "id_face", "receipt_printer", "document_printer", "code_scanner", "document_scanner")
) | {"portrait", "headphone", "keypad", "lights"}


class Health(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It works; somebody should come."""
    FAULT = "fault"
    NOT_FITTED = "not_fitted"


class Hindrance(StrEnum):
    """Why a site cannot serve an item now."""

    CLOSED = "closed"
    NOT_BY_TERMINAL = "not_by_terminal"
    """People at a window take it in; no terminal does."""
    STATE_UNKNOWN = "state_unknown"
    """No terminal there has said what it can do."""
    NO_CARD_READER = "no_card_reader"
    NO_PRINTER = "no_printer"


def by_terminal(item: Item, usable: Collection[str]) -> Hindrance | None:
    """What keeps a terminal with these capabilities from carrying an item to its end; None: nothing."""
    if not item.transact:
        return Hindrance.NOT_BY_TERMINAL
    if not IDENTIFY.intersection(usable):
        return Hindrance.NO_CARD_READER
    if item.mode is Mode.PRINT and ON_A_SHEET not in usable:
        return Hindrance.NO_PRINTER
    return None


def hindrance(site: Site, item: Item, terminals: Iterable[Collection[str]], *, is_open: bool) -> Hindrance | None:
    """What keeps a site from serving an item now; None: nothing.

    :param terminals: the usable capabilities of each terminal there that has told its state.
    """
    if not is_open:
        return Hindrance.CLOSED
    if site.kind is SiteKind.TOWN_CENTRE:
        return None
    if not item.transact:
        return Hindrance.NOT_BY_TERMINAL
    found = [by_terminal(item, usable) for usable in terminals]
    if not found:
        return Hindrance.STATE_UNKNOWN
    return None if None in found else found[0]


def distance_m(one: Site, other: Site) -> float:
    """Along the surface, in metres (haversine on a sphere)."""
    north_one, north_other = math.radians(one.latitude_deg), math.radians(other.latitude_deg)
    east = math.radians(other.longitude_deg - one.longitude_deg)
    chord = (
        math.sin((north_other - north_one) / 2) ** 2
        + math.cos(north_one) * math.cos(north_other) * math.sin(east / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(math.sqrt(min(1.0, chord)))


def position_of_way(one: Site, other: Site) -> Position:
    """A distance is only as good as the worse of its two ends."""
    both = (one.position, other.position)
    return Position.DEMO if Position.DEMO in both else Position.SURVEYED
