"""Deciding accepted cases: asked for by a request, finished in the background, taken up again after a crash."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from backoffice.clock import iso
from backoffice.domain.case import MOVE_OF_OUTCOME, CaseState, Outcome, Role, move
from backoffice.domain.decide import Decision, Judged, judge
from backoffice.domain.facts import Lookups, lookups_needed, masked
from backoffice.domain.item import Item
from backoffice.domain.rules import facts_used
from backoffice.domain.text import Line
from backoffice.gateways.lookups import Asked, Call, LookupGateway
from backoffice.office import Office
from backoffice.records import answer_of, append_event, case_row, renew
from backoffice.store import tables
from backoffice.store.catalogue import item_version

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
        except Exception as problem:
            with self._lock:
                self._failures[case_no] += 1
                failures = self._failures[case_no]
            # Only the type: a message could carry what the card said.
            _log.error("case %s: deciding failed (%d): %s", case_no, failures, type(problem).__name__)
            if failures >= MAX_FAILURES:
                self._hand_over(case_no)

    def _decide(self, case_no: str) -> None:
        with self._office.database.read() as connection:
            row = case_row(connection, case_no)
            item = item_version(connection, row.item_id, row.item_version) if row is not None else None
        if row is None or item is None or row.state != CaseState.ACCEPTED.value:
            return
        applicant = self._office.vault.open_json(f"case.applicant:{case_no}", row.applicant_sealed)
        form = self._office.vault.open_json(f"case.form:{case_no}", row.form_sealed)
        asked = self._gateway.ask(lookups_for(item), applicant["name"], applicant["number"])
        today = datetime.fromisoformat(row.accepted_at).date()
        judged = judge(item, asked.lookups, form, today, self._office.tables.calendar)
        self._save(case_no, judged, asked)

    def _hand_over(self, case_no: str) -> None:
        pending = Decision(Outcome.PENDING, (), Line("result.pending.next"))
        try:
            self._save(case_no, Judged(pending, ()), Asked({}, ()))
        except Exception as problem:
            _log.error("case %s: handing over failed: %s", case_no, type(problem).__name__)

    def _save(self, case_no: str, judged: Judged, asked: Asked) -> None:
        office, decision = self._office, judged.decision

        def work(connection: Connection) -> None:
            row = case_row(connection, case_no, lock=True)
            if row is None or row.state != CaseState.ACCEPTED.value:
                return
            state = move(CaseState.ACCEPTED, MOVE_OF_OUTCOME[decision.outcome], Role.RULE_ENGINE)
            record_calls(connection, asked.calls, case_no, "decide")
            self._save_results(connection, case_no, judged, asked.lookups)
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
                event="decided",
                states=(CaseState.ACCEPTED, state),
                details={"outcome": decision.outcome.value},
            )
            renew(office, connection, row.device, case_no, answer_of(office, connection, case_no))

        office.database.transact(work)

    def _save_results(self, connection: Connection, case_no: str, judged: Judged, lookups: Lookups) -> None:
        for result in judged.results:
            evidence = [
                {"lookup": code, "id": lookups[code].evidence_id, "at": lookups[code].answered_at}
                for code in lookups_needed(tuple(result.facts))
                if code in lookups
            ]
            connection.execute(
                insert(tables.rule_result).values(
                    case_no=case_no,
                    rule_id=result.rule.rule_id,
                    rule_version=result.rule.version,
                    verdict=result.verdict.value,
                    facts_masked=json.dumps({name: masked(value) for name, value in result.facts.items()}),
                    evidence=json.dumps(evidence),
                )
            )
        decision = judged.decision
        if decision.outcome is Outcome.NOTICE:
            # One notice for all that is missing, locked: a second one needs a superior.
            sealed = self._office.vault.seal_json(f"notice:{case_no}/1", decision.to_json()["reasons"])
            issued_at = iso(self._office.clock.now())
            connection.execute(
                insert(tables.notice).values(
                    case_no=case_no, n=1, issued_at=issued_at, locked=True, reasons_sealed=sealed
                )
            )


def lookups_for(item: Item, *, with_form: bool = True) -> tuple[str, ...]:
    """The registers that an item's rules need, from the rules' own expressions.

    :param with_form: False leaves out what only rules about the form need.
    """
    names: set[str] = set()
    for rule in item.rules:
        used = facts_used(rule.cel)
        if with_form or not any(name.startswith("form_") for name in used):
            names.update(used)
    return lookups_needed(tuple(names))


def record_calls(connection: Connection, calls: tuple[Call, ...], case_no: str | None, purpose: str) -> None:
    for call in calls:
        connection.execute(
            insert(tables.lookup_call).values(
                evidence_id=call.evidence_id,
                case_no=case_no,
                purpose=purpose,
                lookup=call.lookup,
                attempts=call.attempts,
                state=call.state.value,
                took_ms=call.took_ms,
                at=call.at,
            )
        )
