"""Scanners that obey commands, each against its other side in another process, with each fault."""

from __future__ import annotations

import os
import threading
import time
import tty
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers import faults, registry
from drivers.api import CodeScanner, DeviceError, DeviceState, Identified
from drivers.code_scanner._command_reader import CommandReader
from drivers.code_scanner._line_reader import LineReader
from drivers.codec.scanner import newland, register_engine
from drivers.codec.scanner.replies import Reply, Verdict
from drivers.settings import SettingsError

FAMILIES = ("newland_unified", "register_engine", "honeywell_serial")
ANSWERED_TRIGGER = ("newland_unified", "register_engine")
CASE = "2007026112400019"
PATIENCE_S = 20.0
ADDRESS = "厦门市翔安区新店镇" + CASE


@pytest.fixture(scope="module", params=FAMILIES)
def twin(request: pytest.FixtureRequest, start_twin: Callable[..., Any]) -> Any:
    return start_twin("code_scanner", baud=9600, family=request.param, aim=True)


@pytest.fixture
def fresh(twin: Any) -> Any:
    """The scanner as it is after power-on, without faults."""
    twin.ctl("clear")
    twin.ctl("unplug")
    twin.ctl("replug")
    return twin


def _family(twin: Any) -> str:
    settings: str = twin.process.args[-1]
    return next(name for name in FAMILIES if name in settings)


def _make(twin: Any, **table: object) -> CodeScanner:
    driver = registry.create("code_scanner", _family(twin), {"port": str(twin.link), "baud": 9600, **table})
    assert isinstance(driver, CodeScanner)
    return driver


@pytest.fixture(params=["sight", "command"])
def scanner(request: pytest.FixtureRequest, fresh: Any) -> Iterator[CodeScanner]:
    driver = _make(fresh, reading=request.param)
    driver.open()
    yield driver
    driver.close()


@pytest.fixture
def commanded(fresh: Any) -> Iterator[CodeScanner]:
    driver = _make(fresh, reading="command")
    driver.open()
    yield driver
    driver.close()


def _fault_of(call: Callable[[], object]) -> faults.Fault:
    with pytest.raises(DeviceError) as caught:
        call()
    return caught.value.fault


def _read(scanner: CodeScanner, timeout_s: float = PATIENCE_S) -> str | None:
    code = scanner.read(timeout_s)
    return code.text if code else None


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_chinese_code_is_read_by_sight_and_by_command(twin: Any, scanner: CodeScanner, encoding: str) -> None:
    twin.ctl("show", text=ADDRESS, encoding=encoding)
    code = scanner.read(PATIENCE_S)
    assert code is not None and (code.symbology, code.text) == ("qr", ADDRESS)
    assert scanner.read(0.1) is None


@pytest.mark.parametrize("older", [{"text": CASE}, {"hex": b";\x03".hex()}], ids=["a code", "the rest of an answer"])
def test_what_was_under_way_before_the_scanner_was_opened_is_nobodys_code(fresh: Any, older: dict[str, str]) -> None:
    fresh.ctl("fault", name="late", on="code", delay_s=0.4, count=1)
    fresh.ctl("show", **older)
    driver = _make(fresh)
    driver.open()
    try:
        assert _read(driver, 0.3) is None
        fresh.ctl("show", text=CASE)
        assert _read(driver) == CASE
    finally:
        driver.close()


def test_the_lamp_is_on_only_while_someone_reads(twin: Any, commanded: CodeScanner) -> None:
    assert twin.ctl("status")["by_command"] is True
    assert commanded.read(0.1) is None
    twin.ctl("wait", key="lamp", equals=False, timeout_s=PATIENCE_S)
    twin.ctl("show", text=CASE)
    assert twin.ctl("status")["in_view"] is True, "not read while no one asks"
    assert _read(commanded) == CASE
    assert twin.ctl("wait", key="lamp", equals=False, timeout_s=PATIENCE_S)["lit_times"] == 2


def test_a_code_shown_late_in_a_long_wait_is_read(twin: Any, commanded: CodeScanner) -> None:
    before = twin.ctl("status")["commands"]
    found: list[str | None] = []
    thread = threading.Thread(target=lambda: found.append(_read(commanded, PATIENCE_S)))
    thread.start()
    twin.ctl("wait", key="commands", at_least=before + 2, timeout_s=PATIENCE_S)  # lit, and lit again
    twin.ctl("show", text=CASE)
    thread.join(PATIENCE_S)
    assert found == [CASE]


def test_a_code_of_four_thousand_bytes_arrives_whole(start_twin: Callable[..., Any]) -> None:
    fast = start_twin("code_scanner", baud=115200, family="newland_unified")
    scanner = registry.create("code_scanner", "newland_unified", {"port": str(fast.link), "baud": 115200})
    assert isinstance(scanner, CodeScanner)
    scanner.open()
    text = ("厦门翔安" + CASE) * 146
    fast.ctl("show", text=text)
    code = scanner.read(0.2)
    scanner.close()
    assert code is not None and (code.text, len(code.raw)) == (text, 4088)


def test_two_codes_glued_together_are_two_codes(start_twin: Callable[..., Any]) -> None:
    framed = start_twin("code_scanner", family="newland_unified", suffix="none", stx_etx=True)
    scanner = registry.create("code_scanner", "newland_unified", {"port": str(framed.link)})
    assert isinstance(scanner, CodeScanner)
    scanner.open()
    framed.ctl("show", text="111")
    framed.ctl("show", text="222")
    assert [_read(scanner), _read(scanner)] == ["111", "222"]
    scanner.close()


@pytest.mark.parametrize("where", ["ack_before_code", "ack_behind_code"])
def test_an_answer_glued_to_a_code_is_parted_from_it(twin: Any, commanded: CodeScanner, where: str) -> None:
    on = "ack" if _family(twin) in ANSWERED_TRIGGER else "query"
    twin.ctl("fault", name=where, on=on)
    twin.ctl("show", text=CASE)
    if on == "query":
        assert commanded.status().state is not DeviceState.HARDWARE_ERROR  # the answer is owed from here on
    assert _read(commanded) == CASE
    assert commanded.status().state is DeviceState.ONLINE


def test_a_late_answer_between_two_codes_reaches_nobody(twin: Any, scanner: CodeScanner) -> None:
    twin.ctl("fault", name="ack_behind_code")
    scanner.status()  # its answer leaves behind the first code
    twin.ctl("show", text="111")
    first = _read(scanner)
    twin.ctl("show", text="222")
    assert [first, _read(scanner), scanner.read(0.2)] == ["111", "222", None]


@pytest.mark.parametrize(
    "fault",
    [{"name": "garble", "at": 0}, {"name": "garble", "at": 3}, {"name": "drop", "at": 0}, {"name": "drop", "at": 5},
     {"name": "half"}, {"name": "duplicate"}, {"name": "late", "delay_s": 0.7}, {"name": "mute"}, {"name": "echo"}],
    ids=str,
)  # fmt: skip
def test_no_spoiled_answer_becomes_a_code_or_hides_the_next(
    twin: Any, commanded: CodeScanner, fault: dict[str, Any]
) -> None:
    scanner = commanded
    twin.ctl("fault", **fault)
    assert scanner.status().state is DeviceState.ONLINE, "asked a second time"
    assert scanner.read(0.2) is None
    twin.ctl("show", text=CASE)
    assert _read(scanner) == CASE


def test_a_code_shown_while_the_scanner_is_asked_how_it_is_is_not_lost(twin: Any, fresh: Any) -> None:
    scanner = _make(twin, reading="sight")
    scanner.open()
    before = twin.ctl("status")["bytes_out"]  # The first bytes of the code are out as soon as it is shown.
    twin.ctl("show", text=CASE)
    twin.ctl("wait", key="bytes_out", at_least=before + len(CASE))
    assert scanner.status().state is DeviceState.ONLINE
    assert _read(scanner) == CASE
    scanner.close()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"name": "mute", "count": -1}, faults.DEV_SILENT),
        ({"name": "half", "count": -1}, faults.DEV_GARBLED),
        ({"name": "refuse"}, faults.SCN_REFUSED),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_opening_proves_that_the_expected_scanner_answers(
    fresh: Any, quickest: Any, fault: dict[str, Any], expected: faults.Fault
) -> None:
    scanner = _make(fresh)

    def seconds_of_opening() -> float:
        fresh.ctl("clear")
        fresh.ctl("fault", **fault)
        began_s = time.monotonic()
        assert _fault_of(scanner.open) is expected
        return time.monotonic() - began_s

    assert quickest(seconds_of_opening, 4.0) < 4.0
    fresh.ctl("clear")
    scanner.open()
    fresh.ctl("show", text=CASE)
    assert _read(scanner) == CASE
    scanner.close()


@pytest.mark.parametrize("model", FAMILIES)
def test_another_family_is_refused_by_its_name(fresh: Any, model: str) -> None:
    driver = registry.create("code_scanner", model, {"port": str(fresh.link)})
    if model == _family(fresh):
        driver.open()
        driver.close()
        return
    with pytest.raises(DeviceError, match=f"answers as {_family(fresh)}, not as {model}") as caught:
        driver.open()
    assert caught.value.fault is faults.SCN_OTHER_KIND


def test_another_product_of_the_same_family_is_refused_and_the_right_one_named(fresh: Any) -> None:
    if _family(fresh) == "register_engine":
        with pytest.raises(SettingsError, match="product"):
            _make(fresh, product="GM65")
        return
    with pytest.raises(DeviceError, match="TWIN-2D-SCANNER") as caught:
        _make(fresh, product="EM20-80").open()
    assert caught.value.fault is faults.SCN_OTHER_KIND
    right = _make(fresh, product="TWIN-2D")
    right.open()
    assert isinstance(right, Identified)
    assert "TWIN-2D-SCANNER" in right.identity().product
    right.close()


def test_a_scanner_that_refuses_to_read_or_falls_silent_says_so(twin: Any, commanded: CodeScanner) -> None:
    if _family(twin) not in ANSWERED_TRIGGER:
        twin.ctl("fault", name="mute", count=-1)
        assert commanded.read(0.1) is None, "this family answers nothing to its trigger"
    else:
        twin.ctl("fault", name="refuse")
        assert _fault_of(lambda: commanded.read(1.0)) is faults.SCN_REFUSED
        twin.ctl("fault", name="mute", count=-1)
        assert _fault_of(lambda: commanded.read(5.0)) is faults.DEV_SILENT
    status = commanded.status()
    assert (status.state, status.faults) == (DeviceState.OFFLINE, frozenset({"DEV-002"}))
    twin.ctl("clear")
    commanded.reset()
    assert commanded.status().state is DeviceState.ONLINE


def test_a_pulled_scanner_is_lost_and_comes_back(twin: Any, scanner: CodeScanner) -> None:
    twin.ctl("unplug")
    assert _fault_of(lambda: scanner.read(PATIENCE_S)) is faults.DEV_LOST
    assert scanner.status().state is DeviceState.NO_DEVICE
    twin.ctl("replug")
    scanner.open()
    twin.ctl("show", text=CASE)
    assert _read(scanner) == CASE


def test_cancel_ends_the_reading_within_100_ms_and_puts_the_lamp_out(twin: Any, commanded: CodeScanner) -> None:
    times_s = []
    for _ in range(3):  # the best of three: the machine may be busy, the driver may not
        ended: list[faults.Fault] = []
        thread = threading.Thread(target=lambda: ended.append(_fault_of(lambda: commanded.read(30.0))))  # noqa: B023 - joined below
        thread.start()
        twin.ctl("wait", key="lamp", equals=True)
        began_s = time.monotonic()
        commanded.cancel()
        thread.join(PATIENCE_S)
        times_s.append(time.monotonic() - began_s)
        assert ended == [faults.DEV_CANCELLED]
        twin.ctl("wait", key="lamp", equals=False, timeout_s=PATIENCE_S)
    assert min(times_s) < 0.1


def test_a_code_of_one_resident_never_reaches_the_next(twin: Any, fresh: Any) -> None:
    scanner = _make(twin, reading="sight")
    scanner.open()
    twin.ctl("show", text="private")
    assert scanner.status().state is DeviceState.ONLINE
    scanner.cancel()
    assert scanner.read(0.2) is None
    twin.ctl("show", text="next")
    assert _read(scanner) == "next"
    scanner.close()


def test_a_late_answer_to_lamp_off_is_none_to_lamp_on() -> None:
    lit = newland.FAMILY.trigger(True)
    assert lit.is_answered_by(Reply(Verdict.ACK, "SCNTRG", b"1"))
    assert lit.is_answered_by(Reply(Verdict.ACK, "SCNTRG"))  # one that repeats no data
    assert not lit.is_answered_by(Reply(Verdict.ACK, "SCNTRG", b"0"))
    assert not lit.is_answered_by(Reply(Verdict.ACK, "SCNMOD", b"1"))


def test_an_answer_that_stops_in_its_middle_has_the_time_of_an_answer() -> None:
    """A busy machine hands its bytes over in pieces; the question is not asked a second time for that."""
    near, far = os.openpty()
    tty.setraw(far)
    asked: list[bytes] = []
    answer = newland.REPLY_PREFIX + b"#SCNTRG0\x06" + newland.END

    def answers() -> None:
        asked.append(os.read(near, 256))
        os.write(near, answer[:9])
        time.sleep(0.25)
        os.write(near, answer[9:])

    reader = CommandReader({"port": os.ttyname(far)}, newland.FAMILY)
    LineReader.open(reader)
    thread = threading.Thread(target=answers)
    thread.start()
    try:
        assert reader._ask_once(newland.FAMILY.trigger(False)).verdict is Verdict.ACK
    finally:
        thread.join()
        reader.close()
        os.close(near)
        os.close(far)
    assert asked == [newland.FAMILY.trigger(False).data]


def test_the_rest_of_an_answer_that_nobody_waits_for_is_no_code() -> None:
    """The lamp is put out without waiting; a busy machine hands the answer over in pieces between two readings."""
    near, far = os.openpty()
    tty.setraw(far)
    counted = bytes([0x00, 1, 0x00])
    answer = register_engine.REPLY_PREFIX + counted + register_engine.crc(counted)

    def sends() -> None:
        os.write(near, answer[:5])
        time.sleep(0.25)
        os.write(near, answer[5:])
        os.write(near, CASE.encode() + b"\r")

    reader = LineReader(os.ttyname(far), 9600, register_engine.FAMILY)
    reader.open()
    thread = threading.Thread(target=sends)
    thread.start()
    try:
        code = reader.read(PATIENCE_S)
    finally:
        thread.join()
        reader.close()
        os.close(near)
        os.close(far)
    assert code is not None
    assert code.text == CASE


@pytest.mark.parametrize("kept", [0, 1])
def test_a_checksum_without_its_answer_is_no_code(kept: int) -> None:
    counted = bytes([0x00, 1, 0x21])
    assert register_engine.FAMILY.is_debris(register_engine.crc(counted)[kept:])
    assert not register_engine.FAMILY.is_debris(b"701")
