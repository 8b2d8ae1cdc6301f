"""The process that tells screen readers what is shown: fed with trees over a pipe, started again when it dies."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Mapping

from kiosk.adapters.pipes.line_pipe import LinePipe
from kiosk.domain.ports import Clock
from kiosk.domain.timing import READER_RESTART_S, READER_SILENT_S

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "kiosk.screen_reader")
_LOOK_S = 1.0
_TOLD = ("screen", "lang", "width_px", "height_px", "nodes")

OnAct = Callable[[str, str, str, int], None]
"""Told `press` or `focus`, the screen's name, the button's key, and which of those with that key."""


class ScreenReaderPipe(LinePipe):
    """A `TreeSink`. One tree is under way at a time; of those that come meanwhile only the last one is told."""

    def __init__(self, clock: Clock, command: tuple[str, ...] = COMMAND) -> None:
        super().__init__("screen reader", command, clock, READER_RESTART_S)
        self._lock = threading.Lock()
        self._tree: Mapping[str, object] | None = None
        """What is shown and has not been told yet."""
        self._last: Mapping[str, object] | None = None
        self._seq = 0
        self._is_ready = False
        self._sent_s: float | None = None
        """When the tree was sent that is not answered yet."""
        self._on_act: OnAct = lambda act, screen, key, nth: None
        self.start()

    def follow(self, on_act: OnAct) -> None:
        """`on_act` is called in this pipe's thread."""
        self._on_act = on_act

    def publish(self, tree: Mapping[str, object]) -> None:
        with self._lock:
            self._tree = self._last = {name: tree[name] for name in _TOLD if name in tree}
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            if self._tree is None or not self._is_ready or self._sent_s is not None:
                return
            self._seq += 1
            tree, self._tree = self._tree, None
            if self.send({"seq": self._seq, **tree}):
                self._sent_s = self._clock.now()

    @property
    def look_s(self) -> float:
        return _LOOK_S

    def is_overdue(self) -> bool:
        """A tree is not answered, or a process that was started is not ready."""
        with self._lock:
            since_s = self._sent_s if self._is_ready else self.started_s
            return since_s is not None and self._clock.now() - since_s > READER_SILENT_S

    def report(self, line: bytes) -> None:
        try:
            told = json.loads(line)
            if "act" in told:
                self._on_act(str(told["act"]), str(told["screen"]), str(told["key"]), int(told["nth"]))
                return
            if told.get("ready"):
                log.info("screen reader: %s", told.get("lacking") or "ready")
            if told.get("error"):
                log.warning("screen reader: a screen is not told: %s", told["error"])
            if told.get("heard"):
                with self._lock:
                    self._tree = self._tree or self._last
                self._tell()
                return
        except (ValueError, TypeError, KeyError, AttributeError):
            log.warning("the screen reader process sent a line that is no answer")
            return
        with self._lock:
            self._is_ready = True
            self._sent_s = None
        self.has_worked = True
        self._tell()

    def lost(self) -> None:
        """The next process begins with what is shown."""
        with self._lock:
            self._is_ready, self._sent_s, self._tree = False, None, self._last
