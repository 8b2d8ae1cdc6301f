"""Technician mode at work: takes events, advances the pure machine, performs effects on the hub's workers.

Events are handled one after the other where the dispatcher runs them (the screen's thread); what takes time
runs elsewhere and posts its answer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Protocol

from drivers.faults import Fault
from kiosk.app.technician.bench import VendorBench
from kiosk.app.technician.camera import Cameras, Lookout, Seen, frame_all
from kiosk.app.technician.diagnostics import Reply, Task
from kiosk.app.technician.gate import StaffGate
from kiosk.app.technician.hands import ScreenHands
from kiosk.domain.event import EventKind
from kiosk.domain.ports import Clock, Timer, Words
from kiosk.domain.speech import Lang, Line
from kiosk.domain.technician.calibration import Calibration, OutOfRange
from kiosk.domain.technician.mode import advance, shows
from kiosk.domain.technician.sight import Sight
from kiosk.domain.technician.state import (
    HouseFacts,
    Page,
    StaffDo,
    StaffEv,
    StaffEvent,
    Unseen,
    VendorMode,
    VendorState,
)
from kiosk.domain.technician.view import PRINTER, staff_view
from kiosk.domain.technician.view_parts import StaffView
from kiosk.domain.timing import TOUCH_CONFIRM_S, VENDOR_IDLE_S, VENDOR_LOGIN_IDLE_S

log = logging.getLogger(__name__)

Dispatch = Callable[[Callable[[], None]], None]
Listener = Callable[[], None]
SAMPLE = Line("welcome.invite")
"""What is said to measure the loudness: the sentence that every visit begins with."""
_NO_SIGN_OF_LIFE = frozenset((StaffEv.FACTS, StaffEv.SEEN, StaffEv.CALIBRATED, StaffEv.IDLE, StaffEv.FREE))


class VisitGate(Protocol):
    """What technician mode needs of the visit."""

    def stand_aside(self, on_quiet: Callable[[], None]) -> None:
        """Take nothing new; `on_quiet` is called when no visit goes on any more, at once when none does."""

    def come_back(self) -> None:
        """Show the first screen and watch for a card again."""


class CalibrationKeeper(Protocol):
    def keep(self, calibration: Calibration) -> None:
        """Durable when it returns. :raises OSError:"""


class Loudspeaker(Protocol):
    def set_loudness(self, offset_db: int) -> None: ...

    def say(self, line: Line) -> None: ...


class IdleSwitch(Protocol):
    """Whether residents are asked if they are still there."""

    @property
    def is_on(self) -> bool: ...

    def turn(self, staff: str) -> None: ...


class VendorService:
    def __init__(
        self,
        *,
        clock: Clock,
        words: Words,
        visit: VisitGate,
        gate: StaffGate,
        bench: VendorBench,
        keeper: CalibrationKeeper,
        loudspeaker: Loudspeaker,
        waiting: Callable[[], int],
        note: Callable[..., None],
        state: VendorState,
        cameras: Cameras = MappingProxyType({}),
        patience: IdleSwitch | None = None,
    ):
        """
        :param waiting: how many items have not reached the back office.
        :param state: calibration and factory.
        :param cameras: the devices whose box is set, the one that shows its picture first.
        :param patience: None where staff may not turn it.
        """
        self._clock, self._words, self._visit, self._gate, self._bench = clock, words, visit, gate, bench
        self._keeper, self._loudspeaker, self._waiting, self._note = keeper, loudspeaker, waiting, note
        self._state = state
        self._kept = state.calibration
        self._view: StaffView | None = None
        self._hands = ScreenHands(lambda task: None)
        self._dispatch: Dispatch = lambda action: action()
        self._cameras, self._patience = cameras, patience
        self._lookout = Lookout(self._look, lambda action: self._dispatch(action), self._seen)
        frame_all(cameras, state.calibration)
        self._listeners: list[Listener] = []
        self._appliers: list[Callable[[Calibration], None]] = []
        self._timers: dict[str, Timer] = {}
        self._slow = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vendor")
        self._table: dict[StaffDo, Callable[[StaffEvent], None]] = {
            StaffDo.HOLD_VISIT: lambda event: self._visit.stand_aside(lambda: self.post(StaffEvent(StaffEv.QUIET))),
            StaffDo.LOOK_UP_STAFF: self._look_up_staff,
            StaffDo.CHECK_PIN: self._check_pin,
            StaffDo.BORROW: lambda event: self._bench.begin(),
            StaffDo.TEST: self._test,
            StaffDo.REPLY: self._reply,
            StaffDo.PRINT: self._print,
            StaffDo.PLAY: self._play,
            StaffDo.SET: self._set,
            StaffDo.TRY_TOUCH: self._try_touch,
            StaffDo.DROP_TOUCH: self._drop_touch,
            StaffDo.PATIENCE: self._turn_patience,
            StaffDo.STOP: self._stop,
            StaffDo.GIVE_BACK: lambda event: self._visit.come_back(),
        }

    # what the screens use

    @property
    def state(self) -> VendorState:
        return self._state

    @property
    def shows(self) -> bool:
        """True while technician mode has the screen."""
        return shows(self._state)

    @property
    def view(self) -> StaffView:
        return self._view if self._view is not None else staff_view(self._state)

    @property
    def calibration(self) -> Calibration:
        return self._state.calibration

    @property
    def sight(self) -> Sight | None:
        """What the camera sees, while its page is open."""
        return self._lookout.sight

    def on_sight(self, listener: Callable[[], None]) -> None:
        """Called where events are handled, with each new `sight` and when there is none any more."""
        self._lookout.subscribe(listener)

    def set_dispatcher(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    def subscribe(self, listener: Listener) -> None:
        """Called where events are handled, after each change."""
        self._listeners.append(listener)

    def on_calibration(self, applier: Callable[[Calibration], None]) -> None:
        """`applier` gets the values that count from now on, where events are handled."""
        self._appliers.append(applier)

    def post(self, event: StaffEvent) -> None:
        """Thread-safe."""
        self._dispatch(lambda: self._handle(event))

    def touched(self) -> None:
        self._restart_idle()

    def news(self) -> None:
        """A device or the outbox has changed; from any thread."""
        if self._state.mode is VendorMode.ACTIVE:
            self.post(StaffEvent(StaffEv.FACTS, self._facts()))

    def close(self) -> None:
        """The terminal stops: whoever waits for hands goes on, nothing new begins."""
        self._hands.let_go()
        self._lookout.close()
        self._bench.leave(lambda: None)
        self._slow.shutdown(wait=False, cancel_futures=True)

    # the machine

    def _handle(self, event: StaffEvent) -> None:
        before = self._state
        after, effects = advance(before, event)
        if after == before and not effects:
            return
        self._state = after
        self._view = staff_view(after) if shows(after) else None
        if after.mode is not before.mode:
            self._note("vendor_mode", state=after.mode.value, staff=after.staff or before.staff)
        if event.kind not in _NO_SIGN_OF_LIFE:
            self._restart_idle()
        self._quieten(before)
        self._watch_camera(before)
        for effect in effects:
            self._table[effect](event)
        if StaffDo.BORROW in effects:
            self.news()
        for listener in self._listeners:
            listener()

    def _restart_idle(self) -> None:
        self._cancel("idle")
        state = self._state
        if shows(state) and state.mode in (VendorMode.ENTER_PENDING, VendorMode.ACTIVE):
            idle_s = VENDOR_IDLE_S if state.mode is VendorMode.ACTIVE else VENDOR_LOGIN_IDLE_S
            self._later("idle", idle_s, StaffEv.IDLE)

    def _later(self, name: str, delay_s: float, kind: EventKind[None]) -> None:
        self._cancel(name)
        self._timers[name] = self._clock.call_later(delay_s, lambda: self.post(StaffEvent(kind)))

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _quieten(self, before: VendorState) -> None:
        """The loudness that was tried and not kept goes with its page."""
        if before.page is Page.LOUDNESS and self._state.page is not Page.LOUDNESS:
            self._loudspeaker.set_loudness(self._state.calibration.loudness_db or 0)

    def _watch_camera(self, before: VendorState) -> None:
        """The picture comes and goes with its page."""
        was, now = (state.page is Page.CAMERA for state in (before, self._state))
        if now and not was:
            self._lookout.begin()
        elif was and not now:
            self._lookout.end()

    def _look(self, seen: Seen, stop: threading.Event) -> None:
        if self._cameras:
            self._bench.look(next(iter(self._cameras)), seen, stop)

    def _seen(self, fault: Fault | None) -> None:
        self.post(StaffEvent(StaffEv.SEEN, Unseen(fault.code, fault.name) if fault is not None else Unseen()))

    def _facts(self) -> HouseFacts:
        return HouseFacts(self._bench.rows(), self._waiting(), self._patience.is_on if self._patience else None)

    # effects

    def _look_up_staff(self, event: StaffEvent) -> None:
        self._slow.submit(lambda: self.post(StaffEvent(StaffEv.ROLL, self._gate.has_anyone())))

    def _check_pin(self, event: StaffEvent) -> None:
        number, pin = self._state.number, self._state.pin
        self._slow.submit(lambda: self.post(StaffEvent(StaffEv.CHECKED, self._gate.try_pin(number, pin))))

    def _test(self, event: StaffEvent) -> None:
        self._hands = ScreenHands(self._ask)
        self._bench.test(
            self._state.testing, self._hands, lambda rows: self._answer_with_facts(StaffEvent(StaffEv.TESTED, rows))
        )

    def _ask(self, task: Task) -> None:
        self.post(StaffEvent(StaffEv.ASKED, task.value))

    def _reply(self, event: StaffEvent) -> None:
        self._hands.answer(Reply(event.of(StaffEv.REPLY, "")))

    def _answer_with_facts(self, event: StaffEvent) -> None:
        self.post(event)
        self.news()

    def _print(self, event: StaffEvent) -> None:
        title, remark = (self._words.show(Lang.CMN, f"staff.slip.{name}", {}) for name in ("title", "not_a_case"))
        self._bench.print_slip(
            PRINTER, title, remark, lambda printed: self._answer_with_facts(StaffEvent(StaffEv.PRINTED, printed))
        )

    def _play(self, event: StaffEvent) -> None:
        self._loudspeaker.set_loudness(self._state.draft)
        self._loudspeaker.say(SAMPLE)

    def _turn_patience(self, event: StaffEvent) -> None:
        if self._patience is not None:
            self._patience.turn(self._state.staff)
            self.news()

    def _set(self, event: StaffEvent) -> None:
        calibration = self._state.calibration
        self._cancel("touch")
        self._apply(calibration)
        self._slow.submit(lambda: self._keep(calibration))

    def _keep(self, calibration: Calibration) -> None:
        try:
            self._keeper.keep(calibration)
        except (OSError, OutOfRange) as error:
            log.error("the calibration is not kept: %s", error)
            self.post(StaffEvent(StaffEv.NOT_KEPT))
            return
        self._kept = calibration
        changed = [name for name in Calibration.__dataclass_fields__ if getattr(calibration, name) is not None]
        self._note("calibrated", values=changed)

    def _try_touch(self, event: StaffEvent) -> None:
        self._apply(self._state.calibration)
        self._later("touch", TOUCH_CONFIRM_S, StaffEv.UNSURE)

    def _drop_touch(self, event: StaffEvent) -> None:
        self._cancel("touch")
        self._apply(self._kept)
        self.post(StaffEvent(StaffEv.CALIBRATED, self._kept))

    def _apply(self, calibration: Calibration) -> None:
        self._loudspeaker.set_loudness(calibration.loudness_db or 0)
        frame_all(self._cameras, calibration)
        for applier in self._appliers:
            applier(calibration)

    def _stop(self, event: StaffEvent) -> None:
        self._hands.let_go()
        self._bench.leave(lambda: self.post(StaffEvent(StaffEv.FREE)))
