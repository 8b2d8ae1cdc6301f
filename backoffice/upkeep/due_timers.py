"""The thread that lets timers ring, by the office's own clock; any number of servers may run one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection

from backoffice.casework import limits, timers
from backoffice.casework.calendar import calendar_now
from backoffice.casework.events import case_row
from backoffice.casework.moving import record
from backoffice.domain.cases.case import Role
from backoffice.office import Office
from backoffice.upkeep.timer_effects import ACTOR, EFFECTS, Effect

_log = logging.getLogger(__name__)

POLL_S = 5.0
BATCH = 100


class Ringer:
    """`effects`: kind of timer -> what it does; a kind that nobody knows here is left for a newer server."""

    def __init__(self, office: Office, effects: Mapping[str, Effect] = EFFECTS) -> None:
        self._office = office
        self._effects = effects
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """What is being done is finished; what has been claimed comes again after its lease."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def ring(self) -> int:
        """Claim what is due and do it; how many were done."""
        office = self._office
        with office.database.read() as connection:
            if not timers.any_due(connection, office.clock.now()):
                return 0
        claimed = office.database.transact(
            lambda connection: timers.claim_due(connection, office.clock.now(), BATCH, tuple(self._effects))
        )
        return sum(self._one(one) for one in claimed)

    def _one(self, claimed: timers.Claimed) -> bool:
        office, effect = self._office, self._effects[claimed.kind]

        def work(connection: Connection) -> bool:
            # The case before its timer: whoever moves the case takes them in this order too.
            case_row(connection, claimed.subject, lock=True)
            if not timers.finish(connection, claimed, office.clock.now()):
                return False
            effect(office, connection, claimed.subject, claimed.n)
            return True

        try:
            return office.database.transact(work)
        except Exception as problem:
            # One that cannot be done must not keep the others from ringing; only the type, a message may carry data.
            _log.error("timer %s of %s failed: %s", claimed.kind, claimed.subject, type(problem).__name__)
            office.database.transact(lambda connection: timers.rest(connection, claimed, office.clock.now()))
            return False

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                while self.ring() and not self._stopping.is_set():
                    pass
                recompute(self._office)
            except Exception as problem:
                # The database may be busy: the next round finds the same timers.
                _log.warning("timers wait: %s", type(problem).__name__)
            self._stopping.wait(POLL_S)


def recompute(office: Office) -> int:
    """Count limits again that an older calendar counted, one case a transaction; how many cases' days moved."""
    moved = 0
    while True:
        with office.database.read() as connection:
            _, import_n = calendar_now(office, connection)
            cases = limits.outdated(connection, import_n, BATCH)
        if not cases:
            return moved
        for case_no in cases:
            moved += office.database.transact(partial(_again, office, case_no))


def _again(office: Office, case_no: str, connection: Connection) -> bool:
    case = case_row(connection, case_no, lock=True)
    changes = limits.derive(office, connection, case_no)
    if case is None or not changes:
        return False
    details = {
        f"{kind}_{name}": day for kind, before, after in changes for name, day in (("was", before), ("is", after))
    }
    record(office, connection, case, "deadline_moved", Role.TIMER, ACTOR, details)
    return True
