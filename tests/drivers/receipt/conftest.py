"""A simulated printer as its own process, and the driver on its pty."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.api import QrRow, ReceiptRow, TextRow
from drivers.receipt_printer.escpos_80mm import Escpos80mm
from drivers.sim.client import Control
from drivers.sim.up import command

BAUD = 115200


@dataclass
class Bench:
    """The driver under test and the hands at the printer."""

    driver: Escpos80mm
    hands: Control
    port: Path

    def pages(self) -> list[dict[str, object]]:
        pages = self.hands("pages")["pages"]
        assert isinstance(pages, list)
        return pages


@contextmanager
def _printer(folder: Path, settings: dict[str, object]) -> Iterator[Bench]:
    link, control = folder / "printer", folder / "printer.ctl"
    line = command("receipt_printer", link, control, {"baud": BAUD, **settings})
    process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    hands = None
    driver = Escpos80mm({"port": str(link), "baud": BAUD})
    try:
        assert process.stdout.readline() == b"ready\n"
        hands = Control(control)
        yield Bench(driver, hands, link)
    finally:
        driver.close()
        if hands is not None:
            hands.close()
        process.stdin.close()
        assert process.wait(10) == 0
        process.stdout.close()


@pytest.fixture
def printer_with(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Start a printer with settings of its own."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(_printer(tmp_path, settings))


@pytest.fixture
def bench(printer_with: Callable[..., Bench]) -> Bench:
    """A healthy printer, opened."""
    made = printer_with()
    made.driver.open()
    return made


@pytest.fixture
def short_rows() -> list[ReceiptRow]:
    return [TextRow("办好了", scale=2, bold=True, align="center"), QrRow("TSHP1:1")]


@pytest.fixture
def long_rows() -> list[ReceiptRow]:
    """Half a second of printing in a kilobyte: something can happen in the middle."""
    return [TextRow(f"第{row}行 先收下，还没有办好", bold=True) for row in range(20)]
