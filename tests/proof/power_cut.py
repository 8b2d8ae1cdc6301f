"""Power cuts on the real encrypted store: record its system calls, tear them, open what is left.

python power_cut.py --cuts 240 --rounds 120 --seed 1 --synchronous FULL [--out FILE.json]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from disk_trace import Act, Did, acts, record  # noqa: E402  (the path is set above)
from power_child import DAY, START, digest  # noqa: E402
from torn_disk import cut_at  # noqa: E402

from kiosk.adapters.store.sqlcipher import SqlcipherStore  # noqa: E402
from kiosk.domain.audit import AuditError, verify  # noqa: E402
from kiosk.domain.outbox import StoreError  # noqa: E402

KEY = bytes(range(32))
RANK = {"queued": 0, "sending": 1, "delivered": 2, "purged": 3}


@dataclass(slots=True)
class Promises:
    """What had been acknowledged before a cut."""

    items: dict[str, tuple[str, str]] = field(default_factory=dict)
    """key -> state, digest of the body."""
    serial: int = 0
    seq: int = 0

    def take(self, line: bytes) -> None:
        what = json.loads(line)
        if what["op"] == "state":
            self.items[what["key"]] = (what["state"], what["digest"])
        elif what["op"] == "serial":
            self.serial = what["value"]
        else:
            self.seq = what["value"]


@dataclass(slots=True)
class Result:
    synchronous: str
    seed: int
    cuts: int = 0
    system_calls: int = 0
    syncs: int = 0
    acknowledged: int = 0
    """Sum over the cuts of what had been acknowledged by then."""
    lost: int = 0
    unreadable: int = 0
    number_given_twice: int = 0
    audit_broken: int = 0
    cuts_with_loss: int = 0
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.unreadable or self.number_given_twice or self.audit_broken)


def run(cuts: int, rounds: int, seed: int, synchronous: str) -> Result:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="power-cut-") as scratch:
        history = _history(Path(scratch), rounds, seed, synchronous)
        result = Result(synchronous, seed, system_calls=sum(act.did is not Did.ACK for act in history))
        result.syncs = sum(act.did in (Did.SYNC, Did.SYNC_FOLDER) for act in history)
        _cut_all(history, cuts, random.Random(seed), Path(scratch) / "cut", result)
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _history(scratch: Path, rounds: int, seed: int, synchronous: str) -> list[Act]:
    folder, log = scratch / "store", scratch / "strace.log"
    folder.mkdir()
    child = [sys.executable, str(Path(__file__).with_name("power_child.py"))]
    arguments = [str(folder), KEY.hex(), str(seed), str(rounds), synchronous]
    record([*child, *arguments], log, {**os.environ, "PYTHONPATH": str(ROOT)})
    return acts(log, folder)


def _cut_all(history: list[Act], cuts: int, rng: random.Random, folder: Path, result: Result) -> None:
    """Each cut lies after a random system call; half of them right after an acknowledgement."""
    answered = [i + 1 for i, act in enumerate(history) if act.did is Did.ACK]
    points = [rng.choice(answered) if number % 2 else rng.randint(1, len(history)) for number in range(cuts)]
    promises = Promises()
    for _ in cut_at(history, points, rng, folder, promises.take):
        _check(folder, promises, result)


def _check(folder: Path, promises: Promises, result: Result) -> None:
    """Start as the kiosk starts after the cut and count what was promised and is not there."""
    result.cuts += 1
    result.acknowledged += len(promises.items)
    faults: list[str] = []
    try:
        store = SqlcipherStore(folder / "store.db", KEY, lambda: START, lambda code, detail: faults.append(code))
    except StoreError:
        result.unreadable += 1
        result.lost += len(promises.items)
        result.cuts_with_loss += bool(promises.items)
        return
    try:
        if faults and promises.items:
            result.unreadable += 1
        lost = sum(not _is_kept(store, key, *promised) for key, promised in promises.items.items())
        result.lost += lost
        result.cuts_with_loss += bool(lost)
        result.number_given_twice += store.next_case_serial(DAY) <= promises.serial
        result.number_given_twice += store.next_request_seq() <= promises.seq
        verify(store.audit_chain())
    except AuditError:
        result.audit_broken += 1
    finally:
        store.close()


def _is_kept(store: SqlcipherStore, key: str, state: str, body: str) -> bool:
    """At least as far as acknowledged; a step that was on the disk before its acknowledgement is no loss."""
    item = store.get(key)
    if item is None:
        return False
    actual = "purged" if not item.body else item.state.value
    return RANK[actual] >= RANK[state] and (actual == "purged" or digest(item) == body)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL"), default="FULL")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    result = run(options.cuts, options.rounds, options.seed, options.synchronous)
    text = json.dumps(asdict(result), indent=1)
    print(text)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text + "\n", "utf-8")
    return 0 if result.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
