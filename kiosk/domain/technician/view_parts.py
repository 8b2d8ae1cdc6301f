"""What every screen of technician mode is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar, overload

from kiosk.domain.event import Event, EventKind
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.technician.calibration import CameraBox
from kiosk.domain.technician.state import HAS_BACK, StaffEv, StaffEvent, VendorMode, VendorState
from kiosk.domain.view.parts import Choice, Fact, View
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.words import Overlay, Step

V = TypeVar("V")
KNOWN_DEVICES = (
    *("id_card", "chip_card", "receipt_printer", "document_printer", "code_scanner", "headphone"),
    *("document_scanner", "id_face", "portrait", "keypad", "lights", "cabinet", "ups"),
)
"""Device classes with a name of their own in the words."""
KNOWN_TASKS = (
    *("lay_card", "lift_card", "show_code", "plug_headphone", "unplug_headphone", "allow_slip", "judge_slip"),
    *("insert_chip_card", "pull_chip_card", "allow_page", "judge_page", "lay_page", "lay_face", "sit_down"),
    *("press_enter", "judge_lights", "open_door", "close_door", "judge_fan", "cut_mains", "restore_mains"),
)
"""What a self-test may ask a hand for, with words of its own; anything else is looked up in the manual."""

KNOWN_CHECKS = (
    *("open", "answers", "identity", "faults", "present", "quiet"),
    *("slot", "read_card", "pull_card", "find", "lift_card", "read_face", "take_face", "capture"),
    *("paper", "slip", "page", "show_code", "plug", "unplug", "press", "switch", "seen"),
    *("temperature", "open_door", "close_door", "fan", "power", "cut_mains", "restore_mains"),
)
"""Checks of the self-test with a name of their own in the words."""


@dataclass(frozen=True, slots=True)
class StaffView(View):
    """A View that only technician mode has."""

    screen: str = ""
    """What the observer calls it: `technician_` and the page's name."""
    tool: str = ""
    """What is drawn: `ruler`, `target`, `camera`, or nothing."""
    target: int = 0
    """Which of the targets is touched now."""
    box: CameraBox | None = None
    edge: str = ""
    """Which edge of the box is moved now."""
    bar: tuple[str, ...] = ("leave",)
    """Places of the bottom bar that mean something."""


@overload
def tap(kind: EventKind[None]) -> Event: ...
@overload
def tap(kind: EventKind[V], value: V) -> Event: ...
def tap(kind: EventKind[Any], value: Any = None) -> Event:
    """What a button of technician mode posts."""
    return Event(Ev.STAFF, StaffEvent(kind, value))


def page(  # each argument is one part of a screen
    state: VendorState,
    question: Line,
    *,
    body: tuple[Line, ...] = (),
    facts: tuple[Fact, ...] = (),
    choices: tuple[Choice, ...] = (),
    cards: tuple[Choice, ...] = (),
    pager: tuple[Choice, ...] = (),
    picture: str = "",
    working: bool = False,
    pad: tuple[Choice, ...] = (),
    pad_columns: int = 3,
    tool: str = "",
    target: int = 0,
    box: CameraBox | None = None,
    edge: str = "",
) -> StaffView:
    note = (Line(state.note),) if state.note.startswith("staff.") else ()
    return StaffView(
        Step.WELCOME,
        Overlay.NONE,
        question,
        body=(*note, *body),
        facts=facts,
        choices=choices,
        cards=cards,
        pager=pager,
        picture=picture,
        working=working,
        screen=f"technician_{state.page.value}",
        pad=pad,
        pad_columns=pad_columns,
        tool=tool,
        target=target,
        box=box,
        edge=edge,
        bar=_bar(state),
    )


def _bar(state: VendorState) -> tuple[str, ...]:
    """Out is always possible but on the way out; back where there is somewhere to go back to."""
    if state.mode is VendorMode.EXIT_PENDING:
        return ()
    return ("leave", "back") if state.page in HAS_BACK else ("leave",)


def text(value: object) -> Arg:
    return Arg(ArgKind.TEXT, str(value))


def count(value: int) -> Arg:
    return Arg(ArgKind.COUNT, str(value))


def key_of(key: str) -> Arg:
    return Arg(ArgKind.KEY, key)


def device_key(name: str) -> str:
    return f"staff.device.{name if name in KNOWN_DEVICES else 'other'}"


def check_key(name: str) -> str:
    return f"staff.check.{name if name in KNOWN_CHECKS else 'other'}"


def number_pad(enter: EventKind[None]) -> tuple[Choice, ...]:
    """As on a telephone: 1 2 3 at the top, 0 at the bottom between erase and enter."""

    def digit(value: int) -> Choice:
        return Choice(Line(f"staff.pad.{value}"), tap(StaffEv.KEY, str(value)))

    return (
        *(digit(value) for value in range(1, 10)),
        Choice(Line("staff.pad.erase"), tap(StaffEv.ERASE)),
        digit(0),
        Choice(Line("staff.pad.enter"), tap(enter), likely=True),
    )
