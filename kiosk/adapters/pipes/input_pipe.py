"""The input process behind the port `InputMethod`: started, asked over a pipe, started again when it dies.

Nothing that is asked or answered is logged. No call blocks; only the last question counts.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Mapping

from kiosk.adapters.pipes.line_pipe import LinePipe
from kiosk.domain.ports import Clock
from kiosk.domain.timing import INPUT_RESTART_S, INPUT_SILENT_S
from kiosk.domain.typing.port import OnFound
from kiosk.domain.typing.state import Ink, Suggestion

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "kiosk.input_worker")
_LOOK_S = 0.5
"""Between two looks whether an answer is overdue."""


class InputPipe(LinePipe):
    """Port `InputMethod`."""

    def __init__(
        self,
        clock: Clock,
        command: tuple[str, ...] = COMMAND,
        on_lacking: Callable[[Mapping[str, str]], None] = lambda lacking: None,
    ) -> None:
        """:param on_lacking: told with each start what this machine cannot do, and why: `pinyin`, `drawn`."""
        self._on_lacking = on_lacking
        super().__init__("input", command, clock, INPUT_RESTART_S)
        self._lock = threading.Lock()
        self._id = 0
        self._waiting: OnFound | None = None
        """Who asked last."""
        self._asked_s = 0.0
        self.start()

    def pinyin(self, code: str, on_found: OnFound) -> None:
        self._ask({"op": "pinyin", "code": code}, on_found)

    def drawn(self, ink: Ink, on_found: OnFound) -> None:
        self._ask({"op": "drawn", "ink": ink}, on_found)

    def _ask(self, question: Mapping[str, object], on_found: OnFound) -> None:
        with self._lock:
            self._id += 1
            sent = self.send({"id": self._id, **question})
            self._waiting, self._asked_s = (on_found if sent else None), self._clock.now()
        if not sent:
            on_found(None)

    @property
    def look_s(self) -> float:
        return _LOOK_S

    def is_overdue(self) -> bool:
        with self._lock:
            return self._waiting is not None and self._clock.now() - self._asked_s > INPUT_SILENT_S

    def report(self, line: bytes) -> None:
        try:
            answer = json.loads(line)
            ready = answer.get("ready")
            number = int(answer.get("id", 0))
            found = tuple(Suggestion(str(text), str(rest)) for text, rest in answer.get("found") or ())
            lacking = {str(name): str(why) for name, why in (answer.get("lacking") or {}).items()}
        except (ValueError, TypeError, AttributeError):
            log.warning("the input process sent a line that is no answer")
            return
        if ready is not None:
            log.info("input: %s", ", ".join(map(str, ready)) or "nothing")
            self._on_lacking(lacking)
            return
        self.has_worked = True
        with self._lock:
            waiting = self._waiting if number == self._id else None
            if waiting is not None:
                self._waiting = None
        if waiting is not None:
            waiting(None if "error" in answer else found)

    def lost(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting(None)
