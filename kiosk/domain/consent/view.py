"""The screen that asks for her word: which register, why, and that she may say no."""

from __future__ import annotations

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.consent.rows import registers_of
from kiosk.domain.event import Event
from kiosk.domain.papers.state import ASK_REGISTERS
from kiosk.domain.speech import Arg, ArgKind, Args, Line
from kiosk.domain.view.parts import Choice, Over, Screen, View, progress_of
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Overlay, Step


def _register(code: str) -> Args:
    return {"register": Arg(ArgKind.KEY, f"register.{code}")}


def _consent(state: VisitState, catalogue: Catalogue) -> View:
    registers = registers_of(state)
    return View(
        state.step,
        state.overlay,
        Line(ASK_REGISTERS, _register(registers[0])) if registers else Line(f"{ASK_REGISTERS}.why"),
        body=(
            *(Line(f"{ASK_REGISTERS}.also", _register(code)) for code in registers[1:]),
            Line(f"{ASK_REGISTERS}.why"),
            Line(f"{ASK_REGISTERS}.free"),
        ),
        choices=(
            Choice(Line("consent.yes"), Event(Ev.YES), likely=True, icon="tick"),
            Choice(Line("consent.no"), Event(Ev.NO)),
        ),
        picture="look_up",
        progress=progress_of(state),
    )


SCREENS: dict[Step, Screen] = {Step.CONSENT: _consent}
OVERLAYS: dict[Overlay, Over] = {}
