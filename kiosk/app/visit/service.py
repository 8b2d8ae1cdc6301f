"""The one visit that goes on at this terminal: takes events, advances the machine, performs effects.

Events may come from any thread; they are handled one after the other where the dispatcher runs them
(the UI's thread). Slow effects run elsewhere and post an event back, stamped with the visit they
belong to: what arrives after the visit has ended is dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk.app.visit.idle import IdleRule
from kiosk.app.visit.patience import BY_STAFF
from kiosk.domain.ear.view import is_unasked
from kiosk.domain.outbox import StoreError
from kiosk.domain.ports import CatalogueSource, Clock
from kiosk.domain.screens.compose import View, view
from kiosk.domain.site.rows import is_nobody_here
from kiosk.domain.speech import Line
from kiosk.domain.timing import IDLE_WARN_S, IDLE_WARN_SLOW_S, PAPER_LEFT_S
from kiosk.domain.view.pads import key_line
from kiosk.domain.visit.machine import Do, Ev, Event, Outcome, Overlay, Printing, Step, VisitState, advance
from kiosk.domain.visit.readiness import EVERYTHING, Capabilities

log = logging.getLogger(__name__)

_CARD_EVENTS = frozenset((Ev.CARD_SEEN, Ev.CARD_READ, Ev.CARD_REMOVED, Ev.CARD_FAILED))
_OURS = frozenset((Do.BEGIN_VISIT, Do.SAY_AGAIN, Do.ECHO))
"""Effects that this service performs itself."""

Subscriber = Callable[[VisitState, View], None]
Dispatch = Callable[[Callable[[], None]], None]


ClauseListener = Callable[[str | None, int], None]
"""Text key and index of the clause that begins; None when nothing is spoken any more."""


class Speaker(Protocol):
    """What the visit needs of the speech queue."""

    def show(self, state: VisitState, shown: View) -> None:
        """A new screen: say it, stop what was said before."""

    def again(self) -> None: ...

    def say(self, *lines: Line) -> None:
        """These texts now, e.g. the choice under the finger."""

    def pause(self, on: bool) -> None: ...

    def on_clause(self, listener: ClauseListener) -> None: ...

    def stop(self) -> None: ...

    @property
    def is_speaking(self) -> bool: ...


class Performer(Protocol):
    """Performs effects; answers by `post`, never directly."""

    def perform(self, effect: Do, state: VisitState, event: Event, post: Callable[[Event], None]) -> None: ...


@dataclass(frozen=True, slots=True)
class VisitNote:
    """What the observer and the log may know: no personal data."""

    kind: str
    step: str
    overlay: str
    case_no: str = ""
    outcome: str = ""
    fault: str = ""
    """Name of the fault that the resident is told of."""


class VisitService:
    def __init__(
        self,
        *,
        clock: Clock,
        catalogue: CatalogueSource,
        performer: Performer,
        speaker: Speaker,
        mint: Callable[[], str],
        note: Callable[[VisitNote], None],
        capabilities: Callable[[], Capabilities] = lambda: EVERYTHING,
        why_not: Callable[[], str] = lambda: "",
        idle_warn_s: float = IDLE_WARN_S,
        is_staff: Callable[[Event], bool] = lambda event: False,
    ):
        """
        :param capabilities: what can be used now; asked once, when a visit begins.
        :param is_staff: asked where nobody is here: True for a staff member's badge, which begins no visit.
        :param why_not: text key of why no visit may begin now; asked when one is about to.
        :param idle_warn_s: so long nobody is asked whether she is still there (120 to 300).
        """
        self._clock = clock
        self._capabilities = capabilities
        self._why_not = why_not
        self._is_staff = is_staff
        self._idle_warn_s = idle_warn_s
        self._slip_left_until_s = 0.0
        self._catalogue = catalogue
        self._performer = performer
        self._speaker = speaker
        self._mint = mint
        self._note = note
        self._dispatch: Dispatch = lambda action: action()
        self._subscribers: list[Subscriber] = []
        self._touch_listeners: list[Callable[[], None]] = []
        self._visit = 0
        self._speaks = False
        self._aside = False
        """Technician mode has the screen: no event counts."""
        self._on_quiet: Callable[[], None] | None = None
        self._state = VisitState()
        self._view = view(self._state, catalogue.current())
        self.idle = IdleRule(clock, lambda: self.post(Event(Ev.IDLE_WARN)), lambda: self.post(Event(Ev.IDLE_END)))

    # what the screens use

    @property
    def state(self) -> VisitState:
        return self._state

    @property
    def view(self) -> View:
        return self._view

    def set_dispatcher(self, dispatch: Dispatch) -> None:
        """`dispatch` runs an action soon on the one thread that handles events."""
        self._dispatch = dispatch

    def subscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    def on_touch(self, listener: Callable[[], None]) -> None:
        """`listener` is called with each touch and key, where events are handled."""
        self._touch_listeners.append(listener)

    def post(self, event: Event) -> None:
        """Thread-safe."""
        visit = self._visit
        self._dispatch(lambda: self._handle(event, visit))

    def start(self) -> None:
        """Show and say the first screen, watch for a card."""
        self._dispatch(self._begin_watch)

    def touched(self) -> None:
        """A touch or a key anywhere on the screen; while the warning shows, its own answers decide."""
        for listener in self._touch_listeners:
            listener()
        if _is_somebody_here(self._state) and self._state.overlay is not Overlay.IDLE:
            self.idle.touched()

    def say_again(self) -> None:
        self._speaker.again()

    def speak_line(self, *lines: Line) -> None:
        self._speaker.say(*lines)

    def pause_speech(self, on: bool) -> None:
        """Hold in the middle of a word, and go on there."""
        self._speaker.pause(on)

    def on_clause(self, listener: ClauseListener) -> None:
        """`listener` is called where events are handled."""
        self._speaker.on_clause(lambda key, index: self._dispatch(lambda: listener(key, index)))

    def idle_left_s(self) -> float:
        return self.idle.left_s()

    def recheck(self) -> None:
        """What kept a visit from beginning may have ended: then the first screen says so no longer."""

        def look() -> None:
            before = self._state
            if before.step is Step.WELCOME and before.note.startswith("fault.") and not self._why_not():
                self._state = replace(before, note="")
                self._publish(before)

        self._dispatch(look)

    def refresh(self) -> None:
        """What the catalogue says of this place has changed: the screen between visits tells it."""

        def look() -> None:
            if not self._aside and is_nobody_here(self._state):
                self._publish(self._state)

        self._dispatch(look)

    # technician mode

    def stand_aside(self, on_quiet: Callable[[], None]) -> None:
        """Take nothing new; `on_quiet` is called where events are handled as soon as no visit goes on."""

        def wait() -> None:
            self._on_quiet = on_quiet
            self._be_quiet()

        self._dispatch(wait)

    def come_back(self) -> None:
        """The first screen again, and a card counts; nothing of what came meanwhile does."""

        def back() -> None:
            self._on_quiet = None
            if self._aside:
                self._aside = False
                self._visit += 1
                self._begin_watch()

        self._dispatch(back)

    def _be_quiet(self) -> None:
        """Only where nobody stands: a visit has first ended and been wiped."""
        on_quiet, state = self._on_quiet, self._state
        somebody = state.step is not Step.WELCOME or state.card_seen or state.case_no or state.resident is not None
        asks = state.overlay not in (Overlay.NONE, Overlay.ATTRACT)
        if on_quiet is None or self._aside or somebody or asks:
            return
        self._aside = True
        self._visit += 1
        self._state = VisitState()
        self.idle.off()
        self._perform((Do.STOP_CARD,), Event(Ev.WIPED))
        self._speaker.stop()
        on_quiet()

    # the machine

    def _begin_watch(self) -> None:
        self._perform((Do.WATCH_CARD,), Event(Ev.WIPED))
        self._publish(VisitState(step=Step.WIPE))

    def _handle(self, event: Event, visit: int) -> None:
        if visit != self._visit or self._aside:
            return
        before = self._state
        if is_nobody_here(before) and self._is_staff(event):
            self._state = VisitState()
            self._publish(before)
            self._be_quiet()
            return
        after, effects = advance(before, event)
        if after == before and not effects:
            if event.kind is Ev.LANGUAGE:
                self._speaker.again()  # she asks for the language that is on: no touch stays without an answer
            return
        if Do.BEGIN_VISIT in effects:
            after, effects = self._begin(before, after, effects)
        self._state = after
        over = before.step is not after.step and after.step is Step.WELCOME
        if over:
            # Before the effects: what the first screen watches belongs to the next visit already.
            self._visit += 1
        self._keep_idle(event, before)
        self._perform(effects, event)
        self._publish(before)
        if Do.SAY_AGAIN in effects:
            self._speaker.again()
        if Do.ECHO in effects:
            self._speaker.say(key_line(event.of(Ev.KEY, "")))
        if over:
            self._tell("wiped")
        self._be_quiet()

    def _begin(
        self, before: VisitState, after: VisitState, effects: tuple[Do, ...]
    ) -> tuple[VisitState, tuple[Do, ...]]:
        """A visit has a number from its first touch; where none can be had, nothing could be kept either."""
        if reason := self._why_not():
            return replace(before, note=reason), ()
        try:
            begun = replace(after, case_no=after.case_no or self._mint(), capabilities=self._capabilities())
            slip_left = self._clock.now() < self._slip_left_until_s
            self._slip_left_until_s = 0.0
            return replace(begun, slip_left=slip_left), effects
        except StoreError as error:
            log.error("no visit can begin: %s", error.code)
            return replace(before, note="welcome.out_of_service"), ()

    def _keep_idle(self, event: Event, before: VisitState) -> None:
        self.idle.patience_s = IDLE_WARN_SLOW_S if self._state.access.slow else self._idle_warn_s
        extended = before.overlay is Overlay.IDLE and self._state.overlay is not Overlay.IDLE
        if not _is_somebody_here(self._state):
            self.idle.off()
        elif extended or not _is_somebody_here(before) or event.kind in _CARD_EVENTS:
            self.idle.touched()
        self._hold("working", self._view_now().working)
        self._hold_for_speech()

    def _hold(self, reason: str, on: bool) -> None:
        before = self._is_busy()
        (self.idle.hold if on else self.idle.release)(reason)
        if before != self._is_busy():
            self._tell("quiet" if before else "busy")

    def _is_busy(self) -> bool:
        """With something of its own: that staff hold the clock too is none of the visit's work."""
        return bool(self.idle.holding - {BY_STAFF})

    def speech_changed(self, speaking: bool) -> None:
        """The speech queue tells when it begins and ends."""
        self._speaks = speaking
        self._hold_for_speech()

    def _hold_for_speech(self) -> None:
        """What is said unasked keeps nobody's visit alive."""
        self._hold("speaking", self._speaks and not is_unasked(self._state))

    def _perform(self, effects: tuple[Do, ...], event: Event) -> None:
        for effect in effects:
            if effect not in _OURS:
                self._performer.perform(effect, self._state, event, self._post_for(self._visit))

    def _post_for(self, visit: int) -> Callable[[Event], None]:
        return lambda event: self._dispatch(lambda: self._handle(event, visit))

    def _view_now(self) -> View:
        return view(self._state, self._catalogue.current())

    def _publish(self, before: VisitState) -> None:
        self._view = self._view_now()
        state = self._state
        if not before.case_no and state.case_no:
            self._tell("visit_begun")
        if (before.step, before.overlay) != (state.step, state.overlay):
            self._tell("screen")
        if state.stored and not before.stored:
            self._tell("stored")
        for fault, told in ((state.card_fault, before.card_fault), (state.print_fault, before.print_fault)):
            if fault and fault != told:
                self._tell("fault", fault=fault)
        if before.printing is Printing.BUSY and state.printing is not Printing.BUSY:
            self._tell("printed_" + state.printing.value)
        if state.step is Step.WIPE and before.step is not Step.WIPE:
            self._tell("visit_ended", state.outcome)
            if state.slip_left:
                self._slip_left_until_s = self._clock.now() + PAPER_LEFT_S
                self._tell("slip_left")
        if state.left is not None and state.left != before.left:
            self._tell("card_left", fault=state.left.place.value)
        for subscriber in self._subscribers:
            subscriber(state, self._view)
        self._speaker.show(state, self._view)

    def _tell(self, kind: str, outcome: Outcome | None = None, fault: str = "") -> None:
        state = self._state
        ended = outcome.value if outcome else ""
        self._note(VisitNote(kind, state.step.value, state.overlay.value, state.case_no, ended, fault))


def _is_somebody_here(state: VisitState) -> bool:
    """False on the untouched first screen, whatever lies on a reader, and while the visit is being wiped."""
    return not is_nobody_here(state) and state.step is not Step.WIPE
