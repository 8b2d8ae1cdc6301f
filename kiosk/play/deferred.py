"""What happens later: at a screen, right after an event, after some seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.play.observer import SeenEvent, Tree


@dataclass(slots=True)
class _Armed:
    at: Mapping[str, Any]
    action: Callable[[], None]
    what: str
    due_s: float | None
    """On time.monotonic(); set at once for `after_s`, by its screen or event otherwise."""


class Deferred:
    """One thread runs the actions, so that neither the player nor the follower is held up."""

    def __init__(self, on_failure: Callable[[str], None]):
        self._on_failure = on_failure
        self._changed = threading.Condition()
        self._armed: list[_Armed] = []
        self._busy = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="deferred", daemon=True)
        self._thread.start()

    def arm(self, at: Mapping[str, Any], action: Callable[[], None], what: str, tree: Tree) -> None:
        """`tree` is what is shown now: a screen that is already there needs no waiting."""
        due_s = time.monotonic() + float(at["after_s"]) if "after_s" in at else None
        if at.get("screen") == tree.screen:
            due_s = time.monotonic()
        with self._changed:
            self._armed.append(_Armed(at, action, what, due_s))
            self._changed.notify_all()

    def saw_tree(self, tree: Tree) -> None:
        self._fire(lambda at: at.get("screen") == tree.screen)

    def saw_event(self, event: SeenEvent) -> None:
        step, overlay = event.data.get("step"), event.data.get("overlay")
        # A screen may pass faster than the tree is asked for: its event is never missed.
        screen = (step if overlay in (None, "", "none") else overlay) if event.kind == "screen" else None
        self._fire(lambda at: at.get("event") == event.kind or (screen is not None and at.get("screen") == screen))

    def unfired(self) -> list[str]:
        """What was armed and never happened."""
        with self._changed:
            return [f"{armed.what} never happened: {dict(armed.at)} did not come" for armed in self._armed]

    def settle(self, timeout_s: float) -> bool:
        """Wait until nothing that is due is left; True when so."""
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            while self._busy or any(armed.due_s is not None for armed in self._armed):
                if time.monotonic() > deadline_s:
                    return False
                self._changed.wait(0.1)
        return True

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(5.0)

    def _fire(self, fits: Callable[[Mapping[str, Any]], bool]) -> None:
        with self._changed:
            for armed in self._armed:
                if armed.due_s is None and fits(armed.at):
                    armed.due_s = time.monotonic()
            self._changed.notify_all()

    def _run(self) -> None:
        while (armed := self._next()) is not None:
            try:
                armed.action()
            except Exception as error:
                # Whatever goes wrong here belongs into the report: nobody else would see it.
                self._on_failure(f"{armed.what}: {error}")
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _next(self) -> _Armed | None:
        with self._changed:
            while not self._closed:
                now_s = time.monotonic()
                due = [armed for armed in self._armed if armed.due_s is not None]
                first = min(due, key=lambda armed: armed.due_s or 0.0, default=None)
                if first is not None and first.due_s is not None and first.due_s <= now_s:
                    self._armed.remove(first)
                    self._busy = True
                    return first
                wait_s = 60.0 if first is None or first.due_s is None else first.due_s - now_s
                self._changed.wait(max(wait_s, 0.0))
        return None
