"""What a screen is made of, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.site.state import NOTHING_TOLD, SiteToday
from kiosk.domain.speech import Arg, Line, Utterance
from kiosk.domain.typing.state import Ink
from kiosk.domain.visit.machine import Ev, Event, Overlay, Step, VisitState

PAGE_SIZE = 4
WORD_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer a resident can give; at most one on a screen is `likely` (filled)."""

    line: Line
    event: Event
    likely: bool = False
    icon: str = ""
    hint: Line | None = None
    """A second, smaller line on a card."""
    chosen: bool = False
    """Of several that may be chosen together, this one is."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of a card: what it is, and the masked value."""

    label: str
    value: Arg
    big: bool = False
    words: Line | None = None
    """The value in words, e.g. with its unit: shown instead of `value`."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Something that has steps: a bar, and a choice each for less and for more of it."""

    line: Line
    less: Choice
    more: Choice
    at: int
    """Which step it stands at, from 1; 0 is before the first."""
    steps: int


@dataclass(frozen=True, slots=True)
class Spotlight:
    """Choosing by ear: the one button, and what it would take."""

    button: Choice
    """Begins to have the choices named, takes the lit one, or goes round once more."""
    lit: Choice | None = None
    on: bool = False
    waits: bool = False
    count: int = 0
    """How many choices are named."""


@dataclass(frozen=True, slots=True)
class View:
    """One screen. Order of reading: question, body, huge, suggestions, ink, pad, scales, rows, facts, choices, bar;
    with a pad the facts stand above it."""

    step: Step
    overlay: Overlay
    question: Line
    body: tuple[Line, ...] = ()
    rows: tuple[Line, ...] = ()
    """What a register says, a sentence each, on a card of its own: her figures, not what the kiosk says of them."""
    facts: tuple[Fact, ...] = ()
    scales: tuple[Scale, ...] = ()
    choices: tuple[Choice, ...] = ()
    cards: tuple[Choice, ...] = ()
    """Home and browse: the grid of services."""
    pager: tuple[Choice, ...] = ()
    huge: Line | None = None
    """In the largest letters that fit: for somebody across the table, or what is being typed."""
    words: tuple[Choice, ...] = ()
    """Short suggestions, as keys in rows of `WORD_COLUMNS`."""
    ink: Ink | None = None
    """Strokes in the square that is drawn in; None where there is none."""
    pad: tuple[Choice, ...] = ()
    """Keys in rows of `pad_columns`."""
    pad_columns: int = 3
    picture: str = ""
    """Name of a picture in assets/icons, e.g. `card_down`."""
    banner: Line | None = None
    """The one big good news."""
    progress: tuple[int, int] | None = None
    working: bool = False
    """True while a device or the network works: the screen shows that something goes on."""
    red_bar: bool = False
    say: tuple[Utterance, ...] = ()
    """What is said instead of everything that is shown; empty: all of it."""
    is_silent: bool = False
    """Nothing is said."""
    spotlight: Spotlight | None = None
    """None where there is nothing to choose."""
    here: SiteToday = NOTHING_TOLD
    """The place, for the screens between visits."""
    case_no: str = ""
    """Shown in four groups of four when not empty (the last 16 digits)."""


Screen = Callable[[VisitState, Catalogue], View]
"""The screen of a step."""
Over = Callable[[VisitState, View], View]
"""What lies over a step's screen."""


def progress_of(state: VisitState) -> tuple[int, int] | None:
    """Card, confirmation and return are steps 1 to 2, then every planned action but the result."""
    if not state.item_id:
        return None
    applies = [action.applies(state.answers) for action in state.plan]
    total = 2 + max(sum(applies) - 2, 2)
    at = {Step.IDENTIFY: 1, Step.CONFIRM_WHO: 2, Step.TAKE_CARD: 2, Step.PREPARE: 2}.get(state.step)
    return (at if at is not None else min(3 + sum(applies[: state.index]), total), total)


def over(state: VisitState, base: View, question: Line, *choices: Choice, body: tuple[Line, ...] = ()) -> View:
    """An overlay hides the step's own content, keeps its place in the visit and has its own choices."""
    return View(
        state.step, state.overlay, question, body=body, choices=choices, progress=base.progress, case_no=base.case_no
    )


CLOSE = Choice(Line("overlay.close"), Event(Ev.CLOSE))
