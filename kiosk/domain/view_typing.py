"""The screen of typing: the text so far, suggestions as large keys, the square to draw in or the keys."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.typing_state import WAYS, Typing, Writing
from kiosk.domain.view_parts import CLOSE, WORD_COLUMNS, Choice, View, over
from kiosk.domain.visit import Ev, Event, VisitState

WORDS_SHOWN = 2 * WORD_COLUMNS - 2
"""Suggestions on a page: two rows, in which two keys turn the pages."""


def typing(state: VisitState, base: View) -> View:
    now = state.aid.typing
    if now is None:
        # Nothing is being typed any more: whatever was under way when this was last seen is over.
        return over(state, base, Line("type.over"), replace(CLOSE, likely=True))
    shown = over(state, base, now.wanted.question, *_choices(now), body=_hints(now))
    return replace(
        shown,
        huge=Line("type.text", {"text": _text(now.text)}) if now.text else None,
        words=_suggested(now),
        ink=now.ink if now.way is Writing.HAND and now.worker else None,
        pad=_pad(now),
        pad_columns=1 if now.way is Writing.HAND else 3,
    )


def _text(text: str) -> Arg:
    return Arg(ArgKind.TEXT, text)


def _hints(now: Typing) -> tuple[Line, ...]:
    if not now.worker and now.way is not Writing.DIGITS:
        return (Line("type.no_worker"),)
    if now.room <= 0:
        return (Line("type.full"),)
    if now.ink or now.code or now.text:
        return ()
    return (Line(f"type.hint.{now.way.value}"),)


def _choices(now: Typing) -> tuple[Choice, ...]:
    ways = WAYS[now.wanted.kind]
    following = ways[(ways.index(now.way) + 1) % len(ways)]
    done = Choice(Line("type.done"), Event(now.wanted.then, now.text), likely=True, icon="tick")
    other = Choice(Line(f"type.way.{following.value}"), Event(Ev.TYPE_WAY, following))
    stop = Choice(Line("type.stop"), Event(Ev.BACK))
    return (*((done,) if now.text else ()), *((other,) if len(ways) > 1 else ()), *(() if now.text else (stop,)))


def _pad(now: Typing) -> tuple[Choice, ...]:
    erase = Choice(Line("type.erase"), Event(Ev.TYPE_ERASE))
    if now.way is Writing.HAND:
        return (erase,) if now.ink or now.text else ()
    if now.way is Writing.DIGITS:
        return (*(_key(digit, "type.digit") for digit in "1234567890"), erase)
    return (*(_key(digit, "type.letters") for digit in "23456789"), erase)


def _key(digit: str, name: str) -> Choice:
    return Choice(Line(f"{name}.{digit}"), Event(Ev.TYPE_KEY, digit))


def _suggested(now: Typing) -> tuple[Choice, ...]:
    last = max((len(now.found) - 1) // WORDS_SHOWN, 0)
    page = min(now.page, last)
    shown = now.found[page * WORDS_SHOWN : (page + 1) * WORDS_SHOWN]
    keys = [Choice(Line("type.take", {"text": _text(one.text)}), Event(Ev.TYPE_TAKE, one)) for one in shown]
    if page > 0:
        keys.append(Choice(Line("type.previous"), Event(Ev.TYPE_PAGE, page - 1)))
    if page < last:
        keys.append(Choice(Line("type.next"), Event(Ev.TYPE_PAGE, page + 1)))
    return tuple(keys)
