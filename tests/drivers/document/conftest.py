"""A simulated A4 printer (the real ippeveprinter inside) as its own process, and the driver on its address."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.document_printer.ipp_everywhere import IppEverywhere
from drivers.sim.client import Control
from drivers.sim.lifetime import ends_with_us
from drivers.sim.up import command

PAGE_S = 0.2


def make_pdf(pages: int) -> bytes:
    """The smallest PDF of so many empty A4 pages."""
    kids = " ".join(f"{3 + n} 0 R" for n in range(pages))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>"]
    objects += ["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>"] * pages
    out = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    return out + f"{head}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n".encode()


@dataclass
class Bench:
    """The driver under test and the hands at the printer."""

    driver: IppEverywhere
    hands: Control
    control: Path
    port: Path
    earlier: int = 0

    def documents(self) -> list[dict[str, object]]:
        """What has come out since this test began."""
        pages = self.hands("pages")["pages"]
        assert isinstance(pages, list)
        return pages[self.earlier :]

    def make_well(self) -> None:
        """As from the factory, with an empty job list."""
        hands = self.hands
        hands("clear")
        hands("power", on=False)
        hands("paper", state="ok")
        for op, key in (("cover", "open"), ("tray", "out"), ("toner", "empty")):
            hands(op, **{key: False})
        hands("unjam")
        hands("slow", page_s=PAGE_S)
        hands("power", on=True)
        hands("replug")
        hands("wait", key="settled", equals=True)
        self.earlier += len(self.documents())

    def meanwhile(self, act: Callable[[Control], object]) -> threading.Thread:
        """Do something from another thread, with a control connection of its own."""

        def run() -> None:
            with Control(self.control) as hands:
                act(hands)

        thread = threading.Thread(target=run)
        thread.start()
        return thread


@pytest.fixture(scope="session")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("a4")
    link, control = folder / "a4", folder / "a4.ctl"
    line = command("document_printer", link, control, {"page_s": PAGE_S})
    process = subprocess.Popen(ends_with_us(line), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        yield link, control
    finally:
        process.stdin.close()
        assert process.wait(10) == 0
        process.stdout.close()


@pytest.fixture
def bench(printer: tuple[Path, Path]) -> Iterator[Bench]:
    """A healthy printer with an empty job list, opened."""
    link, control = printer
    with Control(control) as hands:
        driver = IppEverywhere({"port": str(link), "patience_s": 2})
        bench = Bench(driver, hands, control, link)
        bench.make_well()
        driver.open()
        yield bench
        driver.close()


@pytest.fixture
def pdf() -> Callable[[int], bytes]:
    return make_pdf
