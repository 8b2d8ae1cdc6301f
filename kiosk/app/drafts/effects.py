"""Keeps, finds and forgets drafts; nothing of them is older than a day."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime

from kiosk.app.visit.effect_tools import EffectTools, Handler, Post
from kiosk.domain.drafts.keeping import content_of
from kiosk.domain.drafts.state import KEPT_FOR, DraftKept, DraftSought, FoundDraft, KeptDraft
from kiosk.domain.outbox import StoreError
from kiosk.domain.ports import Clock, DraftStore
from kiosk.domain.timing import DRAFT_FIRST_SWEEP_S, DRAFT_SWEEP_S
from kiosk.domain.visit.machine import Do, Ev, Event, Resident, Step, VisitState

log = logging.getLogger(__name__)


def owner_of(resident: Resident, salt: str) -> str:
    """What a draft is bound to: says whose it is only to whoever has the card. :param salt: hex."""
    who = f"{resident.document}:{resident.number}".encode()
    return hmac.new(bytes.fromhex(salt), who, hashlib.sha256).hexdigest()


def _is_of(draft: KeptDraft, resident: Resident) -> bool:
    return hmac.compare_digest(draft.owner, owner_of(resident, draft.salt))


class DraftEffects:
    """Drafts of the visits at this terminal."""

    def __init__(self, tools: EffectTools, store: DraftStore) -> None:
        self._tools, self._store = tools, store

    def handlers(self) -> Mapping[Do, Handler]:
        return {Do.KEEP_DRAFT: self._keep, Do.DROP_DRAFT: self._drop, Do.FIND_DRAFT: self._find}

    def _keep(self, state: VisitState, event: Event, post: Post) -> None:
        """The first time with a new code; what is added later changes neither code nor the day that it ends."""
        resident = state.resident
        assert resident is not None, "a draft is somebody's"

        def put() -> None:
            drafts = [draft for draft in self._store.drafts() if _is_of(draft, resident)]
            known = next((draft for draft in drafts if draft.case_no == state.case_no), None)
            salt = known.salt if known else secrets.token_hex(16)
            code = known.code if known else f"{secrets.randbelow(10_000):04d}"
            saved_at = known.saved_at if known else self._tools.now_text()
            owner = owner_of(resident, salt)
            self._store.keep_draft(KeptDraft(state.case_no, code, salt, owner, saved_at, content_of(state)))
            for other in drafts:
                if other.case_no != state.case_no:
                    # One matter a person: the slip in her hand and the one that her card finds are the same.
                    self._store.drop_draft(other.case_no)
            post(Event(Ev.DRAFT_KEPT, DraftKept(code, _until(saved_at))))

        def failed() -> None:
            if state.step is Step.DRAFT_SLIP:
                post(Event(Ev.STORE_FAILED))

        self._tools.store(put, failed)

    def _drop(self, state: VisitState, event: Event, post: Post) -> None:
        """Of a kept one the visit has the number; one that was only found has its own."""
        found = state.drafts.found
        number = found.case_no if found and not state.drafts.is_kept else state.case_no
        self._tools.store(lambda: self._store.drop_draft(number))

    def _find(self, state: VisitState, event: Event, post: Post) -> None:
        resident = state.resident
        if resident is None:
            return  # a helper's card lies there

        def look() -> None:
            now = self._tools.clock.wall()
            for draft in _over(self._store, now):
                self._store.drop_draft(draft.case_no)
            hers = [draft for draft in self._store.drafts() if _is_of(draft, resident)]
            found = _found(hers[-1]) if hers else None
            post(Event(Ev.DRAFT_SOUGHT, DraftSought(resident.number, found)))

        self._tools.store(look, lambda: post(Event(Ev.DRAFT_SOUGHT, DraftSought(resident.number))))


def _until(saved_at: str) -> str:
    return (datetime.fromisoformat(saved_at) + KEPT_FOR).isoformat(timespec="minutes")


def _found(draft: KeptDraft) -> FoundDraft:
    item_id = str(draft.content.get("item_id", ""))
    return FoundDraft(draft.case_no, draft.code, item_id, _until(draft.saved_at), draft.content)


def _over(store: DraftStore, now: datetime) -> Iterator[KeptDraft]:
    return (draft for draft in store.drafts() if draft.is_over(now))


class DraftSweep:
    """Forgets drafts whose day is over, also when nobody comes."""

    def __init__(self, store: DraftStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._is_stopped = False

    def start(self) -> None:
        """Soon, and again and again: a calendar clock that has just started may not be set yet."""
        self._clock.call_later(DRAFT_FIRST_SWEEP_S, self._sweep)

    def _sweep(self) -> None:
        if self._is_stopped:
            return
        try:
            for draft in _over(self._store, self._clock.wall()):
                self._store.drop_draft(draft.case_no)
        except StoreError as error:
            log.error("drafts were not looked through: %s", error.code)
        self._clock.call_later(DRAFT_SWEEP_S, self._sweep)

    def stop(self) -> None:
        self._is_stopped = True
