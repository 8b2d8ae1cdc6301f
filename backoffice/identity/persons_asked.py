"""About how many people one terminal asks registers: who they are is its own claim, so the number is bounded and told.

A card's chip proves itself to a reader's security module, and no back office of a district can check that proof.
"""

from __future__ import annotations

import math
import threading

from backoffice.identity import journal
from backoffice.identity.backoff import Budget, budget_wait_s
from backoffice.identity.slip_codes import DAY_S
from backoffice.identity.standing_place import site_of
from backoffice.office import Office
from backoffice.problems.problem import Problem

HOUR_S = 3_600.0
OF_A_TERMINAL = (Budget(40, HOUR_S), Budget(200, DAY_S))
"""Different people; a hall's terminal serves a few dozen on a busy day."""


class PersonsAsked:
    """One for a server; memory is bounded by terminals and budget."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._asked: dict[str, dict[str, float]] = {}
        self._lock = threading.Lock()

    def ask(self, device: str, number: str, purpose: str) -> None:
        """Before a register is asked about this person. A new one becomes a link of the audit, without who it is.

        :raises Problem: too_many_persons.
        """
        now, person = self._office.clock.now().timestamp(), self._office.vault.index(number)
        with self._lock:
            recent = {one: at for one, at in self._asked.get(device, {}).items() if abs(now - at) < DAY_S}
            known = person in recent and now - recent[person] < HOUR_S
            wait_s = (
                0.0 if known else max(budget_wait_s(sorted(recent.values()), budget, now) for budget in OF_A_TERMINAL)
            )
            if not known and not wait_s:
                recent[person] = now
            self._asked[device] = recent
        if wait_s:
            raise Problem("too_many_persons", headers={"Retry-After": str(math.ceil(wait_s))})
        if not known:
            self._note(device, purpose)

    def _note(self, device: str, purpose: str) -> None:
        site = site_of(self._office, device)
        town = site[:9] if site else None
        self._office.database.transact(
            lambda connection: journal.note(self._office, connection, town, "register_asked", device, purpose=purpose)
        )
