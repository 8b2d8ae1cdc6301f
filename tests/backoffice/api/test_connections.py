"""Connections that stand still: each part of a request has its time, and what is held takes little memory."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import os
import secrets
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from backoffice.__main__ import main
from backoffice.api import connections
from backoffice.api.connections import Caps, Crowd, protocol, read_caps
from backoffice.api.gates import Admission, Gate, Gates
from backoffice.api.requests import BodyRoom, Pace
from backoffice.clock import SystemClock, unix_ms
from backoffice.identity.limits import LimitsError
from backoffice.problems.problem import Problem
from backoffice.store.deadline import left_s
from drivers.sim.lifetime import ends_with_us

ROOT = Path(__file__).resolve().parents[3]
KEY = bytes(range(32))
HELD = 60
MIB = 1024 * 1024
MORE_BYTES = 50 * MIB


def ready(connection: socket.socket, within_s: float = 10.0) -> bytes:
    """What comes until the other side has answered whole or closed; empty when it closed without a word."""
    connection.settimeout(within_s)
    got = b""
    while b"\r\n\r\n" not in got:
        part = connection.recv(65536)
        if not part:
            return got
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-len"))
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def is_closed(connection: socket.socket, within_s: float) -> bool:
    connection.settimeout(within_s)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


async def _refuses(scope: Scope) -> Admission:
    raise Problem("unsigned")


async def _anybody(scope: Scope) -> Admission:
    return Admission({})


async def _size(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    text = json.dumps({"size": len(message["body"]), "left_s": left_s(99.0)}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
    await send({"type": "http.response.body", "body": text})


async def _much(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(64):
        await send({"type": "http.response.body", "body": bytes(MIB), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


GATES = (Gate("/closed/", _refuses, 8 * MIB), Gate("/open/", _anybody, 8 * MIB))


@contextmanager
def served(app: Any, caps: Caps | None = None, proxy: str = "") -> Iterator[tuple[str, int]]:
    crowd = Crowd(caps or Caps(), lambda address: address == proxy)
    config = uvicorn.Config(app, log_config=None, lifespan="off", http=protocol(crowd), ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


def until(holds: Callable[[], bool], within_s: float = 10.0) -> None:
    ends_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < ends_s, "it never holds"
        time.sleep(0.01)


def gates(
    app: Any = _size, room: BodyRoom | None = None, pace: Pace | None = None, answer_within_s: float = 5.5
) -> Gates:
    return Gates(app, GATES, str, answer_within_s, room or BodyRoom(24 * MIB), pace)


def head(path: str, length: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()


def test_a_slow_body_costs_nothing_of_the_time_for_its_answer() -> None:
    with served(gates(answer_within_s=5.0)) as address, socket.create_connection(address) as caller:
        caller.sendall(head("/open/x", 8))
        for _ in range(8):
            caller.sendall(b"x")
            time.sleep(0.1)
        answer = json.loads(ready(caller).partition(b"\r\n\r\n")[2])
    assert answer["size"] == 8
    assert 5.0 - 0.8 < answer["left_s"] <= 5.0, "the body alone took 0.8 s"


def test_a_body_that_stands_still_is_told_so() -> None:
    with served(gates(pace=Pace(0.3, 4))) as address, socket.create_connection(address) as caller:
        caller.sendall(head("/open/x", 100) + b"xxx")
        answer = ready(caller)
        assert answer.startswith(b"HTTP/1.1 408 ") and b'"body_slow"' in answer


def test_a_body_that_comes_on_is_waited_for_beyond_one_window() -> None:
    with served(gates(pace=Pace(1.0, 2))) as address, socket.create_connection(address) as caller:
        caller.sendall(head("/open/x", 10))
        for _ in range(5):
            time.sleep(0.25)
            caller.sendall(b"xx")
        assert ready(caller).startswith(b"HTTP/1.1 200 ")


def test_who_is_refused_is_answered_before_the_body_comes() -> None:
    with served(gates()) as address, socket.create_connection(address) as caller:
        caller.sendall(head("/closed/x", 8 * MIB))
        assert ready(caller).startswith(b"HTTP/1.1 401 ")


def test_what_is_declared_too_large_is_refused_unread() -> None:
    with served(gates()) as address, socket.create_connection(address) as caller:
        caller.sendall(head("/open/x", 8 * MIB + 1))
        assert ready(caller).startswith(b"HTTP/1.1 413 ")


def test_bodies_have_a_room_together_and_give_it_back() -> None:
    room = BodyRoom(100)
    with served(gates(room=room)) as address, ExitStack() as held:
        first, second = (held.enter_context(socket.create_connection(address)) for _ in range(2))
        first.sendall(head("/open/x", 90) + bytes(80))
        until(lambda: room.taken_bytes > 60)
        second.sendall(head("/open/x", 40) + bytes(40))
        answer = ready(second)
        assert answer.startswith(b"HTTP/1.1 503 ") and b"retry-after" in answer.lower()
        first.sendall(bytes(10))
        assert ready(first).startswith(b"HTTP/1.1 200 ")
        second.sendall(head("/open/x", 100) + bytes(100))
        assert ready(second).startswith(b"HTTP/1.1 200 ")


def test_a_caller_that_goes_in_the_middle_reaches_no_route() -> None:
    reached: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["path"])

    async def run() -> None:
        messages: list[Message] = [
            {"type": "http.request", "body": b"{}", "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> Message:
            return messages.pop(0)

        async def send(message: Message) -> None:
            raise AssertionError("nobody is there")

        scope = {"type": "http", "method": "POST", "path": "/open/x", "headers": []}
        await gates(app)(scope, receive, send)

    asyncio.run(run())
    assert not reached


@pytest.mark.parametrize("sent", [b"", b"POST /open/x HTTP/1.1\r\nHost: x\r\nX-A: "], ids=["nothing", "half a header"])
def test_half_a_header_has_its_time(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(connections, "HEADERS_S", 0.3)
    with served(gates()) as address, socket.create_connection(address) as caller:
        caller.sendall(sent)
        for _ in range(2):
            # More bytes do not begin the time anew.
            time.sleep(0.1)
            caller.sendall(b"x" if sent else b"")
        assert is_closed(caller, 2.0)


def test_a_later_request_on_a_kept_connection_has_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADERS_S", 0.3)
    with served(gates()) as address, socket.create_connection(address) as caller:
        caller.sendall(head("/open/x", 0))
        assert ready(caller).startswith(b"HTTP/1.1 200 ")
        time.sleep(0.5)
        caller.sendall(head("/open/x", 0))
        assert ready(caller).startswith(b"HTTP/1.1 200 "), "between two requests another time counts"
        caller.sendall(b"POST /open/x HT")
        assert is_closed(caller, 2.0)


def test_the_rest_of_a_refused_body_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REST_S", 0.3)
    with served(gates()) as address, socket.create_connection(address) as caller:
        caller.sendall(head("/closed/x", 8 * MIB) + b"x")
        assert ready(caller).startswith(b"HTTP/1.1 401 ")
        ends_s = time.monotonic() + 3.0
        with pytest.raises(OSError):
            while time.monotonic() < ends_s:
                caller.sendall(b"x")
                time.sleep(0.05)


def test_an_answer_that_nobody_takes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STALLED_S", 0.3)
    with served(gates(_much)) as address, socket.create_connection(address) as caller:
        caller.sendall(head("/open/x", 0))
        time.sleep(1.0)
        caller.settimeout(5.0)
        got = 0
        try:
            while part := caller.recv(MIB):
                got += len(part)
        except ConnectionResetError:
            pass
        assert got < 64 * MIB


def test_an_address_has_only_so_many_connections_and_a_named_proxy_all() -> None:
    for proxy, expected in (("", 503), ("127.0.0.1", 200)):
        with served(gates(), Caps(5, 2), proxy) as address, ExitStack() as held:
            for _ in range(2):
                caller = held.enter_context(socket.create_connection(address))
                caller.sendall(head("/open/x", 0))
                assert ready(caller).startswith(b"HTTP/1.1 200 ")
            third = held.enter_context(socket.create_connection(address))
            if expected == 200:
                third.sendall(head("/open/x", 0))
            answer = ready(third)
            assert answer.startswith(f"HTTP/1.1 {expected} ".encode())
            caller.close()

            def is_let_in() -> bool:
                again = held.enter_context(socket.create_connection(address))
                try:
                    again.sendall(head("/open/x", 0))
                    return ready(again).startswith(b"HTTP/1.1 200 ")
                except ConnectionError:
                    return False

            until(is_let_in)  # a place that was left is free as soon as the server has seen it


def test_the_file_may_say_how_many(tmp_path: Path) -> None:
    file = tmp_path / "backoffice.toml"
    file.write_text("", encoding="utf-8")
    assert read_caps(file) == Caps()
    file.write_text("[server]\nconnections = 7\n", encoding="utf-8")
    assert read_caps(file) == Caps(connections=7)
    for wrong in ("connection = 7", "connections = 0", 'connections = "7"', "connections = true"):
        file.write_text(f"[server]\n{wrong}\n", encoding="utf-8")
        with pytest.raises(LimitsError, match=r"\[server\] may have"):
            read_caps(file)
    assert isinstance(read_caps(), Caps), "the shipped file can be read"


# ---- the real process ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, tuple[str, int]]]:
    """A server as it is run: its process and where it listens. K1 is its terminal."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "device.key").write_text(KEY.hex(), "ascii")
    where = ("--data", str(folder / "data"))
    assert main(("device", "add", "K1", "--key-file", str(folder / "device.key"), *where)) == 0
    command = [sys.executable, "-m", "backoffice", "serve", *where, "--port", "0"]
    process = subprocess.Popen(ends_with_us(command), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    url = urlsplit(json.loads(process.stdout.readline())["url"])
    yield process.pid, (str(url.hostname), int(url.port or 0))
    process.terminate()
    process.wait(30)
    process.stdout.close()


_SEQ = itertools.count(1)


def signed(method: str, target: str, body_hash: str, length: int, key: bytes = KEY, **more: str) -> bytes:
    told = {"Device": "K1", "Seq": str(next(_SEQ)), "Nonce": secrets.token_hex(8)}
    told["Time"] = str(unix_ms(SystemClock().now()))
    covered = [f"{name.lower()}:{more[name]}" for name in sorted(more) if name in ("Idempotency-Key", "Upload-Offset")]
    text = "\n".join((method, target, body_hash, *told.values(), *covered))
    told["Signature"] = "hmac-sm3=" + hmac.new(key, text.encode(), "sm3").hexdigest()
    headers = {"Host": "x", "Content-Length": str(length), "Body-Digest": body_hash, **told, **more}
    return "\r\n".join([f"{method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items()), "", ""]).encode()


def rss_bytes(pid: int) -> int:
    """Of the process and what it started."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split())]
    pages = sum(int(Path(f"/proc/{each}/statm").read_text("ascii").split()[1]) for each in pids)
    return pages * os.sysconf("SC_PAGE_SIZE")


def most_rss(pid: int, work: Callable[[], None]) -> int:
    """The most that the process had while `work` ran."""
    most, done = rss_bytes(pid), threading.Event()

    def look() -> None:
        nonlocal most
        while not done.wait(0.01):
            most = max(most, rss_bytes(pid))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        work()
    finally:
        done.set()
        thread.join()
    return max(most, rss_bytes(pid))


def push(connection: socket.socket, content: bytes, within_s: float) -> None:
    """As much as the other side takes."""
    connection.settimeout(0)
    ends_s, left = time.monotonic() + within_s, memoryview(content)
    while left and select.select([], [connection], [], max(0.0, ends_s - time.monotonic()))[1]:
        try:
            left = left[connection.send(left) :]
        except (BlockingIOError, ConnectionError):
            return


@pytest.mark.parametrize("key", [bytes(32), KEY], ids=["a stranger", "a terminal"])
def test_sixty_held_connections_take_little_memory(
    running: tuple[int, tuple[str, int]], key: bytes, record_property: Callable[[str, object], None]
) -> None:
    """Each announces the largest piece and sends nearly all of it; a terminal's own are held by the common room."""
    pid, address = running
    piece = bytes(MIB)
    digest = hashlib.new("sm3", piece).hexdigest()
    target = f"/v1/uploads/{'0' * 32}"
    more = {"Upload-Offset": "0", "Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
    with socket.create_connection(address) as first:
        first.sendall(signed("GET", "/v1/health", hashlib.new("sm3", b"").hexdigest(), 0))
        assert ready(first).startswith(b"HTTP/1.1 200 ")
    before = rss_bytes(pid)
    codes: list[bytes] = []

    def hold() -> None:
        with ExitStack() as held:
            callers = [held.enter_context(socket.create_connection(address)) for _ in range(HELD)]
            for caller in callers:
                caller.sendall(signed("PATCH", target, digest, len(piece), key, **more))
                push(caller, piece[:-1], 0.1)
            waiting = set(callers)
            while answered := select.select(waiting, [], [], 1.0)[0]:
                codes.extend(ready(caller).split(b" ")[1] for caller in answered)
                waiting -= set(answered)
            with socket.create_connection(address) as other:
                other.sendall(signed("GET", "/v1/health", hashlib.new("sm3", b"").hexdigest(), 0))
                assert ready(other).startswith(b"HTTP/1.1 200 "), "somebody else is served meanwhile"

    grown = most_rss(pid, hold) - before
    record_property("figure", f"{HELD} held connections: {grown / MIB:.1f} MiB more")
    assert grown <= MORE_BYTES
    if key == KEY:
        assert 0 < len(codes) < HELD and set(codes) == {b"503"}
    else:
        assert codes == [b"401"] * HELD
