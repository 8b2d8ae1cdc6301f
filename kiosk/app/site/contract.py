"""Answers about sites, from the contract into the kiosk's own values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kiosk.app.contract import BadAnswer
from kiosk.domain.site.state import Nearest, NearSite, OpenDay, Site, Span

Json = Mapping[str, object]


def site_of(body: Json, code: str) -> Site:
    """This terminal's site out of `GET /v1/sites`. :raises BadAnswer: it is not in it, or not as the contract says."""
    sites = body.get("sites")
    if not isinstance(sites, list):
        raise BadAnswer("sites: no list")
    here = next((one for one in sites if isinstance(one, Mapping) and one.get("site") == code), None)
    if here is None:
        raise BadAnswer("sites: this site is not among them")
    return Site(_text(here, "phone"), _days(here.get("week")))


def nearest_of(body: Json) -> Nearest:
    """:raises BadAnswer:"""
    return Nearest(_text(body, "item_id"), _near(body.get("now")), _near(body.get("later")))


def site_to_json(site: Site) -> dict[str, object]:
    """For the copy that is kept for days without a network; `site_of_copy` reads it."""
    return {
        "phone": site.phone,
        "week": [{"date": day.date, "open": [f"{begin}-{end}" for begin, end in day.open]} for day in site.days],
    }


def site_of_copy(document: Json) -> Site:
    """Nothing is known where there is no copy or it is damaged."""
    try:
        return Site(_text(document, "phone"), _days(document.get("week")))
    except BadAnswer:
        return Site()


def _days(value: object) -> tuple[OpenDay, ...]:
    if not isinstance(value, list):
        raise BadAnswer("week: no list")
    return tuple(_day(one) for one in value)


def _day(value: object) -> OpenDay:
    if not isinstance(value, Mapping):
        raise BadAnswer("week: no day")
    spans = value.get("open")
    if not isinstance(spans, list):
        raise BadAnswer("week: no hours")
    return OpenDay(_text(value, "date"), tuple(_span(one) for one in spans))


def _span(value: object) -> Span:
    begin, dash, end = str(value).partition("-")
    try:
        times = tuple(datetime.strptime(one, "%H:%M").strftime("%H:%M") for one in (begin, end) if one != "24:00")
    except ValueError as error:
        raise BadAnswer("hours: not HH:MM-HH:MM") from error
    if not dash or not times:
        raise BadAnswer("hours: not HH:MM-HH:MM")
    return begin, end


def _near(value: object) -> NearSite | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise BadAnswer("nearest: no site")
    metres = value.get("distance_m")
    is_true = isinstance(metres, int) and value.get("distance_is_demo") is False
    day, at = ("", "") if value.get("open") is True else _moment(value.get("opens_at"))
    return NearSite(
        _text(value, "name"),
        _text(value, "address"),
        _text(value, "phone"),
        int(str(metres)) if is_true else 0,
        day,
        at,
    )


def _moment(value: object) -> tuple[str, str]:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadAnswer("opens_at: no time") from error
    return moment.date().isoformat(), moment.strftime("%H:%M")


def _text(body: Json, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise BadAnswer(f"{key}: no text")
    return value
