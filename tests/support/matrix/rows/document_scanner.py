"""A scanner by SANE's own program and its `test` backend. The program is started for each page: nothing stays open."""

from __future__ import annotations

from drivers.api import DocumentScanner
from matrix.engine import CLEAR, REPLUG, Bench, Cell, Row, Shapes, arm, hand

MEND = (CLEAR, REPLUG)
SHAPES = Shapes("page")


def scan(scanner: DocumentScanner, _bench: Bench) -> str:
    page = scanner.capture(8.0)
    return "page" if page.jpeg.startswith(b"\xff\xd8") and page.width_px > 300 else "NO PICTURE"


def named(name: str, code: str, *begin: object, **more: object) -> Cell:
    # Now and then SANE's program does not end after an error of its backend: what it has told counts all the same.
    return SHAPES.named(name, code, *begin, end=MEND, **more)


CELLS = (
    named("jam in the feeder", "SHT-002", arm("jam")),
    named("cover open", "SHT-004", arm("cover")),
    named("no sheet lies there", "SHT-003", arm("no_docs")),
    named("another program holds it", "SHT-001", arm("busy")),
    named("access denied", "SHT-005", arm("access")),
    named("device error", "SHT-006", arm("io_error")),
    named("out of memory", "SHT-006", arm("no_memory")),
    SHAPES.overcome("picture in tiny pieces", arm("short_reads"), end=MEND),
    SHAPES.overcome("a picture that comes slowly", arm("crawl"), end=MEND),
    SHAPES.lost("unplugged and plugged in again", "DEV-004", hand("unplug"), fault="", end=MEND),
)
PIPE = "SANE's own program speaks through a pipe of this machine, which loses nothing"
CABLE = "what the scanner's cable spoils, its SANE backend tells as an error of the device: `io_error`"
NOT_THERE = {
    "mute": "a backend that gets no answer tells an error: `io_error`; one that is slow is `crawl`",
    "late": "a picture that comes slowly is `crawl`",
    "half": "a program that ends within the picture has told an error; pieces are `short_reads`",
    "garble": CABLE,
    "drop": CABLE,
    "duplicate": PIPE,
    "junk": PIPE,
    "echo": PIPE,
    "wrong_baud": "USB has no speed to be wrong",
    "hang": "the program is ended at the command's deadline: tests/drivers/aids/test_sane_scanner.py",
    "slow_drain": "nothing is sent to the program but its arguments",
}
ROWS = (
    Row(
        "document_scanner",
        "sane_scanimage",
        scan,
        CELLS,
        good="page",
        prepare=MEND,
        driver_settings={"resolution_dpi": 50},
        deadline_s=40.0,
        lanes=2,
        not_there=NOT_THERE,
    ),
)
