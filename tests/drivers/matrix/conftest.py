"""The matrix's table: every row file of `rows/`, and the play of all cells that are wanted, many at once."""

from __future__ import annotations

import pkgutil
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path

import pytest
from matrix import engine, rows

HERE = Path(__file__).parent
WHOLE_S = 1700.0


ROWS = tuple(
    row
    for found in sorted(pkgutil.iter_modules(rows.__path__), key=lambda one: one.name)
    for row in import_module(f"matrix.rows.{found.name}").ROWS
)
engine.ROWS = ROWS


class Lane(threading.Thread):
    """One simulated device that plays one cell after another, once the lanes before it have ended."""

    def __init__(self, row, cells: deque, results: dict, before: list[Lane]) -> None:
        super().__init__(name=f"lane-{row.name}", daemon=True)
        self._row = row
        self._cells = cells
        self._results = results
        self._before = before

    def run(self) -> None:
        for lane in self._before:
            lane.join()
        start = self._row.start or engine.serial_twin
        try:
            with start(self._row) as bench:
                while (cell := self._next()) is not None:
                    result = self._results[self._row.name, cell.name]
                    try:
                        result.set_result(engine.play(self._row, cell, bench))
                    except Exception as error:
                        result.set_exception(error)
        except BaseException as error:
            while (cell := self._next()) is not None:
                self._results[self._row.name, cell.name].set_exception(error)
            raise

    def _next(self):
        try:
            return self._cells.popleft()
        except IndexError:
            return None


@pytest.fixture(scope="session")
def rows():
    return ROWS


@pytest.fixture(scope="session")
def played(request: pytest.FixtureRequest) -> Iterator[dict]:
    """(row, cell) -> what its play showed, still to come. The rows are played at the same time, heavy ones alone."""
    items = [item for item in request.session.items if item.path.parent == HERE]
    everything = any("whole_table" in item.fixturenames for item in items)
    wanted = {item.callspec.params["cell_id"] for item in items if "cell_id" in item.fixturenames}
    results: dict = {}
    lanes: list[Lane] = []
    for row in sorted(ROWS, key=lambda row: row.heavy):
        cells = deque(cell for cell in row.cells if everything or (row.name, cell.name) in wanted)
        results |= {(row.name, cell.name): Future() for cell in cells}
        before = list(lanes) if row.heavy else []
        lanes += [Lane(row, cells, results, before) for _ in range(min(row.lanes, len(cells)))]
    with engine.before_others():
        for lane in lanes:
            lane.start()
    yield results
    for lane in lanes:
        lane.join(60)
    assert not any(lane.is_alive() for lane in lanes), "a lane does not end"


@pytest.fixture(scope="session")
def whole_table(played: dict) -> dict:
    """Every cell's play, ended."""
    return {key: result.result(WHOLE_S) for key, result in played.items()}
