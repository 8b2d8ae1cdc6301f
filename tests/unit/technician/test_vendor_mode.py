"""Technician mode's machine: in only after the visit and the PIN, out only when no device works, nothing left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.app.selftest import checks_of
from kiosk.domain.event import EventKind
from kiosk.domain.technician.calibration import TARGETS, VALUES, Calibration, CameraBox, TouchFix
from kiosk.domain.technician.mode import EDGES, OPENED, advance, shows
from kiosk.domain.technician.state import (
    Checked,
    CheckRow,
    DeviceRow,
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
from kiosk.domain.technician.view import staff_view
from kiosk.domain.technician.view_parts import KNOWN_CHECKS, KNOWN_DEVICES

FACTS = HouseFacts(
    (DeviceRow("id_card", "sam_v", True, "online"), DeviceRow("receipt_printer", "x", True, "online")), 2
)
LOGIN = (StaffEvent(StaffEv.ASK), StaffEvent(StaffEv.QUIET), StaffEvent(StaffEv.ROLL, True))
PIN_TYPED = (*(StaffEvent(StaffEv.KEY, digit) for digit in "271828"), StaffEvent(StaffEv.ENTER))
TYPED = (StaffEvent(StaffEv.KEY, "7"), StaffEvent(StaffEv.ENTER), *PIN_TYPED)
IN = (*LOGIN, *TYPED, StaffEvent(StaffEv.CHECKED, Checked(True)), StaffEvent(StaffEv.FACTS, FACTS))


def after(*events: StaffEvent, start: VendorState | None = None) -> tuple[VendorState, list[StaffDo]]:
    state, done = start or VendorState(), list[StaffDo]()
    for event in events:
        state, effects = advance(state, event)
        done += effects
    return state, done


def opened(page: Page, *events: StaffEvent, **changes: object) -> tuple[VendorState, list[StaffDo]]:
    inside = replace(after(*IN)[0], **changes)  # type: ignore[arg-type]  # fields of VendorState, by name
    return after(StaffEvent(StaffEv.OPEN, page), *events, start=inside)


def test_it_goes_through_the_four_states_of_the_standard_in_their_order() -> None:
    modes, state = [], VendorState()
    for event in (*IN, StaffEvent(StaffEv.LEAVE), StaffEvent(StaffEv.FREE)):
        state, _ = advance(state, event)
        modes.append(state.mode.value)
    assert list(dict.fromkeys(modes)) == ["enterPending", "active", "exitPending", "inactive"]


def test_while_a_visit_goes_on_it_is_pending_and_shows_nothing() -> None:
    state, done = after(StaffEvent(StaffEv.ASK), *TYPED, StaffEvent(StaffEv.CHECKED, Checked(True)))
    assert state.mode is VendorMode.ENTER_PENDING and not shows(state)
    assert done == [StaffDo.HOLD_VISIT]


def test_nobody_is_inside_before_the_pin_was_right() -> None:
    state, done = after(*LOGIN, *TYPED)
    assert state.mode is VendorMode.ENTER_PENDING and state.checking
    assert done[-1] is StaffDo.CHECK_PIN and StaffDo.BORROW not in done
    for kind in (StaffEv.OPEN, StaffEv.TEST, StaffEv.PRINT, StaffEv.KEEP, StaffEv.UNDO, StaffEv.FACTS):
        assert advance(state, StaffEvent(kind, Page.HOME)) == (state, ())


def test_a_wrong_pin_is_forgotten_and_the_wait_is_told() -> None:
    state, done = after(*LOGIN, *TYPED, StaffEvent(StaffEv.CHECKED, Checked(False, 4)))
    assert (state.pin, state.number, state.wrong, state.wait_s) == ("", "7", True, 4)
    assert StaffDo.BORROW not in done
    again, done = after(*PIN_TYPED, start=state)
    assert done == [StaffDo.CHECK_PIN] and again.pin == "271828"


def test_keys_while_a_pin_is_looked_at_change_nothing() -> None:
    state, _ = after(*LOGIN, *TYPED)
    for kind, value in ((StaffEv.KEY, "1"), (StaffEv.ERASE, None), (StaffEv.ENTER, None)):
        assert advance(state, StaffEvent(kind, value)) == (state, ())


def test_the_pin_is_neither_in_the_repr_nor_on_the_screen_nor_kept_inside() -> None:
    state, _ = after(*LOGIN, *TYPED)
    assert "271828" not in repr(state)
    assert "271828" not in repr(staff_view(state))
    inside, _ = after(*IN)
    assert inside.pin == "" and inside.staff == "7"


def test_without_anybody_on_the_list_the_screen_says_how_to_make_one() -> None:
    state, _ = after(*LOGIN[:2], StaffEvent(StaffEv.ROLL, False))
    assert state.page is Page.NO_STAFF
    assert "kiosk staff add" in repr(staff_view(state).facts)
    assert advance(state, StaffEvent(StaffEv.KEY, "1"))[0] == state


@pytest.mark.parametrize("kind", [StaffEv.LEAVE, StaffEv.BACK, StaffEv.IDLE])
def test_who_does_not_come_in_gives_everything_back(kind: EventKind[Any]) -> None:
    state, done = after(*LOGIN, *TYPED[:3], StaffEvent(kind))
    assert state == VendorState() and done[-1] is StaffDo.GIVE_BACK


@pytest.mark.parametrize("kind", [StaffEv.LEAVE, StaffEv.IDLE])
def test_it_is_left_only_when_no_device_works_any_more(kind: EventKind[Any]) -> None:
    testing, _ = after(*IN, StaffEvent(StaffEv.TEST, ""))
    leaving, done = after(StaffEvent(kind), start=testing)
    assert leaving.mode is VendorMode.EXIT_PENDING and done == [StaffDo.STOP]
    assert after(StaffEvent(StaffEv.TESTED, ()), start=leaving)[0] == leaving
    gone, done = after(StaffEvent(StaffEv.FREE), start=leaving)
    assert gone == VendorState() and done == [StaffDo.GIVE_BACK]


def test_a_self_test_asks_for_a_hand_and_shows_what_it_found() -> None:
    state, done = after(*IN, StaffEvent(StaffEv.TEST, "id_card"), StaffEvent(StaffEv.ASKED, "lay_card"))
    assert (state.page, state.testing, done[-1]) == (Page.HAND, ("id_card",), StaffDo.TEST)
    state, done = after(StaffEvent(StaffEv.REPLY, "done"), start=state)
    assert (state.page, done) == (Page.TEST, [StaffDo.REPLY])
    rows = (CheckRow("id_card", "open", "pass", "12 ms"), CheckRow("id_card", "find", "fail", code="CRD-005"))
    state, _ = after(StaffEvent(StaffEv.TESTED, rows), start=state)
    shown = staff_view(state)
    assert shown.question.key == "staff.result.some_failed"
    found = [(fact.label, fact.value.value) for fact in shown.facts]
    assert found == [("staff.check.find", "CRD-005"), ("staff.check.open", "12 ms")], "what failed stands first"


def test_every_check_of_every_self_test_has_words_of_its_own() -> None:
    names = {check.name for device_class in KNOWN_DEVICES for check in checks_of(device_class)}
    assert names | {"open"} == set(KNOWN_CHECKS)


def test_an_unknown_device_is_not_tested() -> None:
    state, done = after(*IN, StaffEvent(StaffEv.TEST, "toaster"))
    assert state.page is Page.HOME and StaffDo.TEST not in done


def test_only_a_proof_ends_the_paper_guide_well() -> None:
    steps = [StaffEvent(StaffEv.NEXT)] * 9
    state, done = opened(Page.PAPER, *steps, StaffEvent(StaffEv.PRINT), StaffEvent(StaffEv.PRINT))
    assert (state.guide_step, state.proof, done) == (3, Proof.BUSY, [StaffDo.PRINT]), "a second tap prints nothing"
    shown = {}
    for proof in (Proof.PROVED, Proof.UNKNOWN, Proof.FAILED):
        end, _ = after(
            StaffEvent(StaffEv.PRINTED, Printed(proof, "" if proof is Proof.PROVED else "paper_out")), start=state
        )
        shown[proof] = staff_view(end).question.key
    assert shown == {
        Proof.PROVED: "staff.paper.proved",
        Proof.UNKNOWN: "fault.paper_out",
        Proof.FAILED: "fault.paper_out",
    }


def test_a_page_is_not_left_while_the_slip_is_printed() -> None:
    state, _ = opened(Page.PAPER, StaffEvent(StaffEv.PRINT))
    for event in (StaffEvent(StaffEv.BACK), StaffEvent(StaffEv.OPEN, Page.HOME), StaffEvent(StaffEv.TEST, "")):
        assert advance(state, event) == (state, ())


def test_the_ruler_makes_the_diagonal_and_undo_brings_the_factory_s_back() -> None:
    more = [StaffEvent(StaffEv.STEP, Step(1))] * 5
    state, done = opened(Page.RULER, *more, StaffEvent(StaffEv.KEEP))
    assert state.calibration.diagonal_inch == pytest.approx(21.5 * 1.05)
    assert state.screen_inch == state.calibration.diagonal_inch and done == [StaffDo.SET]
    again, _ = after(StaffEvent(StaffEv.OPEN, Page.RULER), StaffEvent(StaffEv.STEP, Step(-5)), start=state)
    assert after(StaffEvent(StaffEv.KEEP), start=again)[0].calibration.diagonal_inch == pytest.approx(
        21.5 * 1.05 * 0.95, abs=0.001
    ), "the second measurement is of the line as it is drawn now"
    plain, _ = after(StaffEvent(StaffEv.UNDO, "diagonal_inch"), start=state)
    assert plain.calibration == Calibration() and plain.screen_inch == 21.5


def test_every_value_can_be_undone_alone() -> None:
    own = Calibration(TouchFix(1.01), 22.0, -3, CameraBox(), 1300)
    for name in VALUES:
        state, done = opened(Page.CALIBRATE, StaffEvent(StaffEv.UNDO, name), calibration=own)
        assert state.calibration == replace(own, **{name: None}) and done == [StaffDo.SET]
    assert opened(Page.CALIBRATE, StaffEvent(StaffEv.UNDO, "staff"), calibration=own)[1] == []


def test_five_touches_are_tried_and_kept_only_when_somebody_confirms_by_touch() -> None:
    told = [StaffEvent(StaffEv.TOUCHED, (x - 0.02, y + 0.01)) for x, y in TARGETS]
    state, done = opened(Page.TOUCH, *told)
    assert state.page is Page.TOUCH_CHECK and done == [StaffDo.TRY_TOUCH]
    assert state.calibration.touch is not None
    assert state.calibration.touch.true_place(0.48, 0.51) == pytest.approx((0.5, 0.5), abs=0.001)
    assert after(StaffEvent(StaffEv.KEEP), start=state)[1] == [StaffDo.SET]
    for kind in (StaffEv.UNSURE, StaffEv.BACK, StaffEv.LEAVE):
        assert after(StaffEvent(kind), start=state)[1][0] is StaffDo.DROP_TOUCH


def test_touches_that_do_not_fit_together_begin_anew() -> None:
    told = [StaffEvent(StaffEv.TOUCHED, (x, y)) for x, y in reversed(TARGETS)]
    state, done = opened(Page.TOUCH, *told)
    assert (state.page, state.touched, state.note, done) == (Page.TOUCH, (), "staff.touch.again", [])


@pytest.mark.parametrize(("typed", "kept"), [("1280", 1280), ("59", None), ("2201", None), ("", None)])
def test_the_mount_height_is_typed_and_must_be_possible(typed: str, kept: int | None) -> None:
    keys = [StaffEvent(StaffEv.KEY, digit) for digit in typed]
    state, _ = opened(Page.HEIGHT, *keys, StaffEvent(StaffEv.KEEP))
    assert state.calibration.mount_height_mm == kept
    assert (state.page is Page.CALIBRATE) == (kept is not None)


def test_the_camera_s_box_never_leaves_the_picture() -> None:
    state, _ = opened(Page.CAMERA)
    for edge in EDGES:
        for by in [Step(-7)] * 20 + [Step(7)] * 40:
            state, _ = advance(replace(state, edge=edge), StaffEvent(StaffEv.STEP, by))
            box = state.calibration.camera
            assert box is not None
            assert box.left >= 0 and box.left + box.width <= 100 and box.width >= 10
            assert box.top >= 0 and box.top + box.height <= 100 and box.height >= 10


VALUES_OF: dict[type, st.SearchStrategy[object]] = {
    bool: st.booleans(),
    int: st.integers(-3, 3),
    str: st.text(max_size=3) | st.sampled_from(["id_card", "diagonal_inch", "touch", "done", "7", ""]),
    tuple: st.tuples(st.floats(0, 1), st.floats(0, 1)),
    Page: st.sampled_from(list(Page)),
    Step: st.builds(Step, st.integers(-200, 200)),
    Checked: st.builds(Checked, st.booleans(), st.integers(0, 9)),
    Printed: st.builds(Printed, st.sampled_from(list(Proof)), st.sampled_from(["", "paper_out"])),
    Unseen: st.sampled_from([Unseen(), Unseen("CAM-001", "camera_gone")]),
    HouseFacts: st.just(FACTS),
    Calibration: st.just(Calibration()),
}
KINDS = [one for one in vars(StaffEv).values() if isinstance(one, EventKind)]


@st.composite
def staff_events(draw: st.DrawFn) -> StaffEvent:
    kind = draw(st.sampled_from(KINDS))
    if kind is StaffEv.TESTED:
        return StaffEvent(kind, (CheckRow("id_card", "open", "pass"),))
    return StaffEvent(kind, draw(VALUES_OF[kind.takes]) if kind.takes else None)


@settings(max_examples=400, deadline=None)
@given(st.lists(staff_events(), max_size=30), st.booleans())
def test_no_sequence_of_events_breaks_it_or_gets_in_without_a_right_pin(events: list[StaffEvent], inside: bool) -> None:
    state = after(*IN)[0] if inside else VendorState()
    allowed = inside
    for event in events:
        before = state
        state, effects = advance(state, event)
        checked = event.of(StaffEv.CHECKED)
        allowed = allowed or (checked is not None and checked.right)
        assert allowed or state.mode is not VendorMode.ACTIVE
        assert before.mode is not VendorMode.EXIT_PENDING or state.mode in (
            VendorMode.EXIT_PENDING,
            VendorMode.INACTIVE,
        )
        assert (StaffDo.BORROW in effects) <= (before.mode is VendorMode.ENTER_PENDING)
        if shows(state):
            assert staff_view(state).screen == f"technician_{state.page.value}"
        else:
            assert state.mode in (VendorMode.INACTIVE, VendorMode.ENTER_PENDING)


def test_every_page_that_can_be_opened_has_a_way_back_and_a_way_out() -> None:
    for page in OPENED:
        state, _ = opened(page)
        assert set(staff_view(state).bar) == {"leave", "back"}, page
        assert after(StaffEvent(StaffEv.BACK), start=state)[0].page in (Page.HOME, Page.CALIBRATE)
