"""Code scanners: one that only talks, and three families that also obey; these are read by command, lamp on.

A code's own bytes have no check on these lines. What a bit flip makes of a printable character is another text,
which the number's own check digit must refuse later; what is no text at all is refused here.
"""

from __future__ import annotations

from drivers.api import CodeScanner
from matrix.engine import CLEAR, REPLUG, Bench, Cell, Row, Shapes, arm, hand

CODE = "2007026112400019"
MEND = (CLEAR, REPLUG, hand("hide"))
SHAPES = Shapes("code")
NO_CODE, SPOILED = "no code", "spoiled code"


def read(scanner: CodeScanner, bench: Bench) -> str:
    """Somebody shows a code while it is read."""
    bench.do((hand("hide"), hand("show", text=CODE)))
    code = scanner.read(1.0)
    if code is None:
        return NO_CODE
    return "code" if code.text == CODE else SPOILED


def heard(name: str, outcome: str, *begin: object, **more: object) -> Cell:
    """The scanner is well; what came of the code is `outcome`."""
    fault = str(begin[0]["name"])
    return Cell(name, fault, begin, (outcome,), ("then code",), MEND, **more)


def overcome(name: str, *begin: object, **more: object) -> Cell:
    return SHAPES.overcome(name, *begin, end=MEND, **more)


def named(name: str, code: str, *begin: object, **more: object) -> Cell:
    return SHAPES.named(name, code, *begin, end=MEND, **more)


def lost(name: str, code: str, *begin: object, **more: object) -> Cell:
    return SHAPES.lost(name, code, *begin, end=MEND, **more)


UNPLUG = lost("unplugged and plugged in again", "DEV-004", hand("unplug"), fault="unplug")

TALKS_ONLY = (
    heard("mute", NO_CODE, arm("mute")),
    heard("half frame", SPOILED, arm("half")),
    named("bit flip", "SCN-001", arm("garble", at=2, bit=7)),
    heard("bit flip within a digit", SPOILED, arm("garble", at=2, bit=0)),
    heard("dropped byte", SPOILED, arm("drop")),
    heard("lost line end", "code", arm("half", at=16)),
    heard("echo", "code", arm("echo")),
    heard("duplicate", "code", arm("duplicate", count=1)),
    heard("late", NO_CODE, arm("late", delay_s=1.5, count=1)),
    heard("junk before", SPOILED, arm("junk", length=7)),
    named("wrong baud", "SCN-001", arm("wrong_baud")),
    heard("hang", NO_CODE, arm("hang")),
    heard("slow drain", "code", arm("slow_drain")),
    heard("refuses commands: none is sent", "code", arm("refuse")),
    heard("answer glued before a code: none is asked for", "code", arm("ack_before_code")),
    heard("answer glued behind a code: none is asked for", "code", arm("ack_behind_code")),
    UNPLUG,
    lost("unplugged within a code", "DEV-004", arm("unplug", at=5, count=1)),
)


def seen(name: str, state: str, *begin: object, **more: object) -> Cell:
    return SHAPES.seen(name, state, *begin, end=MEND, **more)


CODES = (
    named("bit flip in the code", "SCN-001", arm("garble", on="code", at=2, bit=7)),
    heard("code without its end", SPOILED, arm("half", on="code")),
    overcome("duplicate code", arm("duplicate", on="code", count=1)),
    overcome("echo", arm("echo")),
    UNPLUG,
)
IDLE = (
    seen("mute, found while idle", "offline DEV-002", arm("mute")),
    seen("half frame, found while idle", "hardwareError DEV-003", arm("half")),
    seen("dropped byte, found while idle", "hardwareError DEV-003", arm("drop")),
    seen("wrong baud, found while idle", "hardwareError DEV-003", arm("wrong_baud")),
    seen("hang, found while idle", "offline DEV-002", arm("hang")),
    seen("slow drain, found while idle", "offline DEV-002", arm("slow_drain")),
)
"""A spoiled answer eats the code behind it: none is told rather than a wrong one, and it is shown again."""

ANSWERS_EVERY_COMMAND = (
    *CODES,
    *IDLE[:2],
    lost("mute", "DEV-002", arm("mute")),
    overcome("mute, one answer", arm("mute", on="ack", count=1)),
    lost("half frame", "DEV-003", arm("half")),
    heard("half frame, one answer", NO_CODE, arm("half", on="ack", count=1)),
    lost("bit flip", "DEV-003", arm("garble", bit=1)),
    heard("bit flip, one answer", NO_CODE, arm("garble", on="ack", bit=1, count=1)),
    lost("dropped byte", "DEV-003", arm("drop")),
    heard("dropped byte, one answer", NO_CODE, arm("drop", on="ack", count=1)),
    overcome("duplicate answers", arm("duplicate", on="ack")),
    overcome("late answer of the previous request", arm("late", on="ack", delay_s=0.7, count=1)),
    Cell(
        "always late",
        "late",
        (arm("late", on="ack", delay_s=1.6),),
        ("DEV-002", "noDevice DEV-002"),
        # What was late for the last command is answered while it is opened again.
        ("noDevice DEV-003?", "noDevice DEV-002?", "online", "code", "then code"),
        MEND,
    ),
    overcome("junk before every answer", arm("junk", on="ack", length=7)),
    heard("junk before everything", SPOILED, arm("junk", length=7)),
    lost("wrong baud", "DEV-003", arm("wrong_baud")),
    lost("hang", "DEV-002", arm("hang")),
    lost("slow drain", "DEV-002", arm("slow_drain")),
    lost("unplugged within an answer", "DEV-004", arm("unplug", at=3, count=1)),
    named("refuses a command", "SCN-003", arm("refuse")),
    overcome("answer glued before the code", arm("ack_before_code", on="ack", count=1)),
    overcome("answer glued behind the code", arm("ack_behind_code", on="ack", count=1)),
)

LAMP_WITHOUT_ANSWER = (
    *CODES,
    *IDLE,
    heard("mute", NO_CODE, arm("mute")),
    heard("hang", NO_CODE, arm("hang")),
    heard("dropped byte in the code", SPOILED, arm("drop", on="code")),
    heard("late code", NO_CODE, arm("late", on="code", delay_s=1.5, count=1)),
    seen("late answer, found while idle", "offline DEV-002", arm("late", on="query", delay_s=1.8, count=2)),
    heard("junk before the code", SPOILED, arm("junk", length=7)),
    seen("bit flip, found while idle", "hardwareError DEV-003", arm("garble", on="query", bit=1)),
    lost("unplugged within a code", "DEV-004", arm("unplug", at=5, count=1)),
    seen("refuses a command, found while idle", "hardwareError SCN-003", arm("refuse")),
    overcome("answer glued before the code: none is asked for", arm("ack_before_code")),
    overcome("answer glued behind the code: none is asked for", arm("ack_behind_code")),
)


BY_COMMAND = {"reading": "command"}
ROWS = (
    Row("code_scanner", "serial_line", read, TALKS_ONLY, good="code", prepare=MEND),
    *(
        Row("code_scanner", model, read, cells, good="code", prepare=MEND, driver_settings=BY_COMMAND, lanes=2)
        for model, cells in (
            ("newland_unified", ANSWERS_EVERY_COMMAND),
            ("register_engine", ANSWERS_EVERY_COMMAND),
            ("honeywell_serial", LAMP_WITHOUT_ANSWER),
        )
    ),
)
