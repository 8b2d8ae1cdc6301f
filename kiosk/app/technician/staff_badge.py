"""A staff member's card or QR badge on the first screen asks for her PIN; anywhere else it is a card like any other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from kiosk.domain.technician.staff_lock import RollError
from kiosk.domain.visit.machine import Ev, Event

log = logging.getLogger(__name__)


class Badges(Protocol):
    def number_of(self, shown: str) -> str:
        """The staff number that a badge belongs to, empty for any other. :raises RollError:"""


class StaffBadge:
    """
    :param knock: told the staff number; whoever answers asks for the PIN.
    """

    def __init__(self, badges: Badges, knock: Callable[[str], None]):
        self._badges = badges
        self._knock = knock

    def takes(self, event: Event) -> bool:
        """True when it was a badge: then the event is nobody's visit. Call it only where no visit goes on."""
        shown = _shown(event)
        if not shown:
            return False
        try:
            number = self._badges.number_of(shown)
        except RollError as error:
            log.error("technician mode: no badge counts: %s", error)
            return False
        if number:
            self._knock(number)
        return bool(number)


def _shown(event: Event) -> str:
    resident = event.of(Ev.CARD_READ)
    if resident is not None:
        return resident.number if resident.source == "chip" else ""
    return event.of(Ev.CODE_SHOWN, "")
