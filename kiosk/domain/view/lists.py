"""Long lists, page by page: of a table, of places by what lies in what, and of the answers that can be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue, Entry, FieldType, FormField
from kiosk.domain.event import Event
from kiosk.domain.questions.rows import asked_in, draft_of
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.view.parts import PAGE_SIZE, Choice, View, progress_of
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import VisitState

_YEARS = 12
_PROVINCE = 2
"""Digits of a division's code that name its province (GB/T 2260)."""


def paged(shown: View, choices: Sequence[Choice], page: int, most: int = PAGE_SIZE) -> View:
    """:param most: choices a page."""
    last = max((len(choices) - 1) // most, 0)
    at = min(max(page, 0), last)
    pager = []
    if at > 0:
        pager.append(Choice(Line("browse.previous"), Event(Ev.TURN, at - 1)))
    if at < last:
        pager.append(Choice(Line("browse.next"), Event(Ev.TURN, at + 1)))
    return replace(shown, choices=tuple(choices[at * most : (at + 1) * most]), pager=tuple(pager))


def entries(shown: View, state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    """Of a table, or of years."""
    if field.type is FieldType.YEAR:
        choices = [_year(year, state, field) for year in _years(state, field)]
    else:
        known = catalogue.lists.get(field.table, ())
        choices = [_entry(one, Event(Ev.ANSWER, one.code), state.answers.get(field.key)) for one in known]
    return _listed(shown, choices, state, field)


def _years(state: VisitState, field: FormField) -> list[int]:
    this = int(state.today[:4]) if state.today else 2026
    if field.check == "this_or_next_year":
        return [this, this + 1]
    return list(range(this, max(int(field.least or 0), this - _YEARS) - 1, -1))


def _year(year: int, state: VisitState, field: FormField) -> Choice:
    line = Line("pad.year", {"key_year": Arg(ArgKind.DIGITS, str(year))})
    return Choice(line, Event(Ev.ANSWER, str(year)), likely=state.answers.get(field.key) == str(year))


def _entry(entry: Entry, event: Event, chosen: str | None = None) -> Choice:
    line = Line("ask.entry", {"entry": Arg(ArgKind.PLACE, entry.label)})
    return Choice(line, event, likely=chosen is not None and chosen == entry.code)


def _listed(shown: View, choices: Sequence[Choice], state: VisitState, field: FormField) -> View:
    """With nothing to choose from it is said at the counter: the list has not come."""
    if not choices:
        return replace(shown, choices=(Choice(Line("ask.at_counter"), Event(Ev.COUNTER)),))
    most = PAGE_SIZE - 1 if field.optional else PAGE_SIZE
    return paged(shown, choices, draft_of(state).page, most)


def places(shown: View, state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    """A village by its town; any other place by its province."""
    picked = draft_of(state).picked
    if field.check == "village_code":
        if not picked:
            return _listed(shown, _picks(catalogue, "towns", ""), state, field)
        return _listed(shown, _answers(catalogue, "villages", picked[-1]), state, field)
    if not picked:
        return _listed(shown, _provinces(catalogue), state, field)
    return _listed(shown, _answers(catalogue, "places", picked[-1]), state, field)


def towns(shown: View, state: VisitState, field: FormField, catalogue: Catalogue) -> View:
    """Of an address: the town, then the village; what is picked carries its name."""
    picked = draft_of(state).picked
    inside = picked[-1].partition(" ")[0] if picked else ""
    known = catalogue.lists.get("villages" if picked else "towns", ())
    within = [one for one in known if one.code.startswith(inside)]
    return _listed(shown, [_entry(one, Event(Ev.PICK_PART, f"{one.code} {one.label}")) for one in within], state, field)


def _picks(catalogue: Catalogue, name: str, inside: str) -> list[Choice]:
    within = [one for one in catalogue.lists.get(name, ()) if one.code.startswith(inside)]
    return [_entry(one, Event(Ev.PICK_PART, one.code)) for one in within]


def _answers(catalogue: Catalogue, name: str, inside: str) -> list[Choice]:
    within = [one for one in catalogue.lists.get(name, ()) if one.code.startswith(inside.rstrip("0") or inside)]
    return [_entry(one, Event(Ev.ANSWER, one.code)) for one in within]


def _provinces(catalogue: Catalogue) -> list[Choice]:
    """A province that holds no city is itself the answer."""
    known = catalogue.lists.get("places", ())
    out = []
    for one in known:
        if one.code[_PROVINCE:] != "0000":
            continue
        holds = any(other is not one and other.code[:_PROVINCE] == one.code[:_PROVINCE] for other in known)
        out.append(_entry(one, Event(Ev.PICK_PART if holds else Ev.ANSWER, one.code)))
    return out


def answers_to_change(state: VisitState, catalogue: Catalogue) -> View:
    """Step.CHANGE: one choice a question."""
    choices = [Choice(Line(f"fact.{one.subject}"), Event(Ev.CHANGE, one.subject)) for one in asked_in(state)]
    shown = View(state.step, state.overlay, Line("change.question"), progress=progress_of(state))
    return paged(shown, choices, state.asking.page)
