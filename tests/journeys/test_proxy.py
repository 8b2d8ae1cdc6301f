"""The cable between kiosk and back office: it lets everything through, and it can be cut at an exact byte."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.play.http_frames import MessageReader
from kiosk.play.proxy import Exchange, Proxy, Rule

BODY = b'{"case_no":"0000000000000000000000"}' * 20


class Office:
    """Counts the bytes that reach it and answers whole requests."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, bytes]] = []
        office = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if len(body) == int(self.headers["Content-Length"]):
                    office.requests.append(("POST", self.path, body))
                    self.send_response(201)
                    self.send_header("Content-Length", str(len(BODY)))
                    self.end_headers()
                    self.wfile.write(BODY)

            def do_GET(self) -> None:
                office.requests.append(("GET", self.path, b""))
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"5\r\nhello\r\n0\r\n\r\n")

            def log_message(self, *_words: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.server.server_address[:2]
        return str(host), int(port)


class Line:
    def __init__(self) -> None:
        self.office = Office()
        self.seen: list[Exchange] = []
        self.proxy = Proxy(self.seen.append)
        self.proxy.target = self.office.address
        self.clients: list[http.client.HTTPConnection] = []

    def client(self) -> http.client.HTTPConnection:
        port = int(self.proxy.url.rsplit(":", 1)[1])
        self.clients.append(http.client.HTTPConnection("127.0.0.1", port, timeout=5))
        return self.clients[-1]

    def noted(self, count: int) -> list[Exchange]:
        """The proxy writes an exchange down when its last byte is out: a moment after the client has it."""
        deadline_s = time.monotonic() + 5
        while len(self.seen) < count and time.monotonic() < deadline_s:
            time.sleep(0.005)
        return self.seen

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.proxy.close()
        self.office.server.shutdown()
        self.office.server.server_close()

    def post(self, client: http.client.HTTPConnection | None = None, path: str = "/v1/cases") -> bytes:
        client = client or self.client()
        client.request("POST", path, BODY)
        with client.getresponse() as response:
            return response.read()


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


BROKEN = (ConnectionError, http.client.HTTPException, TimeoutError)


def test_requests_of_one_connection_pass_whole_and_unchanged(line: Line) -> None:
    client = line.client()
    assert line.post(client) == BODY
    client.request("GET", "/v1/health")
    assert client.getresponse().read() == b"hello"
    assert line.post(client) == BODY
    assert [request[2] for request in line.office.requests] == [BODY, b"", BODY]
    assert [one.status for one in line.noted(3)] == [201, 200, 201]


def raw_office() -> tuple[socket.socket, list[bytes], threading.Thread]:
    """A server that answers nothing and keeps what reaches it until the other end stops."""
    server = socket.create_server(("127.0.0.1", 0))
    got: list[bytes] = []

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            data = b""
            while part := connection.recv(65536):
                data += part
            got.append(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return server, got, thread


REQUEST = b"POST /v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(min_value=1, max_value=len(REQUEST)))
def test_a_request_cut_at_byte_n_reaches_the_office_with_n_bytes(at: int) -> None:
    server, got, thread = raw_office()
    proxy = Proxy()
    proxy.target = server.getsockname()[:2]
    proxy.arm(Rule(path="/v1/cases", method="POST", cut_at_byte=at))
    with socket.create_connection(("127.0.0.1", int(proxy.url.rsplit(":", 1)[1])), timeout=5) as client:
        client.sendall(REQUEST)
        with pytest.raises(ConnectionResetError):
            assert client.recv(100) == b"", "half a request has an answer"
            raise ConnectionResetError  # an orderly end is no answer either
    thread.join(5)
    assert got == [REQUEST[:at]]
    assert proxy.state == "cut"
    proxy.close()
    server.close()


@pytest.mark.parametrize("at", [0, 1, 17, 60, 200])
def test_a_reply_dropped_at_byte_n_was_already_taken_by_the_office(line: Line, at: int) -> None:
    line.proxy.arm(Rule(path="/v1/cases", drop_reply_at_byte=at, then_down=False))
    # This client takes a head that ends early for an empty answer: what matters is that it is not the answer.
    with contextlib.suppress(*BROKEN):
        assert line.post() != BODY
    assert len(line.office.requests) == 1
    assert line.noted(1)[0].status == 201 and line.seen[0].reply_bytes == at
    assert line.post() == BODY, "a rule counts once"


def test_only_the_request_that_a_rule_names_is_cut(line: Line) -> None:
    line.proxy.arm(Rule(path="/v1/cases", method="POST", cut_at_byte=10, then_down=False))
    client = line.client()
    client.request("GET", "/v1/cases/123")
    assert client.getresponse().read() == b"hello"
    assert line.post(path="/v1/prefills") == BODY
    assert line.proxy.armed == 1
    with pytest.raises(BROKEN):
        line.post()
    assert line.proxy.armed == 0
    assert [request[1] for request in line.office.requests] == ["/v1/cases/123", "/v1/prefills"]


def test_a_cut_line_refuses_and_a_restored_one_carries_again(line: Line) -> None:
    held = line.client()
    assert line.post(held) == BODY
    line.proxy.set_state("cut")
    with pytest.raises(BROKEN):
        held.request("POST", "/v1/cases", BODY)
        held.getresponse()
    with pytest.raises(BROKEN):
        line.post()
    line.proxy.set_state("up")
    assert line.post() == BODY
    assert len(line.office.requests) == 2


def test_a_silent_line_takes_the_request_and_never_answers(line: Line) -> None:
    line.proxy.set_state("silent")
    client = line.client()
    client.timeout = 0.3
    with pytest.raises(TimeoutError):
        line.post(client)
    assert not line.office.requests


def test_a_delayed_reply_comes_late_and_whole(line: Line) -> None:
    line.proxy.arm(Rule(delay_s=0.4))
    began_s = time.monotonic()
    assert line.post() == BODY
    assert time.monotonic() - began_s >= 0.4


def test_an_office_that_is_down_looks_like_a_dead_line(line: Line) -> None:
    line.proxy.target = None
    with pytest.raises(BROKEN):
        line.post()


@given(
    sizes=st.lists(st.integers(min_value=0, max_value=300), min_size=1, max_size=4),
    cuts=st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=20),
    chunked=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_messages_are_found_however_the_bytes_arrive(sizes: list[int], cuts: list[int], chunked: bool) -> None:
    messages = []
    for number, size in enumerate(sizes):
        head = b"POST /p/%d?secret=1 HTTP/1.1\r\n" % number
        if chunked:
            part = b"%x\r\n%s\r\n" % (size, b"x" * size) if size else b""
            messages.append(head + b"Transfer-Encoding: chunked\r\n\r\n" + part + b"0\r\n\r\n")
        else:
            messages.append(head + b"Content-Length: %d\r\n\r\n" % size + b"x" * size)
    stream = b"".join(messages)
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    reader = MessageReader(ours)

    def feed() -> None:
        at = turn = 0
        while at < len(stream):
            step = cuts[turn % len(cuts)]
            theirs.sendall(stream[at : at + step])
            at, turn = at + step, turn + 1
        theirs.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    read = []
    while (message := reader.read()) is not None:
        read.append(message)
    feeder.join()
    ours.close()
    assert [message.raw for message in read] == messages
    assert [message.path for message in read] == [f"/p/{number}" for number in range(len(sizes))]
