"""The screens of technician mode as data, like every other View: text keys only, cases as a number, nobody's name."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.speech import Arg, Line
from kiosk.domain.technician import view_calibrate as values
from kiosk.domain.technician.state import CheckRow, DeviceRow, Page, Proof, StaffEv, VendorState
from kiosk.domain.technician.view_parts import (
    KNOWN_TASKS,
    StaffView,
    check_key,
    count,
    device_key,
    key_of,
    number_pad,
    page,
    tap,
    text,
)
from kiosk.domain.view.parts import PAGE_SIZE, Choice, Fact

__all__ = ["StaffView", "staff_view", "tap"]

PRINTER = "receipt_printer"
_MASK = "●"
_GUIDE_PICTURES = ("paper_open", "paper_roll", "paper_close", "")


def staff_view(state: VendorState) -> StaffView:
    return _PAGES[state.page](state)


# ---- coming in ---------------------------------------------------------------------------------------------


def _login(state: VendorState) -> StaffView:
    body: tuple[Line, ...] = ()
    if state.wait_s:
        body = (Line("staff.login.wait", {"seconds": count(state.wait_s)}),)
    elif state.wrong:
        body = (Line("staff.login.wrong"),)
    pin = (Fact("staff.login.pin", text(_MASK * len(state.pin) or "–")),) if state.number_done else ()
    return page(
        state,
        Line("staff.login.ask_pin" if state.number_done else "staff.login.ask_number"),
        body=body,
        facts=(Fact("staff.login.number", text(state.number or "–")), *pin),
        working=state.checking,
        pad=number_pad(StaffEv.ENTER),
    )


def _no_staff(state: VendorState) -> StaffView:
    return page(
        state,
        Line("staff.nobody"),
        body=(Line("staff.nobody.how"),),
        facts=(Fact("staff.nobody.command", text("kiosk staff add 1001")),),
    )


# ---- home, devices -----------------------------------------------------------------------------------------


def _home(state: VendorState) -> StaffView:
    devices = tuple(
        Fact(device_key(row.name), key_of("staff.state.well") if row.well else text(row.code or row.state))
        for row in state.facts.devices
    )
    return page(
        state,
        Line("staff.home.question", {"number": text(state.staff)}),
        facts=(Fact("staff.home.waiting", count(state.facts.waiting)), *devices),
        cards=(
            Choice(Line("staff.home.devices"), tap(StaffEv.OPEN, Page.DEVICES), icon="more"),
            Choice(Line("staff.home.paper"), tap(StaffEv.OPEN, Page.PAPER), icon="print"),
            Choice(Line("staff.home.test_all"), tap(StaffEv.TEST, ""), icon="tick"),
            Choice(Line("staff.home.calibrate"), tap(StaffEv.OPEN, Page.CALIBRATE), icon="size"),
            *_patience(state),
        ),
    )


def _patience(state: VendorState) -> tuple[Choice, ...]:
    """A switch: its second line says how it stands."""
    on = state.facts.is_unhurried
    if on is None:
        return ()
    hint = Line("staff.patience.on" if on else "staff.patience.off")
    return (Choice(Line("staff.home.patience"), tap(StaffEv.PATIENCE), icon="wait", hint=hint),)


def _devices(state: VendorState) -> StaffView:
    rows = state.facts.devices
    last = max((len(rows) - 1) // PAGE_SIZE, 0)
    at = min(state.list_page, last)
    pager = []
    if at > 0:
        pager.append(Choice(Line("browse.previous"), tap(StaffEv.PAGE, at - 1)))
    if at < last:
        pager.append(Choice(Line("browse.next"), tap(StaffEv.PAGE, at + 1)))
    cards = tuple(
        Choice(
            Line(device_key(row.name)),
            tap(StaffEv.DEVICE, row.name),
            icon="tick" if row.well else "alert",
            hint=Line("staff.state.well") if row.well else _what(row),
        )
        for row in rows[at * PAGE_SIZE : (at + 1) * PAGE_SIZE]
    )
    return page(state, Line("staff.devices.question"), cards=cards, pager=tuple(pager))


def _what(row: DeviceRow) -> Line:
    return Line(f"fault.{row.fault}") if row.fault else Line("staff.state.ill")


def _device(state: VendorState) -> StaffView:
    row = next((row for row in state.facts.devices if row.name == state.device), None)
    if row is None:
        return page(state, Line("staff.state.ill"))
    trouble = () if row.well else (_what(row), Line(f"staff.action.{row.action or 'maintenance'}"))
    tested = (
        (
            Fact("staff.device.tested", key_of(f"staff.result.{row.tested}")),
            Fact("staff.device.on", text(row.tested_on)),
        )
        if row.tested
        else (Fact("staff.device.tested", key_of("staff.device.never")),)
    )
    code = (Fact("staff.device.code", text(row.code)),) if row.code else ()
    return page(
        state,
        Line(device_key(row.name)),
        body=trouble,
        facts=(
            Fact("staff.device.model", text(row.model)),
            Fact("staff.device.state", key_of(f"staff.state.{row.state}")),
            *code,
            *tested,
        ),
        choices=(Choice(Line("staff.device.test"), tap(StaffEv.TEST, row.name), likely=True, icon="tick"),),
    )


# ---- self-test ---------------------------------------------------------------------------------------------


def _test(state: VendorState) -> StaffView:
    if len(state.testing) == 1:
        question = Line("staff.test.one", {"device": key_of(device_key(state.testing[0]))})
    else:
        question = Line("staff.test.all")
    return page(state, question, body=(Line("staff.test.wait"),), picture="look_up", working=True)


def _hand(state: VendorState) -> StaffView:
    judging = state.task.startswith("judge")
    agreed = Line("staff.hand.yes" if state.task.startswith(("judge", "allow")) else "staff.hand.done")
    no = (Choice(Line("staff.hand.no"), tap(StaffEv.REPLY, "no")),) if judging else ()
    return page(
        state,
        Line(f"staff.hand.{state.task if state.task in KNOWN_TASKS else 'other'}"),
        choices=(
            Choice(agreed, tap(StaffEv.REPLY, "done"), likely=True),
            *no,
            Choice(Line("staff.hand.skip"), tap(StaffEv.REPLY, "skip")),
        ),
    )


def _result(state: VendorState) -> StaffView:
    failed = any(row.result == "fail" for row in state.report)
    again = state.testing[0] if len(state.testing) == 1 else ""
    return page(
        state,
        Line("staff.result.some_failed" if failed else "staff.result.all_passed"),
        facts=_findings(state.report) if again else _devices_tested(state),
        choices=(
            Choice(Line("staff.result.home"), tap(StaffEv.BACK), likely=True),
            Choice(Line("staff.result.again"), tap(StaffEv.TEST, again)),
        ),
    )


def _findings(report: tuple[CheckRow, ...]) -> tuple[Fact, ...]:
    """What failed stands first."""
    ordered = sorted(report, key=lambda row: row.result != "fail")
    return tuple(Fact(check_key(row.check), _found(row)) for row in ordered)


def _found(row: CheckRow) -> Arg:
    """A failed check shows its code, never a figure that could be taken for a good one."""
    shown = row.code if row.result == "fail" else row.figure
    return text(shown) if shown else key_of(f"staff.result.{row.result}")


def _devices_tested(state: VendorState) -> tuple[Fact, ...]:
    def worst(name: str) -> Arg:
        rows = [row for row in state.report if row.device == name]
        failed = next((row for row in rows if row.result == "fail"), None)
        if failed is not None:
            return text(failed.code) if failed.code else key_of("staff.result.fail")
        passed = any(row.result == "pass" for row in rows)
        return key_of("staff.result.pass" if passed else "staff.result.not-applicable")

    return tuple(Fact(device_key(name), worst(name)) for name in state.testing)


# ---- paper -------------------------------------------------------------------------------------------------


def _paper(state: VendorState) -> StaffView:
    printer = next((row for row in state.facts.devices if row.name == PRINTER), None)
    well = printer is None or printer.well
    now = Fact("staff.paper.now", key_of("staff.state.well" if well else _what_key(printer)))
    printing = Choice(Line("staff.paper.print"), tap(StaffEv.PRINT), likely=True, icon="print")
    home = Choice(Line("staff.result.home"), tap(StaffEv.BACK))
    if state.proof is Proof.BUSY:
        return page(state, Line("staff.paper.busy"), picture="slip_wait", working=True)
    if state.proof is Proof.PROVED:
        done = Choice(home.line, home.event, likely=True)
        return page(state, Line("staff.paper.proved"), picture="slip", choices=(done,))
    if state.proof is not Proof.NONE:
        why = Line(f"fault.{state.print_fault}") if state.print_fault else Line("fault.print_unproved")
        return page(state, why, body=(Line("staff.paper.not_proved"),), choices=(printing, home))
    forward = Choice(Line("staff.paper.next"), tap(StaffEv.NEXT), likely=True, icon="next")
    last = not _GUIDE_PICTURES[state.guide_step]
    return page(
        state,
        Line(f"staff.paper.step.{state.guide_step}"),
        facts=(now,),
        choices=(printing,) if last else (forward,),
        picture=_GUIDE_PICTURES[state.guide_step],
    )


def _what_key(row: DeviceRow | None) -> str:
    return f"fault.{row.fault}" if row is not None and row.fault else "staff.state.ill"


def _leaving(state: VendorState) -> StaffView:
    return page(state, Line("staff.leaving"), body=(Line("staff.leaving.wait"),), picture="house", working=True)


_PAGES: dict[Page, Callable[[VendorState], StaffView]] = {
    Page.NO_STAFF: _no_staff,
    Page.LOGIN: _login,
    Page.HOME: _home,
    Page.DEVICES: _devices,
    Page.DEVICE: _device,
    Page.TEST: _test,
    Page.HAND: _hand,
    Page.RESULT: _result,
    Page.PAPER: _paper,
    Page.CALIBRATE: values.calibrate,
    Page.TOUCH: values.touch,
    Page.TOUCH_CHECK: values.touch_check,
    Page.RULER: values.ruler,
    Page.LOUDNESS: values.loudness,
    Page.CAMERA: values.camera,
    Page.HEIGHT: values.height,
    Page.LEAVING: _leaving,
}
