"""The clock's jumps end waits and fire timers; a configuration that is wrong refuses with file and line."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.clock_socket import SteeredClock, serve_clock
from kiosk.adapters.settings.config import ConfigError, load_devices, load_terminal

ROOT = Path(__file__).resolve().parents[3]
GOOD = """
[terminal]
device = "XA-017-1"
site = "350213007007"
site_no = "017"
village = "后村社区"
place = "金海街道后村社区便民服务站"
[backoffice]
url = "http://127.0.0.1:8080"
key_file = "device.key"
"""


@pytest.fixture
def clock() -> Iterator[SteeredClock]:
    clock = SteeredClock()
    yield clock
    clock.close()


def test_a_jump_fires_what_is_due_in_order_and_leaves_the_rest(clock: SteeredClock) -> None:
    fired: list[str] = []
    last = threading.Event()
    clock.call_later(200, last.set)
    clock.call_later(100, lambda: fired.append("100"))
    clock.call_later(50, lambda: fired.append("50"))
    clock.call_later(300, lambda: fired.append("300"))
    clock.advance(250)
    assert last.wait(5)
    assert fired == ["50", "100"]


def test_a_cancelled_timer_does_not_fire_and_a_failing_one_stops_no_other(clock: SteeredClock) -> None:
    done = threading.Event()
    clock.call_later(1, done.set).cancel()
    clock.call_later(2, lambda: {}["missing"])
    after = threading.Event()
    clock.call_later(3, after.set)
    clock.advance(10)
    assert after.wait(5)
    assert not done.is_set()


def test_what_is_put_off_again_and_again_is_not_kept(clock: SteeredClock) -> None:
    fired = threading.Event()
    clock.call_later(100, fired.set)
    for _ in range(2000):
        clock.call_later(120, lambda: None).cancel()
    assert len(clock._heap) < 200
    clock.advance(101)
    assert fired.wait(5)


def test_a_jump_ends_a_wait(clock: SteeredClock) -> None:
    ended: list[bool] = []
    waiter = threading.Thread(target=lambda: ended.append(clock.wait(threading.Event(), 3600)))
    waiter.start()
    clock.advance(3601)
    waiter.join(5)
    assert ended == [False]


WAITERS, WATCHED_S = 20, 1.0
WAITING = f"""
import sys, threading, time
sys.path.insert(0, {str(ROOT)!r})
from kiosk.adapters.clock import SystemClock
from pathlib import Path

def switches():
    tasks = Path("/proc/self/task").glob("*/status")
    return sum(int(line.split()[1]) for task in tasks for line in task.read_text().splitlines()
               if line.startswith("voluntary_ctxt_switches"))

clock, over = SystemClock(), threading.Event()
clock.call_later(3600, over.set)
threads = [threading.Thread(target=clock.wait, args=(over, 3600)) for _ in range({WAITERS})]
for thread in threads:
    thread.start()
before = switches()
time.sleep(0.05)
while (now := switches()) - before > 1:  # until all wait but this one, which sleeps once a look
    before = now
    time.sleep(0.05)
before = now
time.sleep({WATCHED_S})
print(switches() - before)
over.set()
for thread in threads:
    thread.join()
clock.close()
"""


def test_threads_that_wait_do_not_wake_in_between() -> None:
    """Counted by the kernel, in a process that does nothing else. Looking ten times a second would be 200 wakes."""
    done = subprocess.run([sys.executable, "-c", WAITING], capture_output=True, text=True, check=True, timeout=30)
    assert int(done.stdout) < WAITERS


def test_a_wait_ends_with_its_event_or_at_its_time() -> None:
    clock = SystemClock()
    try:
        event = threading.Event()
        began_s = time.monotonic()
        assert clock.wait(event, 0.05) is False
        assert 0.05 <= time.monotonic() - began_s < 1.0
        assert clock.wait(event, -1.0) is False
        threading.Timer(0.05, event.set).start()
        assert clock.wait(event, 30.0) is True
        assert time.monotonic() - began_s < 5.0
    finally:
        clock.close()


def test_a_skew_moves_only_the_wall(clock: SteeredClock) -> None:
    wall, now = clock.wall(), clock.now()
    clock.skew(-259_200)
    assert (wall - clock.wall()).days in (2, 3)
    assert clock.now() >= now


def test_the_clock_is_steered_over_its_socket_and_bad_requests_are_named(clock: SteeredClock, tmp_path: Path) -> None:
    server = serve_clock(clock, tmp_path / "clock.sock")
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(tmp_path / "clock.sock"))
            file = line.makefile("rw")

            def ask(text: str) -> dict[str, object]:
                file.write(text + "\n")
                file.flush()
                answer = json.loads(file.readline())
                assert isinstance(answer, dict)
                return answer

            before = float(str(ask('{"op":"now"}')["now_s"]))
            assert float(str(ask('{"op":"advance","s":120}')["now_s"])) >= before + 120
            for bad in (
                "not json",
                "[]",
                '{"op":"advance"}',
                '{"op":"advance","s":-1}',
                '{"op":"fly"}',
                '{"op":"skew","s":true}',
            ):
                assert ask(bad)["ok"] is False
    finally:
        server.close()


def test_a_good_configuration_has_safe_defaults(tmp_path: Path) -> None:
    path = tmp_path / "terminal.toml"
    path.write_text(GOOD)
    config = load_terminal(path)
    assert (config.screen.diagonal_inch, config.control.clock_socket) == (21.5, "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("site_no", "sitenumber"), r"terminal.toml:5: unknown key sitenumber"),
        (('"017"', '"17"'), r"terminal.toml:5: site_no must be three digits"),
        (('"017"', "17"), r"terminal.site_no must be a text in quotes"),
        (("[backoffice]", "[back_office]"), r"terminal.toml:8: unknown table"),
        (("http://", "ftp://"), r"terminal.toml:9: url must be https://"),
        (
            ("http://127.0.0.1", "http://office.example"),
            r"toml:9: url must begin with https://: .*office.example",
        ),
        (("http://127.0.0.1", "http://10.0.0.1"), r"terminal.toml:9: url must begin with https://"),
        (("http://127.0.0.1:", "http://127.0.0.1:x"), r"terminal.toml:9: url is no address"),
        (
            ("[backoffice]", "[screen]\norientation = 'diagonal'\n[backoffice]"),
            r"toml:9: orientation must be",
        ),
        (("[backoffice]", "[voice]\naccent = 'teochew'\n[backoffice]"), r"toml:9: accent must be tongan or xiamen"),
        (
            ("[backoffice]", "[waiting]\near_pause_s = nan\n[backoffice]"),
            r"toml:9: waiting.ear_pause_s must be",
        ),
        (("[backoffice]", "[screen]\nwidth_px = -5\n[backoffice]"), r"toml:9: width_px must be 480 to 8192"),
        (("[terminal]", "[terminal"), "not TOML"),
        (('key_file = "device.key"', ""), "needs key_file"),
    ],
)
def test_a_wrong_configuration_is_refused_with_its_place(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    path = tmp_path / "terminal.toml"
    path.write_text(GOOD.replace(*change))
    with pytest.raises(ConfigError, match=said):
        load_terminal(path)


def test_a_device_without_a_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "devices.toml"
    path.write_text('[id_card]\nport = "/dev/x"\n')
    with pytest.raises(ConfigError, match=r"devices.toml:1: \[id_card\] needs model"):
        load_devices(path)


@given(st.binary(max_size=200))
def test_any_bytes_as_configuration_are_a_named_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("config") / "terminal.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError):
        load_terminal(path)
