"""The technician's hands on the kiosk's own screen: a self-test asks, a button answers."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from kiosk.app.technician.diagnostics import Reply, Task

LEFT = "technician mode was left"


class ScreenHands:
    """`TechnicianActions` on the screen. `ask` blocks the self-test's thread until `answer` or `let_go`."""

    def __init__(self, show: Callable[[Task], None]) -> None:
        """:param show: puts the question on the screen; any thread."""
        self._show = show
        self._answers: queue.SimpleQueue[Reply] = queue.SimpleQueue()
        self._asking = threading.Lock()
        self._gone = threading.Event()

    def why_not(self) -> str:
        return LEFT if self._gone.is_set() else ""

    def ask(self, task: Task) -> Reply:
        with self._asking:
            while not self._answers.empty():
                self._answers.get()  # a second tap on the button of an earlier question
            if self._gone.is_set():
                return Reply.SKIP
            self._show(task)
            return self._answers.get()

    def answer(self, reply: Reply) -> None:
        self._answers.put(reply)

    def let_go(self) -> None:
        """Nobody answers any more; whoever waits goes on as skipped."""
        self._gone.set()
        self._answers.put(Reply.SKIP)
