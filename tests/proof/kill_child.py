"""A kiosk without a window, made to die: real store, real outbox, real client; only the end is arranged here.

Reads one JSON object a line (see `Life`) and lives each in a process of its own, forked so that 300
lives do not cost 300 times the interpreter's start. Prints {"pid": …} and then {"ended": …}.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.adapters.backoffice_http import HttpBackOffice
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.signing import Signer
from kiosk.adapters.store.kiosk_key import load_store_key, read_hex_key
from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.app.outbox.service import OutboxService
from kiosk.domain.case_number import KIOSK_CHANNEL, day_of, mint
from kiosk.domain.outbox import ItemKind, ItemState, OutboxItem

SITE = "350213007007"
SITE_NO = 7
LONGEST_S = 20.0


@dataclass(frozen=True, slots=True)
class Life:
    """One start of the kiosk."""

    state_dir: str
    url: str
    device: str
    key_file: str
    notes: str
    """What this kiosk told its residents: an append-only file, one JSON object a line."""
    moment: str
    """before_commit, after_commit, before_purge: die there. Anything else: somebody outside kills, or nobody."""
    nth: int
    visits: int
    """So many residents come; with none, only what is left over is delivered."""
    rates: bool
    person: dict[str, str]
    acknowledge_too_early: bool = False
    """Counter-proof: tells the resident before the COMMIT."""


class Notes:
    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def add(self, what: str, number: str) -> None:
        os.write(self._fd, json.dumps({"what": what, "number": number}).encode() + b"\n")


class Executioner:
    """Kills this process the nth time its moment comes."""

    def __init__(self, life: Life, notes: Notes) -> None:
        self._life, self._notes, self._count = life, notes, 0

    def at(self, moment: str) -> None:
        if moment != self._life.moment:
            return
        self._count += 1
        if self._count == self._life.nth:
            self._notes.add("hit", moment)
            os.kill(os.getpid(), signal.SIGKILL)


class WatchedConnection:
    """The store's connection, with the COMMIT of a new item in sight."""

    def __init__(self, connection: Any, executioner: Executioner) -> None:
        self._connection, self._executioner, self._inserts = connection, executioner, False

    def execute(self, statement: str, *values: Any) -> Any:
        if statement.startswith("INSERT INTO outbox"):
            self._inserts = True
        commits = statement == "COMMIT" and self._inserts
        if commits:
            self._inserts = False
            self._executioner.at("before_commit")
        result = self._connection.execute(statement, *values)
        if commits:
            self._executioner.at("after_commit")
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def watched(store: SqlcipherStore, executioner: Executioner) -> SqlcipherStore:
    store._connection = WatchedConnection(store._connection, executioner)
    purge = store.purge

    def purge_watched(key: str) -> None:
        executioner.at("before_purge")
        purge(key)

    store.purge = purge_watched  # type: ignore[method-assign]  # this one object is watched
    return store


class Kiosk:
    def __init__(self, life: Life) -> None:
        self._life, self._notes, self._clock = life, Notes(life.notes), SystemClock()
        folder = Path(life.state_dir)
        key = load_store_key(folder / "store.key", folder / "store.db")
        store = SqlcipherStore(folder / "store.db", key, self._clock.wall)
        self._store = watched(store, Executioner(life, self._notes))
        signer = Signer(life.device, read_hex_key(Path(life.key_file)))
        client = HttpBackOffice(life.url, signer, self._store.next_request_seq, self._clock)
        self._something = threading.Condition()
        self._decisions: dict[str, object] = {}
        self.outbox = OutboxService(self._store, client, self._clock, on_event=self._on_event)

    def _on_event(self, kind: str, **facts: object) -> None:
        if kind in ("rejected", "store_failed"):
            self._notes.add(kind, str(facts.get("key", "")))
        with self._something:
            self._something.notify_all()

    def _until(self, condition: Callable[[], bool]) -> bool:
        with self._something:
            return self._something.wait_for(condition, LONGEST_S)

    def live(self) -> bool:
        """True when everything was delivered in the end."""
        self.outbox.start()
        for _ in range(self._life.visits):
            self._visit()
        done = self._until(lambda: not self.outbox.items())
        self.outbox.stop()
        self._store.close()
        return done

    def _visit(self) -> None:
        case_no = self._mint()
        self._notes.add("minted", case_no)
        self._submit(self._case(case_no), "acknowledged")
        self.outbox.await_decision(case_no, lambda body: self._decided(case_no, body))
        if self._until(lambda: case_no in self._decisions) and self._life.rates:
            rated_at = self._clock.wall().isoformat()
            body = {"level": 5, "labels": [], "rated_at": rated_at}
            self._submit(OutboxItem(f"{case_no}/rating", ItemKind.RATING, case_no, 2, body, rated_at), "rated")
        self.outbox.visit_ended(case_no)

    def _submit(self, item: OutboxItem, told: str) -> None:
        if self._life.acknowledge_too_early:
            self._notes.add(told, item.case_no)
        self.outbox.submit(item)
        if not self._life.acknowledge_too_early:
            self._notes.add(told, item.case_no)

    def _mint(self) -> str:
        day = day_of(self._clock.wall())
        return mint("350213", SITE_NO, KIOSK_CHANNEL, day, self._store.next_case_serial(day))

    def _decided(self, case_no: str, body: object) -> None:
        with self._something:
            self._decisions[case_no] = body
            self._something.notify_all()

    def _case(self, case_no: str) -> OutboxItem:
        created_at = self._clock.wall().isoformat()
        body: dict[str, object] = {
            "case_no": case_no,
            "item_id": "XA032",
            "item_version": 1,
            "consent_version": "2026-1",
            "applicant": self._life.person,
            "form": {"account": "yes"},
            "commitment": None,
            "created_at": created_at,
            "site": SITE,
            "lang": ("nan", "cmn")[int(case_no[-2]) % 2],
            "boot_id": "proof",
            "monotonic_s": 1.0,
        }
        return OutboxItem(case_no, ItemKind.CASE, case_no, 0, body, created_at, 1, "2026-1", state=ItemState.QUEUED)


def main() -> None:
    for line in sys.stdin:
        life = Life(**json.loads(line))
        pid = os.fork()
        if pid == 0:
            code = 3
            try:
                code = 0 if Kiosk(life).live() else 2
            finally:
                os._exit(code)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"ended": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
