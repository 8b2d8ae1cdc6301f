"""Typing: what each key, stroke and suggestion does to the text. It lies over a step and never leaves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from kiosk.domain.typing.state import (
    INK_SIDE,
    LONGEST_CODE,
    MOST_POINTS,
    MOST_STROKES,
    Ink,
    Stroke,
    Suggestion,
    Suggestions,
    TextKind,
    Typing,
    Wanted,
    Writing,
    begin,
)
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.readiness import Capability
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.transition import Answer, Everywhere, always, always_plain, together
from kiosk.domain.visit.words import Do, Overlay, Step

_NEEDS = {Writing.HAND: Capability.WRITE_HAND, Writing.PINYIN: Capability.WRITE_PINYIN}
"""Digits need nothing."""

V = TypeVar("V")
Typed = tuple[Typing, bool]
"""What was typed after an event, and whether the input worker is to be asked."""


def typing_over(state: VisitState) -> VisitState:
    """After a row has taken what was typed: nothing of it is left."""
    return replace(state, overlay=Overlay.NONE, aid=replace(state.aid, typing=None))


def _shown(state: VisitState, typing: Typing) -> VisitState:
    return replace(state, overlay=Overlay.TYPING, aid=replace(state.aid, typing=typing))


def open_typing(state: VisitState, wanted: Wanted) -> VisitState:
    lacking = [way for way, capability in _NEEDS.items() if not state.capabilities.has(capability)]
    return _shown(state, begin(wanted, lacking))


def _after(state: VisitState, change: Callable[[Typing], Typed]) -> Answer:
    typing = state.aid.typing
    if typing is None or state.overlay is not Overlay.TYPING:
        return state, ()
    after, asks = change(typing)
    if asks:
        after = replace(after, serial=after.serial + 1, found=(), page=0)
    return _shown(state, after), (Do.SUGGEST,) if asks else ()


def _plain(change: Callable[[Typing], Typed]) -> Callable[[VisitState], Answer]:
    return lambda state: _after(state, change)


def _typed(change: Callable[[Typing, V], Typed]) -> Callable[[VisitState, V], Answer]:
    return lambda state, value: _after(state, lambda typing: change(typing, value))


def _begin(state: VisitState, value: Wanted) -> Answer:
    return (state, ()) if state.step is Step.WIPE else (open_typing(state, value), ())


def _key(typing: Typing, key: str) -> Typed:
    """A digit: of the text itself, or of the code that stands for pinyin."""
    if key == "X" and typing.wanted.kind is TextKind.NUMBER:
        return typing.with_text(key), False
    if not (len(key) == 1 and key.isascii() and key.isdigit()):
        return typing, False
    if typing.way is Writing.DIGITS:
        return typing.with_text(key), False
    if typing.way is Writing.PINYIN and key in "23456789" and len(typing.code) < LONGEST_CODE:
        return replace(typing, code=typing.code + key), True
    return typing, False


def _erase(typing: Typing) -> Typed:
    """The last of what was begun: a stroke, a key, else a character of the text."""
    if typing.ink:
        ink = typing.ink[:-1]
        return (replace(typing, ink=ink), True) if ink else (typing.blank(), False)
    if typing.code:
        code = typing.code[:-1]
        return (replace(typing, code=code), True) if code else (typing.blank(), False)
    return replace(typing, text=typing.text[:-1]).blank(), False


def _take(typing: Typing, value: Suggestion) -> Typed:
    if value not in typing.found:
        return typing, False
    after = typing.with_text(value.text)
    return (replace(after, code=value.rest), True) if value.rest and after.room else (after, False)


def _page(typing: Typing, value: int) -> Typed:
    return replace(typing, page=max(value, 0)), False


def _way(typing: Typing, value: Writing) -> Typed:
    known = value in typing.offered
    return (replace(typing, way=value).blank() if known else typing), False


def _ink(typing: Typing, stroke: Stroke) -> Typed:
    """One stroke more."""
    if typing.way is not Writing.HAND or not stroke or len(typing.ink) >= MOST_STROKES:
        return typing, False
    ink: Ink = (*typing.ink, thinned(stroke))
    return replace(typing, ink=ink), True


def thinned(stroke: Stroke) -> Stroke:
    """At most MOST_POINTS of it, evenly, both ends kept, all within the square."""
    kept = stroke
    if len(stroke) > MOST_POINTS:
        last = len(stroke) - 1
        kept = tuple(stroke[at * last // (MOST_POINTS - 1)] for at in range(MOST_POINTS))
    return tuple((min(max(round(x), 0), INK_SIDE), min(max(round(y), 0), INK_SIDE)) for x, y in kept)


def _suggested(typing: Typing, value: Suggestions) -> Typed:
    if value.serial != typing.serial:
        return typing, False
    return replace(typing, found=value.found, worker=value.worker), False


def _look(typing: Typing) -> Typed:
    return replace(typing, is_open=not typing.is_open and typing.wanted.kind is TextKind.NUMBER), False


EVERYWHERE: Everywhere = together(
    always(Ev.TYPE, _begin),
    always(Ev.TYPE_KEY, _typed(_key)),
    always_plain(Ev.TYPE_ERASE, _plain(_erase)),
    always(Ev.TYPE_TAKE, _typed(_take)),
    always(Ev.TYPE_PAGE, _typed(_page)),
    always(Ev.TYPE_WAY, _typed(_way)),
    always_plain(Ev.TYPE_LOOK, _plain(_look)),
    always(Ev.DRAWN, _typed(_ink)),
    always(Ev.SUGGESTED, _typed(_suggested)),
)
