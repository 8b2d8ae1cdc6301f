"""What happens for a number that was typed, which is judged with the day, and for a face: a staff member vouches."""

from __future__ import annotations

from typing import Protocol

from kiosk.app.visit.effect_tools import EffectTools, Handlers, Post
from kiosk.domain.deputy.state import WITNESS
from kiosk.domain.identity import IdentityError, parse_identity
from kiosk.domain.papers.state import Witness
from kiosk.domain.technician.state import Checked
from kiosk.domain.visit.machine import Do, Ev, Event, Resident, Step, VisitState

LONG_WAIT_S = 10
"""A wait that is over before somebody has typed again is not worth telling."""


class Gate(Protocol):
    def try_pin(self, number: str, pin: str) -> Checked:
        """Whether this staff member is who she says; counted, and slower after each wrong PIN."""


class DeputyEffects:
    def __init__(self, tools: EffectTools, gate: Gate) -> None:
        self._tools, self._gate = tools, gate

    def handlers(self) -> Handlers:
        return {Do.CHECK_WITNESS: self._check}

    def _check(self, state: VisitState, event: Event, post: Post) -> None:
        """The value of the event is the PIN; it goes no further than the gate."""
        typed, pin = state.typed, event.of(Ev.WITNESS_PIN, "")

        def passes() -> bool:
            checked = self._gate.try_pin(typed.staff, pin)
            if not checked.right:
                post(Event(Ev.NOT_WITNESSED, "witness.wait" if checked.wait_s > LONG_WAIT_S else "witness.wrong"))
            return checked.right

        def vouch() -> None:
            if passes():
                post(Event(Ev.VOUCHED, Witness(typed.staff, self._tools.now_text("seconds"))))

        def look() -> None:
            try:
                identity = parse_identity(typed.number, self._tools.clock.wall().date())
            except IdentityError:
                post(Event(Ev.NOT_WITNESSED, "no_card.number_wrong"))
                return
            if not passes():
                return
            resident = Resident(
                document=identity.kind.value,
                name=typed.name,
                number=identity.number.reveal(),
                sex=identity.sex.value,
                birth=identity.birth.isoformat() if identity.birth else "",
                address="",
                source=f"{WITNESS} {typed.staff}",
            )
            post(Event(Ev.WITNESSED, resident))

        self._tools.ask(vouch if state.step is Step.CAPTURE else look)
