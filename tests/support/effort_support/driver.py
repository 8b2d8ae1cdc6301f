"""The shortest honest path of a visit through the pure machine, found by searching it.

From the first screen every touch that a screen offers is tried, cheapest path first, until the visit ends well. Nothing
here knows how the screens follow each other, so a changed flow is measured anew without a change here. Honest is a path
on which she answers each question with her own answer, refuses nothing, has her papers taken, takes her slip or
certificate, and goes wrong nowhere; only what is optional is passed over. A touch is a press on a choice, a sign typed
with a key, or a character drawn with the finger, however many strokes it has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from effort_support.whys import Why, why_of
from effort_support.world import Visit, World, begun
from kiosk.domain.event import Event
from kiosk.domain.questions.rows import draft_of, field_of, part_of
from kiosk.domain.questions.state import AskPart
from kiosk.domain.screens.compose import sheet
from kiosk.domain.speech import Lang
from kiosk.domain.typing.state import Suggestion, Suggestions
from kiosk.domain.view.parts import View
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.machine import advance
from kiosk.domain.visit.navigation import on_sheet
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Do, Outcome, Overlay, Step

MOST_SCREENS = 5000
"""More screens than any visit leads to: a search that looks at more goes in a circle."""
GOOD = frozenset((Outcome.FINISHED, Outcome.SAVED))
"""How an honest visit ends: decided, or kept under its number, as a bill is until it is paid at a bank."""
_STROKE = ((100, 100), (900, 900))
_CHOSEN_FROM = frozenset((AskPart.OPTIONS, AskPart.LIST, AskPart.PLACE, AskPart.DAY))
"""Parts on which an answer must be hers; on the others the screen offers nothing but what is hers."""


class NoEnd(RuntimeError):
    """The visit cannot be brought to its good end; names item, world and the steps that were reached."""


@dataclass(frozen=True, slots=True)
class Press:
    """One thing that she does with her finger on the screen."""

    state: VisitState
    """Of the screen that it is done on."""
    event: Event
    why: Why

    @property
    def is_typed(self) -> bool:
        """A sign of a pad."""
        return self.event.kind is Ev.KEY

    @property
    def is_drawn(self) -> bool:
        """A character: it stands nowhere among the choices."""
        return self.event.kind is Ev.DRAWN


@dataclass(frozen=True, slots=True)
class Walk:
    """One measured visit."""

    visit: Visit
    lang: Lang
    presses: tuple[Press, ...]
    states: tuple[VisitState, ...]
    """Every state that the machine stood in, in their order, from the first screen to the farewell."""
    presses_before: tuple[int, ...]
    """For each state the number of presses before it."""


@dataclass(frozen=True, slots=True)
class _Node:
    """Somewhere in the search: the state that waits for her, and how it was reached."""

    state: VisitState
    shown: tuple[VisitState, ...]
    """States since the press before."""
    press: Press | None = None
    earlier: _Node | None = None


def shortest(visit: Visit, lang: Lang) -> Walk:
    """
    :raises NoEnd: no path of honest touches leads to an outcome of `GOOD`.
    :raises Unclassified: a screen on the way offers a touch without a reason.
    """
    first = _settled(visit, VisitState(), ())
    queue: list[tuple[int, int, _Node]] = []
    met: defaultdict[tuple[object, ...], list[VisitState]] = defaultdict(list)
    order = looked = 0
    heappush(queue, (0, order, _Node(first[-1], first)))
    while queue and looked < MOST_SCREENS:
        touches, _, node = heappop(queue)
        if node.state.step is Step.WIPE and node.state.outcome in GOOD:
            return _walk(visit, lang, node)
        if _is_met(node.state, met):
            continue
        looked += 1
        for following in _onward(visit, lang, node):
            order += 1
            heappush(queue, (touches + 1, order, following))
    reached = ", ".join(dict.fromkeys(str(state.step) for states in met.values() for state in states))
    raise NoEnd(f"{visit.item.item_id} {visit.world} {lang}: no honest path to an end; reached: {reached}")


def _is_met(state: VisitState, met: defaultdict[tuple[object, ...], list[VisitState]]) -> bool:
    alike = met[state.step, state.overlay, state.index, state.page, state.category]
    if state in alike:
        return True
    alike.append(state)
    return False


def _walk(visit: Visit, lang: Lang, last: _Node) -> Walk:
    nodes = [last]
    while nodes[-1].earlier is not None:
        nodes.append(nodes[-1].earlier)
    nodes.reverse()
    presses = tuple(node.press for node in nodes if node.press is not None)
    states = tuple((at, state) for at, node in enumerate(nodes) for state in node.shown)
    return Walk(visit, lang, presses, tuple(state for _, state in states), tuple(at for at, _ in states))


def _onward(visit: Visit, lang: Lang, node: _Node) -> Iterator[_Node]:
    """What one press leads to."""
    for press in _presses(visit, lang, node.state):
        shown = _settled(visit, node.state, (press.event,))
        if press.is_drawn:
            shown = (*shown, *_recognised(visit, shown[-1]))
        yield _Node(shown[-1], shown, press, node)


def _settled(visit: Visit, state: VisitState, events: tuple[Event, ...]) -> tuple[VisitState, ...]:
    """The states that follow until it is her turn again; the first one is after the first event.

    Without an event: `state` itself, then what follows by itself.
    """
    pending, shown = list(events), [] if events else [state]
    while pending or (pending := list(visit.laid(state))):
        state, effects = advance(state, pending.pop(0))
        state = begun(state) if Do.BEGIN_VISIT in effects else state
        pending += [event for effect in effects for event in visit.answered(effect, state)]
        shown.append(state)
        if state.step is Step.WIPE:
            break
    return tuple(shown)


def _presses(visit: Visit, lang: Lang, state: VisitState) -> Iterator[Press]:
    view = sheet(state, visit.catalogue)
    sign = _next_sign(visit, state, view)
    for target in on_sheet(view):
        why = why_of(state, target.event)
        if why is None or target.event.kind is Ev.KEY or not _is_honest(visit, lang, state, target.event):
            continue
        yield Press(state, target.event, why)
    if sign is not None:
        yield sign


# ---- signs and characters ----------------------------------------------------------------------------------


def _next_sign(visit: Visit, state: VisitState, view: View) -> Press | None:
    """The next sign of her answer on the pad, or the next character in the square that is drawn in."""
    if state.overlay is Overlay.TYPING:
        return _next_character(visit, state)
    if state.step is not Step.ASK or not any(key.event.kind is Ev.KEY for key in view.pad):
        return None
    field, part, entry = field_of(state), part_of(state), draft_of(state).entry
    text = visit.typed(field, part) if field is not None else ""
    if entry == text or not text.startswith(entry):
        return None
    return Press(state, Event(Ev.KEY, text[len(entry)]), Why.ANSWER)


def _text_wanted(visit: Visit, state: VisitState) -> str:
    field = field_of(state)
    return visit.written(field, part_of(state)) if field is not None else ""


def _next_character(visit: Visit, state: VisitState) -> Press | None:
    typing = state.aid.typing
    text = _text_wanted(visit, state)
    if typing is None or typing.ink or typing.text == text or not text.startswith(typing.text):
        return None
    return Press(state, Event(Ev.DRAWN, _STROKE), Why.ANSWER)


def _recognised(visit: Visit, state: VisitState) -> tuple[VisitState, ...]:
    """The input worker knows the character at once."""
    typing = state.aid.typing
    if typing is None:
        return ()
    character = _text_wanted(visit, state)[len(typing.text)]
    return (advance(state, Event(Ev.SUGGESTED, Suggestions(typing.serial, (Suggestion(character),))))[0],)


# ---- honest touches ----------------------------------------------------------------------------------------


def _is_honest(visit: Visit, lang: Lang, state: VisitState, event: Event) -> bool:
    """Her language, her item, her answers: anything else would be a shorter way to another end."""
    if event.kind is Ev.START:
        return event.value is lang
    if event.kind is Ev.CHOSEN:
        return getattr(event.value, "item_id", "") == visit.item.item_id
    if state.step is not Step.ASK:
        return True
    if event.kind is Ev.SKIP:
        return visit.world is World.ANSWERING
    if state.overlay is Overlay.TYPING and event.kind is Ev.ANSWER:
        return event.value == _text_wanted(visit, state)
    field, part = field_of(state), part_of(state)
    if field is None or event.kind not in (Ev.ANSWER, Ev.PICK_PART, Ev.ENTER):
        return True
    if event.kind is Ev.ENTER:
        return part is AskPart.SEVERAL or draft_of(state).entry == visit.typed(field, part)
    if event.kind is Ev.PICK_PART:
        return _is_part_of(visit.wanted(field), part, draft_of(state).picked, str(event.value))
    return part not in _CHOSEN_FROM or event.value == visit.wanted(field)


def _is_part_of(wanted: str, part: AskPart, picked: tuple[str, ...], value: str) -> bool:
    """Of a day its ten years, year, month and day in turn; of a place what it lies in."""
    if part is AskPart.DAY:
        year, *rest = wanted.split("-")
        return value == (year[:3], year, *rest)[len(picked)]
    code = value.partition(" ")[0]
    return wanted.startswith((code.rstrip("0"), code))
