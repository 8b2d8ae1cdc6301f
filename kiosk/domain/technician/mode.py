"""Technician mode: one pure machine. `advance(state, event)` gives the next state and the effects.

enterPending until the visit has ended and is wiped and somebody has shown who they are; active; exitPending until
no device works for it any more; inactive. Nothing of a resident is in its state: cases are a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from kiosk.domain.event import EventKind
from kiosk.domain.technician.calibration import (
    LOUDNESS_DB,
    MOUNT_HEIGHT_MM,
    RULER_MM,
    RULER_RANGE_MM,
    TARGETS,
    VALUES,
    Calibration,
    Point,
    diagonal_from,
    fit_touch,
)
from kiosk.domain.technician.state import (
    PARENT,
    Checked,
    CheckRow,
    HouseFacts,
    Page,
    Printed,
    Proof,
    StaffDo,
    StaffEv,
    StaffEvent,
    Step,
    Unseen,
    VendorMode,
    VendorState,
)

Effects = tuple[StaffDo, ...]
Moved = tuple[VendorState, Effects]
Rule = Callable[[VendorState, Any], Moved]
Entry = tuple[tuple[VendorMode, EventKind[Any]], Rule]
V = TypeVar("V")

NUMBER_MOST = 8
PIN_MOST = 12
PIN_LEAST = 6
HEIGHT_DIGITS = 4
GUIDE_STEPS = 4
"""Open, lay the roll in, close, print."""
EDGES = ("left", "right", "top", "bottom")
OPENED = frozenset(PARENT) - {Page.DEVICE, Page.RESULT, Page.TOUCH_CHECK}
"""Pages that a finger may open by name."""


def advance(state: VendorState, event: StaffEvent) -> Moved:
    """An event that a mode or page does not know changes nothing."""
    rule = _TABLE.get((state.mode, event.kind))
    return rule(state, event.value) if rule else (state, ())


def at(mode: VendorMode, kind: EventKind[V], rule: Callable[[VendorState, V], Moved]) -> Entry:
    """What an event of this kind does in this mode."""
    return (mode, kind), rule


def at_plain(mode: VendorMode, kind: EventKind[None], rule: Callable[[VendorState], Moved]) -> Entry:
    """As `at`, for a kind without a value."""
    return (mode, kind), lambda state, value: rule(state)


def shows(state: VendorState) -> bool:
    """True while the technician has the screen, not the visit."""
    return state.page is not Page.NONE


# ---- coming in ---------------------------------------------------------------------------------------------


def _ask(state: VendorState) -> Moved:
    return replace(state, mode=VendorMode.ENTER_PENDING), (StaffDo.HOLD_VISIT,)


def _badge(state: VendorState, value: str) -> Moved:
    """The number is known; the PIN is still asked."""
    if not value:
        return state, ()
    return replace(state, mode=VendorMode.ENTER_PENDING, number=value, number_done=True), (StaffDo.HOLD_VISIT,)


def _quiet(state: VendorState) -> Moved:
    """The visit has gone: now the screen may be had."""
    return (replace(state, page=Page.LOGIN), (StaffDo.LOOK_UP_STAFF,)) if not shows(state) else (state, ())


def _roll(state: VendorState, has_anyone: bool) -> Moved:
    return (state, ()) if has_anyone or not shows(state) else (replace(state, page=Page.NO_STAFF), ())


def _give_up(state: VendorState) -> Moved:
    """Nobody came in: the visit has everything back."""
    return _forgotten(state), (StaffDo.GIVE_BACK,)


def _login_key(state: VendorState, value: str) -> Moved:
    if state.page is not Page.LOGIN or state.checking or len(value) != 1:
        return state, ()
    if not value.isascii() or not value.isdigit():
        return state, ()
    if state.number_done:
        return replace(state, pin=(state.pin + value)[:PIN_MOST], wrong=False), ()
    return replace(state, number=(state.number + value)[:NUMBER_MOST], wrong=False), ()


def _login_erase(state: VendorState) -> Moved:
    """The last digit; before the PIN's first one, back to the number."""
    if state.page is not Page.LOGIN or state.checking:
        return state, ()
    if state.number_done:
        return replace(state, pin=state.pin[:-1], number_done=bool(state.pin)), ()
    return replace(state, number=state.number[:-1]), ()


def _login_enter(state: VendorState) -> Moved:
    if state.page is not Page.LOGIN or state.checking or not state.number:
        return state, ()
    if not state.number_done:
        return replace(state, number_done=True), ()
    return (replace(state, checking=True), (StaffDo.CHECK_PIN,)) if state.pin else (state, ())


def _checked(state: VendorState, value: Checked) -> Moved:
    if state.page is not Page.LOGIN:
        return state, ()
    if not value.right:
        return replace(state, checking=False, pin="", wrong=True, wait_s=value.wait_s), ()
    inside = replace(state, mode=VendorMode.ACTIVE, page=Page.HOME, staff=state.number, checking=False)
    return replace(inside, pin="", number="", number_done=False, wrong=False, wait_s=0), (StaffDo.BORROW,)


# ---- going out ---------------------------------------------------------------------------------------------


def _leave(state: VendorState) -> Moved:
    undo = (StaffDo.DROP_TOUCH,) if state.page is Page.TOUCH_CHECK else ()
    return replace(state, mode=VendorMode.EXIT_PENDING, page=Page.LEAVING), (*undo, StaffDo.STOP)


def _free(state: VendorState) -> Moved:
    return _forgotten(state), (StaffDo.GIVE_BACK,)


def _forgotten(state: VendorState) -> VendorState:
    """What belongs to the terminal stays; what belongs to this person's work goes."""
    return VendorState(
        has_camera=state.has_camera,
        calibration=state.calibration,
        screen_inch=state.screen_inch,
        factory_inch=state.factory_inch,
        factory_mount_mm=state.factory_mount_mm,
        factory_box=state.factory_box,
    )


# ---- inside ------------------------------------------------------------------------------------------------


def _facts(state: VendorState, value: HouseFacts) -> Moved:
    return replace(state, facts=value), ()


def _open(state: VendorState, value: Page) -> Moved:
    if value not in OPENED or _busy(state):
        return state, ()
    fresh = replace(state, page=value, note="", list_page=0, guide_step=0, proof=Proof.NONE, print_fault="")
    return replace(fresh, draft=_draft(state, value), entry="", touched=(), edge=EDGES[0], unseen=Unseen()), ()


def _draft(state: VendorState, page: Page) -> int:
    if page is Page.RULER:
        return RULER_MM
    return state.calibration.loudness_db or 0 if page is Page.LOUDNESS else 0


def _back(state: VendorState) -> Moved:
    if state.page is Page.TOUCH_CHECK:
        return _unsure(state)
    parent = PARENT.get(state.page)
    if parent is None or state.proof is Proof.BUSY:
        return state, ()
    return replace(state, page=parent, note="", proof=Proof.NONE), ()


def _device(state: VendorState, value: str) -> Moved:
    known = {row.name for row in state.facts.devices}
    if state.page is not Page.DEVICES or value not in known:
        return state, ()
    return replace(state, page=Page.DEVICE, device=value), ()


def _turn(state: VendorState, value: int) -> Moved:
    return replace(state, list_page=max(value, 0)), ()


def _test(state: VendorState, value: str) -> Moved:
    """One device by name, or all of them."""
    names = tuple(row.name for row in state.facts.devices)
    chosen = (value,) if value in names else names if value == "" else ()
    if not chosen or _busy(state):
        return state, ()
    return replace(state, page=Page.TEST, testing=chosen, report=(), task=""), (StaffDo.TEST,)


def _busy(state: VendorState) -> bool:
    return state.page in (Page.TEST, Page.HAND) or state.proof is Proof.BUSY


def _asked(state: VendorState, value: str) -> Moved:
    return (replace(state, page=Page.HAND, task=value), ()) if state.page is Page.TEST else (state, ())


def _reply(state: VendorState, value: str) -> Moved:
    if state.page is not Page.HAND:
        return state, ()
    return replace(state, page=Page.TEST, note=value), (StaffDo.REPLY,)


def _tested(state: VendorState, value: tuple[CheckRow, ...]) -> Moved:
    if state.page not in (Page.TEST, Page.HAND):
        return state, ()
    return replace(state, page=Page.RESULT, report=value, task="", note="", list_page=0), ()


def _next(state: VendorState) -> Moved:
    """The paper guide's next step; on the camera's page the next edge."""
    if state.page is Page.CAMERA:
        return replace(state, edge=EDGES[(EDGES.index(state.edge) + 1) % len(EDGES)]), ()
    if state.page is not Page.PAPER:
        return state, ()
    return replace(state, guide_step=min(state.guide_step + 1, GUIDE_STEPS - 1)), ()


def _print(state: VendorState) -> Moved:
    if state.page is not Page.PAPER or state.proof is Proof.BUSY:
        return state, ()
    return replace(state, guide_step=GUIDE_STEPS - 1, proof=Proof.BUSY, print_fault=""), (StaffDo.PRINT,)


def _printed(state: VendorState, value: Printed) -> Moved:
    if state.proof is not Proof.BUSY:
        return state, ()
    return replace(state, proof=value.proof, print_fault=value.fault), ()


def _play(state: VendorState) -> Moved:
    return (state, (StaffDo.PLAY,)) if state.page is Page.LOUDNESS else (state, ())


def _patience(state: VendorState) -> Moved:
    return (state, (StaffDo.PATIENCE,)) if state.facts.is_unhurried is not None else (state, ())


# ---- calibration -------------------------------------------------------------------------------------------


def _step(state: VendorState, value: Step) -> Moved:
    if state.page is Page.RULER:
        low, high = RULER_RANGE_MM
        return replace(state, draft=min(max(state.draft + value.by, low), high)), ()
    if state.page is Page.LOUDNESS:
        low, high = LOUDNESS_DB
        return replace(state, draft=min(max(state.draft + value.by, low), high)), (StaffDo.PLAY,)
    if state.page is Page.CAMERA:
        box = (state.calibration.camera or state.factory_box).moved(state.edge, value.by)
        kept, effects = _set(state, replace(state.calibration, camera=box), state.page)
        return replace(kept, note=""), effects  # the page says itself that every move is kept
    return state, ()


def _seen(state: VendorState, value: Unseen) -> Moved:
    if state.page is not Page.CAMERA:
        return state, ()
    return replace(state, unseen=value), ()


def _keep(state: VendorState) -> Moved:
    """The page's value becomes the terminal's."""
    have = state.calibration
    if state.page is Page.RULER:
        inch = diagonal_from(state.screen_inch, state.draft)
        return _set(replace(state, screen_inch=inch), replace(have, diagonal_inch=inch))
    if state.page is Page.LOUDNESS:
        return _set(state, replace(have, loudness_db=state.draft))
    if state.page is Page.HEIGHT:
        return _keep_height(state)
    if state.page is Page.TOUCH_CHECK:
        return _set(state, have)
    return state, ()


def _keep_height(state: VendorState) -> Moved:
    low, high = MOUNT_HEIGHT_MM
    if not state.entry or not low <= int(state.entry) <= high:
        return replace(state, note="staff.height.range", entry=""), ()
    return _set(state, replace(state.calibration, mount_height_mm=int(state.entry)))


def _set(state: VendorState, calibration: Calibration, page: Page = Page.CALIBRATE) -> Moved:
    return replace(state, calibration=calibration, page=page, note="staff.kept"), (StaffDo.SET,)


def _undo(state: VendorState, value: str) -> Moved:
    """One value as the factory set it."""
    if value not in VALUES:
        return state, ()
    # A name of VALUES is a field of Calibration, and None is a value that each of them takes.
    plain = replace(state.calibration, **{value: None})
    inch = state.factory_inch if value == "diagonal_inch" else state.screen_inch
    return _set(replace(state, screen_inch=inch, draft=_draft(replace(state, calibration=plain), state.page)), plain)


def _touched(state: VendorState, value: Point) -> Moved:
    """One more touch on a target; after the fifth the correction is tried."""
    if state.page is not Page.TOUCH:
        return state, ()
    touched = (*state.touched, value)
    if len(touched) < len(TARGETS):
        return replace(state, touched=touched, note=""), ()
    fix = fit_touch(touched)
    if fix is None:
        return replace(state, touched=(), note="staff.touch.again"), ()
    tried = replace(state, page=Page.TOUCH_CHECK, touched=(), calibration=replace(state.calibration, touch=fix))
    return tried, (StaffDo.TRY_TOUCH,)


def _unsure(state: VendorState) -> Moved:
    """A correction that nobody could confirm is worse than none: the old one is back."""
    if state.page is not Page.TOUCH_CHECK:
        return state, ()
    return replace(state, page=Page.CALIBRATE, note="staff.touch.dropped"), (StaffDo.DROP_TOUCH,)


def _calibrated(state: VendorState, value: Calibration) -> Moved:
    """The values as they are kept now (after a drop, or when a file could not be written)."""
    return replace(state, calibration=value, screen_inch=value.diagonal_inch or state.factory_inch), ()


def _not_kept(state: VendorState) -> Moved:
    return replace(state, note="staff.not_kept"), ()


def _pad_key(state: VendorState, value: str) -> Moved:
    if state.page is not Page.HEIGHT or not value.isascii() or not value.isdigit():
        return state, ()
    return replace(state, entry=(state.entry + value)[:HEIGHT_DIGITS], note=""), ()


def _pad_erase(state: VendorState) -> Moved:
    return replace(state, entry=state.entry[:-1]), ()


_IN, _OUT, _ON, _OFF = VendorMode.ENTER_PENDING, VendorMode.EXIT_PENDING, VendorMode.ACTIVE, VendorMode.INACTIVE

_TABLE = dict(
    (
        at_plain(_OFF, StaffEv.ASK, _ask),
        at(_OFF, StaffEv.BADGE, _badge),
        at(_OFF, StaffEv.CALIBRATED, _calibrated),
        at_plain(_IN, StaffEv.QUIET, _quiet),
        at(_IN, StaffEv.ROLL, _roll),
        at(_IN, StaffEv.KEY, _login_key),
        at_plain(_IN, StaffEv.ERASE, _login_erase),
        at_plain(_IN, StaffEv.ENTER, _login_enter),
        at(_IN, StaffEv.CHECKED, _checked),
        at_plain(_IN, StaffEv.BACK, _give_up),
        at_plain(_IN, StaffEv.LEAVE, _give_up),
        at_plain(_IN, StaffEv.IDLE, _give_up),
        at(_ON, StaffEv.FACTS, _facts),
        at(_ON, StaffEv.OPEN, _open),
        at_plain(_ON, StaffEv.BACK, _back),
        at(_ON, StaffEv.DEVICE, _device),
        at(_ON, StaffEv.PAGE, _turn),
        at(_ON, StaffEv.TEST, _test),
        at(_ON, StaffEv.ASKED, _asked),
        at(_ON, StaffEv.REPLY, _reply),
        at(_ON, StaffEv.TESTED, _tested),
        at_plain(_ON, StaffEv.NEXT, _next),
        at_plain(_ON, StaffEv.PRINT, _print),
        at(_ON, StaffEv.PRINTED, _printed),
        at_plain(_ON, StaffEv.PLAY, _play),
        at_plain(_ON, StaffEv.PATIENCE, _patience),
        at(_ON, StaffEv.STEP, _step),
        at(_ON, StaffEv.SEEN, _seen),
        at_plain(_ON, StaffEv.KEEP, _keep),
        at(_ON, StaffEv.UNDO, _undo),
        at(_ON, StaffEv.TOUCHED, _touched),
        at_plain(_ON, StaffEv.UNSURE, _unsure),
        at(_ON, StaffEv.CALIBRATED, _calibrated),
        at_plain(_ON, StaffEv.NOT_KEPT, _not_kept),
        at(_ON, StaffEv.KEY, _pad_key),
        at_plain(_ON, StaffEv.ERASE, _pad_erase),
        at_plain(_ON, StaffEv.LEAVE, _leave),
        at_plain(_ON, StaffEv.IDLE, _leave),
        at(_OUT, StaffEv.CALIBRATED, _calibrated),
        at_plain(_OUT, StaffEv.FREE, _free),
    )
)
"""The whole truth; what stands not here changes nothing."""
