"""The fallback through a real, private cupsd with the real ippeveprinter behind it: CUPS is never believed."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers import faults
from drivers.api import DeviceError, DeviceState, DocumentResult, PaperSupply, PrintProof
from drivers.document_printer import _jobs, cups_queue
from drivers.document_printer.cups_queue import DRIVER
from drivers.faults import Fault
from drivers.sim.client import Control
from drivers.sim.lifetime import ends_with_us
from drivers.sim.up import command
from drivers.transport import ipp

pytestmark = pytest.mark.proof

Pdf = Callable[[int], bytes]
PAGE_S = 0.2


@contextmanager
def _queue(folder: Path) -> Iterator[tuple[Path, Control]]:
    link, control = folder / "a4", folder / "a4.ctl"
    line = command("document_printer", link, control, {"page_s": PAGE_S, "spooler": True})
    process = subprocess.Popen(ends_with_us(line), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        with Control(control) as hands:
            yield link, hands
    finally:
        process.stdin.close()
        assert process.wait(20) == 0
        process.stdout.close()


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[tuple[Any, Control, Path]]:
    """The driver on the queue, and the hands at the printer behind it."""
    with _queue(tmp_path) as (link, hands):
        driver = DRIVER({"port": str(link), "patience_s": 2})
        driver.open()
        yield driver, hands, link
        driver.close()


def jobs_of_cups(link: Path) -> dict[str, int]:
    """What CUPS says of each document: its name and job-state."""
    asking = ipp.IppLink(str(link), "kiosk")
    asking.open()
    told: dict[str, int] = {}
    for which in ("completed", "not-completed"):
        wanted = {"which-jobs": which, "requested-attributes": ["job-id", "job-name", "job-state"]}
        for job in asking.ask(ipp.Ask.GET_JOBS, wanted).jobs:
            told[str(job.get("job-name", job["job-id"]))] = int(str(ipp.number(job, "job-state")))
    return told


def test_a_document_is_proved_by_the_printer_itself_under_its_one_name(queue: Any, pdf: Pdf) -> None:
    driver, hands, link = queue
    result = driver.print_document(pdf(2), "case-1")
    assert result == DocumentResult(PrintProof.PROVED, 2, None, PaperSupply.FULL)
    (out,) = hands("pages")["pages"]
    assert (out["pages"], out["complete"]) == (2, True)
    assert list(jobs_of_cups(link)) == [out["job_name"]]


def test_a_printer_that_cannot_be_asked_leaves_every_document_unknown_although_cups_calls_it_completed(
    tmp_path: Path, pdf: Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cups_queue.CupsQueue, "_found_device", lambda _self: None)
    with _queue(tmp_path) as (link, hands):
        driver = DRIVER({"port": str(link)})
        driver.open()
        assert driver.status().paper is PaperSupply.UNKNOWN
        result = driver.print_document(pdf(1), "case-2")
        driver.close()
        assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.DOC_UNPROVED)
        assert [out["complete"] for out in hands("pages")["pages"]] == [True], "it did come out: nobody could know"
        assert list(jobs_of_cups(link).values()) == [9]


def test_a_jam_is_never_called_printed_and_nothing_of_it_comes_later(queue: Any, pdf: Pdf) -> None:
    driver, hands, link = queue
    hands("fault", name="jam", at=1)
    result = driver.print_document(pdf(2), "case-3")
    assert (result.proof, result.fault) == (PrintProof.NOT_PRINTED, faults.DOC_JAM)
    assert driver.status().faults == {faults.DOC_JAM.code}
    hands("unjam")
    hands("wait", key="settled", equals=True)
    driver.reset()
    assert all(state in (7, 8, 9) for state in jobs_of_cups(link).values())
    assert driver.print_document(pdf(1), "case-4").proof is PrintProof.PROVED
    assert [(out["pages"], out["complete"]) for out in hands("pages")["pages"]] == [(1, False), (1, True)]


def test_a_printer_killed_in_mid_document_is_unknown_whatever_cups_says(queue: Any, pdf: Pdf) -> None:
    driver, hands, link = queue
    hands("fault", name="die")
    result = driver.print_document(pdf(3), "case-5")
    assert result.proof is PrintProof.UNKNOWN
    assert result.fault in (faults.DEV_NOT_FOUND, faults.DEV_LOST)
    assert driver.status().state is DeviceState.NO_DEVICE
    hands("power", on=True)
    driver.open()
    assert all(state in (7, 8, 9) for state in jobs_of_cups(link).values()), "CUPS would have printed it in an hour"


def test_paper_out_is_waited_for_and_after_the_refill_each_page_comes_once(queue: Any, pdf: Pdf) -> None:
    driver, hands, _link = queue
    hands("paper_after", pages=1)
    held: list[Fault] = []

    def refill(fault: Fault) -> None:
        held.append(fault)
        hands("paper", state="ok")

    result = driver.print_document(pdf(2), "case-6", on_held=refill)
    assert held == [faults.DOC_PAPER_OUT]
    assert result == DocumentResult(PrintProof.PROVED, 2, None, PaperSupply.FULL)
    assert [(out["pages"], out["complete"]) for out in hands("pages")["pages"]] == [(2, True)]


def test_a_document_that_the_printer_keeps_is_told_as_left_there(
    queue: Any, pdf: Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As without CUPS: a printer without paper that does not let go prints it when somebody fills the tray."""
    driver, hands, _link = queue
    monkeypatch.setattr(_jobs, "CONFIRM_S", 1.0)
    hands("paper_after", pages=1)
    hands("fault", name="keeps_job", count=-1)
    result = driver.print_document(pdf(2), "case-10")
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.DOC_JOB_LEFT)
    hands("clear")
    driver.reset()
    hands("paper", state="ok")
    hands("wait", key="printing", equals=False)
    assert not [out for out in hands("pages")["pages"] if out["complete"]], "nothing comes out after it was taken back"


def test_a_cancelled_document_is_gone_from_queue_and_printer_at_the_visits_end(queue: Any, pdf: Pdf) -> None:
    driver, hands, link = queue
    hands("slow", page_s=30)
    ended: list[object] = []

    def run() -> None:
        try:
            ended.append(driver.print_document(pdf(1), "case-7"))
        except DeviceError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    hands("wait", key="printing", equals=True)
    driver.cancel()
    thread.join(5)
    assert isinstance(ended[0], DeviceError)
    driver.reset()
    assert all(state in (7, 8, 9) for state in jobs_of_cups(link).values())
    hands("wait", key="printing", equals=False)
    assert hands("pages")["pages"] == []


@pytest.mark.parametrize(
    ("broken", "proof", "whole"), [("create", PrintProof.NOT_PRINTED, 0), ("send", PrintProof.PROVED, 1)]
)
def test_a_queue_that_cups_stopped_over_a_broken_exchange_runs_again(
    queue: Any, pdf: Pdf, broken: str, proof: PrintProof, whole: int
) -> None:
    driver, hands, link = queue
    hands("fault", name="half", on=broken)
    result = driver.print_document(pdf(1), "case-8")
    assert result.proof is proof, result
    assert len(hands("pages")["pages"]) == whole
    assert all(state in (7, 8, 9) for state in jobs_of_cups(link).values()), "nothing comes out later"
    assert driver.status().faults == frozenset()
    assert driver.print_document(pdf(1), "case-9").proof is PrintProof.PROVED
    assert len(hands("pages")["pages"]) == whole + 1


def test_an_address_that_speaks_another_language_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="device"):
        DRIVER({"port": "ipp://127.0.0.1/printers/a4", "device": "socket://192.0.2.9"})
