"""A simulated printer as its own process, and the driver on its pty."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from drivers.api import QrRow, ReceiptRow, TextRow
from drivers.receipt_printer import _escpos_printer
from drivers.receipt_printer._escpos_printer import EscposPrinter
from drivers.receipt_printer.escpos_80mm import DRIVER
from drivers.sim.client import Control
from drivers.sim.lifetime import ends_with_us
from drivers.sim.up import command

BAUD = 115200


@dataclass
class Bench:
    """The driver under test and the hands at the printer."""

    driver: EscposPrinter
    hands: Control
    port: Path
    earlier_pages: int = 0

    def pages(self) -> list[dict[str, object]]:
        """What has come out since this test began."""
        pages = self.hands("pages")["pages"]
        assert isinstance(pages, list)
        return pages[self.earlier_pages :]

    def in_the_middle(self, act: Callable[[], object], rows: int = 150) -> threading.Thread:
        """Do something as soon as so many more rows are printed; the control socket is busy until then."""
        fed = self.hands("status")["fed_rows"]
        assert isinstance(fed, int)

        def wait_and_act() -> None:
            self.hands("wait", key="fed_rows", at_least=fed + rows)
            act()

        thread = threading.Thread(target=wait_and_act)
        thread.start()
        return thread

    def make_well(self) -> None:
        """As from the factory: no fault, cover closed, nothing in its buffers, a new roll."""
        self.hands("clear")
        self.hands("cover", open=False)
        self.hands("replug")
        self.hands("power", on=False)
        self.hands("power", on=True)
        self.hands("paper", state="out")
        self.hands("paper", state="ok")
        self.hands("wait", key="idle", equals=True)
        self.earlier_pages += len(self.pages())


@contextmanager
def _printer(folder: Path, settings: dict[str, object]) -> Iterator[Bench]:
    link, control = folder / "printer", folder / "printer.ctl"
    line = command("receipt_printer", link, control, {"baud": BAUD, **settings})
    process = subprocess.Popen(ends_with_us(line), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    hands = None
    driver = DRIVER({"port": str(link), "baud": BAUD})
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


@pytest.fixture(scope="session")
def shared_printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with _printer(tmp_path_factory.mktemp("printer"), {}) as bench:
        yield bench


@pytest.fixture
def bench(shared_printer: Bench) -> Iterator[Bench]:
    """A healthy printer, opened."""
    shared_printer.make_well()
    driver = DRIVER({"port": str(shared_printer.port), "baud": BAUD})
    driver.open()
    yield replace(shared_printer, driver=driver)
    driver.close()


@pytest.fixture
def short_rows() -> list[ReceiptRow]:
    return [TextRow("办好了", scale=2, bold=True, align="center"), QrRow("TSHP1:1")]


@pytest.fixture
def long_rows() -> list[ReceiptRow]:
    """Half a second of printing in a kilobyte: something can happen in the middle."""
    return [TextRow(f"第{row}行 先收下，还没有办好", bold=True) for row in range(20)]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that gives up waiting for a proof after one second instead of five."""
    monkeypatch.setattr(_escpos_printer, "COMPLETION_GRACE_S", 1.0)
