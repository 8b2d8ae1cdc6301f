"""Keypad, lights, cabinet and supply."""

from __future__ import annotations

import itertools

from drivers.api import Cabinet, Flash, Keypad, LightPosition, Lights, PowerState, Ups
from matrix.engine import CLEAR, REPLUG, Bench, Cell, Row, Shapes, arm, hand

UNPLUG = hand("unplug")

# --- keypad: it is never asked, so silence is its ordinary state ---

KEYS = "both keys"
KEY_S = 1.0
MOST_KEYS = 100
"""More than any fault makes of one press: a device that never stops is told as a wrong outcome."""
PAIRS = itertools.cycle((("UP", "DOWN"), ("LEFT", "RIGHT")))
RELEASED = tuple(hand("release", key=key) for key in ("UP", "DOWN", "LEFT", "RIGHT"))
KEYPAD_MEND = (CLEAR, REPLUG, *RELEASED)
KEYPAD = Shapes(KEYS)


def press(keypad: Keypad, bench: Bench) -> str:
    """Somebody presses two keys, one after the other."""
    for _ in range(MOST_KEYS):
        if keypad.wait_key(0.0) is None:
            break
    heard = []
    # Others than the last time: the same key again at once would be a bounce.
    pair = next(PAIRS)
    for key in pair:
        bench.do((hand("press", key=key),))
        heard.append(keypad.wait_key(KEY_S))
        for _ in range(MOST_KEYS):
            if keypad.wait_key(0.0) is None:
                break
            heard.append(None)
    told = [key.value.upper() if key else None for key in heard]
    if told == list(pair):
        return KEYS
    return " ".join("-" if key is None else "right" if key in pair else "WRONG" for key in told)


def heard(name: str, outcome: str, *begin: object, after: tuple[str, ...] = (f"then {KEYS}",)) -> Cell:
    return Cell(name, str(begin[0]["name"]), begin, (outcome,), after, KEYPAD_MEND)


KEYPAD_CELLS = (
    heard("mute", "- -", arm("mute")),
    heard("half frame", KEYS, arm("half", at=40)),
    heard("bit flip in the key's code", "- -", arm("garble", at=18, bit=7)),
    heard("dropped byte", "- right", arm("drop", count=1)),
    heard("duplicate", KEYS, arm("duplicate")),
    heard("bouncing contact", KEYS, arm("bounce")),
    heard("echo: the host sends nothing", KEYS, arm("echo")),
    heard("late", KEYS, arm("late", delay_s=0.5)),
    heard("junk before", KEYS, arm("junk", length=7)),
    heard("garbage", "- -", arm("wrong_baud")),
    heard("hang", "- -", arm("hang")),
    heard("slow drain: the host sends nothing", KEYS, arm("slow_drain")),
    KEYPAD.overcome("the kernel's queue overflows", hand("lost"), fault="", end=KEYPAD_MEND),
    KEYPAD.lost("unplugged and plugged in again", "DEV-004", UNPLUG, fault="unplug", end=KEYPAD_MEND),
    KEYPAD.lost("unplugged within an event", "DEV-004", arm("unplug", at=10, count=1), end=KEYPAD_MEND),
)

# --- Modbus boards ---

LIT = "lit and out"
READ = "door shut, relay on and off"
BOARD_MEND = (CLEAR, REPLUG, hand("door", open=False), hand("heat", c=23.5))


def light(lights: Lights, bench: Bench) -> str:
    """The lamp at the card reader, held against what the board has at its output."""
    for flash, lit in ((Flash.CONTINUOUS, 1), (Flash.OFF, 0)):
        lights.set(LightPosition.CARD_READER, flash)
        if bench.ask("lamps")[0] != lit:
            return "CONFIRMED AND NOT DONE"
    return LIT


def look_inside(cabinet: Cabinet, bench: Bench) -> str:
    for on in (True, False):
        cabinet.switch("fan", on)
        if bench.ask("relays")[0] != on:
            return "CONFIRMED AND NOT DONE"
    return READ if not cabinet.read().door_open else "door open"


def board_cells(good: str) -> tuple[Cell, ...]:
    shapes = Shapes(good)

    def overcome(name: str, *begin: object) -> Cell:
        return shapes.overcome(name, *begin, end=BOARD_MEND)

    def lost(name: str, code: str, *begin: object, fault: str | None = None) -> Cell:
        return shapes.lost(name, code, *begin, fault=fault, end=BOARD_MEND)

    def named(name: str, code: str, *begin: object) -> Cell:
        return shapes.named(name, code, *begin, end=BOARD_MEND)

    def seen(name: str, state: str, *begin: object) -> Cell:
        return shapes.seen(name, state, *begin, end=BOARD_MEND)

    return (
        lost("mute", "DEV-002", arm("mute")),
        overcome("mute, one answer", arm("mute", count=1)),
        seen("mute, found while idle", "offline DEV-002", arm("mute")),
        lost("half frame, as if it were half an echo", "DEV-002", arm("half")),
        overcome("half frame, one answer", arm("half", count=1)),
        lost("bit flip", "DEV-003", arm("garble")),
        overcome("bit flip, one answer", arm("garble", count=1)),
        lost("dropped byte", "DEV-003", arm("drop")),
        overcome("duplicate answers", arm("duplicate")),
        overcome("echo", arm("echo")),
        overcome("late answer of the previous request", arm("late", delay_s=0.6, count=1)),
        lost("always late", "DEV-002", arm("late", delay_s=1.5)),
        overcome("junk before every answer", arm("junk")),
        lost("wrong baud", "DEV-003", arm("wrong_baud")),
        lost("hang", "DEV-002", arm("hang")),
        lost("slow drain", "DEV-002", arm("slow_drain")),
        lost("unplugged and plugged in again", "DEV-004", UNPLUG, fault="unplug"),
        lost("unplugged within an answer", "DEV-004", arm("unplug", at=3, count=1)),
        lost("another unit answers", "DEV-003", arm("wrong_unit")),
        named("board refuses", "BRD-002", arm("exception", code="04")),
        named("output is stuck", "BRD-004", arm("stuck")),
    )


LIGHTS_CELLS = (
    *board_cells(LIT),
    Shapes(LIT).overcome("power cut: lamps fall out", hand("power_cut"), fault="", end=BOARD_MEND),
)
CABINET_CELLS = (
    *board_cells(READ),
    Shapes(READ).seen("door open", "online CAB-001", hand("door", open=True), end=BOARD_MEND),
    Shapes(READ).seen("too hot", "online CAB-002", hand("heat", c=75), end=BOARD_MEND),
)

# --- supply ---

MAINS = "mains"
UPS_MEND = (CLEAR, REPLUG, hand("power", state="mains"))
UPS = Shapes(MAINS)


def ask_power(ups: Ups, _bench: Bench) -> str:
    return ups.power().state.value


_TCP = "TCP counts and checks every byte: what is lost on the way is sent again"
UPS_NOT_THERE = {
    "drop": _TCP,
    "duplicate": _TCP,
    "wrong_baud": "a TCP connection has no speed to be wrong; text that is none is `junk`",
    "echo": "the two ways of a TCP connection are apart",
    "slow_drain": "the service is sent lines of some 30 bytes, which the kernel takes at once",
}
UPS_CELLS = (
    UPS.lost("mute", "DEV-002", arm("mute"), end=UPS_MEND),
    UPS.seen("mute, found while idle", "offline DEV-002", arm("mute"), end=UPS_MEND),
    UPS.lost("half of every answer", "DEV-002", arm("half"), end=UPS_MEND),
    UPS.lost("late", "DEV-002", arm("late", delay_s=8.0), end=UPS_MEND),
    UPS.overcome("a little late", arm("late", delay_s=0.5, count=1), end=UPS_MEND),
    UPS.lost("junk before every answer", "DEV-003", arm("junk"), end=UPS_MEND),
    UPS.lost("bit flip", "DEV-003", arm("garble", at=3, bit=0), end=UPS_MEND),
    UPS.lost("hang", "DEV-002", arm("hang"), end=UPS_MEND),
    UPS.lost("service ends and starts again", "DEV-004", UNPLUG, fault="unplug", end=UPS_MEND),
    UPS.lost("service ends within an answer", "DEV-004", arm("unplug", at=10, count=1), end=UPS_MEND),
    UPS.named("no fresh word of the supply", "UPS-003", arm("stale"), end=UPS_MEND),
    UPS.named("driver of the supply is gone", "UPS-003", arm("no_driver"), end=UPS_MEND),
    UPS.named("no supply of that name", "UPS-004", arm("unknown_supply"), end=UPS_MEND),
    UPS.named("service refuses", "UPS-004", arm("denied"), end=UPS_MEND),
    Cell(
        "on battery", "", (hand("power", state="battery"),), (PowerState.BATTERY.value,), (f"then {MAINS}",), UPS_MEND
    ),
    UPS.seen("on battery, found while idle", "online UPS-001", hand("power", state="battery"), end=UPS_MEND),
    UPS.seen("battery low, found while idle", "online UPS-002", hand("power", state="battery_low"), end=UPS_MEND),
)

ROWS = (
    Row("keypad", "evdev_keypad", press, KEYPAD_CELLS, good=KEYS, prepare=KEYPAD_MEND),
    Row("lights", "modbus_lights", light, LIGHTS_CELLS, good=LIT, prepare=BOARD_MEND, lanes=2),
    Row(
        "cabinet",
        "modbus_cabinet",
        look_inside,
        CABINET_CELLS,
        good=READ,
        prepare=BOARD_MEND,
        driver_settings={"relays": {"fan": 0}, "temperature": 0},
        lanes=2,
    ),
    Row("ups", "nut_ups", ask_power, UPS_CELLS, good=MAINS, prepare=UPS_MEND, deadline_s=30.0, not_there=UPS_NOT_THERE),
)
