"""The encrypted store against a bare row; card frames in large pieces against single bytes."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path

from bench_row import Pairs, Row, in_turns, repeated, timed

from drivers.codec import sam_v
from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.domain.outbox import ItemKind, OutboxItem


def encrypted_against_plain(folder: Path) -> Pairs:
    """One durable commit of a case: the encrypted store with its audit chain against a bare SQLite row."""
    store = SqlcipherStore(folder / "store.db", bytes(32), lambda: datetime.now().astimezone())
    plain = sqlite3.connect(folder / "plain.db", isolation_level=None)
    plain.execute("PRAGMA journal_mode=WAL")
    plain.execute("PRAGMA synchronous=FULL")
    plain.execute("CREATE TABLE item (key TEXT PRIMARY KEY, body TEXT)")
    body = {"form": {"account": "yes"}, "filler": "x" * 600}
    count = iter(range(1_000_000))

    def encrypted() -> None:
        key = f"{next(count):022d}"
        store.put(OutboxItem(key, ItemKind.CASE, key, 0, body, "2026-11-24T09:42:00+08:00"))

    def bare() -> None:
        plain.execute("INSERT INTO item VALUES (?, ?)", (f"{next(count):022d}", json.dumps(body)))

    try:
        return in_turns(timed(lambda: [encrypted() for _ in range(20)]), timed(lambda: [bare() for _ in range(20)]))
    finally:
        store.close()
        plain.close()


def whole_frames_against_single_bytes() -> Pairs:
    """A 1,295-byte card answer parsed as it comes at high speed (64 bytes) and at low speed (byte by byte)."""
    frame = sam_v.encode_reply(sam_v.Reply(0, 0, sam_v.Sw3.OK, bytes(1284)))

    def parse(chunk: int) -> None:
        parser = sam_v.FrameParser()
        for _ in range(20):
            for at in range(0, len(frame), chunk):
                parser.feed(frame[at : at + chunk])

    return in_turns(timed(lambda: parse(1)), timed(lambda: parse(64)))


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        commits = encrypted_against_plain(Path(folder))
    return [
        repeated("commit: encrypted store with audit / bare SQLite", commits.ratios()),
        repeated("card frames: byte by byte / 64 bytes at once", whole_frames_against_single_bytes().ratios()),
    ]
