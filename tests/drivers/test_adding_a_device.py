"""What docs/adding-a-device.md says is done here as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers import registry

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "adding-a-device.md").read_text(encoding="utf-8")
EXAMPLE = REPOSITORY / "docs" / "examples" / "read_and_print.py"
BENCH = "/tmp/bench"
"""Where the page puts its simulated devices; every run here has a folder of its own."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def run_block(block: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = block.replace(BENCH, str(folder))
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def test_the_whole_api_is_shown_in_twenty_lines_that_are_type_checked() -> None:
    lines = [line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) == 20
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(EXAMPLE)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(("card", "paper", "says"), [(True, "ok", "full printed"), (True, "out", "PRN-002")])
def test_the_example_runs_against_two_simulated_devices(
    start_twin: Callable[..., Any], residents_file: Path, card: bool, paper: str, says: str
) -> None:
    reader = start_twin("id_card", residents_file=str(residents_file))
    printer = start_twin("receipt_printer", make="escpos_58mm")
    reader.ctl("present", resident="a_kim")
    printer.ctl("paper", state=paper)
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), str(reader.link), str(printer.link)],
        cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert says in done.stdout + done.stderr
    assert (done.returncode == 0) is (paper == "ok")
    assert printer.ctl("status")["complete_pages"] == (1 if paper == "ok" else 0)


@pytest.mark.proof
@pytest.mark.parametrize("number", range(len(blocks("sh"))))
def test_every_command_of_the_page_works_as_it_stands_there(number: int, tmp_path: Path) -> None:
    done = run_block(blocks("sh")[number], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.proof
def test_the_first_block_prints_a_slip_that_is_whole(tmp_path: Path) -> None:
    done = run_block(blocks("sh")[0], tmp_path)
    assert "full printed" in done.stdout, done.stderr
    pages = json.loads(done.stdout.splitlines()[-1])["pages"]
    assert [page["complete"] for page in pages] == [True]


def test_the_table_of_the_page_makes_a_driver() -> None:
    for block in blocks("toml"):
        for device_class, table in tomllib.loads(block).items():
            registry.create(device_class, table["model"], table)


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`((?:drivers|docs|config|kiosk|tests)/[\w./-]+)`", PAGE))
    assert named
    assert [name for name in sorted(named) if not (REPOSITORY / name).exists()] == []


def test_a_hand_from_the_command_line_is_refused_by_name(start_twin: Callable[..., Any]) -> None:
    device = start_twin("headphone")
    tell = [sys.executable, "-m", "drivers.sim.tell", str(device.link)]
    for request, says in (('{"op": "dance"}', "dance"), ("no json", "Expecting"), ("{}", "op")):
        done = subprocess.run([*tell, request], cwd=REPOSITORY, capture_output=True, text=True, check=False)
        assert (done.returncode, says in done.stderr) == (1, True), done.stderr
