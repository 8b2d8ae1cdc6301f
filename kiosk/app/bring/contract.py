"""Notices and what is brought for them, in the back office's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kiosk.app import contract
from kiosk.domain.bring.state import Lacking, Notice, bring_plan
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.visit.machine import VisitState
from kiosk.domain.visit.plan_words import ActionKind


def notice(body: Mapping[str, Any], number: str, catalogue: Catalogue, today: str) -> Notice:
    """The newest notice of GET /v1/cases/{case_no}/notices; without a point where there is none.

    :param today: ISO 8601 date of this visit. :raises contract.BadAnswer:
    """
    notices, item_id = body.get("notices"), body.get("item_id")
    if not isinstance(notices, list) or not isinstance(item_id, str):
        raise contract.BadAnswer("notices of no item")
    newest = notices[-1] if notices else {"points": [], "until": None}
    if not isinstance(newest, dict) or not isinstance(newest.get("points"), list):
        raise contract.BadAnswer("a notice without points")
    points = tuple(map(_point, newest["points"]))
    item = next((one for one in catalogue.items if one.item_id == item_id), None)
    known = item.item_id if item is not None else ""
    return Notice(number, known, points, str(newest.get("until") or ""), bring_plan(points, item), today)


def _point(data: object) -> Lacking:
    if not isinstance(data, dict):
        raise contract.BadAnswer("a point is no object")
    if data.get("line") is not None:
        return Lacking(line=contract.line(data["line"]))
    words = {name: data.get(name) for name in ("what", "why", "how")}
    if not all(isinstance(text, str) and text for text in words.values()):
        raise contract.BadAnswer("a point needs what, why and how")
    return Lacking(str(words["what"]), str(data.get("field") or ""), str(words["why"]), str(words["how"]))


def unseen(number: str, today: str) -> Notice:
    """Where the office cannot be asked: whatever she has with her is taken."""
    return Notice(number, plan=bring_plan((), None), today=today, is_unseen=True)


def things(state: VisitState) -> list[dict[str, str]]:
    """`brought` of POST /v1/cases/{case_no}/supplements: each picture, each answer; empty when there is neither."""
    return [*_pictures(state), *_answers(state)]


def _pictures(state: VisitState) -> Iterator[dict[str, str]]:
    for page in state.papers.pages:
        yield {"what": page.material, "digest": page.digest}


def _answers(state: VisitState) -> Iterator[dict[str, str]]:
    named = {point.field: point.name for point in state.bring.notice.points} if state.bring.notice else {}
    for action in state.plan:
        answer = state.answers.get(action.subject, "")
        if action.kind is ActionKind.ASK and answer:
            yield {"what": named.get(action.subject, action.subject), "digest": "", "answer": answer}
