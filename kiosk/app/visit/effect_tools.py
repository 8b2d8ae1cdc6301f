"""What performers of effects share: two pools, the outbox, the back office, and where this terminal stands."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from kiosk.app import contract
from kiosk.domain.outbox import ItemKind, OutboxItem, StoreError
from kiosk.domain.ports import BackOffice, CatalogueSource, Clock
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import Do, Event, VisitState

log = logging.getLogger(__name__)

Post = Callable[[Event], None]
Handler = Callable[[VisitState, Event, Post], None]
Handlers = Mapping[Do, Handler]
"""Which effects a performer knows."""
Reported = Mapping[str, object]
"""The body of an answer."""


class Outbox(Protocol):
    def submit(self, item: OutboxItem) -> None: ...

    def opened(self, case_no: str, receipt: Reported) -> None:
        """A live answer has opened this visit's case: its token is kept for the rating."""

    def await_decision(self, case_no: str, on_decision: Callable[[Reported], None]) -> None: ...

    def await_receipt(self, key: str, on_receipt: Callable[[Reported], None]) -> None: ...

    def visit_ended(self, case_no: str) -> None: ...


@dataclass(frozen=True, slots=True)
class TerminalSite:
    """Where this terminal stands, as the contract wants it."""

    site: str


class EffectTools:
    """Nothing of it blocks the thread that handles events."""

    def __init__(
        self,
        *,
        clock: Clock,
        outbox: Outbox,
        back_office: BackOffice,
        catalogue: CatalogueSource,
        place: TerminalSite,
        text_version: Callable[[Lang, str], str],
    ):
        """:param text_version: of a text's words, by language and key: what a consent was given to."""
        self.clock = clock
        self.outbox = outbox
        self.back_office = back_office
        self.catalogue = catalogue
        self.place = place
        self.text_version = text_version
        self.boot_id = uuid.uuid4().hex
        """Of this run: with the monotonic clock it orders what a wrong calendar clock could not."""
        self.unsent: dict[str, Callable[[str], None]] = {}
        """By the key of an item that somebody waits for: told the outbox's event when it could not be sent twice, or
        will not be."""
        self._asking = ThreadPoolExecutor(max_workers=2, thread_name_prefix="look-up")
        # One thread: what a visit stores is stored in its order, the end of the visit after its rating.
        self._storing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    def close(self) -> None:
        """What is being stored is finished; look-ups are given up."""
        self._asking.shutdown(wait=False, cancel_futures=True)
        self._storing.shutdown(wait=True)

    def ask(self, work: Callable[[], None], otherwise: Callable[[], None] = lambda: None) -> None:
        """Run `work`, which asks the back office, elsewhere; `otherwise` when it fails as may be expected."""
        self._asking.submit(_guarded(work, otherwise))

    def store(self, work: Callable[[], None], otherwise: Callable[[], None] = lambda: None) -> None:
        """Run `work`, which stores, after what is being stored already; `otherwise` when it could not."""
        self._storing.submit(_guarded(work, otherwise))

    def now_text(self, timespec: str = "milliseconds") -> str:
        """ISO 8601 wall time with offset, as this terminal believes it."""
        return self.clock.wall().isoformat(timespec=timespec)

    def item(self, case_no: str, kind: ItemKind, suffix: str, order: int, body: Mapping[str, object]) -> OutboxItem:
        """Something beside the case itself; its key is `<case number>/<suffix>`."""
        return OutboxItem(f"{case_no}/{suffix}", kind, case_no, order, body, self.now_text())


def _guarded(work: Callable[[], None], otherwise: Callable[[], None]) -> Callable[[], None]:
    """An expected failure is logged by its name and told by `otherwise`."""

    def run() -> None:
        try:
            work()
        except (StoreError, contract.BadAnswer, OSError) as error:
            log.error("effect failed: %s", error)
            otherwise()

    return run
