"""Everything that can be chosen on a screen, in one order: for fingers, keypad, switches and 念给我选. Pure.

The window draws the targets in this order and finds them again by `Target.event`; without a window a visit can be
walked by `Cursor` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache

from kiosk.domain.event import Event
from kiosk.domain.speech import Arg, ArgKind, Lang, Line
from kiosk.domain.view.parts import Choice, View
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Overlay, Step


class Kind(StrEnum):
    LANGUAGE = auto()
    KEY = auto()
    """A suggestion, or a key of a pad."""
    SCALE = auto()
    CARD = auto()
    CHOICE = auto()
    PAGER = auto()
    RED_BAR = auto()
    EAR = auto()
    """念给我选, or 就这个."""
    BAR = auto()


ON_SHEET = frozenset((Kind.KEY, Kind.SCALE, Kind.CARD, Kind.CHOICE, Kind.PAGER, Kind.RED_BAR))
"""What belongs to the screen itself; the others stand around every screen."""


@dataclass(frozen=True, slots=True)
class Target:
    kind: Kind
    line: Line
    """What it is called when it is named."""
    event: Event
    likely: bool = False
    chosen: bool = False
    """It is on already, e.g. the language that is spoken."""


BAR_PLACES = ("leave", "back", "again", "access", "call")
"""From left to right; a place without a meaning on a screen stays empty."""
BAR_LINES = {
    "leave": Line("bar.leave"),
    "back": Line("bar.back"),
    "again": Line("bar.again"),
    "access": Line("bar.access"),
    "call": Line("bar.help"),
}


def bar_places(step: Step, overlay: Overlay) -> frozenset[str]:
    """Which of the five places have a meaning now."""
    if step is Step.WIPE or overlay is Overlay.ATTRACT:
        return frozenset()
    if overlay is Overlay.NONE and step is Step.WELCOME:
        return frozenset(("again", "access", "call"))
    if overlay is Overlay.NONE and step is Step.CHOOSE:
        return frozenset(("leave", "again", "access", "call"))
    return frozenset(BAR_PLACES)


def bar_event(place: str, overlay: Overlay) -> Event:
    """What a place of the bar posts. The second touch of 叫人 calls: who asks twice has read enough."""
    if place == "access":
        return Event(Ev.CLOSE if overlay is Overlay.ACCESS else Ev.ACCESS)
    if place == "call":
        return Event(Ev.CALL if overlay is Overlay.HELP else Ev.HELP)
    return Event({"leave": Ev.LEAVE, "back": Ev.BACK, "again": Ev.AGAIN}[place])


def on_sheet(view: View) -> tuple[Target, ...]:
    """What the screen itself offers, in the order of reading: keys, scales, cards, answers, pager, red bar."""
    scales = (choice for scale in view.scales for choice in (scale.less, scale.more))
    red = (Target(Kind.RED_BAR, Line("bar.cannot"), Event(Ev.CANNOT)),) if view.red_bar else ()
    return (
        *(_target(Kind.KEY, key) for key in (*view.words, *view.pad)),
        *(_target(Kind.SCALE, choice) for choice in scales),
        *(_target(Kind.CARD, choice) for choice in view.cards),
        *(_target(Kind.CHOICE, choice) for choice in view.choices),
        *(_target(Kind.PAGER, choice) for choice in view.pager),
        *red,
    )


def _target(kind: Kind, choice: Choice) -> Target:
    return Target(kind, choice.line, choice.event, choice.likely)


@cache
def in_bar(step: Step, overlay: Overlay) -> tuple[Target, ...]:
    places = bar_places(step, overlay)
    return tuple(Target(Kind.BAR, BAR_LINES[name], bar_event(name, overlay)) for name in BAR_PLACES if name in places)


def targets(state: VisitState, view: View) -> tuple[Target, ...]:
    """All of a screen, each once, in the order of reading from the top to the bottom."""
    if view.overlay is Overlay.ATTRACT:
        return ()
    languages = (
        Target(Kind.LANGUAGE, Line(f"lang.{lang.value}"), Event(Ev.LANGUAGE, lang), chosen=lang is state.lang)
        for lang in (Lang.NAN, Lang.CMN)
    )
    ear = (_target(Kind.EAR, view.spotlight.button),) if view.spotlight else ()
    return (*languages, *on_sheet(view), *ear, *in_bar(view.step, view.overlay))


def read_aloud(view: View) -> tuple[Target, ...]:
    """What 念给我选 names: the screen's own targets, then the way back and the one who helps."""
    own = on_sheet(view)
    if not own:
        return ()
    wanted = (Event(Ev.BACK), Event(Ev.HELP), Event(Ev.CALL))
    offered = {target.event.kind for target in own}
    around = in_bar(view.step, view.overlay)
    return (*own, *(t for t in around if t.event in wanted and t.event.kind not in offered))


def first(shown: Sequence[Target]) -> int:
    """Where the keys begin: the likely answer, else the first of the screen's own, else the first of all."""
    own = [at for at, target in enumerate(shown) if target.kind in ON_SHEET]
    likely = [at for at in own if shown[at].likely]
    return (likely or own or [0])[0]


def place_line(shown: Sequence[Target], at: int) -> Line:
    """Which one of how many, counted among those that belong together: the screen's own, or those around it."""
    own = shown[at].kind in ON_SHEET
    group = [index for index, target in enumerate(shown) if (target.kind in ON_SHEET) is own]
    return placed(group.index(at) + 1, len(group))


def placed(number: int, of: int) -> Line:
    count = {"n": str(number), "total": str(of)}
    return Line("ear.place", {name: Arg(ArgKind.COUNT, value) for name, value in count.items()})


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the keys are. Next and previous walk over every target and come round: nothing is a trap."""

    at: int | None = None

    def next(self, shown: Sequence[Target], steps: int = 1) -> Cursor:
        """The first press shows where one begins."""
        if not shown:
            return Cursor()
        return Cursor(first(shown) if self.at is None else (self.at + steps) % len(shown))

    def previous(self, shown: Sequence[Target]) -> Cursor:
        return self.next(shown, -1)

    def enter(self, shown: Sequence[Target]) -> Event | None:
        """What the present target posts; None where there is none yet."""
        return shown[self.at].event if self.at is not None and self.at < len(shown) else None
