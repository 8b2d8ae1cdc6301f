"""Receipt printers, both kinds. "Proved" is believed only when a whole slip has come out of the simulated one."""

from __future__ import annotations

from drivers.api import PrintProof, ReceiptPrinter, TextRow
from matrix.engine import CLEAR, REPLUG, Bench, Cell, Row, Shapes, arm, hand

SLIP = tuple(TextRow(f"{row:02d} 0123456789") for row in range(10))
MEND = (
    CLEAR,
    hand("cover", open=False),
    REPLUG,
    hand("auto_status", mask=0),
    hand("power", on=True),
    hand("paper", state="ok"),
    hand("take"),
)
PROVED = "proved"
SHAPES = Shapes(PROVED)


def print_slip(printer: ReceiptPrinter, bench: Bench) -> str:
    """What the driver says of a slip, held against what lies in the tray."""
    before = bench.ask("complete_pages")
    result = printer.print_receipt(SLIP)
    if result.proof is PrintProof.PROVED and bench.ask("complete_pages") != before + 1:
        return "PROVED WITHOUT A SLIP"
    return result.proof.value + (f" {result.fault.code}" if result.fault else "")


def overcome(name: str, *begin: object, **more: object) -> Cell:
    return SHAPES.overcome(name, *begin, end=MEND, **more)


def named(name: str, code: str, *begin: object, **more: object) -> Cell:
    return SHAPES.named(name, code, *begin, end=MEND, **more)


def lost(name: str, code: str, *begin: object, **more: object) -> Cell:
    return SHAPES.lost(name, code, *begin, end=MEND, **more)


def seen(name: str, state: str, *begin: object, **more: object) -> Cell:
    return SHAPES.seen(name, state, *begin, end=MEND, **more)


def says(name: str, outcome: str, *begin: object, after: tuple[str, ...] = ("then proved",), **more: object) -> Cell:
    """The slip was begun; what can be said of it is `outcome`."""
    fault = next((str(request["name"]) for request in begin if request["op"] == "fault"), "")
    return Cell(name, fault, begin, (outcome,), after, MEND, **more)


CELLS = (
    lost("mute", "DEV-002", arm("mute")),
    overcome("mute, one answer", arm("mute", on="real_time", count=1)),
    says("mute from the slip on", "unknown PRN-007", arm("mute", skip=5)),
    seen("mute, found while idle", "offline DEV-002", arm("mute")),
    lost("half frame", "DEV-002", arm("half")),
    lost("bit flip", "DEV-003", arm("garble", bit=7)),
    overcome("bit flip, one answer", arm("garble", bit=7, on="real_time", count=1)),
    lost("dropped byte", "DEV-002", arm("drop")),
    overcome("duplicate answers", arm("duplicate")),
    lost("echo, where none is configured", "DEV-003", arm("echo")),
    overcome("late answer of the previous request", arm("late", on="real_time", delay_s=0.6, count=1)),
    lost("always late", "DEV-002", arm("late", on="real_time", delay_s=1.2)),
    overcome("late proof", arm("late", on="queued", skip=1, delay_s=1.0, count=1)),
    lost("junk before every answer", "DEV-003", arm("junk")),
    lost("wrong baud", "DEV-003", arm("wrong_baud")),
    lost("hang", "DEV-002", arm("hang")),
    lost("slow drain", "DEV-002", arm("slow_drain")),
    overcome("slow drain of a slip", arm("slow_drain", bytes_per_s=400)),
    lost("unplugged and plugged in again", "DEV-004", hand("unplug"), fault="unplug"),
    says(
        "unplugged within the slip",
        "unknown DEV-004",
        arm("unplug", on="queued", skip=1, count=1),
        # That slip's result is a result; the loss is the next command's, which waits for the printer.
        after=("then DEV-004", "noDevice DEV-004", "online", "then proved"),
    ),
    overcome("flow control bytes in between", arm("xoff")),
    overcome(
        "automatic status turned on in the middle",
        hand("auto_status", mask=0xFF),
        hand("cover", open=True),
        hand("cover", open=False),
    ),
    says(
        "automatic status within the slip, and no proof",
        "unknown PRN-007",
        hand("auto_status", mask=0xFF),
        # ESC @ of the slip has the switches count again, and the printer reports.
        arm("mute", on="queued"),
    ),
    lost("switched off and on again", "DEV-002", hand("power", on=False)),
    named("paper out", "PRN-002", hand("paper", state="out")),
    says("paper ends within the slip", "notPrinted PRN-002", hand("paper_after", rows=120)),
    overcome("paper low: the slip comes", hand("paper", state="low")),
    seen("paper low, found while idle", "online PRN-001", hand("paper", state="low")),
    seen("paper out, found while idle", "userError PRN-002", hand("paper", state="out")),
    named("cover open", "PRN-003", hand("cover", open=True)),
    seen("cover open, found while idle", "userError PRN-003", hand("cover", open=True)),
    says("cutter jam", "unknown PRN-004", arm("cutter", count=1)),
    says("electronics fail", "unknown PRN-006", arm("unrecoverable", count=1)),
    overcome("head too hot for a moment", arm("hot", for_s=1, count=1)),
    says("head too hot for long", "unknown PRN-005", arm("hot", for_s=12, count=1), deadline_s=25.0),
)

NOT_THERE = {"paper jam": "a roll printer has no sensor for it; paper that does not come out stops the cutter"}
ROWS = tuple(
    Row("receipt_printer", model, print_slip, CELLS, good=PROVED, prepare=MEND, lanes=4, not_there=NOT_THERE)
    for model in ("escpos_80mm", "escpos_58mm")
)
