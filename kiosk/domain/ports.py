"""Ports: what the kiosk needs from the outside. Adapters in `kiosk/adapters` fulfil them, one file each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.domain.attachments import KeptFile
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.drafts.state import KeptDraft
from kiosk.domain.outbox import OutboxItem
from kiosk.domain.speech import Args, Lang, Utterance


class Timer(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    """Every wait goes through here and is named in `kiosk.domain.timing`."""

    def now(self) -> float:
        """Monotonic seconds."""

    def wall(self) -> datetime:
        """Aware local time as this terminal believes it; until the server has corrected it, it may be wrong."""

    def call_later(self, delay_s: float, action: Callable[[], None]) -> Timer:
        """Run `action` on the clock's own thread after `delay_s` seconds."""

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Wait for `event` at most `timeout_s` of this clock's seconds; True when it was set."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer as the outbox sees it: `status` 0 when no answer came."""

    status: int
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True, repr=False)
class FileReply:
    """An answer that is a file: `status` 0 when none came or when it is not the one that was asked for."""

    status: int
    content: bytes = b""

    def __repr__(self) -> str:
        return f"FileReply({self.status}, {len(self.content)} bytes)"


class BackOffice(Protocol):
    """The written contract (`config/schema/openapi.json`) seen from the kiosk. Never raises for the network."""

    def catalogue(self) -> Reply: ...

    def prefill(self, body: Mapping[str, object]) -> Reply: ...

    def send(self, item: OutboxItem) -> Reply:
        """Deliver one outbox item; safe to repeat (Idempotency-Key = the item's key)."""

    def ask(self, item: OutboxItem) -> Reply:
        """Ask whether an item has already arrived: 200 with its state, 404 when not."""

    def progress(self, number: str, code: str = "") -> Reply:
        """How a case stands, for whoever holds its slip: the number and the four digits on it."""

    def get(self, target: str) -> Reply:
        """Anything else of the contract that changes nothing, by path and query."""

    def file(self, target: str, digest: str = "") -> FileReply:
        """A file of the contract. :param digest: what its bytes must come to; empty where none is told."""

    def post(self, target: str, body: Mapping[str, object], key: str = "") -> Reply:
        """Anything else of the contract; `key` (Idempotency-Key) where it changes something."""

    def upload(self, file: KeptFile) -> Reply:
        """One piece more of a file: 200 when it is whole there, 202 when it goes on."""


class Files(Protocol):
    """Pictures in the encrypted store. :raises StoreError: from every method."""

    def keep_file(self, file: KeptFile) -> None: ...

    def file(self, case_no: str, digest: str) -> KeptFile | None: ...

    def drop_file(self, case_no: str, digest: str) -> None: ...

    def drop_files(self, case_no: str, *, keep: Collection[str] = ()) -> None:
        """All files of a case but these."""

    def drop_orphans(self) -> None:
        """Files of visits that stored nothing else."""

    def end_visit_files(self, case_no: str, *, keep: Collection[str]) -> None:
        """All files of a visit that has ended but these and those of its draft."""

    def expire_files(self, before: datetime) -> None: ...

    def amend(self, item: OutboxItem) -> None:
        """Body and attachments of an item that has not been sent yet."""


class DraftStore(Protocol):
    """Drafts in the encrypted store. Nothing of a dropped one is left. :raises StoreError: from every method."""

    def keep_draft(self, draft: KeptDraft) -> None:
        """New, or instead of the one with its number."""

    def drafts(self) -> Sequence[KeptDraft]: ...

    def drop_draft(self, case_no: str) -> None:
        """With its pictures, unless a case of that number is to be sent with them."""


class BadDocument(Exception):
    """What came is no document that can be printed; the text holds nothing of its content."""


class SheetCutter(Protocol):
    """A certificate as sheets of paper."""

    def count(self, pdf: bytes) -> int:
        """:raises BadDocument:"""

    def without_first(self, pdf: bytes, done: int) -> bytes:
        """The sheets after the first `done`. :raises BadDocument:"""


class Store(Files, DraftStore, Protocol):
    """The encrypted store. Every method that changes something has committed (fsync) when it returns."""

    def next_case_serial(self, day: str) -> int:
        """The next serial (1..99999) of that day, never twice, also after a power cut. `day` = yyMMdd."""

    def next_request_seq(self) -> int: ...

    def put(self, item: OutboxItem) -> None: ...

    def update(self, item: OutboxItem) -> None: ...

    def pending(self) -> Sequence[OutboxItem]: ...

    def get(self, key: str) -> OutboxItem | None: ...

    def purge(self, key: str) -> None:
        """Delete the personal data of a delivered item; keep key, time and receipt hash for 30 days."""

    def save_catalogue(self, release: int, document: str) -> None: ...

    def load_catalogue(self) -> tuple[int, str] | None: ...

    def record_login(self, number: str, result: str) -> None:
        """Put a login to technician mode into the audit chain: staff number; in, wrong or locked."""

    def close(self) -> None: ...


class Voice(Protocol):
    """The speech process. Calls never block."""

    def speak(self, generation: int, utterances: Sequence[Utterance], lang: Lang) -> None:
        """Say these after each other; anything of an older generation stops at once."""

    def stop(self, generation: int) -> None: ...

    def pause(self, on: bool) -> None:
        """Hold in the middle of a word and go on; whatever is said next ends a pause."""

    def skip(self, generation: int) -> None:
        """On to the next text of this generation."""

    def click(self) -> None:
        """The soft click of a press, as loud as the voice is set."""

    def set_rate(self, percent: int) -> None: ...

    def set_volume(self, step: int) -> None: ...

    def set_headphone(self, plugged: bool) -> None: ...

    def listen(self, on_event: Callable[[VoiceEvent], None]) -> None:
        """`on_event` is called on the reader thread of the pipe."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class VoiceEvent:
    """`kind`: ready, clause (a clause begins), done, skipped, withheld (private without a headphone), unspoken (no
    reading in this language), foreign (a bare value is said by the Mandarin voice), error, lost."""

    kind: str
    generation: int = 0
    key: str = ""
    index: int = 0
    """Which clause of the text, from 0."""


class Words(Protocol):
    """Resident words by key; the only home of words is `voices/`."""

    def show(self, lang: Lang, key: str, args: Args) -> str:
        """The text as shown, values formatted. :raises KeyError: unknown key."""

    def clauses(self, lang: Lang, key: str, args: Args) -> Sequence[str]:
        """The shown text cut at the same places as the spoken clauses."""

    def inside(self, text: str) -> Collection[int]:
        """Offsets at which a new row would tear a word of this shown text apart."""


class CatalogueSource(Protocol):
    def current(self) -> Catalogue: ...
