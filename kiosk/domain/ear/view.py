"""Screens for choosing by ear and by keys, and what choosing by ear adds to every other screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.event import Event
from kiosk.domain.site.rows import is_nobody_here
from kiosk.domain.speech import Arg, ArgKind, Line, Privacy, Utterance
from kiosk.domain.view.parts import Choice, Fact, Over, Screen, Spotlight, View
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.navigation import Target, read_aloud
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Overlay, Step

_BY_THEMSELVES = (Overlay.IDLE, Overlay.ATTRACT)
"""They say themselves what to touch, or nobody is there."""
_OPEN_KINDS = (ArgKind.KEY, ArgKind.PLACE, ArgKind.COUNT, ArgKind.TIME)
_OPEN_NAMES = ("key_year",)
"""What a choice may hold for anybody in the hall to hear: texts, entries of lists, counts, free times, a year."""
_GROUPED = 16
"""So many last digits of the case number are shown and said."""


def for_the_ear(state: VisitState, shown: View) -> View:
    """The same screen with its spotlight, and with all that is said of it.

    :param shown: with its `say`; while a choice is lit, only that choice is said.
    """
    if state.step is Step.WIPE:
        return shown
    if is_heard(state) and not shown.is_silent:
        shown = replace(shown, say=(*shown.say, *_private(shown)))
    if state.ear.helped:
        shown = replace(shown, say=(Utterance(Line(f"help.{state.step.value}")),))
    named = read_aloud(shown)
    if not named:
        return shown
    if not state.ear.on:
        return replace(shown, spotlight=Spotlight(Choice(Line("ear.begin"), Event(Ev.EAR_ON)), count=len(named)))
    return _lit(state, _unfilled(shown), named)


def names_unasked(state: VisitState, shown: View) -> bool:
    """Choices that are named to somebody who touches nothing. Never what is hers alone, because she has not asked for
    it; never the signs of a pad, because she is writing."""
    if not _is_waited_for(state, shown) or shown.spotlight is None or shown.spotlight.on or shown.pad or shown.ink:
        return False
    return all(_is_open(target.line) for target in read_aloud(shown))


def helps_unasked(state: VisitState, shown: View) -> bool:
    """Where nothing can be named, the step's help is said once to somebody who touches nothing."""
    writes = bool(shown.pad or shown.ink)
    return writes and state.overlay is Overlay.NONE and not state.ear.helped and _is_waited_for(state, shown)


def is_unasked(state: VisitState) -> bool:
    """What is said now was not asked for, and is no sign that somebody is there."""
    return state.ear.unasked or state.ear.helped


def _is_waited_for(state: VisitState, shown: View) -> bool:
    """The visit goes on when she touches something, and she hears."""
    nobody = is_nobody_here(state) or state.step is Step.WIPE or state.overlay in _BY_THEMSELVES
    return not (nobody or shown.working or shown.is_silent) and state.access.voice


def _is_open(line: Line) -> bool:
    return all(arg.kind in _OPEN_KINDS or name in _OPEN_NAMES for name, arg in line.args.items())


def is_heard(state: VisitState) -> bool:
    """Somebody hears what she does not see, or sees badly."""
    return state.access.screen_off or state.ear.headphone


def _private(shown: View) -> Iterator[Utterance]:
    """What stands on the cards; said into a headphone only."""
    facts = list(shown.facts)
    if shown.case_no:
        facts.append(Fact("fact.case_no", Arg(ArgKind.DIGITS, shown.case_no[-_GROUPED:])))
    for fact in facts:
        yield from (Utterance(line, Privacy.PRIVATE) for line in _fact_lines(fact))


def _fact_lines(fact: Fact) -> tuple[Line, ...]:
    """What it is, and its value. A masked number is said by what is left of it; a text has a line of its own, so that
    a voice without a reading for it can leave that one line to another."""
    label, value = Arg(ArgKind.KEY, fact.label), fact.value
    if fact.words is not None:
        return Line("ear.fact.name", {"label": label}), fact.words
    head, stars, rest = value.value.partition("*")
    tail = rest.strip("* ")
    if stars and tail.isdigit() and (head.isdigit() or not head):
        ends = {"head": Arg(ArgKind.DIGITS, head)} if head else {}
        key = "ear.fact.masked" if head else "ear.fact.tail"
        return (Line(key, {"label": label, **ends, "tail": Arg(ArgKind.DIGITS, tail)}),)
    if value.kind is ArgKind.TEXT:
        return Line("ear.fact.name", {"label": label}), Line("ear.fact.value", {"value": value})
    return (Line("ear.fact", {"label": label, "value": value}),)


def _unfilled(shown: View) -> View:
    """Only what is lit stands out."""
    return replace(
        shown,
        choices=tuple(replace(choice, likely=False) for choice in shown.choices),
        cards=tuple(replace(card, likely=False) for card in shown.cards),
        pad=tuple(replace(key, likely=False) for key in shown.pad),
    )


def _lit(state: VisitState, shown: View, named: tuple[Target, ...]) -> View:
    ear = state.ear
    if ear.waits:
        again = Choice(Line("ear.again"), Event(Ev.EAR_ON), likely=True)
        spotlight = Spotlight(again, None, on=True, waits=True, count=len(named))
        waits = Line("ear.waits")
        return replace(shown, body=(*shown.body, waits), spotlight=spotlight, say=(Utterance(waits),))
    if ear.at < 0:
        button = Choice(Line("ear.first"), Event(Ev.EAR_NEXT, len(named)), likely=True)
        return replace(shown, spotlight=Spotlight(button, None, on=True, count=len(named)))
    target = named[min(ear.at, len(named) - 1)]
    take = Choice(Line("ear.take"), target.event, likely=True, icon="tick")
    lit = Choice(target.line, target.event)
    return replace(shown, spotlight=Spotlight(take, lit, on=True, count=len(named)), say=(Utterance(target.line),))


def _listen(state: VisitState, base: View) -> View:
    """A headphone is in: only the ear, or both."""
    dark = Event(Ev.SETTING, replace(state.access, screen_off=True, voice=True))
    return _asked(
        state,
        base,
        "ear.listen",
        Choice(Line("ear.listen.only"), dark, icon="sound"),
        Choice(Line("ear.listen.both"), Event(Ev.CLOSE), likely=True),
    )


def _unplugged(state: VisitState, base: View) -> View:
    """The headphone is gone: nothing goes on aloud unless she says so."""
    silent = Event(Ev.SETTING, replace(state.access, voice=False))
    return _asked(
        state,
        base,
        "ear.unplugged",
        Choice(Line("ear.unplugged.aloud"), Event(Ev.CLOSE), icon="sound"),
        Choice(Line("ear.unplugged.silent"), silent),
    )


def _asked(state: VisitState, base: View, question: str, *choices: Choice) -> View:
    return View(
        state.step, state.overlay, Line(question), choices=choices, progress=base.progress, case_no=base.case_no
    )


SCREENS: dict[Step, Screen] = {}
OVERLAYS: dict[Overlay, Over] = {Overlay.LISTEN: _listen, Overlay.UNPLUGGED: _unplugged}
