"""The headphone switch: the kernel's events on an input node. It is never asked, so silence is its ordinary state."""

from __future__ import annotations

from drivers.api import HeadphoneSensor
from matrix.engine import CLEAR, REPLUG, Bench, Cell, Row, Shapes, arm, hand

MEND = (CLEAR, REPLUG, hand("remove"))
IN_AND_OUT = "in and out"
SHAPES = Shapes(IN_AND_OUT)
HEAR_S = 1.2
MOST_CHANGES = 20


def plug(sensor: HeadphoneSensor, bench: Bench) -> str:
    """Somebody plugs headphones in and out again; whoever was here before may have left hers in."""
    if bench.ask("inserted"):
        bench.do((hand("remove"),))
        for _ in range(MOST_CHANGES):
            if sensor.wait_change(HEAR_S) is None:
                break
    for op, plugged, failure in (("insert", True, "not heard in"), ("remove", False, "not heard out")):
        bench.do((hand(op),))
        while (told := sensor.wait_change(HEAR_S)) is not plugged:
            if told is None:
                return failure
    return IN_AND_OUT


def heard(name: str, outcome: str, *begin: object) -> Cell:
    return Cell(name, str(begin[0]["name"]), begin, (outcome,), (f"then {IN_AND_OUT}",), MEND)


def lost(name: str, *begin: object, **more: object) -> Cell:
    return SHAPES.lost(name, "DEV-004", *begin, end=MEND, **more)


CELLS = (
    heard("mute", "not heard in", arm("mute")),
    heard("half frame", IN_AND_OUT, arm("half", count=1)),
    heard("bit flip", "not heard in", arm("garble", at=16, bit=6, count=1)),
    heard("dropped byte", "not heard in", arm("drop", count=1)),
    heard("duplicate", IN_AND_OUT, arm("duplicate")),
    heard("echo: the host sends nothing", IN_AND_OUT, arm("echo")),
    heard("late", IN_AND_OUT, arm("late", delay_s=0.8, count=1)),
    heard("junk before", IN_AND_OUT, arm("junk", length=7)),
    heard("garbage", "not heard in", arm("wrong_baud")),
    heard("hang", "not heard in", arm("hang")),
    heard("slow drain: the host sends nothing", IN_AND_OUT, arm("slow_drain")),
    lost("unplugged and plugged in again", hand("unplug"), fault="unplug"),
    lost("unplugged within an event", arm("unplug", at=10, count=1)),
)
ROWS = (Row("headphone", "evdev_switch", plug, CELLS, good=IN_AND_OUT, prepare=MEND),)
