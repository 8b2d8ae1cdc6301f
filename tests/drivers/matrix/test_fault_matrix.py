"""Every driver against its simulated device for every fault: the whole history, in time, and well again by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matrix import engine

from drivers import registry
from drivers.sim.faultbook import LINE_FAULTS
from drivers.sim.twins import twins

OUT = Path(__file__).resolve().parents[3] / "out"
ENOUGH_CELLS = 120
PLAY_S = 100.0
SLOW_PLAY_S = 1700.0
"""For a cell whose turn comes when the light ones have been played."""
BY_HAND = {
    "receipt_printer": ("paper out", "paper low", "paper ends", "paper jam", "cover open", "cutter"),
    "document_printer": ("paper out", "paper low", "paper ends", "jams", "cover open", "cutter"),
    "id_card": ("lifted while it is read", "lifted within", "wrong way", "two cards", "unknown document"),
    "chip_card": ("pulled while it is read", "wrong way", "another kind"),
}
"""What hands and paper do to devices of a class, besides the faults of its line."""
CELLS = {(row.name, cell.name): (row, cell) for row in engine.ROWS for cell in row.cells}


def _parameter(key: tuple[str, str]) -> Any:
    marks = [pytest.mark.proof] if CELLS[key][1].slow else []
    return pytest.param(key, id=f"{key[0]}-{key[1]}", marks=marks)


@pytest.mark.parametrize("cell_id", [_parameter(key) for key in CELLS])
def test_the_history_is_the_expected_one_in_time_and_the_device_comes_back(
    cell_id: tuple[str, str], played: dict[tuple[str, str], Any]
) -> None:
    _row, cell = CELLS[cell_id]
    wrong = engine.judge(cell, played[cell_id].result(SLOW_PLAY_S if cell.slow else PLAY_S))
    assert not wrong, wrong


def test_every_installed_model_has_a_row() -> None:
    installed = {f"{name}/{model}" for name in registry.FOLDER_OF_CLASS for model in registry.models(name)}
    assert {row.name for row in engine.ROWS} == installed


@pytest.mark.parametrize("row", engine.ROWS, ids=lambda row: row.name)
def test_every_fault_that_the_simulated_device_knows_has_a_cell(row: engine.Row) -> None:
    twin = next(twin for twin in twins().values() if row.model in twin.models)
    assert known_but_not_played(row, twin.fault_names(row.model)) == set()
    assert set(row.not_there).isdisjoint(twin.fault_names(row.model)), "what the device knows can occur"


def test_a_row_without_a_cell_for_a_fault_is_noticed() -> None:
    row = engine.ROWS[0]
    fewer = replace(row, cells=tuple(cell for cell in row.cells if cell.fault != "mute"))
    assert known_but_not_played(fewer, {cell.fault for cell in row.cells if cell.fault}) == {"mute"}
    assert unanswered(fewer) == {"mute"}


@pytest.mark.parametrize("row", engine.ROWS, ids=lambda row: row.name)
def test_every_fault_of_a_line_has_a_cell_or_a_reason_why_it_cannot_occur(row: engine.Row) -> None:
    assert unanswered(row) == set()
    assert all(len(reason) > 15 for reason in row.not_there.values())


def known_but_not_played(row: engine.Row, known: Iterable[str]) -> set[str]:
    return set(known) ^ {cell.fault for cell in row.cells if cell.fault}


def unanswered(row: engine.Row) -> set[str]:
    """Faults of lines, and what hands do to such devices, that have neither a cell nor a reason."""
    played = {cell.fault for cell in row.cells}
    if any(request["op"] == "unplug" for cell in row.cells for request in cell.begin):
        played.add("unplug")
    names = " · ".join(cell.name for cell in row.cells)
    wanted = {name for name in LINE_FAULTS if name not in played}
    wanted |= {name for name in BY_HAND.get(row.device_class, ()) if name not in names}
    return wanted - set(row.not_there)


def test_no_cell_is_there_twice_and_enough_of_them_run_with_every_change() -> None:
    names = [(row.name, cell.name) for row in engine.ROWS for cell in row.cells]
    assert len(names) == len(set(names))
    assert sum(not cell.slow for row in engine.ROWS for cell in row.cells) >= ENOUGH_CELLS


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_the_whole_table_is_written_down(whole_table: dict[tuple[str, str], Any]) -> None:
    lines = ["# Fault matrix", "", *_summary(whole_table), ""]
    for row in engine.ROWS:
        lines += [f"## {row.name}", "", "| fault | history (▸ the fault ends) | seconds | deadline | well again |"]
        lines += ["|---|---|---:|---:|---|"]
        for cell in row.cells:
            lines.append(_line(cell, whole_table[row.name, cell.name]))
        lines += ["", *(f"- no {name}: {reason}" for name, reason in row.not_there.items()), ""]
    OUT.mkdir(exist_ok=True)
    (OUT / "fault-matrix.md").write_text("\n".join(lines), encoding="utf-8")
    wrong = {key: engine.judge(CELLS[key][1], played) for key, played in whole_table.items()}
    assert not {key: told for key, told in wrong.items() if told}
    assert len(whole_table) == len(CELLS) >= ENOUGH_CELLS


def _summary(table: dict[tuple[str, str], Any]) -> list[str]:
    good = sum(not engine.judge(CELLS[key][1], played) for key, played in table.items())
    longest = max(table.items(), key=lambda item: item[1].seconds / item[1].deadline_s)
    return [
        "Each driver runs in the product's own worker in front of its simulated device, a process that speaks the",
        "device's bytes at the device's pace. A cell begins healthy; then the fault, a command, the fault's end, and",
        "a good command, with nobody's help. Equal entries that follow each other without end stand once.",
        "",
        f"{len(engine.ROWS)} rows, {len(table)} cells, {good} as expected, {len(table) - good} not. "
        f"Nearest to its deadline: {' '.join(longest[0])} with {longest[1].seconds:.1f} s of "
        f"{longest[1].deadline_s:g} s.",
    ]


def _line(cell: engine.Cell, played: Any) -> str:
    told = played.told if not cell.flaps else " · ".join(engine.collapsed(played.history)) + " (repeats)"
    wrong = engine.judge(cell, played)
    return f"| {cell.name} | {told} | {played.seconds:.2f} | {played.deadline_s:g} | {wrong or 'yes'} |"
