"""Ratios measured side by side in one run; never a bare time. `make bench` prints them and keeps out/bench.json.

Each pair is measured in turns (A B A B …), the median of each is taken, and the quotient is reported.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from drivers.codec import sam_v
from kiosk.adapters.store_sqlcipher import SqlcipherStore
from kiosk.domain.outbox import ItemKind, OutboxItem

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 9


def in_turns(one: Callable[[], None], other: Callable[[], None]) -> tuple[float, float]:
    """Median seconds of both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for action, kept in zip((one, other), times, strict=True):
            began = time.perf_counter()
            action()
            kept.append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])


def encrypted_against_plain(folder: Path) -> tuple[float, float]:
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
        return in_turns(lambda: [encrypted() for _ in range(20)] and None, lambda: [bare() for _ in range(20)] and None)
    finally:
        store.close()
        plain.close()


def whole_frames_against_single_bytes() -> tuple[float, float]:
    """A 1,295-byte card answer parsed as it comes at high speed (64 bytes) and at low speed (byte by byte)."""
    frame = sam_v.encode_reply(sam_v.Reply(0, 0, sam_v.Sw3.OK, bytes(1284)))

    def parse(chunk: int) -> None:
        parser = sam_v.FrameParser()
        for _ in range(20):
            for at in range(0, len(frame), chunk):
                parser.feed(frame[at : at + chunk])

    return in_turns(lambda: parse(1), lambda: parse(64))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pairs = {
            "commit: encrypted store with audit / bare SQLite": encrypted_against_plain(Path(folder)),
            "card frames: byte by byte / 64 bytes at once": whole_frames_against_single_bytes(),
        }
    ratios = {name: round(one / other, 2) for name, (one, other) in pairs.items()}
    for name, ratio in ratios.items():
        print(f"{ratio:8.2f}  {name}")
    out = ROOT / "out" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(ratios, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
