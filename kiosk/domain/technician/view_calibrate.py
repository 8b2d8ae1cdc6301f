"""The calibration screens of technician mode: five values, each measured, kept, undone."""

from __future__ import annotations

from kiosk.domain.speech import Line
from kiosk.domain.technician.calibration import RULER_MM, Calibration
from kiosk.domain.technician.state import Page, StaffEv, Step, VendorState
from kiosk.domain.technician.view_parts import StaffView, key_of, number_pad, page, tap, text
from kiosk.domain.view.parts import Choice, Fact

RULER_STEP_MM = 1
LOUDNESS_STEP_DB = 1
CAMERA_STEP = 2
_WAYS = (("to_left", "to_right"), ("up", "down"))
"""Whither an upright edge is moved, and a lying one."""


def calibrate(state: VendorState) -> StaffView:
    have = state.calibration
    camera = (_value_card("camera", Page.CAMERA, have, "theme"),) if state.has_camera else ()
    return page(
        state,
        Line("staff.calibrate.question"),
        cards=(
            _value_card("touch", Page.TOUCH, have, "access"),
            _value_card("diagonal_inch", Page.RULER, have, "size"),
            _value_card("loudness_db", Page.LOUDNESS, have, "sound"),
            _value_card("mount_height_mm", Page.HEIGHT, have, "more"),
            *camera,
        ),
    )


def _value_card(name: str, where: Page, have: Calibration, icon: str) -> Choice:
    own = getattr(have, name) is not None
    return Choice(
        Line(f"staff.calibrate.{name}"),
        tap(StaffEv.OPEN, where),
        icon=icon,
        hint=Line("staff.calibrate.own" if own else "staff.calibrate.factory"),
    )


def _undo(name: str, have: Calibration) -> tuple[Choice, ...]:
    """Only where there is something to undo."""
    own = getattr(have, name) is not None
    return (Choice(Line("staff.calibrate.undo"), tap(StaffEv.UNDO, name)),) if own else ()


def _steps(step: int) -> tuple[Choice, ...]:
    return (
        Choice(Line("staff.pad.less"), tap(StaffEv.STEP, Step(-step))),
        Choice(Line("staff.pad.more"), tap(StaffEv.STEP, Step(step))),
    )


_KEEP = Choice(Line("staff.calibrate.keep"), tap(StaffEv.KEEP), likely=True, icon="tick")


def touch(state: VendorState) -> StaffView:
    return page(
        state,
        Line("staff.touch.press"),
        choices=_undo("touch", state.calibration),
        tool="target",
        target=len(state.touched),
    )


def touch_check(state: VendorState) -> StaffView:
    sure = Choice(Line("staff.touch.good"), tap(StaffEv.KEEP), likely=True, icon="tick")
    return page(state, Line("staff.touch.check"), body=(Line("staff.touch.else"),), choices=(sure,))


def ruler(state: VendorState) -> StaffView:
    return page(
        state,
        Line("staff.ruler.question"),
        facts=(
            Fact("staff.ruler.drawn", text(f"{RULER_MM} mm")),
            Fact("staff.ruler.measured", text(f"{state.draft} mm"), big=True),
        ),
        choices=(_KEEP, *_undo("diagonal_inch", state.calibration)),
        pad=_steps(RULER_STEP_MM),
        pad_columns=2,
        tool="ruler",
    )


def loudness(state: VendorState) -> StaffView:
    play = Choice(Line("staff.loudness.play"), tap(StaffEv.PLAY), icon="sound")
    return page(
        state,
        Line("staff.loudness.question"),
        body=(Line("staff.loudness.how"),),
        facts=(Fact("staff.loudness.value", text(f"{state.draft:+d} dB"), big=True),),
        choices=(play, _KEEP, *_undo("loudness_db", state.calibration)),
        pad=_steps(LOUDNESS_STEP_DB),
        pad_columns=2,
    )


def camera(state: VendorState) -> StaffView:
    box = state.calibration.camera or state.factory_box
    unseen = state.unseen
    how = Line(f"fault.{unseen.fault}" if unseen.fault else "staff.camera.at_once")
    code = (Fact("staff.device.code", text(unseen.code)),) if unseen.code else ()
    less, more = _WAYS[state.edge in ("top", "bottom")]
    return page(
        state,
        Line("staff.camera.question"),
        body=() if state.note else (how,),
        facts=(
            *code,
            Fact("staff.camera.edge", key_of(f"staff.camera.{state.edge}")),
            Fact("staff.camera.box", text(f"{box.left} {box.top} {box.width} {box.height} %")),
        ),
        choices=(
            # The undo comes and goes above: whoever taps for the next edge must never meet it instead.
            *_undo("camera", state.calibration),
            Choice(Line("staff.camera.next"), tap(StaffEv.NEXT), icon="next"),
        ),
        pad=(
            Choice(Line(f"staff.camera.{less}"), tap(StaffEv.STEP, Step(-CAMERA_STEP))),
            Choice(Line(f"staff.camera.{more}"), tap(StaffEv.STEP, Step(CAMERA_STEP))),
        ),
        pad_columns=2,
        tool="camera",
        box=box,
        edge=state.edge,
    )


def height(state: VendorState) -> StaffView:
    now = state.calibration.mount_height_mm or state.factory_mount_mm
    return page(
        state,
        Line("staff.height.question"),
        facts=(
            Fact("staff.height.now", text(f"{now} mm")),
            Fact("staff.height.new", text(f"{state.entry or '–'} mm")),
        ),
        choices=_undo("mount_height_mm", state.calibration),
        pad=number_pad(StaffEv.KEEP),
    )
