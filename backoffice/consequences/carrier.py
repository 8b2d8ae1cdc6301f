"""Carries decisions out of the outbox into the office's own register: each once, whoever dies in between.

A row is claimed with a lease, and its effect and its delivery are one transaction: what was begun and not ended comes
again after the lease, and what was ended does not. A row that fails rests, and the others go on.
"""

from __future__ import annotations

import logging
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from backoffice.casework import consequence_notes
from backoffice.casework.events import append_event, case_row
from backoffice.clock import CHINA, iso
from backoffice.domain.cases.case import CaseState, Role
from backoffice.domain.consequences import GRANTED
from backoffice.office import Office
from backoffice.store.tables.tables import outbox

_log = logging.getLogger(__name__)

TOPICS = ("case.approved", "case.decided", "case.reopened")
"""What may have an effect. Other rows are for whoever reads the outbox as a feed, by number."""
ACTOR = "consequences"
POLL_S = 1.0
BATCH = 100
LEASE_S = 60.0
RETRY_S, RETRY_MOST_S = 30.0, 3600.0

_O = outbox.c


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row in somebody's hands until its lease ends."""

    row: int
    case_no: str
    lease: str
    attempts: int


class Carrier:
    """One thread; any number of servers may run one."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="consequences", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """What is being done is finished; what has been claimed comes again after its lease."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def carry(self) -> int:
        """Claim what waits and do it; how many rows were delivered."""
        with self._office.database.read() as connection:
            if connection.execute(select(_O.id).where(self._waiting()).limit(1)).one_or_none() is None:
                return 0
        return sum(self.deliver(one) for one in self.claim())

    def claim(self) -> list[Claimed]:
        """At most `BATCH` rows that are in nobody's hands, the oldest first; now in the caller's."""
        now, lease = self._office.clock.now(), secrets.token_hex(8)
        free = select(_O.id).where(self._waiting()).order_by(_O.id).limit(BATCH).with_for_update(skip_locked=True)
        taken = (
            update(outbox)
            .where(_O.id.in_(free))
            .values(lease=lease, lease_until=_text(now + timedelta(seconds=LEASE_S)), attempts=_O.attempts + 1)
            .returning(_O.id, _O.case_no, _O.lease, _O.attempts)
        )

        def work(connection: Connection) -> list[Claimed]:
            return sorted((Claimed(*row) for row in connection.execute(taken)), key=lambda one: one.row)

        return self._office.database.transact(work)

    def deliver(self, claimed: Claimed) -> bool:
        """The effect and the row's end in one transaction; False when it failed, or is in other hands by now."""
        office = self._office
        where = and_(_O.id == claimed.row, _O.lease == claimed.lease, _O.delivered_at.is_(None))

        def work(connection: Connection) -> bool:
            case = case_row(connection, claimed.case_no, lock=True)
            ended = update(outbox).where(where).values(delivered_at=iso(office.clock.now()), lease=None)
            if connection.execute(ended).rowcount != 1:
                return False
            if case is not None:
                self._take_effect(connection, claimed.case_no)
            return True

        try:
            return office.database.transact(work)
        except Exception as problem:
            # One that cannot be done must not keep the others; only the type, a message may carry data.
            _log.error("the effect of case %s failed: %s", claimed.case_no, type(problem).__name__)
            wait_s = min(RETRY_S * 2 ** (claimed.attempts - 1), RETRY_MOST_S)
            until = _text(office.clock.now() + timedelta(seconds=wait_s))
            office.database.transact(
                lambda connection: connection.execute(update(outbox).where(where).values(lease_until=until))
            )
            return False

    def _take_effect(self, connection: Connection, case_no: str) -> None:
        """By where the case stands now: rows may come late, and one after the other of them may have failed."""
        office = self._office
        case = case_row(connection, case_no)
        assert case is not None, "its row is held"
        effect = office.tables.consequences.of(case.item_id).effect
        if effect is None:
            return
        if case.state in GRANTED:
            changed, event = consequence_notes.write(office, connection, case, effect), "effect_done"
        else:
            changed, event = consequence_notes.end(office, connection, case_no), "effect_ended"
        if changed:
            state = CaseState(case.state)
            append_event(
                office,
                connection,
                case_no=case_no,
                town=case.town,
                role=Role.RULE_ENGINE,
                actor=ACTOR,
                event=event,
                states=(state, state),
                details={"register": effect.register},
            )

    def _waiting(self) -> ColumnElement[bool]:
        moment = _text(self._office.clock.now())
        free = or_(_O.lease_until.is_(None), _O.lease_until <= moment)
        return and_(_O.delivered_at.is_(None), _O.topic.in_(TOPICS), free)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                while self.carry() and not self._stopping.is_set():
                    pass
            except Exception as problem:
                # The database may be busy: the next round finds the same rows.
                _log.warning("effects wait: %s", type(problem).__name__)
            self._stopping.wait(POLL_S)


def _text(moment: datetime) -> str:
    """One offset for all: the texts are compared."""
    return iso(moment.astimezone(CHINA))
