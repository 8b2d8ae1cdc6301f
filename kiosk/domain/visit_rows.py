"""A row of the visit's table, and what rows change: small pure functions with names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.domain.plan import ActionKind
from kiosk.domain.speech import Lang
from kiosk.domain.visit_state import Chosen, Do, Prepared, Printed, Step, VisitState

STEP_OF_ACTION: dict[ActionKind, Step] = {
    ActionKind.ASK: Step.ASK,
    ActionKind.SHOW: Step.REVIEW,
    ActionKind.COMMIT: Step.COMMIT,
    ActionKind.SUBMIT: Step.SUBMIT,
    ActionKind.PRINT: Step.RESULT,
}

Changes = dict[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One transition: when `when` holds, apply `change`, go to `to` (or `route`), perform `do`."""

    to: Step | None = None
    route: Callable[[VisitState], Step] | None = None
    change: Callable[[VisitState, object], Changes] = lambda state, value: {}
    when: Callable[[VisitState, object], bool] = lambda state, value: True
    do: tuple[Do, ...] = ()


def step_of_action(state: VisitState) -> Step:
    action = state.action
    return Step.RATE if action is None else STEP_OF_ACTION[action.kind]


def action_done(state: VisitState, value: object) -> Changes:
    return {"index": state.index + 1, "note": ""}


def question_answered(state: VisitState, value: object) -> Changes:
    action = state.action
    key = action.subject if action else ""
    return {"answers": {**state.answers, key: str(value)}, "index": state.index + 1, "note": ""}


def item_chosen(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Chosen)
    return {
        "item_id": value.item_id,
        "item_version": value.version,
        "consent_version": value.consent_version,
        "plan": (),
        "index": 0,
        "answers": {},
        "note": "",
    }


def plan_made(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Prepared)
    return {"plan": value.plan, "known": value.known, "offline": value.offline, "index": 0}


def slip_printed(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Printed)
    return {"printing": value.printing, "print_fault": value.fault}


def is_transacted(state: VisitState, value: object) -> bool:
    return isinstance(value, Chosen) and value.transact


def step_for_item(state: VisitState) -> Step:
    return Step.PREPARE if state.resident else Step.IDENTIFY


def step_after_card(state: VisitState) -> Step:
    return Step.PREPARE if state.item_id else Step.CHOOSE


def started(state: VisitState, value: object) -> Changes:
    return {"lang": value} if isinstance(value, Lang) else {}


def card_read(state: VisitState, value: object) -> Changes:
    return {"resident": value, "card_fault": "", "card_seen": True, "note": ""}
