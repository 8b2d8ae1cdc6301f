"""A real client of AT-SPI reads the home screen and follows a visit, pressing its buttons; no touch, no key."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.sim.lifetime import ends_with_us
from kiosk.play.hall import Hall

pytestmark = pytest.mark.proof

CLIENT = Path(__file__).with_name("at_spi_client.py")
SYSTEM_PYTHON = "/usr/bin/python3"
ROLES = {"text": "label", "button": "button", "image": "image", "progress": "progress bar"}
WITHIN_S = 30.0


class Reader:
    """The client, asked over its pipes."""

    def __init__(self) -> None:
        command = ends_with_us([SYSTEM_PYTHON, str(CLIENT)])
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **question: object) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, "the client of AT-SPI has ended"
        told: dict[str, Any] = json.loads(answer)
        return told

    def nodes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(op="read")["nodes"]
        return found

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)


@pytest.fixture
def session_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session bus of this test's own; at-spi2-core starts its bus on it when it is asked for."""
    command = ends_with_us(["dbus-daemon", "--session", "--nofork", "--print-address"])
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.stdout.readline().strip())
        yield
        daemon.terminate()


@pytest.fixture
def hall(session_bus: None) -> Iterator[Hall]:
    with Hall() as made:
        made.stage.stop_kiosk()
        made.follower.forget()
        settings = made.folder.config / "terminal.toml"
        written = settings.read_text(encoding="utf-8")
        assert written.count("screen_reader = false") == 1
        settings.write_text(written.replace("screen_reader = false", "screen_reader = true"), encoding="utf-8")
        made.stage.start_kiosk()
        made.actions.await_kiosk()
        yield made


@pytest.fixture
def reader(session_bus: None) -> Iterator[Reader]:
    made = Reader()
    yield made
    made.close()


def agreed(hall: Hall, reader: Reader) -> list[dict[str, Any]]:
    """What the reader has once it is what the screen shows: each role and name, in the order of reading."""

    def shown() -> list[tuple[str, str]]:
        return [(ROLES[node.role], node.name) for node in hall.tree.nodes]

    until_s = time.monotonic() + WITHIN_S
    while True:
        nodes = reader.nodes()
        own = [node for node in nodes if node["role"] in ROLES.values()]
        if own and [(node["role"], node["name"]) for node in own] == shown():
            return nodes
        assert time.monotonic() < until_s, (own, shown())


def press(hall: Hall, reader: Reader, key: str, screen: str) -> None:
    """By its name, as the reader has it."""
    nodes, name = agreed(hall, reader), next(node.name for node in hall.tree.nodes if node.key == key)
    at = next(at for at, node in enumerate(nodes) if (node["role"], node["name"]) == ("button", name))
    assert reader.ask(op="press", nth=at) == {"pressed": True}
    hall.await_screen(screen)


@pytest.mark.timeout(300)
def test_a_screen_reader_reads_the_home_screen_and_follows_a_visit(
    hall: Hall, reader: Reader, record_property: Callable[[str, object], None]
) -> None:
    nodes = agreed(hall, reader)
    assert [node["name"] for node in nodes if node["role"] == "frame"] == ["Tshù-pinn"]
    boxes = {node.name: node for node in hall.tree.nodes if node.role == "button"}
    for node in nodes:
        if node["role"] == "button":
            assert node["box"] == list(boxes[node["name"]].box_px), node["name"]
    press(hall, reader, "welcome.start_nan", "choose")
    press(hall, reader, "item.XA032.name", "identify")
    hall.stage.twin("id_card", "present", resident="a_kim")
    hall.await_screen("confirm_who")
    press(hall, reader, "confirm.yes", "take_card")
    hall.stage.twin("id_card", "lift")
    hall.await_screen("ask")
    nodes = agreed(hall, reader)
    first = next(at for at, node in enumerate(nodes) if node["role"] == "button")
    assert reader.ask(op="focus", nth=first) == {"focused": True}
    until_s = time.monotonic() + WITHIN_S
    while [node["name"] for node in agreed(hall, reader) if node["focused"]] != [nodes[first]["name"]]:
        assert time.monotonic() < until_s, "the focus did not come to the reader"
    press(hall, reader, "bar.leave", "leave")
    press(hall, reader, "leave.go", "welcome")
    record_property("figure", "6 screens read and 5 buttons pressed by AT-SPI")
