"""How many items of which state the store holds; nothing of what is in them is read."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from kiosk.adapters.store.kiosk_key import read_hex_key
from kiosk.domain.outbox import ItemState, StoreError


def outbox_counts(store: Path, key_file: Path) -> dict[str, int]:
    """State -> items, every state named. Opened read only: it is neither made, mended nor migrated.

    :raises StoreError: there is none, no key, one that others may read, or it is in use by the running kiosk.
    """
    if not store.exists():
        return {state.value: 0 for state in ItemState}
    key = read_hex_key(key_file)
    try:
        with contextlib.closing(sqlcipher.connect(str(store), isolation_level=None, timeout=1.0)) as connection:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            connection.execute("PRAGMA query_only = ON")
            rows = connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall()
    except sqlcipher.Error as error:
        held = "locked" in str(error)
        why = "another program has the store open: is the kiosk running?" if held else "the store cannot be read"
        raise StoreError("store.in_use" if held else "store.unreadable", why) from error
    counted = {str(state): int(count) for state, count in rows}
    return {state.value: counted.get(state.value, 0) for state in ItemState}
