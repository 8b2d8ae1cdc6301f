"""Typing: what each key, stroke and suggestion does to the text. It lies over a step and never leaves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

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
from kiosk.domain.visit.readiness import Capability
from kiosk.domain.visit.rows import Answer, Changes
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Do, Ev, Overlay, Step

_NEEDS = {Writing.HAND: Capability.WRITE_HAND, Writing.PINYIN: Capability.WRITE_PINYIN}
"""Digits need nothing."""

Handler = Callable[[VisitState, object], Answer]


def typing_over(state: VisitState) -> Changes:
    """Changes of a row that has taken what was typed: nothing of it is left."""
    return {"overlay": Overlay.NONE, "aid": replace(state.aid, typing=None)}


def _shown(state: VisitState, typing: Typing) -> VisitState:
    return replace(state, overlay=Overlay.TYPING, aid=replace(state.aid, typing=typing))


def open_typing(state: VisitState, wanted: Wanted) -> VisitState:
    lacking = [way for way, capability in _NEEDS.items() if not state.capabilities.has(capability)]
    return _shown(state, begin(wanted, lacking))


def _typed(change: Callable[[Typing, object], tuple[Typing, bool]]) -> Handler:
    """`change` gives the typing after the event and whether the worker is to be asked."""

    def handle(state: VisitState, value: object) -> Answer:
        typing = state.aid.typing
        if typing is None or state.overlay is not Overlay.TYPING:
            return state, ()
        after, asks = change(typing, value)
        if asks:
            after = replace(after, serial=after.serial + 1, found=(), page=0)
        return _shown(state, after), (Do.SUGGEST,) if asks else ()

    return handle


def _begin(state: VisitState, value: object) -> Answer:
    assert isinstance(value, Wanted)
    return (state, ()) if state.step is Step.WIPE else (open_typing(state, value), ())


def _key(typing: Typing, value: object) -> tuple[Typing, bool]:
    """A digit: of the text itself, or of the code that stands for pinyin."""
    key = str(value)
    if key == "X" and typing.wanted.kind is TextKind.NUMBER:
        return typing.with_text(key), False
    if not (len(key) == 1 and key.isascii() and key.isdigit()):
        return typing, False
    if typing.way is Writing.DIGITS:
        return typing.with_text(key), False
    if typing.way is Writing.PINYIN and key in "23456789" and len(typing.code) < LONGEST_CODE:
        return replace(typing, code=typing.code + key), True
    return typing, False


def _erase(typing: Typing, value: object) -> tuple[Typing, bool]:
    """The last of what was begun: a stroke, a key, else a character of the text."""
    if typing.ink:
        ink = typing.ink[:-1]
        return (replace(typing, ink=ink), True) if ink else (typing.blank(), False)
    if typing.code:
        code = typing.code[:-1]
        return (replace(typing, code=code), True) if code else (typing.blank(), False)
    return replace(typing, text=typing.text[:-1]).blank(), False


def _take(typing: Typing, value: object) -> tuple[Typing, bool]:
    assert isinstance(value, Suggestion)
    if value not in typing.found:
        return typing, False
    after = typing.with_text(value.text)
    return (replace(after, code=value.rest), True) if value.rest and after.room else (after, False)


def _page(typing: Typing, value: object) -> tuple[Typing, bool]:
    return (replace(typing, page=max(value, 0)) if isinstance(value, int) else typing), False


def _way(typing: Typing, value: object) -> tuple[Typing, bool]:
    assert isinstance(value, Writing)
    known = value in typing.offered
    return (replace(typing, way=value).blank() if known else typing), False


def _ink(typing: Typing, value: object) -> tuple[Typing, bool]:
    """One stroke more."""
    stroke = value if isinstance(value, tuple) else ()
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


def _suggested(typing: Typing, value: object) -> tuple[Typing, bool]:
    assert isinstance(value, Suggestions)
    if value.serial != typing.serial:
        return typing, False
    return replace(typing, found=value.found, worker=value.worker), False


def _look(typing: Typing, value: object) -> tuple[Typing, bool]:
    return replace(typing, is_open=not typing.is_open and typing.wanted.kind is TextKind.NUMBER), False


EVERYWHERE: Mapping[Ev, Handler] = {
    Ev.TYPE: _begin,
    Ev.TYPE_KEY: _typed(_key),
    Ev.TYPE_ERASE: _typed(_erase),
    Ev.TYPE_TAKE: _typed(_take),
    Ev.TYPE_PAGE: _typed(_page),
    Ev.TYPE_WAY: _typed(_way),
    Ev.TYPE_LOOK: _typed(_look),
    Ev.DRAWN: _typed(_ink),
    Ev.SUGGESTED: _typed(_suggested),
}
