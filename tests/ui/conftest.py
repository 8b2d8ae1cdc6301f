"""A window without a display, a visit that is the real state machine, and words of realistic length."""

from __future__ import annotations

import os
import pkgutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
import scenes as subjects

from kiosk.adapters.words import VoicesWords
from kiosk.domain.catalogue import Catalogue, FieldSource, FormField, Mode, Paper, ServiceItem
from kiosk.domain.screens.compose import View, view
from kiosk.domain.site.state import SiteToday
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.technician.calibration import Calibration, CameraBox, TouchFix
from kiosk.domain.technician.sight import Sight
from kiosk.domain.technician.state import CheckRow, DeviceRow, HouseFacts, Page, Proof, Unseen, VendorMode, VendorState
from kiosk.domain.technician.view import staff_view
from kiosk.domain.technician.view_parts import KNOWN_CHECKS
from kiosk.domain.visit.machine import (
    Access,
    Decision,
    DecisionKind,
    Event,
    Overlay,
    Printing,
    Resident,
    Step,
    VisitState,
    advance,
)
from kiosk.domain.visit.plan import Action, ActionKind, plan
from kiosk.ui import window
from kiosk.ui.drawing.theme import ScreenConfig

CATEGORIES = (
    *("pension", "work", "medical", "welfare", "disability", "health"),
    *("police", "housing", "farming", "veterans", "market", "utilities"),
)
PROMISED = ("XA026", "XA052", "XA064", "XA065", "XA074", "XA093")
"""Items whose commitments are shown point by point."""
OFFICIAL = "80周岁及以上老年人高龄津贴申领"


def _item(item_id: str, category: str = "pension", transact: bool = False) -> ServiceItem:
    form = (FormField("account", FieldSource.LOOK_UP, ("yes", "other", "none"), confirm=True),) if transact else ()
    materials = ("身份证", "社会保障卡（能入账的）", "户口簿")
    item = ServiceItem(
        *(item_id, 1, category, OFFICIAL, "", Mode.APPLY, transact),
        form=form,
        consent_version="2026-1",
        materials=materials,
    )
    if item_id == "XA027":
        return replace(item, papers=(Paper("paper.XA027.3", "病历", pages=0),))
    return replace(item, commitment=f"commitment.{item_id}") if item_id in PROMISED else item


def _all_items() -> tuple[ServiceItem, ...]:
    """All 106 items spread over the categories: every name is seen on some page."""
    numbers = range(1, 107)
    return tuple(
        _item(f"XA{number:03d}", CATEGORIES[number % len(CATEGORIES)], transact=number == 32) for number in numbers
    )


HERE = SiteToday(
    True, (("08:00", "12:00"), ("14:30", "17:30")), False, "2026-11-25", "08:00", "28日上午停水,请先接好水。"
)
LABELS = tuple((code, int(code[0])) for code in ("510", "512", "515", "516", "108", "109", "110", "111", "112", "113"))
CATALOGUE = Catalogue(
    1, CATEGORIES, ("XA032", "XA002", "XA009", "XA031", "XA007"), _all_items(), here=HERE, rating_labels=LABELS
)


class FakeClock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def now(self) -> float:
        return self.now_s

    def wall(self) -> datetime:
        return datetime(2026, 11, 24, 9, 42, tzinfo=UTC)

    def call_later(self, delay_s: float, action: Callable[[], None]) -> Any:
        raise AssertionError("the screens set no timer on this clock")

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        raise AssertionError("the screens never wait")


@dataclass(frozen=True, slots=True)
class StaffScene(VisitState):
    """Technician mode has the screen; the visit behind it is nobody's."""

    vendor: VendorState = field(default_factory=VendorState)


@dataclass
class FakeService:
    """The real state machine without devices: events advance it at once, effects are dropped."""

    state: VisitState = field(default_factory=VisitState)
    posted: list[Event] = field(default_factory=list)
    spoken: list[Line] = field(default_factory=list)
    paused: list[bool] = field(default_factory=list)
    touches: int = 0
    again: int = 0
    left_s: float = 38.0
    measured: Calibration = field(default_factory=Calibration)
    sight: Sight | None = None

    def __post_init__(self) -> None:
        self._subscribers: list[Callable[[VisitState, View], None]] = []
        self.clause: Callable[[str | None, int], None] = lambda key, index: None

    @property
    def view(self) -> View:
        return staff_view(self.state.vendor) if isinstance(self.state, StaffScene) else view(self.state, CATALOGUE)

    @property
    def calibration(self) -> Calibration:
        return self.measured

    def on_calibration(self, applier: Callable[[Calibration], None]) -> None:
        self.apply = applier

    def on_sight(self, listener: Callable[[], None]) -> None:
        self.see = listener

    def post(self, event: Event) -> None:
        self.posted.append(event)
        self.show(advance(self.state, event)[0])

    def show(self, state: VisitState) -> None:
        self.state = state
        for subscriber in self._subscribers:
            subscriber(state, self.view)

    def subscribe(self, subscriber: Callable[[VisitState, View], None]) -> None:
        self._subscribers.append(subscriber)

    def set_dispatcher(self, dispatch: Callable[[Callable[[], None]], None]) -> None:
        self.dispatch = dispatch

    def touched(self) -> None:
        self.touches += 1

    def say_again(self) -> None:
        self.again += 1

    def speak_line(self, *lines: Line) -> None:
        self.spoken += lines

    def pause_speech(self, on: bool) -> None:
        self.paused.append(on)

    def on_clause(self, listener: Callable[[str | None, int], None]) -> None:
        self.clause = listener

    def idle_left_s(self) -> float:
        return self.left_s


RESIDENT = Resident("resident", "陈亚娇婆", "350212193811040027", "女", "1938-11-04", "翔安区后村")
KNOWN = {"account": {"bank": "农商银行", "last4": "6821"}}
CASE_NO = "3502130078261124000017"


def _visit(step: Step, **changes: object) -> VisitState:
    item = CATALOGUE.item("XA032")
    steps = plan(item, KNOWN)
    at = {"ask": 0, "review": 1, "commit": 1, "submit": 2, "result": 3, "print": 3, "rate": 4}.get(step.value, 0)
    base = VisitState(step=step, case_no=CASE_NO, item_id="XA032", resident=RESIDENT, known=KNOWN, plan=steps, index=at)
    return replace(base, **changes)


APPROVED = Decision(DecisionKind.APPROVED, facts={"starts_on": "2026-12-15"})
NOTICE = Decision(
    DecisionKind.NOTICE,
    (Line("reason.XA032.age", {"date": Arg(ArgKind.DATE, "2027-03-05")}),),
    Line("next.XA032.notice"),
)
ANSWERED = {"account": "yes"}


def scenes() -> dict[str, VisitState]:
    """Every step and every overlay, the longer variants too."""
    out = {
        "welcome": VisitState(),
        "welcome_power": VisitState(note="fault.power_battery"),
        "welcome_fault": VisitState(card_fault="card_place_again"),
        "choose": VisitState(step=Step.CHOOSE, case_no=CASE_NO),
        "browse": VisitState(step=Step.BROWSE, case_no=CASE_NO),
        "browse_page2": VisitState(step=Step.BROWSE, case_no=CASE_NO, page=1),
        "browse_items": VisitState(step=Step.BROWSE, case_no=CASE_NO, category="police"),
        "guide": VisitState(step=Step.GUIDE, case_no=CASE_NO, item_id="XA009"),
        "identify": VisitState(step=Step.IDENTIFY, case_no=CASE_NO, item_id="XA032"),
        "identify_other": VisitState(step=Step.IDENTIFY, case_no=CASE_NO, item_id="XA032", note="identify.other"),
        "confirm_who": _visit(Step.CONFIRM_WHO, plan=()),
        "take_card": _visit(Step.TAKE_CARD, plan=()),
        "prepare": _visit(Step.PREPARE, plan=()),
        "consent": _visit(Step.CONSENT, plan=(Action(ActionKind.CONSENT, "L22"),)),
        "consent_more": _visit(Step.CONSENT, plan=(Action(ActionKind.CONSENT, "L22 L14"),)),
        "ask": _visit(Step.ASK),
        "ask_unknown": _visit(Step.ASK, known={}),
        "review": _visit(Step.REVIEW, answers=ANSWERED),
        "commit": _visit(Step.COMMIT, answers=ANSWERED),
        "submit": _visit(Step.SUBMIT, stored=True),
        "result_good": _visit(Step.RESULT, stored=True, decision=APPROVED),
        "result_notice": _visit(Step.RESULT, stored=True, decision=NOTICE),
        "back_over": _visit(Step.LOOK_UP, note="back.over"),
        "result_saved": _visit(Step.RESULT, stored=True, offline=True),
        "print_busy": _visit(Step.PRINT, stored=True, decision=APPROVED, printing=Printing.BUSY),
        "print_take": _visit(Step.PRINT, stored=True, decision=APPROVED, printing=Printing.PROVED),
        "print_failed": _visit(
            Step.PRINT, stored=True, decision=APPROVED, printing=Printing.FAILED, print_fault="paper_out"
        ),
        "rate": _visit(Step.RATE, stored=True, decision=APPROVED),
        "wipe": _visit(Step.WIPE, stored=True, decision=APPROVED),
    }
    for overlay in Overlay:
        if overlay is not Overlay.NONE:
            out[f"over_{overlay.value}"] = _visit(Step.ASK, overlay=overlay)
    for made in of_subjects().values():
        out.update(made)
    return {**out, **{f"technician_{name}": StaffScene(vendor=state) for name, state in staff_scenes().items()}}


def of_subjects() -> dict[str, dict[str, VisitState]]:
    """Subject -> its scenes: `scenes(visit, catalogue)` of each file of tests/support/scenes."""
    files = {found.name: import_module(f"scenes.{found.name}") for found in pkgutil.iter_modules(subjects.__path__)}
    return {name: file.scenes(_visit, CATALOGUE) for name, file in sorted(files.items())}


def staff_scenes() -> dict[str, VendorState]:
    """Every page of technician mode, the longer variants too."""
    devices = (
        DeviceRow("id_card", "sam_v", True, "online", tested="pass", tested_on="2026-11-24"),
        DeviceRow("receipt_printer", "escpos_80mm", False, "online", "PRN-002", "paper_out", "maintenance"),
        DeviceRow("code_scanner", "serial_line", True, "online"),
        DeviceRow("headphone", "evdev_switch", False, "noDevice", "DEV-001", "device_missing", "maintenance"),
        DeviceRow("document_printer", "ipp_everywhere", True, "online"),
    )
    base = VendorState(VendorMode.ACTIVE, has_camera=True, staff="1001", facts=HouseFacts(devices, 3, False))
    login = replace(base, mode=VendorMode.ENTER_PENDING, page=Page.LOGIN, number="1001")
    own = Calibration(TouchFix(1.01), 21.7, -3, CameraBox(), 1280)
    findings = tuple(CheckRow("receipt_printer", name, "pass", "12.5 ms") for name in KNOWN_CHECKS[:7])
    failed = CheckRow("receipt_printer", "paper", "fail", "0 roll", "PRN-002")
    names = tuple(row.name for row in devices)
    return {
        "login": replace(login, number="10"),
        "login_pin": replace(login, number_done=True, pin="271828", wrong=True, wait_s=8),
        "no_staff": replace(login, page=Page.NO_STAFF),
        "home": replace(base, page=Page.HOME),
        "devices": replace(base, page=Page.DEVICES),
        "device_ill": replace(base, page=Page.DEVICE, device="receipt_printer"),
        "test": replace(base, page=Page.TEST, testing=("id_card",)),
        "hand": replace(base, page=Page.HAND, task="lay_card", testing=("id_card",)),
        "hand_judge": replace(base, page=Page.HAND, task="judge_slip", testing=names),
        "result": replace(base, page=Page.RESULT, testing=("receipt_printer",), report=(*findings, failed)),
        "result_all": replace(base, page=Page.RESULT, testing=names, report=(*findings, failed)),
        **{f"paper_{step}": replace(base, page=Page.PAPER, guide_step=step) for step in (1, 3)},
        "paper_busy": replace(base, page=Page.PAPER, guide_step=3, proof=Proof.BUSY),
        "paper_proved": replace(base, page=Page.PAPER, guide_step=3, proof=Proof.PROVED),
        "paper_failed": replace(base, page=Page.PAPER, guide_step=3, proof=Proof.FAILED, print_fault="paper_out"),
        "calibrate": replace(base, page=Page.CALIBRATE, note="staff.kept", calibration=own),
        **{
            f"touch_{n}": replace(
                base, page=Page.TOUCH, touched=((0.1, 0.1),) * n, calibration=own, note="staff.touch.again"
            )
            for n in (0, 4)
        },
        "touch_check": replace(base, page=Page.TOUCH_CHECK),
        "ruler": replace(base, page=Page.RULER, draft=103, calibration=own),
        "loudness": replace(base, page=Page.LOUDNESS, draft=-3, calibration=own),
        "camera": replace(base, page=Page.CAMERA, calibration=own),
        "camera_covered": replace(base, page=Page.CAMERA, edge="top", unseen=Unseen("CAM-002", "camera_covered")),
        "height": replace(base, page=Page.HEIGHT, entry="128", calibration=own, note="staff.height.range"),
        "leaving": replace(base, mode=VendorMode.EXIT_PENDING, page=Page.LEAVING),
    }


class Rig:
    """One window for the whole process; `open` makes a fresh shell on it."""

    def __init__(self, pane: Any):
        self.pane = pane
        self._display: Any = None
        self.live: Any = None
        self.trees: list[Mapping[str, object]] = []
        self.service = FakeService()
        self.clock = FakeClock()
        self.words = VoicesWords()

    def open(self, state: VisitState | None = None, screen: ScreenConfig | None = None) -> Any:
        """A visit as new; the shell is built again only for another panel."""
        config = screen or ScreenConfig(fullscreen=False)
        if self.live is None or self.live.stage.screen != config:
            self._build(config)
        service = self.service
        service.posted.clear()
        service.spoken.clear()
        service.paused.clear()
        service.touches, service.again, service.left_s = 0, 0, 38.0
        service.sight = None
        self.clock.now_s += 100.0
        self.shell.rest()
        self.live.stage.on_press = lambda: None
        service.show(state or VisitState())
        service.clause(None, 0)
        self.frames(2)
        self.trees.clear()
        return self.shell

    def _build(self, config: ScreenConfig) -> None:
        from kiosk.ui.live import Live

        self.close()
        self.service = FakeService()
        self.live = Live(self.pane, self.service, self.words, config, self.clock, self, "后村社区")
        self.live.attach()

    def publish(self, tree: Mapping[str, object]) -> None:
        self.trees.append(tree)

    def close(self) -> None:
        if self.live is not None:
            self.live.detach()
            self.live = None

    def frames(self, count: int = 2) -> None:
        """Turn the loop; without a display nothing waits for the drawing, so its memory would pile up."""
        from kivy.base import EventLoop
        from kivy.graphics.opengl import glFinish

        from kiosk.ui.toolkit import clock_sdl

        for _ in range(count):
            clock_sdl.wake()
            EventLoop.idle()
        glFinish()

    def show(self, state: VisitState) -> None:
        self.service.show(state)
        self.frames(2)

    @property
    def shell(self) -> Any:
        return self.live.shell

    def pixels(self) -> tuple[int, int, bytes]:
        """(width, height, RGBA rows from the bottom)."""
        from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels

        width, height = self.pane.size
        return width, height, bytes(glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE))

    def picture(self) -> Any:
        """A PIL image of the window."""
        from PIL import Image

        width, height, data = self.pixels()
        return Image.frombytes("RGBA", (width, height), data).transpose(Image.Transpose.FLIP_TOP_BOTTOM).convert("RGB")

    def on_screen(self) -> bytes:
        """The same from the X screen itself, after the server has drawn; without one, from the buffer."""
        if not on_real_screen():
            return self.pixels()[2]
        import numpy as np
        from Xlib import X, display

        self._display = self._display or display.Display()
        width, height = self.pane.size
        image = self._display.screen().root.get_image(0, 0, width, height, X.ZPixmap, 0xFFFFFFFF)
        rows = np.frombuffer(image.data, np.uint8).reshape(height, width, 4)[::-1]
        return np.dstack([rows[:, :, 2], rows[:, :, 1], rows[:, :, 0], np.full_like(rows[:, :, 0], 255)]).tobytes()

    # fingers and keys, through the window as SDL would

    def down(self, x: float, y: float, finger: str = "a") -> Any:
        from kivy.tests.common import UnitTestTouch

        touch = UnitTestTouch(x, y)
        touch.uid = finger
        touch.touch_down()
        return touch

    def tap(self, widget: Any) -> None:
        touch = self.down(widget.x + widget.width / 2, widget.y + widget.height / 2)
        touch.touch_up()
        self.clock.now_s += 1.0
        self.frames(1)

    def key(self, code: int, text: str = "", modifiers: Sequence[str] = ()) -> bool:
        handled = bool(self.pane.dispatch("on_keyboard", code, 0, text, list(modifiers)))
        self.pane.dispatch("on_key_up", code, 0)
        self.clock.now_s += 1.0
        return handled

    def button(self, key: str) -> Any:
        return next(button for button in self.shell.buttons() if button.key == key)


def on_real_screen() -> bool:
    """Whether this run looks at an X screen instead of a buffer (`make press-stress`)."""
    return os.environ.get("WINDOW_TESTS_ON") == "x11"


def open_pane() -> Any:
    """A window, without a display unless one is wanted.

    The environment is put back: other tests start processes that need theirs.
    """
    before = dict(os.environ)
    if not on_real_screen():
        os.environ["SDL_VIDEODRIVER"] = "offscreen"
    try:
        window.prepare(ScreenConfig(fullscreen=False))
        opened = window.open_window((1.0, 1.0, 1.0))
        from kivy.base import EventLoop

        from kiosk.ui.toolkit import clock_sdl

        EventLoop.start()
        assert clock_sdl.install(opened)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return opened


@pytest.fixture(scope="session")
def pane() -> Any:
    return open_pane()


@pytest.fixture(scope="session")
def session_rig(pane: Any) -> Rig:
    return Rig(pane)


@pytest.fixture
def rig(session_rig: Rig) -> Rig:
    """The one window of this process; every test begins with `open`."""
    return session_rig


@pytest.fixture(scope="session")
def all_scenes() -> dict[str, VisitState]:
    """Every scene that looks different from those before it."""
    seen: set[str] = set()
    out = {}
    for name, state in scenes().items():
        looks = repr(state) if isinstance(state, StaffScene) else repr((view(state, CATALOGUE), state.papers))
        if looks not in seen:
            out[name] = state
        seen.add(looks)
    return out


@pytest.fixture(scope="session")
def some_of(all_scenes: dict[str, VisitState]) -> Callable[[int, int], dict[str, VisitState]]:
    """`some_of(at, of)`: every `of`-th scene from `at` on, for what is drawn or pressed in each; all of them where
    ALL_SCENES is set (`make proof-access`).
    """

    def some(at: int, of: int) -> dict[str, VisitState]:
        chosen = list(all_scenes.items())
        return dict(chosen if os.environ.get("ALL_SCENES") else chosen[at % of :: of])

    return some


@pytest.fixture(scope="session")
def with_access() -> Callable[..., VisitState]:
    def change(state: VisitState, **changes: object) -> VisitState:
        return replace(state, access=replace(Access(), **changes))

    return change
