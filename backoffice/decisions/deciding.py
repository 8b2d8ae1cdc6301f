"""Deciding accepted cases: asked for by a request, finished in the background, taken up again after a crash."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from backoffice.calls.once import renew
from backoffice.casework.calendar import calendar_of
from backoffice.casework.consequence_notes import known_here
from backoffice.casework.events import answer_of, append_event, case_row
from backoffice.catalogue.stored import item_version
from backoffice.clock import iso
from backoffice.commitments import promises
from backoffice.consequences.repeats import decision_on, earlier_than
from backoffice.decisions.asking import ask_about
from backoffice.decisions.evidence import record_calls, record_results
from backoffice.domain.cases.case import MOVE_OF_OUTCOME, CaseState, Move, Outcome, Role, move
from backoffice.domain.decide import Decision, Judged, by_hand, in_ordinary_way, judge
from backoffice.domain.items.item import Item
from backoffice.domain.text import Line
from backoffice.gateways.lookups import Asked, LookupGateway
from backoffice.identity.consents import registers_agreed
from backoffice.office import Office
from backoffice.store.failures import DatabaseBusy
from backoffice.store.tables import tables

_log = logging.getLogger(__name__)

SWEEP_S = 5.0
"""How often cases are looked for that nobody is deciding: after a crash, or after the database was busy."""
DECIDING_THREADS = 16
"""They mostly wait for registers."""
MAX_FAILURES = 3
"""After this many failures of our own a human gets the case; it is never left lying."""


class Decider:
    """A few threads; one case is decided by one of them, however often it is asked for."""

    def __init__(self, office: Office, gateway: LookupGateway, threads: int = DECIDING_THREADS) -> None:
        self._office = office
        self._gateway = gateway
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="decide")
        self._running: dict[str, Future[None]] = {}
        self._failures: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="decide-sweep", daemon=True)

    def start(self) -> None:
        self._sweeper.start()

    def close(self) -> None:
        """Finish what is being decided; what waits is taken up at the next start."""
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._sweeper.is_alive():
            self._sweeper.join()

    def submit(self, case_no: str) -> Future[None]:
        """The decision under way for this case; done (without error) when the attempt has ended."""
        with self._lock:
            running = self._running.get(case_no)
            if running is None:
                running = self._pool.submit(self._attempt, case_no)
                self._running[case_no] = running
        running.add_done_callback(lambda _: self._forget(case_no))
        return running

    def _forget(self, case_no: str) -> None:
        with self._lock:
            self._running.pop(case_no, None)

    def _sweep(self) -> None:
        query = select(tables.service_case.c.case_no).where(tables.service_case.c.state == CaseState.ACCEPTED.value)
        while not self._stopping.is_set():
            try:
                with self._office.database.read() as connection:
                    waiting = list(connection.execute(query).scalars())
                for case_no in waiting:
                    self.submit(case_no)
            except Exception as problem:
                # The database may be busy or the pool closing: the next sweep finds the same cases.
                _log.warning("sweep failed: %s", type(problem).__name__)
            self._stopping.wait(SWEEP_S)

    def _attempt(self, case_no: str) -> None:
        try:
            self._decide(case_no)
        except DatabaseBusy:
            # No failure of ours, and nothing about the case: the next sweep tries again, however long it takes.
            _log.warning("case %s: the database was busy; it is decided later", case_no)
        except Exception as problem:
            with self._lock:
                self._failures[case_no] += 1
                failures = self._failures[case_no]
            # Only the type: a message could carry what the card said.
            _log.error("case %s: deciding failed (%d): %s", case_no, failures, type(problem).__name__)
            if failures >= MAX_FAILURES:
                self._hand_over(case_no)

    def _decide(self, case_no: str) -> None:
        found = self._waiting(case_no)
        if found is None:
            return
        row, item = found
        applicant = self._office.vault.open_json(f"case.applicant:{case_no}", row.applicant_sealed)
        form = self._office.vault.open_json(f"case.form:{case_no}", row.form_sealed)
        if self._repeats(case_no, form):
            return
        with self._office.database.read() as connection:
            agreed = registers_agreed(connection, case_no)
        asked = ask_about(self._gateway, item, applicant["name"], applicant["number"], form, agreed)
        asked = replace(asked, lookups=known_here(self._office, applicant["number"], asked.lookups))
        today, calendar = _day_of(row), calendar_of(self._office)
        vouched = bool(applicant.get("vouched_by"))
        judged = judge(item, asked.lookups, form, today, calendar, vouched=vouched)
        told = self._office.tables.consequences.of(row.item_id).told
        if told and judged.decision.outcome is Outcome.APPROVED:
            judged = replace(judged, decision=replace(judged.decision, next_step=Line(told)))
        with self._office.database.read() as connection:
            against = promises.against(self._office, connection, row, item, applicant["number"], form)
        if against is not None:
            judged = in_ordinary_way(item, judged, against, today, calendar)
        self._save(case_no, form, item, judged, asked)

    def _repeats(self, case_no: str, form: Mapping[str, str]) -> bool:
        return self._office.database.transact(lambda connection: self._is_told_as_repeat(connection, case_no, form))

    def _is_told_as_repeat(self, connection: Connection, case_no: str, form: Mapping[str, str]) -> bool:
        """The same is under way or approved under another number: this one ends with being told so."""
        row = case_row(connection, case_no)
        if row is None or row.state != CaseState.ACCEPTED.value:
            return False
        earlier = earlier_than(self._office, connection, row, form)
        # What `earlier_than` waited for may have moved this one too.
        row = case_row(connection, case_no, lock=True)
        if earlier is None or row is None or row.state != CaseState.ACCEPTED.value:
            return False
        self._close(connection, row, decision_on(earlier), Move.REPEAT, "repeated", earlier.case_no)
        return True

    def _waiting(self, case_no: str) -> tuple[Row[Any], Item] | None:
        """The case and its item as published in its version; None when there is nothing to decide."""
        with self._office.database.read() as connection:
            row = case_row(connection, case_no)
            if row is None or row.state != CaseState.ACCEPTED.value:
                return None
            item = item_version(connection, row.item_id, row.item_version)
        return None if item is None else (row, item)

    def _hand_over(self, case_no: str) -> None:
        try:
            found = self._waiting(case_no)
            if found is not None:
                row, item = found
                pending = by_hand(item, (), _day_of(row), calendar_of(self._office))
                form = self._office.vault.open_json(f"case.form:{case_no}", row.form_sealed)
                self._save(case_no, form, item, Judged(pending, ()), Asked({}, ()))
        except Exception as problem:
            _log.error("case %s: handing over failed: %s", case_no, type(problem).__name__)

    def _save(self, case_no: str, form: Mapping[str, str], item: Item, judged: Judged, asked: Asked) -> None:
        office, decision = self._office, judged.decision
        roles = item.ruling.asking.roles if item.ruling else ()

        def work(connection: Connection) -> None:
            # Another one may have been approved while this one's registers were asked.
            if self._is_told_as_repeat(connection, case_no, form):
                return
            row = case_row(connection, case_no, lock=True)
            if row is None or row.state != CaseState.ACCEPTED.value:
                return
            record_calls(connection, asked.calls, case_no, "decide")
            record_results(connection, case_no, judged.results, asked.lookups, roles)
            if decision.outcome is Outcome.NOTICE:
                self._save_notice(connection, case_no, decision)
            if any(reason.key == promises.BARRED for reason in decision.reasons):
                promises.lapse(office, connection, case_no)
            self._close(connection, row, decision, MOVE_OF_OUTCOME[decision.outcome], "decided")

        office.database.transact(work)

    def _close(
        self, connection: Connection, row: Row[Any], decision: Decision, wanted: Move, event: str, repeats: str = ""
    ) -> None:
        """The decision and all that tells of it, in the caller's transaction."""
        office, case_no = self._office, row.case_no
        state = move(CaseState.ACCEPTED, wanted, Role.RULE_ENGINE)
        connection.execute(
            update(tables.service_case)
            .where(tables.service_case.c.case_no == case_no)
            .values(
                state=state.value,
                outcome=decision.outcome.value,
                decided_at=iso(office.clock.now()),
                due_on=decision.facts.get("due_on"),
                row_version=row.row_version + 1,
                decision_sealed=office.vault.seal_json(f"case.decision:{case_no}", decision.to_json()),
            )
        )
        append_event(
            office,
            connection,
            case_no=case_no,
            town=row.town,
            role=Role.RULE_ENGINE,
            actor=f"rules:{row.item_id}/{row.item_version}",
            event=event,
            states=(CaseState.ACCEPTED, state),
            details={"outcome": decision.outcome.value, **({"repeats": repeats} if repeats else {})},
        )
        renew(office, connection, row.device, case_no, answer_of(office, connection, case_no))

    def _save_notice(self, connection: Connection, case_no: str, decision: Decision) -> None:
        """One notice for all that is missing, locked: a second one needs a superior."""
        sealed = self._office.vault.seal_json(f"notice:{case_no}/1", decision.to_json()["reasons"])
        issued_at = iso(self._office.clock.now())
        connection.execute(
            insert(tables.notice).values(case_no=case_no, n=1, issued_at=issued_at, locked=True, reasons_sealed=sealed)
        )


def _day_of(row: Row[Any]) -> date:
    """The day on which the case was taken in: every limit and every age counts from it."""
    return datetime.fromisoformat(row.accepted_at).date()
