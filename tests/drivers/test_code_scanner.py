"""The serial code scanner: framing, Chinese payloads, and codes that belong to one resident only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import faults, registry
from drivers.api import CodeScanner, DeviceError, DeviceState
from drivers.codec.scanner.line import ETX, MAX_CODE_BYTES, STX, LineAssembler, decode_code

CASE = "2007026112400019"
PATIENCE_S = 20.0


@pytest.mark.parametrize(
    ("line", "symbology", "text"),
    [
        (b"2007026112400019", "unknown", CASE),
        (b"]Q12007026112400019", "qr", CASE),
        (b"\x02]C02007026112400019\x03", "code128", CASE),
        ("厦门翔安".encode(), "unknown", "厦门翔安"),
        ("]Q1厦门翔安".encode("gb18030"), "qr", "厦门翔安"),
        ("陈𠮷".encode("gb18030"), "unknown", "陈𠮷"),
        (b"a\x00b\x1b[31mc\x7f", "unknown", "ab[31mc"),
        ("abc\u202ecba\u200b".encode(), "unknown", "abccba"),
    ],
)
def test_a_line_becomes_its_text_without_framing_or_control_characters(line: bytes, symbology: str, text: str) -> None:
    code = decode_code(line)
    assert (code.symbology, code.text) == (symbology, text)
    assert text not in repr(code)


@pytest.mark.parametrize("line", [b"\xff\xff\xff", b"\x80", b"\x02\x03", b"]Q1", b"\x00\x01"])
def test_bytes_that_are_no_text_are_unreadable(line: bytes) -> None:
    with pytest.raises(DeviceError) as caught:
        decode_code(line)
    assert caught.value.fault is faults.SCN_UNREADABLE


def is_one_code(data: bytes) -> bool:
    """No line end, and no frame that ends where another begins."""
    return not set(data) & set(b"\r\n") and ETX + STX not in data


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40).filter(is_one_code)), st.integers(1, 64))
def test_codes_come_apart_at_line_ends_in_any_chunking(codes: list[bytes], size: int) -> None:
    stream = b"".join(code + (b"\r\n" if at % 2 else b"\r") for at, code in enumerate(codes))
    assembler = LineAssembler()
    found = []
    for at in range(0, len(stream), size):
        found += assembler.feed(stream[at : at + size])
    assert found == codes
    assert not assembler.pending


def test_a_flood_without_line_end_is_refused_and_forgotten() -> None:
    assembler = LineAssembler()
    with pytest.raises(DeviceError):
        assembler.feed(b"7" * (MAX_CODE_BYTES + 1))
    assert assembler.feed(b"12\r") == [b"12"]


@pytest.fixture(scope="module")
def twin(start_twin: Callable[..., Any]) -> Any:
    return start_twin("code_scanner", baud=9600, aim=True, stx_etx=True)


@pytest.fixture
def scanner(twin: Any) -> Iterator[CodeScanner]:
    twin.ctl("clear")
    twin.ctl("replug")
    driver = registry.create("code_scanner", "serial_line", {"port": str(twin.link), "baud": 9600})
    assert isinstance(driver, CodeScanner)
    driver.open()
    yield driver
    driver.close()


def test_a_shown_code_is_read_over_the_wire(twin: Any, scanner: CodeScanner) -> None:
    assert scanner.read(0.1) is None
    twin.ctl("show", text="厦门市翔安区" + CASE, symbology="qr", encoding="gb18030")
    code = scanner.read(PATIENCE_S)
    assert code is not None
    assert (code.symbology, code.text) == ("qr", "厦门市翔安区" + CASE)


def test_two_codes_shown_at_once_are_two_codes(twin: Any, scanner: CodeScanner) -> None:
    twin.ctl("show", text="111")
    twin.ctl("show", text="222")
    codes = [scanner.read(PATIENCE_S), scanner.read(PATIENCE_S)]
    assert [code.text for code in codes if code] == ["111", "222"]


def test_a_scanner_without_suffix_ends_its_code_by_silence(start_twin: Callable[..., Any]) -> None:
    bare = start_twin("code_scanner", baud=9600, suffix="none")
    scanner = registry.create("code_scanner", "serial_line", {"port": str(bare.link)})
    scanner.open()
    assert isinstance(scanner, CodeScanner)
    bare.ctl("show", text=CASE)
    code = scanner.read(PATIENCE_S)
    scanner.close()
    assert code is not None and code.text == CASE


def test_a_code_of_one_resident_never_reaches_the_next(twin: Any, scanner: CodeScanner) -> None:
    sent = twin.ctl("status")["bytes_out"]
    twin.ctl("show", text="private")
    twin.ctl("wait", key="bytes_out", at_least=sent + len("private"))
    scanner.cancel()
    assert scanner.read(0.2) is None
    twin.ctl("show", text="next")
    code = scanner.read(PATIENCE_S)
    assert code is not None and code.text == "next"


@pytest.mark.parametrize(
    "fault",
    [
        {"name": "mute"},
        {"name": "half", "at": 0},
        {"name": "late", "delay_s": 0.2},
        {"name": "drop", "at": 6},
        {"name": "garble", "at": 8},
        {"name": "wrong_baud"},
        {"name": "junk"},
        {"name": "duplicate"},
        {"name": "echo"},
    ],
    ids=lambda fault: fault["name"],
)
def test_no_fault_of_the_line_hangs_or_crashes_the_scanner(
    twin: Any, scanner: CodeScanner, fault: dict[str, Any]
) -> None:
    twin.ctl("fault", **fault)
    twin.ctl("show", text=CASE)
    deadline_s = time.monotonic() + 0.35
    while time.monotonic() < deadline_s:
        try:
            scanner.read(0.15)
        except DeviceError as error:
            assert error.fault is faults.SCN_UNREADABLE
    scanner.reset()
    twin.ctl("show", text="after")
    code = scanner.read(PATIENCE_S)
    assert code is not None and code.text == "after"


def test_a_pulled_scanner_is_lost_and_comes_back(twin: Any, scanner: CodeScanner) -> None:
    twin.ctl("fault", name="unplug", at=4)
    twin.ctl("show", text=CASE)
    with pytest.raises(DeviceError) as caught:
        scanner.read(PATIENCE_S)
    assert caught.value.fault is faults.DEV_LOST
    assert scanner.status().state is DeviceState.NO_DEVICE
    twin.ctl("replug")
    scanner.open()
    twin.ctl("show", text="back")
    code = scanner.read(PATIENCE_S)
    assert code is not None and code.text == "back"


def test_cancel_ends_the_waiting_for_a_code(scanner: CodeScanner) -> None:
    ended: list[faults.Fault] = []

    def wait() -> None:
        try:
            scanner.read(30.0)
        except DeviceError as error:
            ended.append(error.fault)

    thread = threading.Thread(target=wait)
    thread.start()
    busy_by_s = time.monotonic() + PATIENCE_S
    while scanner.status().state is not DeviceState.DEVICE_BUSY:
        assert time.monotonic() < busy_by_s, "scanner never became busy"
        time.sleep(0.005)
    scanner.cancel()
    thread.join(PATIENCE_S)
    assert ended == [faults.DEV_CANCELLED]
