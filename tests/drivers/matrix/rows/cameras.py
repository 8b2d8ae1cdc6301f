"""Codes by camera: the process that sees, before a simulated network camera. Heavy on the processor: proof only."""

from __future__ import annotations

from matrix_engine import CLEAR, REPLUG, Bench, Cell, Row, Shapes, arm, hand

from drivers.api import CodeScanner

CODE = "2007026112400019"
MEND = (CLEAR, REPLUG, hand("hide"))


def read_code(scanner: CodeScanner, bench: Bench) -> str:
    bench.do((hand("hide"), hand("show", text=CODE, seed=5)))
    code = scanner.read(12.0)
    if code is None:
        return "no code"
    return "code" if code.text == CODE else "ANOTHER CODE"


def cells(shapes: Shapes) -> tuple[Cell, ...]:
    """What a camera can have, whoever looks through it."""

    def named(name: str, code: str, *begin: object) -> Cell:
        return shapes.named(name, code, *begin, end=MEND, slow=True)

    return (
        named("picture stands still", "CAM-001", arm("freeze")),
        named("black picture", "CAM-002", arm("black")),
        named("white picture", "CAM-003", arm("washed_out")),
    )


ROWS = (
    Row("code_scanner", "camera_codes", read_code, cells(Shapes("code")), good="code", prepare=MEND, deadline_s=60.0),
)
