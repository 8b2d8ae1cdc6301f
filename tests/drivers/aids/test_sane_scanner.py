"""Scanners by SANE's own program and its `test` backend: every status has a name, nothing that hangs is waited for."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers import faults, registry
from drivers.api import CaptureHint, DeviceError, DeviceState
from drivers.codec import sane
from drivers.document_scanner import sane_scanimage
from drivers.document_scanner.sane_scanimage import SaneScanimage
from drivers.transport import scan_program, tap

SMALL = {"resolution_dpi": 50}
PATIENCE_S = 20.0


def _scanner(port: object, **table: object) -> SaneScanimage:
    made = registry.create("document_scanner", "sane_scanimage", {"port": str(port), **SMALL, **table})
    assert isinstance(made, SaneScanimage)
    return made


def _fault_of(call: Callable[[], object]) -> faults.Fault:
    with pytest.raises(DeviceError) as caught:
        call()
    return caught.value.fault


def _running() -> set[int]:
    """Ids of the scanimage processes that this process has started and that still run."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state = (folder / "stat").read_text().rpartition(")")[2].split()
                if state[0] != "Z" and int(state[1]) == os.getpid() and "scanimage" in (folder / "comm").read_text():
                    found.add(int(folder.name))
            except OSError:
                continue
    return found


@pytest.fixture(scope="module")
def twin(start_twin: Callable[..., Any]) -> Any:
    return start_twin("document_scanner")


@pytest.fixture
def scanner(twin: Any) -> Iterator[SaneScanimage]:
    twin.ctl("clear")
    twin.ctl("replug")
    driver = _scanner(twin.link)
    driver.open()
    yield driver
    driver.close()


def test_a_page_is_a_whole_picture_of_the_size_that_was_asked_for(scanner: SaneScanimage) -> None:
    page = scanner.capture(10)
    assert sane.jpeg_size(page.jpeg) == (page.width_px, page.height_px)
    assert abs(page.width_px - 210 / 25.4 * 50) < 3 and abs(page.height_px - 297 / 25.4 * 50) < 3
    assert "jpeg" not in repr(page) and scanner.status().state is DeviceState.ONLINE


def test_a_feeder_ends_when_it_is_empty(twin: Any, scanner: SaneScanimage) -> None:
    assert len(scanner.capture_all(10, most=3)) == 3
    twin.ctl("fault", name="no_docs")
    assert _fault_of(lambda: scanner.capture_all(10)) is faults.SHT_ABSENT


def test_the_feeders_last_sheet_ends_the_stack(
    twin: Any, scanner: SaneScanimage, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = 0
    real = SaneScanimage._scan

    def scan(self: SaneScanimage, deadline_s: float) -> Any:
        nonlocal scans
        scans += 1
        if scans == 3:
            twin.ctl("fault", name="no_docs")
        return real(self, deadline_s)

    monkeypatch.setattr(SaneScanimage, "_scan", scan)
    assert len(scanner.capture_all(10)) == 2


@pytest.mark.parametrize(
    ("fault", "named", "state"),
    [
        ("jam", faults.SHT_JAM, DeviceState.USER_ERROR),
        ("cover", faults.SHT_COVER, DeviceState.USER_ERROR),
        ("io_error", faults.SHT_FAILED, DeviceState.HARDWARE_ERROR),
        ("no_memory", faults.SHT_FAILED, DeviceState.HARDWARE_ERROR),
        ("access", faults.SHT_DENIED, DeviceState.ONLINE),
        ("busy", faults.SHT_BUSY, DeviceState.ONLINE),
        ("no_docs", faults.SHT_ABSENT, DeviceState.ONLINE),
    ],
)
def test_a_status_of_sane_is_named_and_gone_after_the_next_good_scan(
    twin: Any, scanner: SaneScanimage, fault: str, named: faults.Fault, state: DeviceState
) -> None:
    twin.ctl("fault", name=fault)
    assert _fault_of(lambda: scanner.capture(2.0)) is named
    told = scanner.status()
    assert told.state is state
    assert told.faults == ({named.code} if state is not DeviceState.ONLINE else frozenset())
    assert told.cover_open is (True if fault == "cover" else None)
    twin.ctl("clear")
    assert scanner.capture(10).width_px > 0
    assert scanner.status().faults == frozenset()


def test_what_only_a_scan_can_show_is_forgotten_after_a_time(
    twin: Any, scanner: SaneScanimage, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin.ctl("fault", name="jam")
    assert _fault_of(lambda: scanner.capture(5)) is faults.SHT_JAM
    assert scanner.status().faults == {faults.SHT_JAM.code}
    monkeypatch.setattr(sane_scanimage, "HOLDS_S", 0.0)
    assert scanner.status().faults == frozenset()


def test_an_empty_feeder_is_told_once_and_the_sheet_is_taken_when_it_comes(twin: Any, scanner: SaneScanimage) -> None:
    hints: list[CaptureHint] = []
    twin.ctl("fault", name="no_docs")

    def on_hint(hint: CaptureHint) -> None:
        hints.append(hint)
        twin.ctl("clear")

    assert scanner.capture(10, on_hint=on_hint).height_px > 0
    assert hints == [CaptureHint.NO_PAGE]


def test_a_scanner_that_never_ends_is_left_in_time_and_its_program_with_it(
    twin: Any, scanner: SaneScanimage, quickest: Any
) -> None:
    def seconds_to_end() -> float:
        twin.ctl("fault", name="crawl")
        began_s = time.monotonic()
        assert _fault_of(lambda: scanner.capture(0.6)) is faults.DEV_SILENT
        return time.monotonic() - began_s

    assert quickest(seconds_to_end, 1.2) < 1.2
    twin.ctl("clear")
    assert scanner.capture(10).height_px > 0
    assert _running() == set()


def test_a_program_that_ignores_the_request_to_end_is_killed(
    twin: Any, scanner: SaneScanimage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = tmp_path / "scanimage"
    stubborn.write_text("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.1; done\n", encoding="ascii")
    stubborn.chmod(0o755)
    monkeypatch.setattr(scan_program, "PROGRAM", str(stubborn))
    monkeypatch.setattr(scan_program, "LET_GO_S", 0.3)
    assert _fault_of(lambda: scanner.capture(0.3)) is faults.DEV_SILENT
    end_s = time.monotonic() + PATIENCE_S
    while _running():
        assert time.monotonic() < end_s, "it still runs"
        time.sleep(0.02)


def test_a_cancel_ends_a_scan_at_once(twin: Any, scanner: SaneScanimage, quickest: Any) -> None:
    def seconds_to_end() -> float:
        twin.ctl("fault", name="crawl")
        ended: list[tuple[float, faults.Fault]] = []

        def scan() -> None:
            fault = _fault_of(lambda: scanner.capture(60))
            ended.append((time.monotonic(), fault))

        thread = threading.Thread(target=scan)
        thread.start()
        end_s = time.monotonic() + PATIENCE_S
        while not _running():
            assert time.monotonic() < end_s, "the scan never began"
            time.sleep(0.005)
        assert scanner.status().state is DeviceState.DEVICE_BUSY
        began_s = time.monotonic()
        scanner.cancel()
        thread.join(PATIENCE_S)
        assert ended and ended[0][1] is faults.DEV_CANCELLED
        end_s = time.monotonic() + PATIENCE_S
        while _running():
            assert time.monotonic() < end_s, "the scan program outlives the cancel"
            time.sleep(0.005)
        return ended[0][0] - began_s

    assert quickest(seconds_to_end, 0.1) < 0.1
    twin.ctl("clear")
    assert scanner.capture(10).width_px > 0


def test_a_picture_in_small_pieces_is_the_same_picture(twin: Any, scanner: SaneScanimage) -> None:
    whole = scanner.capture(10)
    twin.ctl("fault", name="short_reads")
    assert scanner.capture(20).jpeg == whole.jpeg


def test_half_a_picture_is_none(scanner: SaneScanimage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = scanner.capture(10).jpeg
    (tmp_path / "half").write_bytes(page[: len(page) // 2])
    program = tmp_path / "scanimage"
    program.write_text(f"#!/bin/sh\ncat {tmp_path / 'half'}\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setattr(scan_program, "PROGRAM", str(program))
    assert _fault_of(lambda: scanner.capture(5)) is faults.DEV_GARBLED


def test_a_scanner_that_is_away_and_a_program_that_is_not_installed_are_named(
    twin: Any, scanner: SaneScanimage, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin.ctl("unplug")
    assert scanner.status().state is DeviceState.NO_DEVICE
    assert _fault_of(lambda: scanner.capture(5)) is faults.DEV_LOST
    assert _fault_of(scanner.open) is faults.DEV_NOT_FOUND
    assert scanner.status().state is DeviceState.NO_DEVICE
    assert _fault_of(_scanner("nosuch:0").open) is faults.DEV_NOT_FOUND
    twin.ctl("replug")
    scanner.open()
    monkeypatch.setattr(scan_program, "PROGRAM", "scanimage-is-not-here")
    assert _fault_of(scanner.reset) is faults.DEV_NOT_FOUND


def test_a_name_with_a_star_finds_the_one_scanner_that_begins_so(twin: Any, scanner: SaneScanimage) -> None:
    (twin.link / "device").write_text("test:*\n", encoding="ascii")
    scanner.open()
    assert scanner.capture(10).width_px > 0
    (twin.link / "device").write_text("other:*\n", encoding="ascii")
    assert _fault_of(scanner.open) is faults.DEV_NOT_FOUND
    (twin.link / "device").write_text("test:0\n", encoding="ascii")


def test_words_count_where_the_exit_code_says_nothing() -> None:
    assert sane.fault_of(0, "scanimage: sane_read: Scanner cover is open\nscanimage: aborting\n") is faults.SHT_COVER
    assert sane.fault_of(0, "") is None
    assert sane.fault_of(6, "") is faults.SHT_JAM
    assert sane.fault_of(1, "scanimage: setting of option --mode failed (Invalid argument)") is faults.SHT_FAILED
    assert sane.fault_of(-11, "") is faults.SHT_FAILED
    assert sane.jpeg_size(b"\xff\xd8\xff\xe0\x00\x00\xff\xd9") is None


def test_what_ran_and_how_it_ended_is_told_without_the_picture(twin: Any, scanner: SaneScanimage) -> None:
    with tap.recording() as watched:
        scanner.capture(10)
        twin.ctl("fault", name="jam")
        _fault_of(lambda: scanner.capture(5))
        lines = registry.describer("document_scanner", "sane_scanimage")(watched.passages())
    assert [line.meaning for line in lines][:2] == ["run", "ended well"]
    assert "jammed" in lines[3].meaning
    assert all("bytes hidden" in line.shown for line in lines[1::2])
