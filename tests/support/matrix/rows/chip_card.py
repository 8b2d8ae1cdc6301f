"""Social security cards in the real smart-card service's virtual reader."""

from __future__ import annotations

import contextlib
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from drivers.api import ChipCardReader, HolderLock
from matrix.engine import CLEAR, Bench, Cell, Row, Shapes, arm, hand, serial_twin

RESIDENTS = Path(__file__).resolve().parents[4] / "config" / "demo" / "residents.toml"
NUMBER = tomllib.loads(RESIDENTS.read_text("utf-8"))["a_kim"]["number"]
READER = "Virtual PCD"
INSERT = hand("present", resident="a_kim")
TAKE_OUT = hand("lift")
MEND = (CLEAR, TAKE_OUT)
SHAPES = Shapes("card")
DOOR = "PCSCLITE_CSOCK_NAME"


def look(reader: ChipCardReader, bench: Bench) -> str:
    """The slot is empty and stays so."""
    reader.wait_removed(3.0)
    return "a card" if reader.wait_card(0.5) else "no card"


def read(reader: ChipCardReader, bench: Bench) -> str:
    """A resident puts her card in, unless one is in, and it is read."""
    if not bench.ask("card"):
        reader.wait_removed(3.0)
        bench.do((INSERT,))
    if not reader.wait_card(3.0):
        return "no card"
    card = reader.read(8.0)
    if card.holder is None:
        return "card, holder closed" if card.lock is HolderLock.NEEDS_PIN_OR_MODULE else "card, PIN blocked"
    return "card" if card.holder.number == NUMBER else "ANOTHER CARD"


@contextlib.contextmanager
def private_reader(row: Row) -> Iterator[Bench]:
    """The service's socket is at the link. The library takes the name of its door once: later ones stand behind it."""
    with serial_twin(row) as bench:
        door = Path(os.environ.get(DOOR, "") or f"/tmp/matrix-door-{os.getpid()}")
        before = door.readlink() if door.is_symlink() else None
        _point(door, Path(bench.port))
        os.environ[DOOR] = str(door)
        try:
            yield Bench(READER, bench.hands)
        finally:
            if before is not None:
                _point(door, before)


def _point(door: Path, where: Path) -> None:
    fresh = door.with_name(door.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(where)
    fresh.replace(door)


def overcome(name: str, *begin: object, **more: object) -> Cell:
    return SHAPES.overcome(name, *begin, end=MEND, **more)


def named(name: str, code: str, *begin: object, **more: object) -> Cell:
    return SHAPES.named(name, code, *begin, end=MEND, **more)


def closed(name: str, outcome: str, *begin: object) -> Cell:
    return Cell(name, str(begin[0]["name"]), begin, (outcome,), ("then card",), MEND)


CELLS = (
    named("mute", "CHP-003", arm("mute")),
    overcome("late answer", arm("late", on="read", delay_s=0.5, count=1)),
    named("always late", "CHP-003", arm("late", on="select", delay_s=2.6)),
    named("answer cut short", "CHP-006", arm("short", on="read")),
    overcome("answer cut short once", arm("short", on="read", count=1)),
    named("pulled while it is chosen", "CHP-002", arm("pulled", on="select", count=1)),
    named("pulled while it is read", "CHP-002", arm("pulled", on="read", skip=3, count=1)),
    named("wrong way round: no answer to power", "CHP-003", arm("wrong_atr")),
    named("card of another kind", "CHP-004", hand("present", unknown_kind=True)),
    Cell("no card", "", (), ("no card",), ("then card",), MEND, command=look),
    overcome("keeps data back", arm("dialect_61")),
    overcome("names another length", arm("dialect_6c")),
    overcome("wants the exact length", arm("exact_le")),
    overcome("records by number only", arm("by_number_only")),
    overcome("records by tag only", arm("by_tag_only")),
    overcome("files by another way", arm("select_p1_00")),
    overcome("does not know its application", arm("aid_unknown")),
    closed("holder locked", "card, holder closed", arm("holder_locked")),
    closed("PIN blocked", "card, PIN blocked", arm("holder_locked", word="6983")),
    named("all of it locked", "CHP-005", arm("all_locked")),
    named("status word of an error", "CHP-004", arm("sw", on="read")),
    named("name is no text", "CHP-006", arm("bad_name")),
    named("wrong check digit", "CHP-006", arm("bad_digit")),
    named("answer without an end", "CHP-006", arm("endless")),
)

CHECKED = "a card's bytes have parity, and its blocks a check sum (ISO/IEC 7816-3): the reader repeats what was spoiled"
NOT_THERE = {
    "half": "an answer cut short is `short`",
    "garble": CHECKED,
    "drop": CHECKED,
    "duplicate": CHECKED,
    "junk": CHECKED,
    "echo": "the reader takes its own echo on the card's one wire away",
    "wrong_baud": "the reader finds the card's speed in its answer to power; one that it cannot read is `wrong_atr`",
    "hang": "a card that stands still is `mute`",
    "slow_drain": "the reader clocks the card: it takes each byte when it is sent",
    "unplug": "the reader is the service's own here; tests/drivers/chip/test_service_lost.py takes the service away",
}
ROWS = (
    Row(
        "chip_card",
        "pcsc_social",
        read,
        CELLS,
        good="card",
        prepare=MEND,
        twin_settings={"reader": "private", "residents_file": str(RESIDENTS), "contact_time_percent": 10},
        deadline_s=20.0,
        not_there=NOT_THERE,
        start=private_reader,
    ),
)
