"""The player follows the kiosk through every start, and what is armed happens once, at its moment."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.play.deferred import Deferred
from kiosk.play.json_socket import JsonSocket, RequestRefused, SocketGone, ask_once
from kiosk.play.observer import Follower, SeenEvent, Tree, parse_tree


class FakeKiosk:
    """The observer's side of the contract."""

    def __init__(self, path: Path):
        self.tree: dict[str, Any] = {"ready": False, "nodes": []}
        self.seq = 0
        self.events: list[dict[str, Any]] = []
        kiosk = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                kiosk.connections.append(self.connection)
                for line in self.rfile:
                    answer = kiosk.answer(json.loads(line))
                    try:
                        self.wfile.write(json.dumps(answer).encode() + b"\n")
                    except OSError:
                        return

        self.connections: list[Any] = []
        path.unlink(missing_ok=True)
        self.server = socketserver.ThreadingUnixStreamServer(str(path), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["op"] == "events":
            return {"events": [event for event in self.events if event["n"] > request["after"]]}
        if request["op"] == "wait":
            deadline_s = time.monotonic() + request["timeout_s"]
            while self.seq <= request["after"] and time.monotonic() < deadline_s:
                time.sleep(0.005)
        elif request["op"] != "tree":
            return {"ok": False, "error": "unknown op"}
        return {"seq": self.seq, **self.tree}

    def show(self, step: str, overlay: str = "none") -> None:
        self.seq += 1
        sizes = {"width_px": 1080, "height_px": 1920, "px_per_mm": 4.0}
        self.tree = {"step": step, "overlay": overlay, "lang": "nan", "nodes": [], "ready": True, **sizes}
        self.happens("screen", step=step, overlay=overlay)

    def happens(self, kind: str, **data: str) -> None:
        self.events.append({"n": len(self.events) + 1, "t_ms": 1, "kind": kind, **data})

    def die(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("o") / "observer.sock"


@pytest.fixture
def follower(path: Path) -> Iterator[Follower]:
    made = Follower(path, time.monotonic(), lambda tree: None, lambda event: None)
    yield made
    made.close()


def test_a_kiosk_that_has_drawn_nothing_yet_is_not_ready(path: Path, follower: Follower) -> None:
    kiosk = FakeKiosk(path)
    assert follower.wait(lambda: follower.connected, 5)
    assert not follower.tree.ready and follower.tree.screen == ""
    kiosk.show("welcome")
    assert follower.wait(lambda: follower.tree.screen == "welcome", 5)
    kiosk.die()


def test_events_are_seen_once_each_and_in_order_over_a_restart(path: Path, follower: Follower) -> None:
    first = FakeKiosk(path)
    first.show("welcome")
    first.show("choose", "help")
    assert follower.wait(lambda: len(follower.events) == 2, 5)
    assert follower.wait(lambda: follower.tree.screen == "help", 5)
    first.die()
    follower.forget()
    assert follower.tree == Tree()
    second = FakeKiosk(path)
    second.happens("stored", case_no="1")
    second.show("welcome")
    assert follower.wait(lambda: len(follower.events) == 4, 5)
    assert [event.kind for event in follower.events] == ["screen", "screen", "stored", "screen"]
    assert follower.wait(lambda: follower.tree.screen == "welcome", 5)
    second.die()


def test_a_wait_ends_when_the_kiosk_has_died(path: Path, follower: Follower) -> None:
    def alive() -> None:
        raise RuntimeError("dead")

    with pytest.raises(RuntimeError, match="dead"):
        follower.wait(lambda: False, 5, alive)


def test_an_answer_that_breaks_the_contract_does_not_stop_the_following(path: Path, follower: Follower) -> None:
    kiosk = FakeKiosk(path)
    kiosk.tree = {"nodes": "x", "ready": True}
    time.sleep(0.1)
    kiosk.show("welcome")
    assert follower.wait(lambda: follower.tree.screen == "welcome", 5)
    kiosk.die()


def test_a_socket_says_who_refused_and_who_is_gone(path: Path) -> None:
    kiosk = FakeKiosk(path)
    with pytest.raises(RequestRefused, match="unknown op"):
        ask_once(path, {"op": "dance"})
    connection = JsonSocket(path)
    connection.ask(op="tree")
    kiosk.die()
    with pytest.raises(SocketGone):
        connection.ask(op="tree")
    connection.close()
    path.unlink(missing_ok=True)
    with pytest.raises(SocketGone, match=r"observer\.sock"):
        ask_once(path, {"op": "tree"})


def test_a_socket_in_a_deep_folder_is_reached_by_a_short_name(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    short = tmp_path / "short"
    short.symlink_to(deep)
    kiosk = FakeKiosk(short / "o.sock")
    assert ask_once(deep / "o.sock", {"op": "tree"})["ready"] is False
    kiosk.die()


TREE = parse_tree({"seq": 1, "step": "ask", "ready": True, "nodes": []})


class Diary:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.failed: list[str] = []
        self.deferred = Deferred(self.failed.append)

    def arm(self, what: str, at: dict[str, Any], action: Callable[[], None] | None = None) -> None:
        self.deferred.arm(at, action or (lambda: self.done.append(what)), what, TREE)


@pytest.fixture
def diary() -> Iterator[Diary]:
    made = Diary()
    yield made
    made.deferred.close()


def test_what_is_armed_happens_at_its_screen_event_or_time_and_once(diary: Diary) -> None:
    diary.arm("now", {"screen": "ask"})
    diary.arm("stored", {"event": "stored"})
    diary.arm("help", {"screen": "help"})
    diary.arm("submit", {"screen": "submit"})
    diary.arm("later", {"after_s": 0.15})
    diary.deferred.saw_event(SeenEvent("stored", 0))
    diary.deferred.saw_event(SeenEvent("stored", 0))
    diary.deferred.saw_tree(parse_tree({"seq": 2, "step": "ask", "overlay": "help", "ready": True, "nodes": []}))
    diary.deferred.saw_event(SeenEvent("screen", 0, {"step": "submit", "overlay": "none"}))
    assert diary.deferred.settle(5)
    assert sorted(diary.done[:-1]) == ["help", "now", "stored", "submit"]
    assert diary.done[-1] == "later"
    assert diary.deferred.unfired() == []


def test_what_never_happened_is_told(diary: Diary) -> None:
    diary.arm("cut", {"event": "stored"})
    diary.deferred.saw_event(SeenEvent("screen", 0, {"step": "stored"}))
    assert diary.deferred.settle(1)
    assert diary.deferred.unfired() == ["cut never happened: {'event': 'stored'} did not come"]


def test_what_goes_wrong_later_is_told_and_the_rest_still_happens(diary: Diary) -> None:
    def broken() -> None:
        raise ValueError("no such twin")

    diary.arm("broken", {"screen": "ask"}, broken)
    diary.arm("next", {"screen": "ask"})
    assert diary.deferred.settle(5)
    assert diary.failed == ["broken: no such twin"] and diary.done == ["next"]
