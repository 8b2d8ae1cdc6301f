"""What a screen shows and says, as data: a pure function of the visit's state.

Screens render a View; the speech queue says it; the keypad walks its choices; tests read it. No
resident words here, only text keys (the words live in `voices/`).
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.access import view as view_access
from kiosk.domain.access.view import TEXT_SIZES, THEMES
from kiosk.domain.aid import view as view_aid
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.consent import view as view_consent
from kiosk.domain.deputy import view as view_deputy
from kiosk.domain.ear import view as view_ear
from kiosk.domain.money import view as view_money
from kiosk.domain.papers import view as view_papers
from kiosk.domain.questions import view as view_questions
from kiosk.domain.screens import overlays as view_overlays
from kiosk.domain.screens import table as view_screens
from kiosk.domain.sheets import view as view_sheets
from kiosk.domain.site import view as view_site
from kiosk.domain.slip import ways_view as view_ways
from kiosk.domain.speech import ArgKind, Line, Privacy, Utterance
from kiosk.domain.view.parts import PAGE_SIZE, WORD_COLUMNS, Choice, Fact, Over, Screen, View
from kiosk.domain.visit.machine import Overlay, Step, VisitState
from kiosk.domain.visit.transition import together

__all__ = ["PAGE_SIZE", "TEXT_SIZES", "THEMES", "WORD_COLUMNS", "Choice", "Fact", "View", "sheet", "view"]

_PARTS = (
    view_aid,
    view_deputy,
    view_ear,
    view_money,
    view_consent,
    view_papers,
    view_questions,
    view_sheets,
    view_site,
    view_ways,
)
SCREENS: dict[Step, Screen] = together(view_screens.SCREENS, *(part.SCREENS for part in _PARTS))
OVERLAYS: dict[Overlay, Over] = together(
    view_overlays.OVERLAYS, view_access.OVERLAYS, *(part.OVERLAYS for part in _PARTS)
)


def sheet(state: VisitState, catalogue: Catalogue) -> View:
    """What a state offers, without what is said of it and without the ear's button: whoever only wants the choices
    needs no more. The overlay, when there is one, lies over the step's screen with its own choices."""
    base = SCREENS[state.step](state, catalogue)
    return OVERLAYS[state.overlay](state, base) if state.overlay is not Overlay.NONE else base


def view(state: VisitState, catalogue: Catalogue) -> View:
    """The whole screen for a state."""
    shown = sheet(state, catalogue)
    if state.note and state.overlay is Overlay.NONE and shown.question.key != state.note:
        shown = replace(shown, body=(Line(state.note), *shown.body))
    shown = view_deputy.marked(state, shown)
    said = () if shown.is_silent else shown.say or _say(shown)
    return view_ear.for_the_ear(state, replace(shown, say=said))


def _say(shown: View) -> tuple[Utterance, ...]:
    """What the screen means is said: the banner, the question, the body; not the mark, which is the same on all. What
    somebody has or owes is for her alone.
    """
    lines = (*((shown.banner,) if shown.banner else ()), shown.question, *shown.body)
    return tuple(Utterance(line, _privacy(line)) for line in lines if line.key != view_deputy.MARK)


def _privacy(line: Line) -> Privacy:
    of_money = any(arg.kind is ArgKind.MONEY for arg in line.args.values())
    return Privacy.PRIVATE if of_money else Privacy.PUBLIC
