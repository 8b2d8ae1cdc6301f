"""Rows of the machine for typed questions of forms: keys, steps of an answer, checks, and changes from the review."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from kiosk.domain.catalogue import FieldType, FormField
from kiosk.domain.questions.checks import Wrong, check, need, person_name, person_number
from kiosk.domain.questions.parts import (
    address_of,
    asked_by,
    begins_with,
    day_of,
    keys_of,
    longest,
    number_typed,
    text_form,
)
from kiosk.domain.questions.state import Asking, AskPart, Draft
from kiosk.domain.typing.rows import typing_over
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.plan import Action, ActionKind, after, kept
from kiosk.domain.visit.rows import question_answered, step_of_action
from kiosk.domain.visit.state import Resident, VisitState
from kiosk.domain.visit.transition import Answer, Part, Row, on, together
from kiosk.domain.visit.words import Do, Overlay, Step

_LEADS: Mapping[AskPart, frozenset[AskPart]] = {
    AskPart.HOME: frozenset((AskPart.TOWN, AskPart.WRITE)),
    AskPart.WHO: frozenset((AskPart.CARD, AskPart.NUMBER)),
    AskPart.SEVERAL: frozenset((AskPart.WHO, AskPart.PAD)),
}
"""Where a choice leads within a question, beside on to what asks when a register's answer is not right."""
_NOTHING_YET = Draft()
_PICKED = re.compile(r"[0-9]{2,4}")
_TYPED = frozenset((AskPart.PAD, AskPart.AGAIN, AskPart.NUMBER, AskPart.HOUSE))


def field_of(state: VisitState) -> FormField | None:
    """What is asked now."""
    action = state.action
    return action.field if action else None


def draft_of(state: VisitState) -> Draft:
    field = field_of(state)
    return state.asking.drafts.get(field.key, _NOTHING_YET) if field else _NOTHING_YET


def part_of(state: VisitState) -> AskPart:
    """The screen of the present question."""
    field, draft = field_of(state), draft_of(state)
    if field is None:
        return AskPart.OPTIONS
    return draft.part or begins_with(field, state.known.get(field.key, {}))


def asked_in(state: VisitState) -> tuple[Action, ...]:
    """The questions of this visit that apply."""
    return tuple(one for one in state.plan if one.kind is ActionKind.ASK and one.applies(state.answers))


# ---- within a question -------------------------------------------------------------------------------------


def _drafted(state: VisitState, draft: Draft, note: str = "") -> VisitState:
    field = field_of(state)
    drafts = {**state.asking.drafts, field.key: draft} if field else state.asking.drafts
    return replace(typing_over(state), asking=replace(state.asking, drafts=drafts), note=note)


def _onward(state: VisitState, part: AskPart, picked: tuple[str, ...] = (), note: str = "") -> VisitState:
    """The next screen of the same question; back leads here."""
    draft = draft_of(state)
    past = (*draft.past, replace(draft, past=()))
    return _drafted(state, Draft(part, picked=picked, several=draft.several, past=past), note)


def _typed(state: VisitState, value: str) -> VisitState:
    field, draft = field_of(state), draft_of(state)
    assert field is not None
    entry = draft.entry + value
    if len(entry) > longest(field, part_of(state)):
        return replace(state, note="wrong.full")
    return _drafted(state, replace(draft, entry=entry, is_open=False))


def _can_type(state: VisitState, value: str) -> bool:
    field, part = field_of(state), part_of(state)
    if field is None or part not in _TYPED or len(value) != 1:
        return False
    if field.type is FieldType.PLATE and not draft_of(state).entry:
        return not value.isascii()
    return value in keys_of(field, part)


def _is_open(state: VisitState, value: str) -> bool:
    """What may be heard by everybody while it is typed."""
    field = field_of(state)
    if field is None or field.sensitive or part_of(state) is AskPart.NUMBER:
        return False
    return _can_type(state, value)


def _has_entry(state: VisitState) -> bool:
    return part_of(state) in _TYPED and bool(draft_of(state).entry)


def _erased(state: VisitState) -> VisitState:
    draft = draft_of(state)
    return _drafted(state, replace(draft, entry=draft.entry[:-1], is_open=False))


def _looked(state: VisitState) -> VisitState:
    draft = draft_of(state)
    return _drafted(state, replace(draft, is_open=not draft.is_open), state.note)


def _has_number(state: VisitState) -> bool:
    return part_of(state) is AskPart.NUMBER and bool(draft_of(state).entry)


def _cleared(state: VisitState) -> VisitState:
    return _drafted(state, replace(draft_of(state), entry="", is_open=False))


def _leads(state: VisitState, value: AskPart) -> bool:
    field, part = field_of(state), part_of(state)
    if field is None:
        return False
    return value in _LEADS.get(part, ()) or (part is AskPart.CONFIRM and value is asked_by(field))


def _led(state: VisitState, value: AskPart) -> VisitState:
    return _onward(state, value)


def _turned(state: VisitState, value: int) -> VisitState:
    return _drafted(state, replace(draft_of(state), page=value))


def _can_pick(state: VisitState, value: str) -> bool:
    part = part_of(state)
    if part is AskPart.DAY:
        return _PICKED.fullmatch(value) is not None
    return part in (AskPart.PLACE, AskPart.TOWN)


def _picked(state: VisitState, value: str) -> VisitState:
    field, draft, part = field_of(state), draft_of(state), part_of(state)
    assert field is not None
    picked = (*draft.picked, value)
    if part is AskPart.DAY and (text := day_of(field, picked)):
        return _given(state, text)
    if part is AskPart.TOWN and len(picked) == 2:
        return _onward(state, AskPart.HOUSE, picked)
    return _onward(state, part, picked)


def _dropped(state: VisitState, value: int) -> VisitState:
    draft = draft_of(state)
    left = tuple(one for at, one in enumerate(draft.several) if at != value)
    return _drafted(state, replace(draft, several=left, page=0))


# ---- an answer ---------------------------------------------------------------------------------------------


def _given(state: VisitState, value: str) -> VisitState:
    """An answer, or what is wrong with it: then nothing that was typed is lost."""
    field, draft = field_of(state), draft_of(state)
    if field is None:
        return question_answered(state, value)
    try:
        return _taken(state, field, draft, value)
    except Wrong as wrong:
        written = replace(draft, entry=value) if part_of(state) in (AskPart.WRITE, AskPart.NAME) else draft
        return _drafted(state, written, f"wrong.{wrong.what}")


def _taken(state: VisitState, field: FormField, draft: Draft, text: str) -> VisitState:
    if part_of(state) is AskPart.NAME:
        person_name(text)
        text = f"{draft.picked[0]} {text}"
    if field.type in (FieldType.PEOPLE, FieldType.PICKS) and part_of(state) not in (AskPart.SEVERAL, AskPart.CONFIRM):
        return _one_more(state, field, draft, text)
    check(field, text, state.today, state.answers)
    return _answered(state, field, draft, text)


def _one_more(state: VisitState, field: FormField, draft: Draft, text: str) -> VisitState:
    several = (*draft.several, text)
    check(field, ";".join(several), state.today, state.answers)
    return _drafted(state, Draft(AskPart.SEVERAL, several=several))


def _answered(state: VisitState, field: FormField, draft: Draft, text: str) -> VisitState:
    later = {
        one.subject for one in state.plan if one.field and one.field.not_before == field.key
    }  # An end that lies before its new beginning is asked anew.
    old = {key: answer for key, answer in state.answers.items() if key not in later or answer >= text}
    answers = kept(state.plan, {**old, field.key: text})
    typed = draft.entry if part_of(state) in (AskPart.PAD, AskPart.WRITE) else ""
    drafts = {**state.asking.drafts, field.key: Draft(entry=typed, several=draft.several)}
    idle = {one.subject for one in state.plan if not one.applies(answers)}
    index = _back_to_review(state, answers) if state.asking.changing else after(state.plan, state.index, answers)
    asks = index < len(state.plan) and state.plan[index].kind is ActionKind.ASK
    left = {key: one for key, one in drafts.items() if key not in idle}
    asking = Asking(left, changing=state.asking.changing and asks)
    money = state.money.anew() if answers != state.answers else state.money
    return replace(typing_over(state), answers=answers, index=index, note="", asking=asking, money=money)


def _back_to_review(state: VisitState, answers: Mapping[str, str]) -> int:
    """First what the change has opened; then the review."""
    for at, one in enumerate(state.plan):
        if one.kind is ActionKind.ASK and one.applies(answers) and one.subject not in answers:
            return at
    return review_index(state)


def review_index(state: VisitState) -> int:
    """Of the review; of what follows the questions where there is none."""
    kinds = [one.kind for one in state.plan]
    if ActionKind.SHOW in kinds:
        return kinds.index(ActionKind.SHOW)
    return next((at for at, kind in enumerate(kinds) if kind is not ActionKind.ASK), len(kinds))


def _entered(state: VisitState) -> VisitState:
    """The key that ends typing."""
    field, draft = field_of(state), draft_of(state)
    assert field is not None
    try:
        return _ENTERED.get(part_of(state), _pad_entered)(state, field, draft)
    except Wrong as wrong:
        return _drafted(state, draft, f"wrong.{wrong.what}")


def _pad_entered(state: VisitState, field: FormField, draft: Draft) -> VisitState:
    need(bool(draft.entry), "empty")
    if field.type is FieldType.SECRET:
        check(field, draft.entry, state.today, state.answers)
        return _onward(state, AskPart.AGAIN, (draft.entry,))
    return _taken(state, field, draft, text_form(field, draft.entry))


def _again_entered(state: VisitState, field: FormField, draft: Draft) -> VisitState:
    if draft.entry != draft.picked[0]:
        return _drafted(state, Draft(), "wrong.pin_differs")
    return _answered(state, field, replace(draft, entry=""), draft.entry)


def _number_entered(state: VisitState, field: FormField, draft: Draft) -> VisitState:
    need(bool(draft.entry), "empty")
    number = number_typed(draft, state.today)
    person_number(number)
    return _onward(state, AskPart.NAME, (number,), "" if number == draft.entry else "ask.number_of_today")


def _house_entered(state: VisitState, field: FormField, draft: Draft) -> VisitState:
    return _taken(state, field, draft, address_of(draft))


def _several_entered(state: VisitState, field: FormField, draft: Draft) -> VisitState:
    need(bool(draft.several), "empty")
    return _taken(state, field, draft, ";".join(draft.several))


_ENTERED: Mapping[AskPart, Callable[[VisitState, FormField, Draft], VisitState]] = {
    AskPart.AGAIN: _again_entered,
    AskPart.NUMBER: _number_entered,
    AskPart.HOUSE: _house_entered,
    AskPart.SEVERAL: _several_entered,
}


def _is_entry(state: VisitState) -> bool:
    return field_of(state) is not None and part_of(state) in (*_TYPED, AskPart.SEVERAL)


def _skipped(state: VisitState) -> VisitState:
    field = field_of(state)
    assert field is not None
    return _answered(state, field, draft_of(state), "")


def _can_skip(state: VisitState) -> bool:
    field = field_of(state)
    return field is not None and field.optional


# ---- somebody's card ---------------------------------------------------------------------------------------


def _waits_for_card(state: VisitState) -> bool:
    return part_of(state) is AskPart.CARD


def _card_failed(state: VisitState, value: str) -> VisitState:
    """An empty fault says that the last one no longer holds."""
    return replace(state, note=f"fault.{value}" if value else "")


def _card_read(state: VisitState, value: Resident) -> VisitState:
    whole = f"{value.number} {value.name}"
    try:
        person_number(value.number)
    except Wrong as wrong:
        return _drafted(state, draft_of(state), f"wrong.{wrong.what}")
    return _onward(state, AskPart.CARD_OK, (whole,))


# ---- back, and changes from the review ---------------------------------------------------------------------


def back_within(state: VisitState) -> VisitState | None:
    """One screen back in the same question, or to the review that an answer was changed from; None: neither."""
    draft, field = draft_of(state), field_of(state)
    if field is not None and draft.past:
        earlier = replace(draft.past[-1], past=draft.past[:-1], several=draft.several)
        drafts = {**state.asking.drafts, field.key: earlier}
        return replace(state, asking=replace(state.asking, drafts=drafts), note="")
    if state.asking.changing and field is not None and field.key in state.answers:
        asking = replace(state.asking, changing=False)
        return replace(state, step=Step.REVIEW, index=review_index(state), asking=asking, note="")
    return None


def _index_of(state: VisitState, key: str) -> int | None:
    asked = asked_in(state)
    return next((at for at, one in enumerate(state.plan) if one in asked and one.subject == key), None)


def _is_asked(state: VisitState, value: str) -> bool:
    return _index_of(state, value) is not None


def _change(state: VisitState, value: str) -> VisitState:
    index = _index_of(state, value)
    if index is None:
        return state
    return replace(state, index=index, asking=replace(state.asking, changing=True), note="")


def _list_page(state: VisitState, value: int) -> VisitState:
    return replace(state, asking=replace(state.asking, page=value))


def _first_page(state: VisitState) -> VisitState:
    return replace(state, asking=replace(state.asking, page=0), note="")


def _at_counter(state: VisitState) -> VisitState:
    return replace(state, overlay=Overlay.CANNOT, note="ask.at_counter.why")


def back(state: VisitState) -> Answer | None:
    earlier = back_within(state)
    # A card that is waited for no more is none of this question's business.
    return None if earlier is None else (earlier, (Do.STOP_CARD,) if part_of(state) is AskPart.CARD else ())


_ASK_ROWS = together(
    on(Step.ASK, Ev.ANSWER, Row(route=step_of_action, take=_given)),
    on(
        Step.ASK,
        Ev.KEY,
        Row(Step.ASK, take=_typed, fits=_is_open, do=(Do.ECHO,)),
        Row(Step.ASK, take=_typed, fits=_can_type),
    ),
    on(Step.ASK, Ev.ERASE, Row(Step.ASK, change=_erased, when=_has_entry)),
    on(Step.ASK, Ev.CLEAR, Row(Step.ASK, change=_cleared, when=_has_entry)),
    on(Step.ASK, Ev.LOOK, Row(Step.ASK, change=_looked, when=_has_number)),
    on(Step.ASK, Ev.ENTER, Row(route=step_of_action, change=_entered, when=_is_entry)),
    on(
        Step.ASK,
        Ev.PART,
        Row(Step.ASK, take=_led, fits=lambda s, v: v is AskPart.CARD and _leads(s, v), do=(Do.WATCH_CARD,)),
        Row(Step.ASK, take=_led, fits=_leads),
    ),
    on(Step.ASK, Ev.TURN, Row(Step.ASK, take=_turned)),
    on(Step.ASK, Ev.PICK_PART, Row(route=step_of_action, take=_picked, fits=_can_pick)),
    on(Step.ASK, Ev.DROP, Row(Step.ASK, take=_dropped, when=lambda s: part_of(s) is AskPart.SEVERAL)),
    on(Step.ASK, Ev.SKIP, Row(route=step_of_action, change=_skipped, when=_can_skip)),
    on(Step.ASK, Ev.COUNTER, Row(Step.ASK, change=_at_counter)),
    on(Step.ASK, Ev.CARD_READ, Row(Step.ASK, take=_card_read, when=_waits_for_card, do=(Do.STOP_CARD,))),
    on(Step.ASK, Ev.CARD_FAILED, Row(Step.ASK, take=_card_failed, when=_waits_for_card)),
)

PART = Part(
    back={Step.CHANGE: Step.REVIEW},
    table=together(
        _ASK_ROWS,
        on(Step.REVIEW, Ev.CHANGE, Row(Step.CHANGE, change=_first_page, when=lambda s: bool(asked_in(s)))),
        on(Step.CHANGE, Ev.CHANGE, Row(Step.ASK, take=_change, fits=_is_asked)),
        on(Step.CHANGE, Ev.TURN, Row(Step.CHANGE, take=_list_page)),
    ),
)
