"""The client on a real socket against a server that checks signatures by its own means and misbehaves on order."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kiosk.adapters.backoffice_http import HttpBackOffice
from kiosk.adapters.signing import Profile, Signer, SigningUnavailable
from kiosk.domain.outbox import ItemKind, OutboxItem, StoreError

KEY = bytes(range(32))
DEVICE = "KP-007-1"
CASE_NO = "3502130078261124000426"
CASE = OutboxItem(
    CASE_NO, ItemKind.CASE, CASE_NO, 0, {"case_no": CASE_NO, "name": "陈阿金"}, "2026-11-24T09:00:00+08:00"
)
RATING = OutboxItem(f"{CASE_NO}/rating", ItemKind.RATING, CASE_NO, 2, {"level": 5, "visit_token": "t"}, "")
CALL = OutboxItem(f"{CASE_NO}/call/1", ItemKind.CALL, CASE_NO, 1, {"step": "ask"}, "")


class FixedClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def wall(self) -> datetime:
        return self.at

    def correct(self, by_s: float) -> None:
        self.at += timedelta(seconds=by_s)


NOW = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=8)))


@dataclass
class Seen:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    problem: str


COVERED = ("Idempotency-Key", "If-Match", "Upload-Length", "Upload-Metadata", "Upload-Offset")


@dataclass
class Office:
    """What the server answers next and what it saw."""

    now_ms: int = int(NOW.timestamp() * 1000)
    digest: str = "sm3"
    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    forge_time: bool = False
    url: str = ""
    taken_away: str = ""
    """By the proxy in front, from each path."""

    def check(self, method: str, target: str, headers: dict[str, str], body: bytes) -> str:
        signed = "\n".join(
            [
                method,
                target.removeprefix(self.taken_away),
                hashlib.new(self.digest, body).hexdigest(),
                headers["Device"],
                headers["Seq"],
                headers["Nonce"],
                headers["Time"],
                *(f"{name.lower()}:{headers[name]}" for name in COVERED if name in headers),
            ]
        )
        mac = hmac.new(KEY, signed.encode(), self.digest).hexdigest()
        if headers["Signature"] != f"hmac-{self.digest}={mac}":
            return "unknown_signer"
        if abs(int(headers["Time"]) - self.now_ms) > 300_000:
            return "clock_skew"
        if headers["Seq"] in self.used or headers["Nonce"] in self.used:
            return "replayed"
        self.used |= {headers["Seq"], headers["Nonce"]}
        return ""

    def problem(self, code: str, nonce: str) -> tuple[int, bytes, dict[str, str]]:
        body: dict[str, object] = {"code": code}
        if code == "clock_skew":
            key = b"x" * 32 if self.forge_time else KEY
            mac = hmac.new(key, f"server-time\n{self.now_ms}\n{nonce}".encode(), self.digest).hexdigest()
            body |= {"server_time": self.now_ms, "server_signature": mac}
        return (409 if code == "replayed" else 401), json.dumps(body).encode(), {}


@pytest.fixture
def office() -> Iterator[Office]:
    state = Office()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = dict(self.headers.items())
            problem = state.check(self.command, self.path, headers, body)
            state.seen.append(Seen(self.command, self.path, headers, body, problem))
            if problem:
                answer = state.problem(problem, headers["Nonce"])
            else:
                answer = state.answers.pop(0) if state.answers else (200, b"{}", {})
            status, content, more = answer
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def client(
    office: Office, clock: FixedClock | None = None, profile: Profile = Profile.SM3, url: str = "", **more: Any
) -> HttpBackOffice:
    counter = itertools.count(1)
    seq = more.pop("next_seq", lambda: next(counter))
    return HttpBackOffice(
        url or office.url, Signer(DEVICE, KEY, profile), seq, clock or FixedClock(NOW), timeout_s=1.0, **more
    )


def answer(body: object, status: int = 200, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    return status, json.dumps(body).encode(), headers


def test_every_request_is_signed_over_what_is_on_the_wire(office: Office) -> None:
    back_office = client(office)
    back_office.catalogue()
    back_office.prefill({"item_id": "XA032"})
    back_office.send(CASE)
    back_office.send(RATING)
    back_office.send(CALL)
    back_office.ask(CASE)
    back_office.progress("0078261124000426", "4711")
    assert [(seen.method, seen.target, seen.problem) for seen in office.seen] == [
        ("GET", "/v1/catalogue", ""),
        ("POST", "/v1/prefills", ""),
        ("POST", "/v1/cases", ""),
        ("POST", f"/v1/cases/{CASE_NO}/rating", ""),
        ("POST", "/v1/help-calls", ""),
        ("GET", f"/v1/cases/{CASE_NO}", ""),
        ("GET", "/v1/progress?q=0078261124000426&code=4711", ""),
    ]
    assert [int(seen.headers["Seq"]) for seen in office.seen] == [1, 2, 3, 4, 5, 6, 7]
    assert len({seen.headers["Nonce"] for seen in office.seen}) == 7


def test_the_key_of_an_item_is_its_idempotency_key_and_its_bytes_are_always_the_same(office: Office) -> None:
    back_office = client(office)
    back_office.send(CASE)
    back_office.send(CASE)
    back_office.send(CALL)
    assert [seen.headers["Idempotency-Key"] for seen in office.seen] == [CASE_NO, CASE_NO, f"{CASE_NO}/call/1"]
    assert office.seen[0].body == office.seen[1].body
    assert json.loads(office.seen[0].body) == dict(CASE.body)


def test_a_path_that_a_proxy_takes_away_is_not_signed(office: Office) -> None:
    """The back office never sees it, so it could not check it."""
    office.taken_away = "/town"
    client(office, url=office.url + "/town/").ask(CASE)
    assert (office.seen[0].target, office.seen[0].problem) == (f"/town/v1/cases/{CASE_NO}", "")


def test_the_declared_fallback_profile_signs_with_sha256(office: Office) -> None:
    office.digest = "sha256"
    assert client(office, profile=Profile.SHA256).ask(CASE).status == 200
    assert client(office, profile=Profile.SM3).ask(CASE).status == 401


def test_without_sm3_the_profile_is_refused_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.adapters.signing.sm3_works", lambda: False)
    with pytest.raises(SigningUnavailable):
        Signer(DEVICE, KEY)
    assert Signer(DEVICE, KEY, Profile.SHA256)


def test_a_wrong_clock_is_corrected_by_the_servers_signed_time_and_stays_corrected(office: Office) -> None:
    office.answers = [answer({"ok": 1}), answer({"ok": 2})]
    clock = FixedClock(NOW - timedelta(days=3))
    back_office = client(office, clock)
    assert dict(back_office.ask(CASE).body) == {"ok": 1}
    assert dict(back_office.ask(CASE).body) == {"ok": 2}
    assert [seen.problem for seen in office.seen] == ["clock_skew", "", ""]
    assert clock.wall() == NOW
    assert len({seen.headers["Seq"] for seen in office.seen}) == 3


def test_a_forged_server_time_is_not_believed(office: Office) -> None:
    office.forge_time = True
    clock = FixedClock(NOW - timedelta(days=3))
    reply = client(office, clock).ask(CASE)
    assert (reply.status, reply.body["code"]) == (401, "clock_skew")
    assert (len(office.seen), clock.wall()) == (1, NOW - timedelta(days=3))


def test_a_clock_that_cannot_be_corrected_does_not_loop(office: Office) -> None:
    skew = answer({"code": "clock_skew", "server_time": "soon", "server_signature": 7}, 401)
    office.answers = [skew] * 9
    assert client(office).ask(CASE).status == 401
    assert len(office.seen) == 1


def test_an_overtaken_sequence_number_is_replaced_by_a_new_one(office: Office) -> None:
    office.used = {"1"}
    assert client(office).send(CASE).status == 200
    assert [(seen.problem, seen.headers["Seq"]) for seen in office.seen] == [("replayed", "1"), ("", "2")]


def test_a_server_that_calls_everything_replayed_is_given_up(office: Office) -> None:
    office.answers = [answer({"code": "replayed"}, 409)] * 9
    reply = client(office).send(CASE)
    assert (reply.status, reply.body["code"], len(office.seen)) == (409, "replayed", 3)


def test_problem_codes_reach_the_outbox(office: Office) -> None:
    office.answers = [answer({"code": "idempotency_mismatch", "title": "…"}, 422)]
    reply = client(office).send(CASE)
    assert (reply.status, reply.body["code"]) == (422, "idempotency_mismatch")


@pytest.mark.parametrize("content", [b"<html>login</html>", b"", b"[1]", b'"text"', b"\xff\xfe", b"{"])
def test_a_success_that_is_no_json_object_counts_as_no_answer(office: Office, content: bytes) -> None:
    office.answers = [(200, content, {})]
    reply = client(office).send(CASE)
    assert (reply.status, reply.body["code"]) == (0, "bad_answer")


def test_an_error_page_keeps_its_status(office: Office) -> None:
    office.answers = [(502, b"<html>bad gateway</html>", {})]
    assert client(office).send(CASE).status == 502


def test_a_redirect_is_not_followed(office: Office) -> None:
    office.answers = [(302, b"{}", {"Location": office.url + "/elsewhere"})]
    assert client(office).send(CASE).status == 302
    assert len(office.seen) == 1


def test_an_unchanged_catalogue_is_not_fetched_twice(office: Office) -> None:
    office.answers = [answer({"release": 1}, ETag='"r1"'), (304, b"", {})]
    back_office = client(office)
    assert back_office.catalogue() == back_office.catalogue()
    assert office.seen[1].headers["If-None-Match"] == '"r1"'


def test_a_rating_or_call_cannot_be_asked_for_and_no_request_is_made(office: Office) -> None:
    assert client(office).ask(RATING).status == 404
    assert client(office).ask(CALL).status == 404
    assert not office.seen


def test_a_store_without_a_number_makes_no_request(office: Office) -> None:
    def fails() -> int:
        raise StoreError("store.full")

    reply = client(office, next_seq=fails).send(CASE)
    assert (reply.status, reply.body["code"], office.seen) == (0, "store.full", [])


@pytest.fixture
def raw_server() -> Iterator[Callable[[bytes, float], str]]:
    """A listener that answers every connection with some bytes, one by one with a pause, and hangs up."""
    stop = threading.Event()
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(listener: socket.socket, content: bytes, pause_s: float) -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                try:
                    for byte in content:
                        connection.sendall(bytes([byte]))
                        if stop.wait(pause_s):
                            return
                except OSError:
                    continue

    def begin(content: bytes, pause_s: float = 0.0) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threads.append(threading.Thread(target=serve, args=(listener, content, pause_s)))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield begin
    stop.set()
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


WHOLE = b'HTTP/1.1 201 Created\r\nContent-Length: 40\r\n\r\n{"case_no":"3502130078261124000426","x":1}'


@pytest.mark.parametrize("at", [0, 1, 12, 30, 44, 60, len(WHOLE) - 3])
def test_an_answer_cut_at_any_byte_is_no_answer(
    office: Office, raw_server: Callable[[bytes, float], str], at: int
) -> None:
    reply = client(office, url=raw_server(WHOLE[:at], 0.0)).send(CASE)
    assert (reply.status, reply.body["code"]) in ((0, "no_answer"), (0, "bad_answer"))


def test_what_changes_something_goes_on_a_new_connection_after_a_while(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has closed the first one meanwhile; nothing was lost in it."""
    monkeypatch.setattr("kiosk.adapters.backoffice_http._TRUSTED_S", -1.0)
    good = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        lines = [listener.accept()[0]]
        lines[0].recv(65536)
        lines[0].sendall(good)
        lines.append(listener.accept()[0])
        lines[1].recv(65536)
        lines[1].sendall(good)
        for line in lines:
            line.close()

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    talker = client(office, url=f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert talker.progress(CASE_NO).status == 200
    assert talker.post("/v1/queries", {}, CASE_NO).status == 200
    server.join(10)
    listener.close()
    assert not server.is_alive()


@pytest.mark.parametrize(("changes", "asked"), [(False, 3), (True, 2)])
def test_a_kept_connection_that_died_unseen_costs_a_question_nothing_and_repeats_no_submission(
    office: Office, changes: bool, asked: int
) -> None:
    """A router forgets the connection: the second request on it gets nothing, a new connection works."""
    content = json.dumps({"state": "accepted", "case_no": CASE_NO}).encode()
    good = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content) + content
    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        # What changes something is not repeated: then nobody comes a second time.
        for answers in ([good, b""],) if changes else ([good, b""], [good]):
            with listener.accept()[0] as line:
                for answer in answers:
                    seen.append(line.recv(65536))
                    line.sendall(answer)

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    talker = client(office, url=f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert talker.progress(CASE_NO).status == 200
    reply = talker.send(CASE) if changes else talker.progress(CASE_NO)
    server.join(10)
    assert (reply.status, len(seen)) == (0 if changes else 200, asked)
    listener.close()


def test_an_answer_that_trickles_is_given_up_in_time(office: Office, raw_server: Callable[[bytes, float], str]) -> None:
    url = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b" " * 1000, 0.02)
    began = time.monotonic()
    assert client(office, url=url).send(CASE).status == 0
    assert time.monotonic() - began < 12.0, "the whole answer takes twenty seconds"


def test_a_closed_port_and_a_name_that_does_not_exist_are_no_answer(office: Office) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # held, so that nobody else takes it, and nobody listens
        assert client(office, url=f"http://127.0.0.1:{held.getsockname()[1]}").send(CASE).status == 0
    assert client(office, url="http://nowhere.invalid").send(CASE).status == 0


def test_proxies_of_the_environment_are_not_used(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert client(office).ask(CASE).status == 200


def test_many_threads_share_one_client(office: Office, tmp_path: Path) -> None:
    back_office = client(office)
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.extend(back_office.ask(CASE).status for _ in range(10)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 40
