"""The outbox at work: one thread that brings every stored item to the back office exactly once.

The visit never waits for it: `submit` returns after the COMMIT, everything later comes back through
callbacks on the outbox thread. What an answer means is decided by `kiosk.domain.outbox`; here the
order of the writes is what counts:

    put (COMMIT) -> update SENDING (COMMIT) -> request -> update DELIVERED (COMMIT) -> purge (COMMIT)

Whoever finds an item in SENDING, after a crash or a lost reply, asks before sending again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from kiosk.app.outbox.file_bringer import FileBringer
from kiosk.app.watches.decision import DecisionWatch, call_all
from kiosk.domain.attachments import without
from kiosk.domain.outbox import (
    MATERIALS_MISSING,
    ItemKind,
    ItemState,
    OutboxItem,
    StoreError,
    Verdict,
    backoff_s,
    due,
    forerunners,
    judge_ask,
    judge_send,
    move,
    next_due_s,
    oldest_waiting,
    postponed,
    reject_orphan,
    settle,
    waits_for_line,
)
from kiosk.domain.ports import BackOffice, Clock, Reply, Store
from kiosk.domain.timing import OUTBOX_BACKOFF_S, OUTBOX_WAKE_S

log = logging.getLogger(__name__)

OnDelivered = Callable[[OutboxItem], None]
OnReceipt = Callable[[Mapping[str, object]], None]
OnEvent = Callable[..., None]
"""`on_event(kind, **facts)`: stored, sending, delivered, rejected, retry, decided, purged, store_failed.
Facts: key, item, attempts, problem, wait_s; never personal data."""


class OutboxService:
    """Thread-safe. Callbacks run on the outbox thread and must not block."""

    def __init__(
        self,
        store: Store,
        back_office: BackOffice,
        clock: Clock,
        on_event: OnEvent = lambda kind, **facts: None,
        on_delivered: OnDelivered = lambda item: None,
    ) -> None:
        self._store, self._back_office, self._clock = store, back_office, clock
        self._on_event, self._on_delivered = on_event, on_delivered
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._items: dict[str, OutboxItem] = {}
        self._visits: set[str] = set()
        """Cases whose resident still stands here; of all others nothing is remembered."""
        self._waiting: dict[str, list[OnReceipt]] = {}
        self._answers: dict[str, Mapping[str, object]] = {}
        self._files = FileBringer(store, back_office, clock)
        self._decisions = DecisionWatch(back_office, clock, self._tell)
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    # -- for the visit

    def start(self) -> None:
        """Take up what an earlier process left, then work until `stop`.

        :raises StoreError: the store cannot be read.
        """
        self._store.drop_orphans()
        with self._lock:
            self._items = {item.key: item for item in self._store.pending()}
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Ends after the request under way; what is left stays in the store."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def submit(self, item: OutboxItem) -> None:
        """Store an item (COMMIT, synced) and have it sent. Only after this returns may a slip be printed.

        :raises StoreError: it was not stored; nothing will be sent.
        """
        self._store.put(item)
        with self._lock:
            self._items.setdefault(item.key, item)
            if item.kind not in (ItemKind.RATING, ItemKind.PRINTED):
                self._visits.add(item.case_no)
        self._tell("stored", item)
        self._wake.set()

    def opened(self, case_no: str, receipt: Mapping[str, object]) -> None:
        """A live answer has opened this visit's case: nothing is sent; its visit token is kept as after a delivery.

        :raises StoreError: it was not kept; the visit cannot be rated then.
        """
        now = self._clock.wall().isoformat(timespec="milliseconds")
        item = OutboxItem(case_no, ItemKind.CASE, case_no, 0, {}, now, state=ItemState.DELIVERED, receipt=receipt)
        with self._lock:
            self._visits.add(case_no)
        self._store.put(item)
        self._tell("delivered", item, attempts=1)
        self._purge(item)

    def await_decision(self, case_no: str, on_decision: OnReceipt) -> None:
        """`on_decision` gets the case's answer once, as soon as it holds a decision (at once when it does)."""
        self._decisions.listen(case_no, on_decision)
        self._wake.set()

    def await_receipt(self, key: str, on_receipt: OnReceipt) -> None:
        """`on_receipt` gets the answer to one item once, e.g. the ticket of a call."""
        with self._lock:
            known = self._answers.get(key)
            if known is None:
                self._waiting.setdefault(key, []).append(on_receipt)
        if known is not None:
            on_receipt(known)

    def visit_ended(self, case_no: str) -> None:
        """Nobody waits any more: forget answers and listeners, and the visit token unless a rating still needs it.

        :raises StoreError: the token could not be deleted (it is at the next start).
        """
        with self._lock:
            self._visits.discard(case_no)
            for key in [key for key in (*self._waiting, *self._answers) if _is_of(key, case_no)]:
                self._waiting.pop(key, None)
                self._answers.pop(key, None)
        self._decisions.forget(case_no)
        self._forget_token(case_no)
        with self._lock:
            wanted = [digest for item in self._items.values() if item.case_no == case_no for digest in item.attachments]
        self._store.end_visit_files(case_no, keep=wanted)

    def wake(self) -> None:
        """Look now, e.g. after the network came back: what waits only for its back-off is due."""
        with self._lock:
            for key, item in self._items.items():
                self._items[key] = replace(item, next_try_s=0.0)
        self._wake.set()

    def _line_is_back(self) -> None:
        """What was kept back by the line alone is due, in its order."""
        with self._lock:
            waiting = [item for item in self._items.values() if waits_for_line(item)]
            self._items.update((item.key, replace(item, next_try_s=0.0)) for item in waiting)

    def items(self) -> tuple[OutboxItem, ...]:
        """Everything not yet delivered and purged, rejected items too: for the clerk's page and the export."""
        with self._lock:
            return tuple(self._items.values())

    # -- the thread

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self._round()
                wait_s = self._wait_s()
            except StoreError as error:
                # A full or failing disk: keep everything, say so, look again later.
                log.error("outbox: %s", error.code)
                self._on_event("store_failed", problem=error.code)
                wait_s = OUTBOX_BACKOFF_S[0]
            self._clock.wait(self._wake, wait_s)

    def _wait_s(self) -> float:
        now_s = self._clock.now()
        return min(next_due_s(self.items(), now_s, OUTBOX_WAKE_S), self._decisions.next_due_s(now_s, OUTBOX_WAKE_S))

    def _round(self) -> None:
        """Work until nothing is due. Chosen anew after each item, so that who comes now waits one request at most."""
        for item in self.items():
            if item.state is ItemState.DELIVERED:
                self._purge(item)
        tried: set[str] = set()
        while not self._stopping.is_set():
            self._reject_orphans()
            self._decisions.poll()
            ready = due(self.items(), self._clock.now())
            if not ready:
                return
            # Whether the line is back is tried with whoever has waited longest, so that the order is kept.
            follows = waits_for_line(ready[0]) and ready[0].kind is not ItemKind.CALL
            chosen = (oldest_waiting(self.items(), tried) if follows else None) or ready[0]
            tried.add(chosen.key)
            self._try(chosen)

    def _try(self, item: OutboxItem) -> None:
        try:
            self._work(item)
        except StoreError:
            raise
        except Exception:
            # A fault of ours about one item must neither stop the others nor pass in silence.
            log.exception("outbox: an item could not be worked on")
            self._tell("retry", item, problem="internal", attempts=item.attempts + 1)
            with self._lock:
                now_s = self._clock.now()
                failed = replace(self._items[item.key], attempts=item.attempts + 1)
                self._items[item.key] = replace(failed, next_try_s=now_s + backoff_s(failed.attempts))

    def _work(self, item: OutboxItem) -> None:
        asked = item.state is ItemState.SENDING
        if asked:
            reply = self._back_office.ask(item)
            verdict = judge_ask(item, reply.status, reply.body)
            self._settle(item, verdict, reply)
            if verdict is not Verdict.ABSENT:
                return
            item = self._item(item.key)
        if item.attachments and not self._brings(item):
            return
        item = self._item(item.key)
        item = move(item, ItemState.SENDING)
        self._change(item)
        self._tell("sending", item, attempts=item.attempts + 1)
        reply = self._back_office.send(self._complete(item))
        self._settle(item, judge_send(item, reply.status, reply.body), reply)

    def _brings(self, item: OutboxItem) -> bool:
        """Whether all its files are there now. A piece at a time: who calls for help meanwhile waits for one."""
        if item.last_problem == MATERIALS_MISSING:
            self._files.forget(item)
        brought = self._files.bring(item)
        if brought.gone:
            item = without(item, brought.gone)
            self._store.amend(item)
        if brought.problem:
            item = postponed(item, brought.problem, self._clock.now())
            self._tell("retry", item, problem=brought.problem, attempts=item.attempts)
        with self._lock:
            self._items[item.key] = item
        return brought.whole

    def _complete(self, item: OutboxItem) -> OutboxItem:
        """A rating is bound to its visit by the token that came with the case's receipt."""
        if item.kind is not ItemKind.RATING:
            return item
        case = self._store.get(item.case_no)
        token = case.receipt.get("visit_token", "") if case else ""
        return replace(item, body={**item.body, "visit_token": token})

    def _settle(self, item: OutboxItem, verdict: Verdict, reply: Reply) -> None:
        now_s = self._clock.now()
        settled = settle(item, verdict, reply.status, reply.body, now_s)
        self._change(settled)
        if settled.state is ItemState.DELIVERED:
            self._delivered(settled)
        elif settled.state is ItemState.REJECTED:
            log.error("outbox: an item was rejected: %s", settled.last_problem)
            self._tell("rejected", settled, problem=settled.last_problem)
        elif verdict is not Verdict.ABSENT:
            wait_s = round(settled.next_try_s - now_s, 1)
            self._tell("retry", settled, problem=settled.last_problem, attempts=settled.attempts, wait_s=wait_s)

    def _delivered(self, item: OutboxItem) -> None:
        self._tell("delivered", item, attempts=item.attempts + 1)
        if item.attempts:
            self._line_is_back()
        with self._lock:
            present = item.case_no in self._visits
            if present:
                self._answers[item.key] = item.receipt
            listeners = self._waiting.pop(item.key, [])
        call_all([lambda: self._on_delivered(item), *(partial(listener, item.receipt) for listener in listeners)])
        if present and item.kind.opens_case:
            self._decisions.delivered(item)
        self._purge(item)

    def _purge(self, item: OutboxItem) -> None:
        self._store.purge(item.key)
        self._files.drop(item)
        with self._lock:
            self._items.pop(item.key, None)
        self._tell("purged", item)
        if item.kind.opens_case:
            self._forget_token(item.case_no)

    def _forget_token(self, case_no: str) -> None:
        """The visit token goes with the visit, or with the rating that it is kept for."""
        with self._lock:
            rated = any(i.kind is ItemKind.RATING and i.case_no == case_no for i in self._items.values())
            needed = rated or case_no in self._visits
        left = None if needed else self._store.get(case_no)
        if left is not None and left.state is ItemState.DELIVERED and left.receipt and not left.body:
            self._store.update(replace(left, receipt={}))

    def _reject_orphans(self) -> None:
        items = self.items()
        for item in items:
            if item.kind not in (ItemKind.RATING, ItemKind.CONSENT) or item.state is not ItemState.QUEUED:
                continue
            if any(other.state is ItemState.REJECTED for other in forerunners(item, items)):
                orphan = reject_orphan(item)
                self._change(orphan)
                self._tell("rejected", orphan, problem=orphan.last_problem)

    # -- small things

    def _item(self, key: str) -> OutboxItem:
        with self._lock:
            return self._items[key]

    def _change(self, item: OutboxItem) -> None:
        with self._lock:
            self._keep(item)

    def _keep(self, item: OutboxItem) -> None:
        """Disk first: memory must never be ahead of it."""
        self._store.update(item)
        self._items[item.key] = item

    def _tell(self, kind: str, item: OutboxItem, **facts: object) -> None:
        self._on_event(kind, key=item.key, item=item.kind.value, **facts)


def _is_of(key: str, case_no: str) -> bool:
    return key == case_no or key.startswith(case_no + "/")
