"""The screen of typing: the text so far, suggestions as large keys, the square to draw in or the keys."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access.view import TEXT_SIZES
from kiosk.domain.event import EventKind
from kiosk.domain.identity import mask_typed
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.typing.state import TextKind, Typing, Writing
from kiosk.domain.view.pads import digits_in_groups, in_fours
from kiosk.domain.view.parts import CLOSE, WORD_COLUMNS, Choice, View, over
from kiosk.domain.visit.machine import Ev, Event, VisitState

WORDS_SHOWN = {Writing.HAND: WORD_COLUMNS, Writing.PINYIN: 2 * WORD_COLUMNS - 2, Writing.DIGITS: WORD_COLUMNS}
"""Suggestions on a page. With the keys of pinyin two more turn the pages; the square to draw in leaves one row, and
below it stands one of tools."""


_ERASE = Choice(Line("type.erase"), Event(Ev.TYPE_ERASE))


def typing(state: VisitState, base: View) -> View:
    now = state.aid.typing
    if now is None:
        # Nothing is being typed any more: whatever was under way when this was last seen is over.
        return over(state, base, Line("type.over"), replace(CLOSE, likely=True))
    shown = over(state, base, now.wanted.question, *_choices(now), body=_hints(now))
    return replace(
        shown,
        huge=Line("type.text", {"text": _text(_shown(now))}) if now.text else None,
        words=_suggested(now),
        ink=now.ink if now.way is Writing.HAND and now.worker else None,
        pad=_pad(now),
        pad_columns=WORD_COLUMNS if now.way is Writing.HAND or _is_tight(state, now) else 3,
    )


def _is_tight(state: VisitState, now: Typing) -> bool:
    """In the largest letters the digits need fewer rows to stay above the answer."""
    return now.way is Writing.DIGITS and state.access.size == TEXT_SIZES - 1


def _shown(now: Typing) -> str:
    """A number by which she is known is covered but for its beginning and the key that was just pressed."""
    if now.wanted.is_secret:
        return "*" * len(now.text)
    if now.wanted.kind is TextKind.NUMBER:
        return in_fours(now.text if now.is_open else mask_typed(now.text))
    if now.wanted.kind is TextKind.DIGITS:
        return digits_in_groups(now.text)
    return now.text


def _text(text: str) -> Arg:
    return Arg(ArgKind.TEXT, text)


def _hints(now: Typing) -> tuple[Line, ...]:
    if not now.worker and now.way is not Writing.DIGITS:
        return (Line("type.no_worker" if Writing.DIGITS in now.offered else "type.no_way"),)
    if now.room <= 0:
        return (Line("type.full"),)
    if now.ink or now.code or now.text:
        return ()
    return (Line(f"type.hint.{now.way.value}"),)


def _choices(now: Typing) -> tuple[Choice, ...]:
    done = Choice(Line("type.done"), Event(now.wanted.then, now.text), likely=True, icon="tick")
    first = done if now.text else Choice(Line("type.stop"), Event(Ev.BACK))
    if now.wanted.kind is TextKind.NUMBER and now.text:
        return (first, look(now.is_open, Ev.TYPE_LOOK))
    return (first,) if now.way is Writing.HAND else (first, *_other_way(now))


def look(is_open: bool, event: EventKind[None]) -> Choice:
    """Whoever wants to see the whole number asks for it, and covers it again."""
    return Choice(Line("type.cover" if is_open else "type.look"), Event(event))


def _other_way(now: Typing) -> tuple[Choice, ...]:
    ways = now.offered
    if now.way not in ways:
        return ()
    following = ways[(ways.index(now.way) + 1) % len(ways)]
    other = Choice(Line(f"type.way.{following.value}"), Event(Ev.TYPE_WAY, following))
    return (other,) if len(ways) > 1 else ()


def _pad(now: Typing) -> tuple[Choice, ...]:
    if now.way is Writing.HAND:
        erase = (_ERASE,) if now.ink or now.text else ()
        return (*_turns(now), *erase, *_other_way(now))
    if now.way is Writing.DIGITS:
        last = "X0" if now.wanted.kind is TextKind.NUMBER else "0"
        return (*(_key(digit, "type.digit") for digit in "123456789" + last), _ERASE)
    return (*(_key(digit, "type.letters") for digit in "23456789"), _ERASE)


def _key(digit: str, name: str) -> Choice:
    return Choice(Line(f"{name}.{digit}"), Event(Ev.TYPE_KEY, digit))


def _suggested(now: Typing) -> tuple[Choice, ...]:
    page, _ = _page(now)
    count = WORDS_SHOWN[now.way]
    shown = now.found[page * count : (page + 1) * count]
    keys = (Choice(Line("type.take", {"text": _text(one.text)}), Event(Ev.TYPE_TAKE, one)) for one in shown)
    return (*keys, *(() if now.way is Writing.HAND else _turns(now)))


def _page(now: Typing) -> tuple[int, int]:
    """The page of suggestions, and the last one."""
    last = max((len(now.found) - 1) // WORDS_SHOWN[now.way], 0)
    return min(now.page, last), last


def _turns(now: Typing) -> tuple[Choice, ...]:
    page, last = _page(now)
    previous = (Choice(Line("type.previous"), Event(Ev.TYPE_PAGE, page - 1)),) if page > 0 else ()
    following = (Choice(Line("type.next"), Event(Ev.TYPE_PAGE, page + 1)),) if page < last else ()
    return (*previous, *following)
