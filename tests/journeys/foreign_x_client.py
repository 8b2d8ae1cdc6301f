"""Another program on the kiosk's display that tries to reach it: a clipboard, a dropped file.

Its own connection, so that the display of the journey is not disturbed. Selections: ICCCM 2; dropping: XDND 5.
"""

from __future__ import annotations

import select
import time
from typing import Any

from Xlib import X, Xatom, display, protocol

_PART = 200_000
"""One request of X holds 256 kB at most: a longer property is written part by part."""
_XDND_VERSION = 5


class ForeignXClient:
    """Owns selections and answers for them while it is asked to `answer`."""

    def __init__(self, name: str):
        self._display: Any = display.Display(name)
        self._root: Any = self._display.screen().root
        self._window: Any = self._root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        self._content = b""
        self.asked = 0
        """How often somebody wanted the content."""

    def close(self) -> None:
        self._display.close()

    def offer_clipboard(self, content: bytes) -> None:
        """From now on the clipboard and the middle button's selection are this."""
        self._content = content
        for selection in (self._atom("CLIPBOARD"), Xatom.PRIMARY):
            self._window.set_selection_owner(selection, X.CurrentTime)
        self._display.sync()

    def show_window(self, *, on: bool) -> None:
        """Its own window over the kiosk's, as a dialog would stand there."""
        if on:
            self._window.change_attributes(override_redirect=True)
            self._window.map()
        else:
            self._window.unmap()
        self._display.sync()

    def drop_file(self, target: Any, uri: str) -> None:
        """As a file manager's hand does: enter, move, drop, and tell what was dropped when asked."""
        self._content = uri.encode() + b"\r\n"
        self._window.set_selection_owner(self._atom("XdndSelection"), X.CurrentTime)
        kind = self._atom("text/uri-list")
        middle = 500 << 16 | 900
        copy = self._atom("XdndActionCopy")
        self._tell(target, "XdndEnter", [_XDND_VERSION << 24, kind, 0, 0])
        self._tell(target, "XdndPosition", [0, middle, X.CurrentTime, copy])
        self._tell(target, "XdndDrop", [0, X.CurrentTime, 0, 0])

    def answer(self, for_s: float) -> None:
        """Answer whoever asks for the content meanwhile."""
        until_s = time.monotonic() + for_s
        while time.monotonic() < until_s:
            while self._display.pending_events():
                event = self._display.next_event()
                if event.type == X.SelectionRequest:
                    self._hand_over(event)
            select.select([self._display.fileno()], [], [], max(until_s - time.monotonic(), 0.0))

    def _hand_over(self, request: Any) -> None:
        self.asked += 1
        place = request.property or request.target
        for start in range(0, len(self._content), _PART):
            part = self._content[start : start + _PART]
            request.requestor.change_property(
                place, request.target, 8, part, X.PropModeAppend if start else X.PropModeReplace
            )
        request.requestor.send_event(
            protocol.event.SelectionNotify(
                time=request.time,
                requestor=request.requestor,
                selection=request.selection,
                target=request.target,
                property=place,
            )
        )
        self._display.flush()

    def _tell(self, target: Any, what: str, values: list[int]) -> None:
        window = self._display.create_resource_object("window", target.id)
        message = protocol.event.ClientMessage(
            window=window, client_type=self._atom(what), data=(32, [self._window.id, *values])
        )
        window.send_event(message, event_mask=X.NoEventMask)
        self._display.flush()

    def _atom(self, name: str) -> int:
        return int(self._display.intern_atom(name))
