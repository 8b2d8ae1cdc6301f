"""A picture of every screen and what the kiosk tells of it, on a thread and an X connection of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from kiosk.play.display import Display
from kiosk.play.observer import Tree

_DRAWN_S = 0.08
"""Two frames at 30 Hz and a bit: what the tree tells is drawn by then."""


class Photographer:
    """Keeps a picture only when the screen was still the same after it was taken."""

    def __init__(self, display: str, folder: Path, current: Callable[[], Tree]):
        self._display = Display(display)
        self._folder = folder
        self._current = current
        self._wanted = threading.Event()
        self._closed = threading.Event()
        self._count = 0
        self._last: tuple[object, ...] = ()
        self._thread = threading.Thread(target=self._run, name="photographer", daemon=True)
        self._thread.start()

    def saw_tree(self, tree: Tree) -> None:
        if tree.ready and tree.face != self._last:
            self._wanted.set()

    def close(self) -> None:
        self._closed.set()
        self._wanted.set()
        self._thread.join(5.0)
        self._display.close()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            if self._closed.is_set():
                return
            self._wanted.clear()
            self._take()

    def _take(self) -> None:
        tree = self._current()
        if not tree.ready or tree.face == self._last:
            return
        self._closed.wait(_DRAWN_S)
        picture = self._display.picture()
        if self._current().face != tree.face:
            # It changed meanwhile: the picture could show either; the next screen has its own turn.
            self._wanted.set()
            return
        self._count += 1
        self._last = tree.face
        # Little compression: a picture is taken while the visit goes on.
        name = f"{self._count:02d}-{tree.screen}"
        picture.save(self._folder / f"{name}.png", compress_level=1)
        told = json.dumps([asdict(node) for node in tree.nodes], ensure_ascii=False, indent=1)
        (self._folder / f"{name}.json").write_text(told + "\n", encoding="utf-8")
