"""Every driver against its simulated device for every fault: the whole history, in time, and well again by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matrix_engine as engine
import pytest

from drivers import registry
from drivers.sim.twins import twins

OUT = Path(__file__).resolve().parents[3] / "out"
ENOUGH_CELLS = 120
THROUGH_THE_SAME_CAMERA = {"document_scanner/camera_page", "id_face/camera_face"}
"""They look through the process that camera_codes looks through; the camera's faults are played once."""
PLAYED_ELSEWHERE = {
    "camera_codes": frozenset(
        ("disconnect", "drop_frames", "garbage_frame", "mute", "refuse", "slow", "wrong_baud", "wrong_size")
    )
}
"""With the driver alone, in tests/drivers/vision."""
PLAY_S = 100.0
CELLS = {(row.name, cell.name): (row, cell) for row in engine.ROWS for cell in row.cells}


def _parameter(key: tuple[str, str]) -> Any:
    marks = [pytest.mark.proof] if CELLS[key][1].slow else []
    return pytest.param(key, id=f"{key[0]}-{key[1]}", marks=marks)


@pytest.mark.parametrize("cell_id", [_parameter(key) for key in CELLS])
def test_the_history_is_the_expected_one_in_time_and_the_device_comes_back(
    cell_id: tuple[str, str], played: dict[tuple[str, str], Any]
) -> None:
    _row, cell = CELLS[cell_id]
    wrong = engine.judge(cell, played[cell_id].result(PLAY_S))
    assert not wrong, wrong


def test_every_installed_model_has_a_row() -> None:
    installed = {f"{name}/{model}" for name in registry.FOLDER_OF_CLASS for model in registry.models(name)}
    assert {row.name for row in engine.ROWS} == installed - THROUGH_THE_SAME_CAMERA


@pytest.mark.parametrize("row", engine.ROWS, ids=lambda row: row.name)
def test_every_fault_that_the_simulated_device_knows_has_a_cell(row: engine.Row) -> None:
    twin = next(twin for twin in twins().values() if row.model in twin.models)
    known = set(twin.fault_names(row.model))
    assert {cell.fault for cell in row.cells if cell.fault} == known - PLAYED_ELSEWHERE.get(row.model, frozenset())


def test_no_cell_is_there_twice_and_enough_of_them_run_with_every_change() -> None:
    names = [(row.name, cell.name) for row in engine.ROWS for cell in row.cells]
    assert len(names) == len(set(names))
    assert sum(not cell.slow for row in engine.ROWS for cell in row.cells) >= ENOUGH_CELLS


@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_the_whole_table_is_written_down(whole_table: dict[tuple[str, str], Any]) -> None:
    lines = ["# Fault matrix", "", *_summary(whole_table), ""]
    for row in engine.ROWS:
        lines += [f"## {row.name}", "", "| fault | history (▸ the fault ends) | seconds | deadline | well again |"]
        lines += ["|---|---|---:|---:|---|"]
        for cell in row.cells:
            lines.append(_line(cell, whole_table[row.name, cell.name]))
        lines.append("")
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
        f"{len(table)} cells, {good} as expected, {len(table) - good} not. Nearest to its deadline: "
        f"{' '.join(longest[0])} with {longest[1].seconds:.1f} s of {longest[1].deadline_s:g} s.",
    ]


def _line(cell: engine.Cell, played: Any) -> str:
    told = played.told if not cell.flaps else " · ".join(engine.collapsed(played.history)) + " (repeats)"
    wrong = engine.judge(cell, played)
    return f"| {cell.name} | {told} | {played.seconds:.2f} | {played.deadline_s:g} | {wrong or 'yes'} |"
