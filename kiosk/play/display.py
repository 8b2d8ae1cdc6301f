"""The X display of a run: touches, keys, pictures and the clipboard, all through the X server.

Nothing here knows the kiosk: what arrives there is what a touch panel or a USB keypad would send.
X knows one pointer. Further fingers therefore arrive as further buttons that are held at the same
time, as a touch driver without multitouch would report them.
"""

from __future__ import annotations

import contextlib
import math
import random
import time
from collections.abc import Sequence
from typing import Any

from PIL import Image
from Xlib import XK, X, Xatom, display, protocol
from Xlib.error import ConnectionClosedError
from Xlib.ext import xtest

Point = tuple[float, float]

BUTTONS = {"left": 1, "middle": 2, "right": 3}
_MORE_FINGERS = (3, 2, 8, 9)
_KEYPAD = {
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "enter": "Return",
    "back": "BackSpace",
    "plus": "KP_Add",
    "minus": "KP_Subtract",
    "help": "h",
}
_NAMES = {
    "ctrl": "Control_L",
    "control": "Control_L",
    "alt": "Alt_L",
    "shift": "Shift_L",
    "super": "Super_L",
    "esc": "Escape",
    "enter": "Return",
    "del": "Delete",
    "prtsc": "Print",
    "space": "space",
    "tab": "Tab",
    "backspace": "BackSpace",
    "menu": "Menu",
}
_SLIDE_STEPS = 12
_STEP_S = 0.01


class NoSuchKey(Exception):
    """The chord names a key that this keyboard does not have."""


class Display:
    """One connection to the display. Not for two threads at once."""

    def __init__(self, name: str):
        self._display: Any = display.Display(name)
        self._root: Any = self._display.screen().root
        self._clipboard: Any = None

    def close(self) -> None:
        """May be called twice."""
        with contextlib.suppress(ConnectionClosedError):
            self._display.close()

    # fingers

    def touch(
        self,
        at: Point,
        *,
        hold_s: float = 0.06,
        slide_px: Point = (0.0, 0.0),
        jitter_px: float = 0.0,
        fingers: int = 1,
        spread_px: float = 120.0,
        button: str = "left",
        chance: random.Random | None = None,
    ) -> None:
        """One touch: down, tremble and slide while held, up. Coordinates are window pixels, origin at the top left."""
        chance = chance or random.Random(0)
        self._move(at)
        pressed = [BUTTONS[button]]
        self._button(pressed[0], down=True)
        for number, extra in enumerate(_MORE_FINGERS[: fingers - 1], start=1):
            self._move((at[0] + spread_px * number * (-1) ** number, at[1]))
            self._button(extra, down=True)
            pressed.append(extra)
        self._drag(at, slide_px, hold_s, jitter_px, chance)
        for number in reversed(pressed):
            self._button(number, down=False)

    def _drag(self, at: Point, slide_px: Point, hold_s: float, jitter_px: float, chance: random.Random) -> None:
        end_s = time.monotonic() + hold_s
        moves = slide_px != (0.0, 0.0)
        for step in range(1, _SLIDE_STEPS + 1 if moves or jitter_px else 1):
            part = step / _SLIDE_STEPS
            turn, reach = chance.uniform(0, 2 * math.pi), chance.uniform(0, jitter_px)
            self._move(
                (
                    at[0] + slide_px[0] * part + reach * math.cos(turn),
                    at[1] + slide_px[1] * part + reach * math.sin(turn),
                )
            )
            time.sleep(_STEP_S)
        if not moves:
            self._move(at)
        time.sleep(max(end_s - time.monotonic(), 0.0))

    def _move(self, at: Point) -> None:
        xtest.fake_input(self._display, X.MotionNotify, x=round(at[0]), y=round(at[1]))
        self._display.sync()

    def _button(self, number: int, *, down: bool) -> None:
        xtest.fake_input(self._display, X.ButtonPress if down else X.ButtonRelease, number)
        self._display.sync()

    # keys

    def press_keypad(self, key: str, hold_s: float = 0.04) -> None:
        """One key of the kiosk's own keypad. :raises NoSuchKey:"""
        self.press_chord(_KEYPAD[key], hold_s)

    def press_chord(self, chord: str, hold_s: float = 0.04) -> None:
        """`Alt+F4`, `Ctrl+Shift+Escape`, `F1`, `a`: all down in order, held, all up. :raises NoSuchKey:"""
        codes = [self._code(name) for name in _split(chord)]
        for code in codes:
            xtest.fake_input(self._display, X.KeyPress, code)
            self._display.sync()
        time.sleep(hold_s)
        for code in reversed(codes):
            xtest.fake_input(self._display, X.KeyRelease, code)
            self._display.sync()

    def hold_key(self, name: str, *, down: bool) -> None:
        """One key goes down and stays there, or comes up. :raises NoSuchKey:"""
        xtest.fake_input(self._display, X.KeyPress if down else X.KeyRelease, self._code(name))
        self._display.sync()

    def click(self, at: Point, number: int) -> None:
        """One click of any button of a mouse, by its number: 4 to 7 turn a wheel, 8 and 9 go back and forward."""
        self._move(at)
        self._button(number, down=True)
        self._button(number, down=False)

    def _code(self, name: str) -> int:
        symbol = XK.string_to_keysym(_NAMES.get(name.lower(), name))
        code = int(self._display.keysym_to_keycode(symbol)) if symbol else 0
        if not code:
            raise NoSuchKey(f"this keyboard has no key {name!r}")
        return code

    # windows

    def windows(self) -> list[Any]:
        """Visible windows directly on the root, the lowest first."""
        shown = []
        for window in self._root.query_tree().children:
            if window.get_attributes().map_state == X.IsViewable:
                shown.append(window)
        return shown

    def focus(self) -> int:
        """The window that gets the keys, by its number; 0 or 1: none, or the one below the pointer."""
        focus = self._display.get_input_focus().focus
        return focus if isinstance(focus, int) else int(focus.id)

    def close_window(self) -> int:
        """Ask every window to close, as a window manager's cross does; returns how many were asked."""
        protocols = self._display.intern_atom("WM_PROTOCOLS")
        delete = self._display.intern_atom("WM_DELETE_WINDOW")
        windows = self.windows()
        for window in windows:
            message = protocol.event.ClientMessage(
                window=window, client_type=protocols, data=(32, [delete, X.CurrentTime, 0, 0, 0])
            )
            window.send_event(message, event_mask=X.NoEventMask)
        self._display.sync()
        return len(windows)

    def picture(self) -> Image.Image:
        """What the screen shows now, as RGB."""
        box = self._root.get_geometry()
        got = self._root.get_image(0, 0, box.width, box.height, X.ZPixmap, 0xFFFFFFFF)
        data = got.data if isinstance(got.data, bytes) else got.data.encode("latin-1")
        return Image.frombytes("RGB", (box.width, box.height), data, "raw", "BGRX")

    # the clipboard

    def clipboard_texts(self, timeout_s: float = 1.0) -> list[bytes]:
        """What the selections hold now; empty when nobody owns them."""
        found = []
        target, property_name = self._display.intern_atom("UTF8_STRING"), self._display.intern_atom("TSHU_PINN")
        window = self._root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        for selection in (self._display.intern_atom("CLIPBOARD"), Xatom.PRIMARY):
            if self._display.get_selection_owner(selection) == X.NONE:
                continue
            window.convert_selection(selection, target, property_name, X.CurrentTime)
            if self._await_selection(timeout_s):
                answer = window.get_full_property(property_name, X.AnyPropertyType)
                if answer is not None:
                    found.append(bytes(answer.value) if not isinstance(answer.value, str) else answer.value.encode())
        window.destroy()
        return found

    def _await_selection(self, timeout_s: float) -> bool:
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            while self._display.pending_events():
                event = self._display.next_event()
                if event.type == X.SelectionNotify:
                    return bool(event.property != X.NONE)
            time.sleep(0.01)
        return False


def _split(chord: str) -> Sequence[str]:
    """`Ctrl++` means Control and plus."""
    parts = chord.replace("++", "+plus").split("+")
    if not all(parts):
        raise NoSuchKey(f"{chord!r} is no chord of keys")
    return parts
