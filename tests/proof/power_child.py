"""The store at work, to be watched by strace: every line on stdout acknowledges what had returned.

python power_child.py FOLDER KEY_HEX SEED ROUNDS FULL|NORMAL
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.domain.outbox import ItemKind, ItemState, OutboxItem

START = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=8)))
DAY = "261124"


def acknowledge(**what: object) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def opened(folder: Path, key: bytes, synchronous: str) -> SqlcipherStore:
    store = SqlcipherStore(folder / "store.db", key, lambda: START)
    if synchronous != "FULL":
        # The store offers no such setting; the counter-proof reaches in and weakens it.
        store._connection.execute(f"PRAGMA synchronous = {synchronous}")
    return store


def new_item(rng: random.Random, serial: int) -> OutboxItem:
    case_no = f"3502130078{DAY}{serial:05d}0"
    text = "".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in range(rng.choice((40, 200, 1500, 6000))))
    return OutboxItem(case_no, ItemKind.CASE, case_no, 0, {"text": text}, START.isoformat(), 1, "2026-1")


def digest(item: OutboxItem) -> str:
    return hashlib.sha256(json.dumps(dict(item.body), sort_keys=True).encode()).hexdigest()


def main() -> None:
    folder, key, rng = Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), random.Random(int(sys.argv[3]))
    rounds, synchronous = int(sys.argv[4]), sys.argv[5]
    store = opened(folder, key, synchronous)
    alive: list[OutboxItem] = []
    for number in range(rounds):
        serial = store.next_case_serial(DAY)
        acknowledge(op="serial", value=serial)
        item = new_item(rng, serial)
        store.put(item)
        acknowledge(op="state", key=item.key, state="queued", digest=digest(item))
        alive.append(item)
        for _ in range(rng.randrange(3)):
            acknowledge(op="seq", value=store.next_request_seq())
            if alive:
                item = stepped(store, alive.pop(rng.randrange(len(alive))))
                alive += [item] if item.key else []
        if number % 25 == 24:
            store.close()
            store = opened(folder, key, synchronous)
    # No close at the end: the power fails while the store is in use.
    os._exit(0)


def stepped(store: SqlcipherStore, item: OutboxItem) -> OutboxItem:
    """One step further on its way to the purge; a purged one comes back without a key."""
    if item.state is ItemState.QUEUED:
        item = replace(item, state=ItemState.SENDING)
    elif item.state is ItemState.SENDING:
        item = replace(item, state=ItemState.DELIVERED, receipt={"state": "accepted", "visit_token": "t" * 40})
    else:
        store.purge(item.key)
        acknowledge(op="state", key=item.key, state="purged", digest=digest(item))
        return replace(item, key="")
    store.update(item)
    acknowledge(op="state", key=item.key, state=item.state.value, digest=digest(item))
    return item


if __name__ == "__main__":
    main()
