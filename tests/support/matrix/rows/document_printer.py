"""The A4 printer on the network: the real `ippeveprinter` with hands at its paper path and its cable."""

from __future__ import annotations

import itertools
from dataclasses import replace

from drivers.api import DocumentPrinter, PrintProof
from matrix.engine import CLEAR, REPLUG, Bench, Cell, Row, Shapes, arm, hand

MEND = (
    CLEAR,
    hand("cover", open=False),
    hand("tray", out=False),
    hand("toner", empty=False),
    hand("unjam"),
    hand("paper", state="ok"),
    hand("power", on=True),
    REPLUG,
    hand("wait", key="settled", equals=True, timeout_s=15),
)
PROVED = "proved"
SHAPES = Shapes(PROVED)
NUMBERS = itertools.count(1)


def make_pdf(pages: int) -> bytes:
    """The smallest PDF of so many empty A4 pages."""
    kids = " ".join(f"{3 + n} 0 R" for n in range(pages))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>"]
    objects += ["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>"] * pages
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    return out + f"{head}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n".encode()


PDF = make_pdf(2)


def print_document(printer: DocumentPrinter, bench: Bench) -> str:
    """What the driver says of two pages, held against what lies in the tray."""
    before = _whole_documents(bench)
    result = printer.print_document(PDF, f"case-{next(NUMBERS)}")
    if result.proof is PrintProof.PROVED and _whole_documents(bench) != before + 1:
        return "PROVED WITHOUT A DOCUMENT"
    return result.proof.value + (f" {result.fault.code}" if result.fault else "")


def _whole_documents(bench: Bench) -> int:
    with bench.turn:
        return sum(bool(page["complete"]) for page in bench.hands("pages")["pages"])


def overcome(name: str, *begin: object, **more: object) -> Cell:
    return SHAPES.overcome(name, *begin, end=MEND, **more)


def named(name: str, code: str, *begin: object, **more: object) -> Cell:
    return SHAPES.named(name, code, *begin, end=MEND, **more)


def lost(name: str, code: str, *begin: object, **more: object) -> Cell:
    return SHAPES.lost(name, code, *begin, end=MEND, **more)


def seen(name: str, state: str, *begin: object, **more: object) -> Cell:
    return SHAPES.seen(name, state, *begin, end=MEND, **more)


def says(name: str, outcome: str, *begin: object, **more: object) -> Cell:
    fault = next((str(request["name"]) for request in begin if request["op"] == "fault"), "")
    return Cell(name, fault, begin, (outcome,), ("then proved",), MEND, **more)


CELLS = (
    lost("mute", "DEV-002", arm("mute")),
    overcome("mute when the job is sent", arm("mute", on="print", count=1)),
    overcome("late answer", arm("late", on="printer", delay_s=1.5, count=1)),
    lost("half of every answer", "DEV-003", arm("half")),
    overcome("half of the answer to the job", arm("half", on="print", count=1)),
    lost("junk for every answer", "DEV-003", arm("junk")),
    lost("answers that are no HTTP", "DEV-003", arm("not_http")),
    lost("HTTP errors", "DEV-003", arm("http_error")),
    lost("unplugged and plugged in again", "DEV-001", hand("unplug")),
    says("sheet jams after a page", "notPrinted DOC-003", arm("jam", at=1, count=1)),
    says(
        "power fails within the job",
        "unknown DEV-001",
        arm("die", at=1, count=1),
        # Cut off within an exchange rather than between two.
        or_else=((("unknown DEV-004",), ("then proved",)),),
    ),
    says("job given up by the printer", "notPrinted DOC-010", arm("abort", at=1, count=1)),
    says("a page that is not counted", "unknown DOC-007", arm("uncounted", skip=1, count=1)),
    Cell(
        "paper ends and the printer does not let go",
        "keeps_job",
        (hand("paper_after", pages=1), arm("keeps_job")),
        ("unknown DOC-012",),
        ("then proved",),
        # Switched off it forgets the job, which would otherwise come out among the next.
        (CLEAR, hand("power", on=False), *MEND),
        slow=True,
    ),
    named("paper out", "DOC-002", hand("paper", state="out"), hand("wait", key="settled", equals=True)),
    says("paper ends within the job and nobody comes", "notPrinted DOC-002", hand("paper_after", pages=1)),
    named("cover open", "DOC-004", hand("cover", open=True), hand("wait", key="settled", equals=True)),
    named("tray pulled out", "DOC-004", hand("tray", out=True), hand("wait", key="settled", equals=True)),
    named("toner used up", "DOC-005", hand("toner", empty=True), hand("wait", key="settled", equals=True)),
    seen("mute, found while idle", "offline DEV-002", arm("mute")),
    seen("unplugged, found while idle", "noDevice DEV-001", hand("unplug")),
    seen(
        "paper low, found while idle",
        "online DOC-001",
        hand("paper", state="low"),
        hand("wait", key="settled", equals=True),
    ),
    seen(
        "cover open, found while idle",
        "userError DOC-004",
        hand("cover", open=True),
        hand("wait", key="settled", equals=True),
    ),
)

TCP = "TCP counts and checks every byte: what is lost on the way is sent again"
NOT_THERE = {
    "garble": f"{TCP}; an answer that was spoiled before is `junk`",
    "drop": f"{TCP}; an answer that lacks its end is `half`",
    "duplicate": "an HTTP connection ends with its one answer: a second one is never read",
    "echo": "the two ways of a TCP connection are apart",
    "wrong_baud": "a TCP connection has no speed to be wrong; what is no HTTP is `not_http`",
    "hang": "a printer that stands still is `mute`",
    "slow_drain": "a document's deadline grows with its length; a printer that takes nothing more is `mute`",
    "cutter": "sheets are not cut",
}

DIRECT = Row(
    "document_printer",
    "ipp_everywhere",
    print_document,
    CELLS,
    good=PROVED,
    prepare=MEND,
    driver_settings={"patience_s": 1},
    twin_settings={"page_s": 0.1},
    deadline_s=40.0,
    lanes=4,
    not_there=NOT_THERE,
)
OF_THE_QUEUE = (
    # CUPS stops its queue over either: the driver has it go on.
    says("the answer to CUPS' order breaks off", "notPrinted DOC-010", arm("half", on="create", count=1)),
    overcome("the answer to CUPS' document breaks off", arm("half", on="send", count=1)),
)
QUEUED = replace(
    DIRECT,
    model="cups_queue",
    cells=tuple(replace(cell, slow=True) for cell in (*CELLS, *OF_THE_QUEUE)),
    lanes=2,
)
"""The same through a queue that is never believed: what it cannot ask the printer itself stays unknown."""

ROWS = (DIRECT, QUEUED)
