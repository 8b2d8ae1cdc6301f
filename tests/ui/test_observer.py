"""The observer socket: snapshots and events for whoever cannot see the screen."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kiosk.adapters.observer import Observer


class Client:
    def __init__(self, path: Path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rw", encoding="utf-8")

    def ask(self, **request: object) -> Mapping[str, Any]:
        self._file.write(json.dumps(request) + "\n")
        self._file.flush()
        answer: Mapping[str, Any] = json.loads(self._file.readline())
        return answer

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Observer, Client]]:
    observer = Observer(tmp_path / "observer", now_s=lambda: 5.0)
    client = Client(tmp_path / "observer")
    yield observer, client
    client.close()
    observer.close()


def test_the_last_snapshot_is_handed_out_with_its_number(both: tuple[Observer, Client]) -> None:
    observer, client = both
    assert client.ask(op="tree")["ready"] is False
    observer.publish({"screen": "ask", "ready": True})
    observer.publish({"screen": "review", "ready": True})
    assert client.ask(op="tree") == {"seq": 2, "screen": "review", "ready": True}


def test_wait_returns_when_something_newer_is_published(both: tuple[Observer, Client]) -> None:
    observer, client = both
    answers: list[Mapping[str, Any]] = []
    waiting = threading.Thread(target=lambda: answers.append(client.ask(op="wait", after=0, timeout_s=30)))
    waiting.start()
    observer.publish({"screen": "ask"})
    waiting.join(10)
    assert answers and answers[0]["seq"] == 1


def test_wait_gives_the_old_snapshot_when_the_time_is_over(both: tuple[Observer, Client]) -> None:
    _, client = both
    assert client.ask(op="wait", after=0, timeout_s=0.05)["seq"] == 0


def test_events_are_numbered_and_read_from_where_one_left_off(both: tuple[Observer, Client]) -> None:
    observer, client = both
    observer.record("stored", case_no="1")
    observer.record("delivered", case_no="1")
    assert [event["kind"] for event in client.ask(op="events", after=0)["events"]] == ["stored", "delivered"]
    assert [event["n"] for event in client.ask(op="events", after=1)["events"]] == [2]


def test_the_socket_is_read_only_and_names_what_it_does_not_know(both: tuple[Observer, Client]) -> None:
    _, client = both
    assert client.ask(op="press", at=[1, 2])["ok"] is False
    assert client.ask(op="wait")["ok"] is False
    assert client.ask(op="tree")["seq"] == 0, "a wrong question does not end the conversation"
