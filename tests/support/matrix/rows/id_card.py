"""The identity-card reader. Silent second tries are the driver's; what it cannot overcome is named."""

from __future__ import annotations

import tomllib
from pathlib import Path

from drivers.api import IdCardReader
from matrix.engine import CLEAR, REPLUG, Bench, Cell, Row, Shapes, arm, hand

RESIDENTS = Path(__file__).resolve().parents[4] / "config" / "demo" / "residents.toml"
NUMBER = tomllib.loads(RESIDENTS.read_text("utf-8"))["a_kim"]["number"]
LAY = hand("present", resident="a_kim")
MEND = (CLEAR, REPLUG, LAY)
MARKER_Z = "4e00" * 124 + "5a00" + "2000" * 3
NO_TEXT = "4e00" * 124 + "2000" * 4


def read(reader: IdCardReader, _bench: Bench) -> str:
    """As the kiosk does. A card with another's number would be the worst of all."""
    if not reader.wait_card(1.5):
        return "no card"
    return "card" if reader.read(8.0).number == NUMBER else "ANOTHER CARD"


SHAPES = Shapes("card")


def overcome(name: str, *begin: object, **more: object) -> Cell:
    return SHAPES.overcome(name, *begin, end=MEND, **more)


def named(name: str, code: str, *begin: object, **more: object) -> Cell:
    return SHAPES.named(name, code, *begin, end=MEND, **more)


def lost(name: str, code: str, *begin: object, **more: object) -> Cell:
    return SHAPES.lost(name, code, *begin, end=MEND, **more)


WIRE = (
    lost("mute", "DEV-002", arm("mute")),
    overcome("mute, one answer", arm("mute", on="select", count=1)),
    lost("half frame", "DEV-003", arm("half", on="read")),
    overcome("half frame, one answer", arm("half", on="find", count=1)),
    lost("bit flip", "DEV-003", arm("garble", on="read", at=700, bit=3)),
    overcome("bit flip, one answer", arm("garble", on="select", at=8, count=1)),
    lost("dropped byte", "DEV-003", arm("drop", on="read", at=300)),
    overcome("dropped byte, one answer", arm("drop", on="select", at=0, count=1)),
    overcome("duplicate answers", arm("duplicate")),
    overcome("echo", arm("echo")),
    overcome("junk before every answer", arm("junk", length=11)),
    overcome("late answer of the previous request", arm("late", on="find", delay_s=0.5, count=1)),
    lost("always late", "DEV-002", arm("late", on="select", delay_s=1.2)),
    lost("wrong baud", "DEV-003", arm("wrong_baud")),
    overcome("wrong baud, one answer", arm("wrong_baud", on="select", count=1)),
    lost("hang", "DEV-002", arm("hang")),
    lost("slow drain", "DEV-002", arm("slow_drain")),
    lost("unplugged and plugged in again", "DEV-004", hand("unplug"), fault="unplug"),
    lost("unplugged within an answer", "DEV-004", arm("unplug", on="read", at=200, count=1)),
    overcome("does not take a new speed", arm("keeps_speed")),
)

CARD = (
    named("lifted at find", "CRD-001", arm("lifted", on="find", skip=1, count=1)),
    named("lifted at select", "CRD-006", arm("lifted", on="select", count=1)),
    named("lifted while it is read", "CRD-006", arm("lifted", on="read", count=1)),
    named("lifted within the answer", "CRD-006", arm("lifted", on="read", at=700, count=1)),
    named("wrong way", "CRD-002", hand("present", resident="a_kim", wrong_way=True)),
    named("two cards", "CRD-002", hand("present", resident="a_kim", two_cards=True)),
    named("card of another kind", "CRD-003", hand("present", unknown_kind=True)),
    named("unknown document", "CRD-003", hand("present", block_hex=MARKER_Z)),
    named("card whose text is broken", "CRD-008", hand("present", block_hex=NO_TEXT)),
    Cell("no card", "", (hand("lift"),), ("no card",), ("then card",), MEND),
)

MODULE = (
    *(
        named(f"module says {code} at {where}", fault, arm(f"sw3:{code}", on=where))
        for code, where, fault in (
            ("41", "read", "CRD-002"),
            ("47", "select", "CRD-002"),
            ("81", "select", "CRD-002"),
            ("34", "read", "CRD-002"),
            ("31", "select", "CRD-004"),
            ("32", "select", "CRD-004"),
            ("33", "read", "CRD-004"),
            ("40", "find", "CRD-003"),
            ("60", "read", "CRD-005"),
            ("66", "find", "CRD-005"),
            ("10", "read", "CRD-007"),
            ("21", "select", "CRD-007"),
            ("24", "read", "CRD-007"),
        )
    ),
    overcome("module says 41 once", arm("sw3:41", on="read", count=1)),
    overcome("no added address", arm("sw3:91", on="read_address")),
)

ROWS = (
    Row(
        "id_card",
        "sam_v",
        read,
        (*WIRE, *CARD, *MODULE),
        good="card",
        prepare=MEND,
        twin_settings={"residents_file": str(RESIDENTS), "radio_time_percent": 20},
        lanes=3,
    ),
)
