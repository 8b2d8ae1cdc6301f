"""Touches, keys and pictures reach a real window through a real X server, and nothing else does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from Xlib import XK, X, display

from kiosk.play.display import Display, NoSuchKey
from kiosk.play.process import StageError
from kiosk.play.virtual_display import start_xvfb


class Window:
    """A plain window that writes down what reaches it."""

    def __init__(self, name: str):
        self._display: Any = display.Display(name)
        root = self._display.screen().root
        mask = X.ButtonPressMask | X.ButtonReleaseMask | X.PointerMotionMask | X.KeyPressMask | X.KeyReleaseMask
        self._window = root.create_window(
            0, 0, 600, 800, 0, X.CopyFromParent, background_pixel=0x3366CC, event_mask=mask | X.ExposureMask
        )
        self.closes = 0
        self._delete = self._display.intern_atom("WM_DELETE_WINDOW")
        self._window.set_wm_protocols([self._delete])
        self._window.map()
        self._window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self._display.sync()
        self.seen: list[tuple[Any, ...]] = []

    def take(self, enough: Callable[[], bool]) -> None:
        """Read events until it is enough, at most 5 s."""
        deadline_s = time.monotonic() + 5
        while not enough():
            assert time.monotonic() < deadline_s, self.seen
            while self._display.pending_events():
                self._note(self._display.next_event())
            time.sleep(0.005)

    def _note(self, event: Any) -> None:
        if event.type in (X.ButtonPress, X.ButtonRelease):
            self.seen.append(
                ("down" if event.type == X.ButtonPress else "up", event.detail, event.event_x, event.event_y)
            )
        elif event.type == X.MotionNotify:
            self.seen.append(("move", 0, event.event_x, event.event_y))
        elif event.type in (X.KeyPress, X.KeyRelease):
            symbol = self._display.keycode_to_keysym(event.detail, 0)
            self.seen.append(("key" if event.type == X.KeyPress else "key up", XK.keysym_to_string(symbol) or symbol))
        elif event.type == X.ClientMessage and event.data[1][0] == self._delete:
            self.closes += 1

    def of(self, *kinds: str) -> list[tuple[Any, ...]]:
        return [one for one in self.seen if one[0] in kinds]

    def own_selection(self, text: bytes) -> Callable[[], None]:
        """Own the clipboard; the answer gives one asker the text."""
        clipboard = self._display.intern_atom("CLIPBOARD")
        self._window.set_selection_owner(clipboard, X.CurrentTime)
        self._display.sync()

        def answer() -> None:
            while True:
                event = self._display.next_event()
                if event.type == X.SelectionRequest:
                    event.requestor.change_property(event.property, event.target, 8, text)
                    from Xlib.protocol import event as events

                    event.requestor.send_event(
                        events.SelectionNotify(
                            time=event.time,
                            requestor=event.requestor,
                            selection=event.selection,
                            target=event.target,
                            property=event.property,
                        )
                    )
                    self._display.sync()
                    return

        return answer

    def close(self) -> None:
        self._display.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, name = start_xvfb(600, 800, tmp_path_factory.mktemp("x") / "xvfb.log", dict(os.environ))
    yield name
    process.stop(3.0)


@pytest.fixture
def window(server: str) -> Iterator[Window]:
    made = Window(server)
    made.take(lambda: True)
    yield made
    made.close()


@pytest.fixture
def hands(server: str) -> Iterator[Display]:
    made = Display(server)
    yield made
    made.close()


def test_a_tap_goes_down_and_up_at_the_same_place(window: Window, hands: Display) -> None:
    hands.touch((120, 340))
    window.take(lambda: len(window.of("up")) == 1)
    assert window.of("down", "up") == [("down", 1, 120, 340), ("up", 1, 120, 340)]


def test_a_held_touch_stays_down_as_long_as_it_is_held(window: Window, hands: Display) -> None:
    began_s = time.monotonic()
    hands.touch((10, 10), hold_s=0.4)
    assert time.monotonic() - began_s >= 0.4


def test_a_slide_ends_where_it_should_and_moves_between(window: Window, hands: Display) -> None:
    hands.touch((100, 100), slide_px=(60, -40))
    window.take(lambda: len(window.of("up")) == 1)
    assert window.of("up") == [("up", 1, 160, 60)]
    between = window.seen[window.seen.index(("down", 1, 100, 100)) :]
    assert len([one for one in between if one[0] == "move"]) >= 5


def test_a_trembling_finger_moves_while_it_is_down_and_never_farther_than_it_trembles(
    window: Window, hands: Display
) -> None:
    hands.touch((300, 300), jitter_px=12)
    window.take(lambda: len(window.of("up")) == 1)
    held = window.seen[window.seen.index(("down", 1, 300, 300)) :]
    moves = [one for one in held if one[0] == "move"]
    assert len(moves) >= 5
    assert all((x - 300) ** 2 + (y - 300) ** 2 <= 13**2 for _, _, x, y in moves)


def test_three_fingers_are_down_at_the_same_time(window: Window, hands: Display) -> None:
    hands.touch((300, 300), fingers=3)
    window.take(lambda: len(window.of("up")) == 3)
    assert [one[0] for one in window.of("down", "up")] == ["down"] * 3 + ["up"] * 3
    assert len({one[2] for one in window.of("down")}) == 3, "each at its own place"


def test_keypad_keys_and_foreign_chords_arrive_as_keys(window: Window, hands: Display) -> None:
    hands.press_keypad("down")
    hands.press_keypad("back")
    hands.press_chord("Alt+F4")
    window.take(lambda: len(window.of("key up")) == 4)
    assert [one[0] for one in window.of("key", "key up")] == ["key", "key up"] * 2 + ["key", "key", "key up", "key up"]


@pytest.mark.parametrize("chord", ["NoSuchKey", "Ctrl+", "+", ""])
def test_a_key_that_does_not_exist_is_named(hands: Display, chord: str) -> None:
    with pytest.raises(NoSuchKey):
        hands.press_chord(chord)


def test_every_foreign_key_of_the_escape_list_exists_on_this_keyboard(window: Window, hands: Display) -> None:
    for chord in ("Escape", "F1", "Ctrl+Alt+Delete", "Super+d", "Shift+F10", "Menu", "Print", "Ctrl+w", "Alt+Tab"):
        hands.press_chord(chord)


def test_a_window_is_asked_to_close(window: Window, hands: Display) -> None:
    assert hands.close_window() == 1
    window.take(lambda: window.closes == 1)


def test_a_picture_shows_what_is_on_the_screen(window: Window, hands: Display, tmp_path: Path) -> None:
    hands.picture().save(tmp_path / "p.png")
    from PIL import Image

    with Image.open(tmp_path / "p.png") as picture:
        assert picture.size == (600, 800)
        assert picture.getpixel((300, 400)) == (0x33, 0x66, 0xCC)


def test_the_clipboard_is_read_from_whoever_owns_it(window: Window, server: str) -> None:
    import threading

    reader = Display(server)
    assert reader.clipboard_texts() == []
    answer = window.own_selection("王小明".encode())
    thread = threading.Thread(target=answer)
    thread.start()
    assert reader.clipboard_texts() == ["王小明".encode()]
    thread.join(5)
    reader.close()


def test_a_display_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="Xvfb"):
        start_xvfb(0, 0, tmp_path / "x.log", dict(os.environ))
