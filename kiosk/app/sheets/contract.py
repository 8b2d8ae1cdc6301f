"""The contract's answers about registers, certificates, ways and dues -> the domain's values. Bad answers are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.app.contract import BadAnswer, line
from kiosk.domain.catalogue import ServiceItem
from kiosk.domain.outbox import BAD_ANSWER
from kiosk.domain.ports import Reply
from kiosk.domain.sheets.state import Directions, Due, Dues, Point, Refusal, Register, Told, Trouble
from kiosk.domain.visit.machine import VisitState
from kiosk.domain.visit.readiness import offer_here

_SILENT = frozenset(("register_silent",))
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))
"""Statuses after which the same may be asked again."""

_MOST_REASONS = 16
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A certificate that was made: what to fetch, and what its bytes must come to."""

    document_id: str
    digest: str
    copy: int


def _text(body: Body, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise BadAnswer(f"{key} is no text")
    return value


def _object(body: Body, key: str) -> Body:
    value = body.get(key)
    if not isinstance(value, Mapping):
        raise BadAnswer(f"{key} is no object")
    return value


def _objects(body: Body, key: str) -> Sequence[Body]:
    value = body.get(key)
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise BadAnswer(f"{key} is no list of objects")
    return value


def told(body: Body) -> Told:
    """Of POST /v1/queries. :raises BadAnswer:"""
    following = body.get("next")
    return Told(
        _text(body, "item_id"),
        tuple(line(each) for each in _objects(body, "lines")),
        tuple(_register(each) for each in _objects(body, "registers")),
        line(following) if following is not None else None,
    )


def _register(body: Body) -> Register:
    return Register(_text(body, "lookup"), body.get("fresh") is True, line(body.get("line")))


def document(body: Body) -> Document:
    """`DocumentMade`. :raises BadAnswer:"""
    copy = body.get("copy")
    if not isinstance(copy, int) or isinstance(copy, bool):
        raise BadAnswer("copy is no number")
    return Document(_text(body, "document_id"), _text(body, "digest"), copy)


def document_of(body: Body) -> Document:
    """Of POST /v1/prints. :raises BadAnswer:"""
    return document(_object(body, "document"))


def refusal(reply: Reply) -> Refusal:
    """What an answer that is no success means for the resident; the reasons are the back office's own words."""
    if reply.status == 0:
        is_ours = reply.body.get("code") != BAD_ANSWER
        return Refusal(Trouble.OFFLINE if is_ours else Trouble.BROKEN)
    try:
        given = reply.body.get("reasons")
        reasons = tuple(line(each) for each in given) if isinstance(given, list) else ()
        following = reply.body.get("next")
        next_step = line(following) if isinstance(following, Mapping) else None
    except BadAnswer:
        reasons, next_step = (), None
    if reply.body.get("code") in _SILENT:
        return Refusal(Trouble.SILENT, reasons, next_step)
    if reply.status in _PASSING:
        return Refusal(Trouble.BROKEN, reasons, next_step)
    if not reasons:
        # A closed set of sentences for every cause; one that is not of it has no words here.
        speech = reply.body.get("speech")
        reasons = (line({"key": speech}),) if isinstance(speech, str) and speech.startswith("problem.") else ()
    return Refusal(Trouble.REFUSED, reasons, next_step)


def because(item: ServiceItem, state: VisitState) -> dict[str, object] | None:
    """Why the way is shown instead of a service that this kiosk carries; None where it carries none."""
    refusal = state.sheets.refusal
    if not item.transact:
        return None
    if refusal is not None:
        return {"cause": refusal.trouble.value, "reasons": [reason.key for reason in refusal.reasons[:_MOST_REASONS]]}
    hindrance = offer_here(item, state.capabilities, is_identified=state.resident is not None).hindrance
    return {"cause": hindrance.value if hindrance is not None else Trouble.BROKEN.value}


def way(guide: Body) -> Directions:
    """Of GET /v1/guides/{item}. :raises BadAnswer:"""
    where, when = _object(guide, "where"), _object(guide, "when")
    return Directions(
        item_id=_text(guide, "item_id"),
        place=_text(where, "place"),
        where=Point(_text(where, "name"), _text(where, "address"), _text(where, "phone")),
        department=_text(guide, "department"),
        is_open=when.get("open") is True,
        opens_at=str(when.get("opens_at") or ""),
    )


def dues(body: Body) -> Dues:
    """Of POST /v1/prefills without an item: each entitlement by its first item. :raises BadAnswer:"""
    given = body.get("entitlements")
    if given is None:
        return Dues()
    return Dues(tuple(_due(each) for each in _objects(body, "entitlements")))


def _due(body: Body) -> Due:
    items = body.get("items")
    if not isinstance(items, list) or not items or not isinstance(items[0], str):
        raise BadAnswer("an entitlement names no item")
    return Due(items[0], line(body.get("reason")))
