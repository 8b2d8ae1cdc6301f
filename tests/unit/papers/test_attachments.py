"""Files of a case: brought piece by piece, given up after 72 hours, gone when the case has arrived."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from kiosk.adapters import signature_png
from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.app.outbox.file_bringer import GOES_ON, WHOLE, FileBringer
from kiosk.domain.attachments import JPEG, KeptFile, without
from kiosk.domain.outbox import ItemKind, OutboxItem
from kiosk.domain.ports import Reply

START = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=8)))
DIGEST = "a" * 64
CONTENT = b"\xff\xd8\xff somebody's paper \xff\xd9"
CASE = OutboxItem(
    *("1", ItemKind.CASE, "1", 0),
    {"materials": [{"material": "letter", "digest": DIGEST}], "form": {"photo": DIGEST, "account": "yes"}},
    START.isoformat(),
    attachments=(DIGEST,),
)


class FixedClock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> float:
        return 0.0

    def wall(self) -> datetime:
        return self.at

    def call_later(self, delay_s: float, action: Callable[[], None]) -> Any:
        raise AssertionError("nothing here sets a timer")

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        raise AssertionError("nothing here waits")


class Office:
    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)

    def upload(self, file: KeptFile) -> Reply:
        return Reply(self.answers.pop(0), {})

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"only files are brought, not {name}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlcipherStore]:
    made = SqlcipherStore(tmp_path / "outbox.db", bytes(32), lambda: START)
    made.keep_file(KeptFile("1", DIGEST, JPEG, "letter", CONTENT, START.isoformat()))
    yield made
    made.close()


def test_a_file_is_whole_when_its_last_piece_is_there_and_is_not_brought_twice(store: SqlcipherStore) -> None:
    bringer = FileBringer(store, Office(GOES_ON, WHOLE), FixedClock())
    assert [bringer.bring(CASE).whole for _ in range(3)] == [False, True, True]


def test_why_a_file_could_not_be_brought_is_told(store: SqlcipherStore) -> None:
    assert FileBringer(store, Office(0), FixedClock()).bring(CASE).problem == "no_answer"


def test_after_72_hours_the_file_is_gone_and_the_case_goes_without_it(store: SqlcipherStore) -> None:
    clock = FixedClock()
    clock.at = START + timedelta(hours=73)
    brought = FileBringer(store, Office(), clock).bring(CASE)
    assert (brought.whole, brought.gone) == (True, (DIGEST,))
    assert store.file("1", DIGEST) is None
    left = without(CASE, brought.gone)
    assert (left.attachments, left.body) == ((), {"materials": [], "form": {"account": "yes"}})


def test_what_has_arrived_is_in_no_file_any_more(store: SqlcipherStore, tmp_path: Path) -> None:
    FileBringer(store, Office(), FixedClock()).drop(CASE)
    assert store.file("1", DIGEST) is None


def test_a_paper_is_on_no_disk_in_clear(store: SqlcipherStore, tmp_path: Path) -> None:
    assert not any(b"somebody's paper" in path.read_bytes() for path in tmp_path.iterdir())


def test_files_of_a_visit_that_stored_nothing_are_gone_at_the_next_start(store: SqlcipherStore) -> None:
    store.keep_file(KeptFile("2", DIGEST, JPEG, "letter", CONTENT, START.isoformat()))
    store.put(replace(CASE, attachments=(DIGEST,)))
    store.drop_orphans()
    assert (store.file("2", DIGEST), store.file("1", DIGEST) is not None) == (None, True)


def test_a_signature_is_a_png_with_ink() -> None:
    drawn = signature_png.draw((((10.0, 10.0), (60.0, 40.0)),))
    blank = signature_png.draw(())
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n") and drawn.endswith(b"IEND\xaeB`\x82") and len(drawn) > len(blank)
