"""The simulated devices themselves: the bench, the real pace, the rules of the card module."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.sim.client import Control, ControlError
from drivers.sim.lifetime import ends_with_us

REPOSITORY = Path(__file__).resolve().parents[2]
BASE_REPLY_BYTES = 1295


def _start_bench(plan: Path, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "drivers.sim", "up", str(plan), "--dir", str(folder)]
    return subprocess.Popen(
        ends_with_us(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPOSITORY
    )


def _finish(bench: subprocess.Popen[bytes]) -> str:
    try:
        _, errors = bench.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        bench.kill()
        bench.communicate()
        raise
    return errors.decode()


@pytest.mark.parametrize("how", ["signal", "end of the pipe"])
def test_the_bench_starts_every_device_of_the_plan_and_ends_them_all(tmp_path: Path, how: str) -> None:
    bench = _start_bench(REPOSITORY / "config" / "sim.toml", tmp_path)
    assert bench.stdout is not None and bench.stdout.readline() == b"ready\n"
    names = ["code_scanner", "headphone", "id_card", "receipt_printer"]
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".ctl"} >= set(names)
    for name in names:
        assert (tmp_path / name).is_symlink() and (tmp_path / name).is_char_device()
        with Control(tmp_path / f"{name}.ctl") as control:
            assert control("status")["plugged"] is True
    with Control(tmp_path / "id_card.ctl") as control:
        control("present", resident="a_kim")
    if how == "signal":
        bench.send_signal(signal.SIGTERM)
    _finish(bench)
    assert bench.returncode == 0
    assert [path.name for path in tmp_path.iterdir() if path.name in names or path.suffix == ".ctl"] == []


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ("[headphone]\n[toaster]\n", "toaster"),
        ("[headphone]\n[id_card]\nbaud = 'fast'\n", "id_card"),
        ("id_card = 3\n", "table"),
        ("[", "toml"),
    ],
)
def test_a_bench_that_cannot_start_says_why_and_leaves_nothing_running(tmp_path: Path, plan: str, reason: str) -> None:
    (tmp_path / "sim.toml").write_text(plan, encoding="utf-8")
    bench = _start_bench(tmp_path / "sim.toml", tmp_path / "run")
    assert reason in _finish(bench)
    assert bench.returncode == 1
    assert not (tmp_path / "run" / "headphone").exists()


class Wire:
    """The host's end of a twin's line, without any driver."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.at_most_s = 0.0

    def ask(self, request_hex: str, timeout_s: float = 2.0, quiet_s: float = 0.04) -> tuple[bytes, float]:
        """Send a request; the answer until the line is quiet, and the seconds its bytes took.

        `at_most_s` is the time since the request, which a reader that is late cannot shorten.
        """
        asked_s = time.monotonic()
        os.write(self.fd, bytes.fromhex(request_hex))
        heard, first_s, last_s = b"", 0.0, 0.0
        while select.select([self.fd], [], [], quiet_s if heard else timeout_s)[0]:
            heard += os.read(self.fd, 4096)
            last_s = time.monotonic()
            first_s = first_s or last_s
        self.at_most_s = last_s - asked_s
        return heard, last_s - first_s


FIND, SELECT, READ, ADDRESS = (
    "AAAAAA96690003200122",
    "AAAAAA96690003200221",
    "AAAAAA96690003300132",
    "AAAAAA96690003300330",
)


@pytest.fixture
def module_with_card(start_twin: Callable[..., Any], residents_file: Path) -> Any:
    twin = start_twin("id_card", residents_file=str(residents_file), radio_time_percent=25)
    twin.ctl("present", resident="a_kim")
    return twin


def test_the_module_reads_only_a_card_that_was_found_and_selected_just_before(module_with_card: Any) -> None:
    wire = Wire(module_with_card.link)

    def status_of(request: str) -> int:
        return wire.ask(request)[0][9]

    assert status_of(READ) != 0x90
    assert status_of(SELECT) == 0x81
    assert (status_of(FIND), status_of(READ)) == (0x9F, 0x23)
    assert (status_of(FIND), status_of(SELECT), status_of(READ)) == (0x9F, 0x90, 0x90)
    assert status_of(ADDRESS) == 0x91
    assert status_of(READ) != 0x90
    module_with_card.ctl("lift")
    assert status_of(FIND) == 0x80
    os.close(wire.fd)


def test_the_module_names_a_spoiled_and_an_unknown_request(module_with_card: Any) -> None:
    wire = Wire(module_with_card.link)
    assert wire.ask("AAAAAA96690003200123")[0][9] == 0x10
    assert wire.ask("AAAAAA966900037777" + "03")[0][9] == 0x21
    assert wire.ask("00AA" + FIND)[0].hex().upper() == "AAAAAA9669000800009F0000000097"
    os.close(wire.fd)


@pytest.mark.parametrize("baud", [115200, 57600])
def test_bytes_take_as_long_as_on_a_real_line(start_twin: Callable[..., Any], residents_file: Path, baud: int) -> None:
    twin = start_twin("id_card", residents_file=str(residents_file), baud=baud)
    twin.ctl("present", resident="a_kim")
    wire = Wire(twin.link)
    line_s = BASE_REPLY_BYTES * 10 / baud
    times_s = []
    for _ in range(3):
        wire.ask(FIND)
        wire.ask(SELECT)
        reply, took_s = wire.ask(READ)
        assert len(reply) == BASE_REPLY_BYTES
        assert wire.at_most_s > line_s * 0.9, "never quicker than the line"
        times_s.append(took_s)
        if took_s < line_s * 1.35:
            break
    os.close(wire.fd)
    # A busy machine may delay one of them, not all three.
    assert min(times_s) < line_s * 1.35


@pytest.fixture(scope="module")
def handled(start_twin: Callable[..., Any]) -> Any:
    return start_twin("id_card")


@pytest.mark.parametrize(
    ("request_line", "reason"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (b'{"op":"dance"}', "dance"),
        (b'{"op":"fault","name":"gremlin"}', "gremlin"),
        (b'{"op":"fault","name":"garble","at":"x"}', "at"),
        (b'{"op":"fault","name":"sw3:zz"}', "hex"),
        (b'{"op":"present","resident":"nobody"}', "nobody"),
        (b'{"op":"present","card":{"birth":"x"}}', "made"),
        (b'{"op":"present","card":7}', "needs"),
        (b'{"op":"present"}', "needs"),
        (b'{"op":"present","block_hex":"0g"}', "made"),
        (b'{"op":"wait","key":"card","equals":true,"timeout_s":0.01}', "card"),
    ],
)
def test_a_wrong_control_request_is_answered_and_the_device_lives_on(
    handled: Any, request_line: bytes, reason: str
) -> None:
    path = handled.link.with_name("id_card.ctl")
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(5)
        raw.connect(str(path))
        raw.sendall(request_line + b"\n")
        reply = raw.recv(65536)
    assert b'"ok": false' in reply and reason.encode() in reply
    assert handled.ctl("status")["plugged"] is True
    with pytest.raises(ControlError, match="unknown op"):
        handled.ctl("nonsense")
