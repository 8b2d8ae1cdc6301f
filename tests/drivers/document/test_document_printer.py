"""The A4 driver against the real ippeveprinter: what is said about a page is what happened to it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers import faults
from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceState,
    DocumentPrinter,
    DocumentResult,
    MediaSize,
    PaperSupply,
    PrintProof,
)
from drivers.document_printer import _jobs, ipp_everywhere
from drivers.document_printer.ipp_everywhere import DRIVER
from drivers.faults import Fault
from drivers.transport import ipp

pytestmark = pytest.mark.proof

Pdf = Callable[[int], bytes]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that calls a printer silent after one second instead of six."""
    monkeypatch.setattr(ipp.IppLink.ask, "__kwdefaults__", {"job": None, "document": b"", "timeout_s": 1.0})


STRUCK_OFF_S = 5.0


def unfinished(bench: Any) -> list[str]:
    """What the printer itself still has, asked by another host."""
    link = ipp.IppLink(str(bench.port), "somebody")
    link.open()
    answer = link.ask(ipp.Ask.GET_JOBS, {"which-jobs": "not-completed", "requested-attributes": ["job-id", "job-name"]})
    return [str(job.get("job-name")) for job in answer.jobs]


def in_background(bench: Any, pdf: bytes) -> tuple[threading.Thread, list[object]]:
    """Print on the device's thread; the list gets the result or the error."""
    ended: list[object] = []

    def run() -> None:
        try:
            ended.append(bench.driver.print_document(pdf, "350213-1"))
        except DeviceError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended


def test_the_driver_is_a_document_printer() -> None:
    printer: DocumentPrinter = DRIVER({"port": "ipp://192.0.2.7/ipp/print"})
    assert printer.status().state is DeviceState.NO_DEVICE
    with pytest.raises(ValueError, match="ipp://"):
        DRIVER({"port": "lpd://192.0.2.7/"})


def test_every_page_is_proved_and_lies_there_unchanged_on_a4(bench: Any, pdf: Pdf) -> None:
    document = pdf(2)
    result = bench.driver.print_document(document, "3502130171-0001")
    assert result == DocumentResult(PrintProof.PROVED, 2, None, PaperSupply.FULL)
    (out,) = bench.documents()
    assert out["sha256"] == hashlib.sha256(document).hexdigest()
    assert (out["pages"], out["complete"], out["media"]) == (2, True, MediaSize.A4.value)


def test_two_documents_of_one_case_have_two_names(bench: Any, pdf: Pdf) -> None:
    for _time in range(2):
        assert bench.driver.print_document(pdf(1), "case-7").proof is PrintProof.PROVED
    names = [str(out["job_name"]) for out in bench.documents()]
    assert len(set(names)) == 2
    assert all(name.startswith("case-7-") for name in names)


def test_paper_out_is_waited_for_and_after_the_refill_each_page_comes_once(bench: Any, pdf: Pdf) -> None:
    bench.hands("paper_after", pages=1)
    held: list[Fault] = []

    def refill_when_held(fault: Fault) -> None:
        held.append(fault)
        bench.hands("paper", state="ok")

    result = bench.driver.print_document(pdf(2), "case-8", on_held=refill_when_held)
    assert held == [faults.DOC_PAPER_OUT]
    assert result == DocumentResult(PrintProof.PROVED, 2, None, PaperSupply.FULL)
    assert [(out["pages"], out["complete"]) for out in bench.documents()] == [(2, True)]


def test_a_document_for_which_nobody_brings_paper_is_taken_back(bench: Any, pdf: Pdf) -> None:
    bench.hands("paper_after", pages=1)
    began_s = time.monotonic()
    result = bench.driver.print_document(pdf(2), "case-9")
    assert result == DocumentResult(PrintProof.NOT_PRINTED, 1, faults.DOC_PAPER_OUT, PaperSupply.OUT)
    assert time.monotonic() - began_s < 6
    bench.hands("paper", state="ok")
    bench.hands("wait", key="settled", equals=True)
    assert unfinished(bench) == []
    assert [(out["pages"], out["complete"]) for out in bench.documents()] == [(1, False)]


@pytest.mark.parametrize(
    ("op", "wrong", "fault", "paper"),
    [
        ("cover", {"open": True}, faults.DOC_OPEN, PaperSupply.FULL),
        ("tray", {"out": True}, faults.DOC_OPEN, PaperSupply.FULL),
        ("paper", {"state": "out"}, faults.DOC_PAPER_OUT, PaperSupply.OUT),
        ("toner", {"empty": True}, faults.DOC_TONER, PaperSupply.FULL),
    ],
)
def test_what_needs_a_hand_is_a_state_and_refuses_the_next_document(
    bench: Any, pdf: Pdf, op: str, wrong: dict[str, object], fault: Fault, paper: PaperSupply
) -> None:
    bench.hands(op, **wrong)
    bench.hands("wait", key="settled", equals=True)
    status = bench.driver.status()
    assert status.state in (DeviceState.USER_ERROR, DeviceState.HARDWARE_ERROR)
    assert (status.faults, status.paper) == ({fault.code}, paper)
    with pytest.raises(DeviceError) as refused:
        bench.driver.print_document(pdf(1), "case-10")
    assert (refused.value.fault, refused.value.completion) == (fault, CompletionCode.DEVICE_NOT_READY)
    assert bench.documents() == []


def test_low_paper_is_told_and_prints(bench: Any, pdf: Pdf) -> None:
    bench.hands("paper", state="low")
    bench.hands("wait", key="settled", equals=True)
    assert bench.driver.status().faults == {faults.DOC_PAPER_LOW.code}
    result = bench.driver.print_document(pdf(1), "case-11")
    assert (result.proof, result.paper) == (PrintProof.PROVED, PaperSupply.LOW)


def test_a_jam_is_not_printed_and_holds_until_the_sheet_is_out(bench: Any, pdf: Pdf) -> None:
    bench.hands("fault", name="jam", at=1)
    result = bench.driver.print_document(pdf(2), "case-12")
    assert result == DocumentResult(PrintProof.NOT_PRINTED, 1, faults.DOC_JAM, PaperSupply.JAMMED)
    assert bench.driver.status().faults == {faults.DOC_JAM.code}
    bench.hands("unjam")
    bench.hands("wait", key="settled", equals=True)
    assert bench.driver.status().faults == frozenset()
    assert bench.driver.print_document(pdf(1), "case-12").proof is PrintProof.PROVED


def test_a_job_that_the_printer_gives_up_is_not_printed(bench: Any, pdf: Pdf) -> None:
    bench.hands("fault", name="abort")
    result = bench.driver.print_document(pdf(1), "case-13")
    assert (result.proof, result.pages, result.fault) == (PrintProof.NOT_PRINTED, 0, faults.DOC_ABORTED)


def test_completed_without_a_count_is_no_proof(bench: Any, pdf: Pdf) -> None:
    bench.hands("fault", name="uncounted")
    result = bench.driver.print_document(pdf(1), "case-14")
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.DOC_UNPROVED)


def test_a_power_cut_in_mid_job_is_unknown_and_nothing_comes_later(bench: Any, pdf: Pdf) -> None:
    bench.hands("fault", name="die")
    result = bench.driver.print_document(pdf(3), "case-15")
    assert result.proof is PrintProof.UNKNOWN
    assert result.fault in (faults.DEV_NOT_FOUND, faults.DEV_LOST)
    assert bench.driver.status().state is DeviceState.NO_DEVICE
    bench.hands("power", on=True)
    bench.driver.open()
    assert unfinished(bench) == []
    assert bench.driver.print_document(pdf(1), "case-16").proof is PrintProof.PROVED
    assert [out["pages"] for out in bench.documents()] == [1, 1]


def test_the_network_cable_pulled_in_mid_job_is_unknown_and_the_job_is_found_and_deleted_later(
    bench: Any, pdf: Pdf
) -> None:
    bench.hands("slow", page_s=30)
    thread, ended = in_background(bench, pdf(1))
    bench.hands("wait", key="printing", equals=True)
    bench.hands("unplug")
    thread.join(10)
    (result,) = ended
    assert isinstance(result, DocumentResult)
    assert result.proof is PrintProof.UNKNOWN
    with pytest.raises(DeviceError) as lost:
        bench.driver.reset()
    assert lost.value.fault in (faults.DEV_NOT_FOUND, faults.DEV_LOST)
    bench.hands("replug")
    assert len(unfinished(bench)) == 1
    bench.driver.reset()
    assert unfinished(bench) == []
    assert bench.documents() == []


def test_a_printer_that_has_only_letter_is_refused_a4(bench: Any, pdf: Pdf) -> None:
    bench.hands("media", letter_only=True)
    try:
        with pytest.raises(DeviceError) as refused:
            bench.driver.print_document(pdf(1), "case-17")
        assert refused.value.fault is faults.DOC_MEDIA
        assert faults.DOC_MEDIA.code in bench.driver.status().faults
    finally:
        bench.hands("media", letter_only=False)


def test_a_size_that_the_printer_lacks_is_refused_before_anything_is_sent(bench: Any, pdf: Pdf) -> None:
    with pytest.raises(DeviceError) as refused:
        bench.driver.print_document(pdf(1), "case-18", MediaSize.A5)
    assert refused.value.fault is faults.DOC_MEDIA
    assert bench.hands("status")["documents"] == bench.earlier


def test_a_printer_that_takes_no_pdf_is_refused(bench: Any, pdf: Pdf) -> None:
    bench.hands("formats", types=["image/pwg-raster"])
    try:
        with pytest.raises(DeviceError) as refused:
            bench.driver.print_document(pdf(1), "case-19")
        assert refused.value.fault is faults.DOC_FORMAT
        assert bench.driver.status().faults == {faults.DOC_FORMAT.code}
    finally:
        bench.hands("formats", types=["application/pdf"])


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.4\nnothing follows", b"GIF89a", b"%PDF-1.7\n" + bytes(999)])
def test_what_is_no_pdf_never_reaches_the_printer(bench: Any, broken: bytes) -> None:
    before = bench.hands("status")["exchanges"]
    with pytest.raises(DeviceError) as refused:
        bench.driver.print_document(broken, "case-20")
    assert (refused.value.fault, refused.value.completion) == (faults.DOC_FORMAT, CompletionCode.INVALID_DATA)
    assert bench.hands("status")["exchanges"] == before


def test_a_name_of_a_person_is_no_job_name(bench: Any, pdf: Pdf) -> None:
    with pytest.raises(DeviceError) as refused:
        bench.driver.print_document(pdf(1), "陈阿婆")
    assert refused.value.fault is faults.DOC_REFUSED
    assert "陈" not in str(refused.value)


def test_cancel_ends_the_wait_within_a_tenth_of_a_second_and_the_visits_end_leaves_no_job(
    bench: Any, pdf: Pdf, quickest: Any
) -> None:
    bench.hands("slow", page_s=30)

    def seconds_to_end() -> float:
        thread, ended = in_background(bench, pdf(1))
        bench.hands("wait", key="printing", equals=True)
        began_s = time.monotonic()
        bench.driver.cancel()
        thread.join(10)
        took_s = time.monotonic() - began_s
        (error,) = ended
        assert isinstance(error, DeviceError)
        assert error.completion is CompletionCode.CANCELED
        bench.driver.reset()
        assert unfinished(bench) == []
        assert bench.documents() == []
        return took_s

    assert quickest(seconds_to_end, 0.3) < 0.3, "the exchange that calls the job back included"


def test_a_cancelled_document_is_called_back_at_once_not_only_at_the_visits_end(bench: Any, pdf: Pdf) -> None:
    bench.hands("slow", page_s=30)
    thread, ended = in_background(bench, pdf(1))
    bench.hands("wait", key="printing", equals=True)
    bench.driver.cancel()
    thread.join(5)
    assert isinstance(ended[0], DeviceError)
    bench.hands("wait", key="printing", equals=False)
    # Its engine has stopped; the printer strikes the job off its list a moment later.
    end_s = time.monotonic() + STRUCK_OFF_S
    while (left := unfinished(bench)) and time.monotonic() < end_s:
        pass
    assert left == []


def test_cancel_ends_the_wait_for_a_printer_that_answers_nothing(bench: Any, pdf: Pdf) -> None:
    bench.hands("fault", name="mute", on="job", count=-1)
    bench.hands("fault", name="mute", on="cancel", count=-1)
    thread, ended = in_background(bench, pdf(1))
    bench.hands("wait", key="printing", equals=True)
    bench.driver.cancel()
    thread.join(3)
    assert not thread.is_alive(), "it waits the six seconds that an answer has"
    assert isinstance(ended[0], DeviceError)
    assert ended[0].completion is CompletionCode.CANCELED
    bench.hands("clear")
    bench.driver.reset()
    assert unfinished(bench) == []


def test_a_cancel_while_nothing_runs_does_not_concern_the_next_document(bench: Any, pdf: Pdf) -> None:
    bench.driver.cancel()
    assert bench.driver.print_document(pdf(1), "case-21").proof is PrintProof.PROVED


def test_a_job_that_a_broken_off_run_left_is_deleted_at_the_next_opening(bench: Any, pdf: Pdf) -> None:
    bench.hands("slow", page_s=30)
    other = ipp.IppLink(str(bench.port), "kiosk")
    other.open()
    _jobs.Jobs(other, "kiosk").submit(pdf(1), "of-yesterday", MediaSize.A4)
    assert unfinished(bench) == ["of-yesterday"]
    bench.driver.open()
    assert unfinished(bench) == []


def test_another_hosts_job_is_left_alone(bench: Any, pdf: Pdf) -> None:
    bench.hands("slow", page_s=30)
    other = ipp.IppLink(str(bench.port), "clerk")
    other.open()
    _jobs.Jobs(other, "clerk").submit(pdf(1), "of-the-clerk", MediaSize.A4)
    bench.driver.reset()
    assert unfinished(bench) == ["of-the-clerk"]


@pytest.mark.proof
def test_a_document_that_the_printer_keeps_is_told_as_left_there(
    bench: Any, pdf: Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_jobs, "CONFIRM_S", 1.0)
    bench.hands("paper_after", pages=1)
    bench.hands("fault", name="keeps_job", count=-1)
    result = bench.driver.print_document(pdf(2), "case-22")
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.DOC_JOB_LEFT)


def test_a_job_whose_deletion_is_not_confirmed_is_named(bench: Any, pdf: Pdf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_jobs, "CONFIRM_S", 0.0)
    monkeypatch.setattr(_jobs.Jobs, "ask_cancel", lambda *_args: None)
    bench.hands("slow", page_s=30)
    _jobs.Jobs(bench.driver._link, "kiosk").submit(pdf(1), "stays", MediaSize.A4)
    with pytest.raises(DeviceError) as left:
        bench.driver.reset()
    assert left.value.fault is faults.DOC_JOB_LEFT
    monkeypatch.undo()
    bench.driver.reset()


@pytest.mark.parametrize(
    ("name", "state", "fault"),
    [
        ("mute", DeviceState.OFFLINE, faults.DEV_SILENT),
        ("late", DeviceState.OFFLINE, faults.DEV_SILENT),
        ("junk", DeviceState.OFFLINE, faults.DEV_GARBLED),
        ("not_http", DeviceState.OFFLINE, faults.DEV_GARBLED),
        ("http_error", DeviceState.OFFLINE, faults.DEV_GARBLED),
        ("half", DeviceState.OFFLINE, faults.DEV_GARBLED),
    ],
)
def test_silence_and_garbage_are_states_of_their_own_with_unknown_paper(
    bench: Any, hasty: None, name: str, state: DeviceState, fault: Fault
) -> None:
    bench.hands("fault", name=name)
    began_s = time.monotonic()
    status = bench.driver.status()
    assert time.monotonic() - began_s < 5, "it waits the six seconds that an unhurried driver gives it"
    assert (status.state, status.faults, status.paper) == (state, {fault.code}, PaperSupply.UNKNOWN)
    assert bench.driver.status().state is DeviceState.ONLINE


@pytest.mark.parametrize("name", ["mute", "junk", "half"])
def test_a_job_whose_acceptance_was_lost_is_found_by_its_name_and_printed_once(
    bench: Any, pdf: Pdf, hasty: None, name: str
) -> None:
    bench.hands("fault", name=name, on="print")
    assert bench.driver.print_document(pdf(1), "case-22").proof is PrintProof.PROVED
    assert len(bench.documents()) == 1


@pytest.mark.parametrize("on", ["job", "printer"])
def test_a_printer_that_falls_silent_in_mid_job_is_never_called_printed(
    bench: Any, pdf: Pdf, hasty: None, on: str
) -> None:
    bench.hands("fault", name="mute", on=on, skip=1, count=-1)
    result = bench.driver.print_document(pdf(3), "case-23")
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.DEV_SILENT)
    bench.hands("clear")
    bench.driver.reset()
    assert unfinished(bench) == []


def test_a_printer_that_stands_still_is_given_up_and_its_job_taken_back(
    bench: Any, pdf: Pdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ipp_everywhere, "WAKE_S", 0)
    driver = DRIVER({"port": str(bench.port), "page_s": 1})
    bench.hands("slow", page_s=30)
    driver.open()
    result = driver.print_document(pdf(1), "case-24")
    assert (result.proof, result.fault) == (PrintProof.NOT_PRINTED, faults.DOC_UNPROVED)
    assert unfinished(bench) == []


def test_close_from_another_thread_ends_the_wait(bench: Any, pdf: Pdf) -> None:
    bench.hands("slow", page_s=30)
    thread, ended = in_background(bench, pdf(1))
    bench.hands("wait", key="printing", equals=True)
    bench.driver.close()
    thread.join(3)
    assert isinstance(ended[0], DeviceError)
    bench.driver.open()
    assert unfinished(bench) == []


@pytest.fixture
def address(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "a4"


def test_an_address_file_that_is_missing_or_holds_nonsense_is_a_missing_device(address: Path) -> None:
    driver = DRIVER({"port": str(address)})
    with pytest.raises(DeviceError) as missing:
        driver.open()
    assert missing.value.fault is faults.DEV_NOT_FOUND
    address.write_text("somewhere else", encoding="ascii")
    with pytest.raises(DeviceError) as nonsense:
        driver.open()
    assert nonsense.value.fault is faults.DEV_NOT_FOUND
