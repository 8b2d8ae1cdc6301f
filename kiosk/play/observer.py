"""What the kiosk shows and reports, followed all the time by one thread on its observer socket."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.play.json_socket import JsonSocket, RequestRefused, SocketGone

_WAIT_S = 0.1
"""How long the kiosk may hold an answer back when nothing changes; events are fetched as often."""


@dataclass(frozen=True, slots=True)
class Node:
    """One thing on the screen. `box_px` = left, top, width, height, origin at the top left."""

    role: str
    name: str
    key: str
    state: tuple[str, ...]
    box_px: tuple[float, float, float, float]

    @property
    def middle_px(self) -> tuple[float, float]:
        left, top, width, height = self.box_px
        return left + width / 2, top + height / 2


@dataclass(frozen=True, slots=True)
class Tree:
    """One screen as the kiosk tells it."""

    seq: int = -1
    step: str = ""
    overlay: str = ""
    screen: str = ""
    """Name of the overlay when one lies over the step, else of the step."""
    lang: str = ""
    ready: bool = False
    """True when what is told is also what is drawn and touches are taken."""
    px_per_mm: float = 0.0
    size_px: tuple[int, int] = (0, 0)
    nodes: tuple[Node, ...] = ()

    @property
    def face(self) -> tuple[object, ...]:
        """What makes a new picture: another screen, language or another set of texts, not a running count."""
        return self.step, self.overlay, self.lang, tuple(node.key for node in self.nodes)

    def find(self, *, key: str = "", text: str = "", target: str = "") -> list[Node]:
        """Nodes with that key or that exact shown text; `target` takes either."""
        return [
            node
            for node in self.nodes
            if (key and node.key == key) or (text and node.name == text) or (target and target in (node.key, node.name))
        ]


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """One event with our own time: the kiosk's count begins anew when it is started again."""

    kind: str
    t_ms: int
    """Real milliseconds since the journey began."""
    data: dict[str, Any] = field(default_factory=dict)


def parse_tree(answer: dict[str, Any]) -> Tree:
    """Before the first frame there is no step and nothing is ready.

    :raises ValueError, TypeError, KeyError: not the contract's answer.
    """
    overlay = str(answer.get("overlay") or "")
    overlay = "" if overlay == "none" else overlay
    step = str(answer.get("step", ""))
    return Tree(
        seq=int(answer["seq"]),
        step=step,
        overlay=overlay,
        screen=str(answer.get("screen") or overlay or step),
        lang=str(answer.get("lang", "")),
        ready=bool(answer["ready"]),
        px_per_mm=float(answer.get("px_per_mm", 0.0)),
        size_px=(int(answer.get("width_px", 0)), int(answer.get("height_px", 0))),
        nodes=tuple(_node(item) for item in answer.get("nodes", [])),
    )


def _node(item: dict[str, Any]) -> Node:
    left, top, width, height = (float(number) for number in item["box_px"])
    return Node(
        role=str(item.get("role", "")),
        name=str(item.get("name", "")),
        key=str(item.get("key") or ""),
        state=tuple(str(name) for name in item.get("state", [])),
        box_px=(left, top, width, height),
    )


class Follower:
    """Follows the observer socket through every start of the kiosk; everybody else reads here."""

    def __init__(
        self, path: Path, begun_s: float, on_tree: Callable[[Tree], None], on_event: Callable[[SeenEvent], None]
    ):
        self._path = path
        self._begun_s = begun_s
        self._on_tree = on_tree
        self._on_event = on_event
        self._changed = threading.Condition()
        self._tree = Tree()
        self.shown_s = 0.0
        """When what is shown now came: time.monotonic()."""
        self._events: list[SeenEvent] = []
        self._last_n = 0
        self._connected = False
        self._closed = threading.Event()
        self._socket: JsonSocket | None = None
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._thread.start()

    @property
    def tree(self) -> Tree:
        with self._changed:
            return self._tree

    @property
    def events(self) -> tuple[SeenEvent, ...]:
        with self._changed:
            return tuple(self._events)

    @property
    def connected(self) -> bool:
        return self._connected

    def now_ms(self) -> int:
        return round((time.monotonic() - self._begun_s) * 1000)

    def wait(self, holds: Callable[[], bool], timeout_s: float, alive: Callable[[], None] = lambda: None) -> bool:
        """True as soon as `holds`; asked again at every change and every 0.1 s. `alive` may raise."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            if holds():
                return True
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                return False
            alive()
            with self._changed:
                self._changed.wait(min(left_s, 0.1))

    def forget(self) -> None:
        """The kiosk has gone: what it showed is no longer true. Its events stay."""
        with self._changed:
            self._tree = Tree()
            self._last_n = 0
            self._connected = False
            self._drop()

    def close(self) -> None:
        self._closed.set()
        self._drop()
        self._thread.join(3.0)

    def _drop(self) -> None:
        connection, self._socket = self._socket, None
        if connection is not None:
            with contextlib.suppress(OSError, ValueError):
                connection.close()

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                with contextlib.closing(JsonSocket(self._path)) as connection:
                    self._follow(connection)
            except (SocketGone, RequestRefused, OSError, ValueError, TypeError, KeyError):
                # The kiosk is not up yet or has just died; a faulty answer shows as a screen that never comes.
                self._connected = False
                self._closed.wait(0.05)

    def _follow(self, connection: JsonSocket) -> None:
        self._socket = connection
        tree = parse_tree(connection.ask(op="tree"))
        self._last_n = 0
        self._publish(tree, connection)
        self._connected = True
        while not self._closed.is_set() and self._socket is connection:
            self._fetch_events(connection)
            answer = connection.ask(op="wait", after=self._tree.seq, timeout_s=_WAIT_S)
            if int(answer["seq"]) != self._tree.seq:
                self._publish(parse_tree(answer), connection)

    def _fetch_events(self, connection: JsonSocket) -> None:
        answer = connection.ask(op="events", after=self._last_n)
        for item in answer.get("events", []):
            self._last_n = max(self._last_n, int(item["n"]))
            data = {key: value for key, value in item.items() if key not in ("n", "t_ms", "kind")}
            event = SeenEvent(str(item["kind"]), self.now_ms(), data)
            with self._changed:
                self._events.append(event)
                self._changed.notify_all()
            self._on_event(event)

    def _publish(self, tree: Tree, connection: JsonSocket) -> None:
        with self._changed:
            if self._socket is not connection:
                return  # Forgotten while the answer was on its way: it tells of a kiosk that has gone.
            before, self._tree = self._tree, tree
            if tree.face != before.face:
                self.shown_s = time.monotonic()
            self._changed.notify_all()
        if tree.seq != before.seq:
            self._on_tree(tree)
