"""Nobody gets out of the kiosk: strange keys, hands, codes, cards, programs and networks, one after the other.

One kiosk for all of them. After each action the windows, the focus and the processes are what they were; after each
group, too, the files, and the kiosk answers a touch: by then it has had every event of the group. What X under Xvfb
does not have is not claimed here: a boot menu, virtual terminals, a panel or keyboard that is pulled out.
"""

from __future__ import annotations

import hashlib
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from foreign_x_client import ForeignXClient

from kiosk.play.hall import Hall
from kiosk.play.process import descendants
from kiosk.play.run_folder import residents_file
from kiosk.play.stage import STOP_S

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out"
FEWEST = 80
ANSWER = "progress"
"""What the kiosk shows of a case number that it was handed as a code."""
MOST_READ_S = 3.0
"""A code that has not been read by then is none."""
MEGABYTE = 1_000_000
GROUND_MM = (134.0, 150.0)
"""A place on the first screen where nothing can be touched."""
TOWARDS = {
    "left": (1, 200, 120, 0),
    "right": (266, 200, -120, 0),
    "top": (130, 1, 0, 200),
    "bottom": (130, 474, 0, -150),
}
"""Edge: from where to where a finger wipes, in mm."""
TRACES = ("*.py", "*.toml")

CLOSING = [
    *("Escape", "Escape+Escape", *(f"F{number}" for number in (1, 2, 3, 4, 5, 6, 10, 11, 12)), "Pause"),
    *("Alt+F4", "Alt+Tab", "Alt+Escape", "Alt+space", "Alt+F1", "Alt+F2", "Alt+F7"),
    *("Ctrl+Alt+Delete", "Ctrl+Alt+BackSpace", "Ctrl+Alt+t", "Ctrl+Shift+Escape", "Ctrl+Escape"),
]
TERMINALS = [*(f"Ctrl+Alt+F{number}" for number in range(1, 9)), "Print", "Alt+Print", "Alt+Print+r", "Alt+Print+k"]
PROGRAMS = [f"Ctrl+{letter}" for letter in "nopsltwqercvxzjuf"] + ["Ctrl+Shift+i", "Ctrl+Shift+n", "Shift+Insert"]
DESKTOPS = [*(f"Super_L+{letter}" for letter in "delrux"), "Super_L", "Super_R", "Shift+F10", "Menu"]
CODES = {
    "control characters": bytes(range(1, 32)) + b"\x7f",
    "line ends": b"first\nsecond\r\nthird",
    "an address": b"http://192.0.2.1/escape?x=<script>",
    "a file's address": b"file:///etc/passwd",
    "four thousand characters": b"A" * 4096,
    "keys of a keyboard": b"\x1b[15~\x11\x17\x1bOP\x03\x04\x1a",
    "no text at all": bytes(range(128, 256)),
    "commands": b"$(reboot); `reboot` | reboot\n%n%s{0}",
}
MOST_TRIES = 5
HELD = {"Shift_L": 12.0, "Num_Lock": 5.0}
"""Key: how long it must be held to switch a help of the desktop on, in seconds."""


class Portal(BaseHTTPRequestHandler):
    """A network that wants to be logged into: it answers every request with a way to its own page."""

    paths: ClassVar[list[str]] = []
    """What all connections of the one portal asked for."""

    def _turn_away(self) -> None:
        self.paths.append(self.path)
        self.send_response(302)
        self.send_header("Location", "/portal/login")
        self.send_header("Date", "Thu, 01 Jan 2099 00:00:00 GMT")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = _turn_away

    def log_message(self, format: str, *args: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Order:
    """What must stay as it was."""

    windows: tuple[int, ...]
    focus: int
    processes: frozenset[int]
    screen: str


@dataclass(frozen=True, slots=True)
class Action:
    group: str
    name: str
    do: Callable[[], object]


class Besieged:
    """The kiosk, who tries to get out of it, and what was seen."""

    def __init__(self, hall: Hall):
        self.hall = hall
        self.foreign = ForeignXClient(hall.stage.display)
        self.files = self._files()
        self.rows: list[str] = []
        self.escapes: list[str] = []
        self.codes_read = 0

    def order(self) -> Order:
        display, pid, screen = self.hall.display, self.hall.stage.kiosk_pid, self._screen()
        windows = tuple(int(window.id) for window in display.windows())
        return Order(windows, display.focus(), frozenset([pid, *descendants(pid)]), screen)

    def _screen(self) -> str:
        """Where the kiosk is. Whatever is readable is a number that nobody knows: said so, and closed again."""
        tries = 0
        while (screen := self.hall.tree.screen) == ANSWER and tries < MOST_TRIES:
            self.codes_read += not tries
            # A touch under which the answer changes presses nothing: she touches again, and so do these hands.
            self.hall.touch("overlay.close")
            closed = self.hall.follower.wait(lambda: self.hall.tree.screen != ANSWER, 3, self.hall.stage.check_alive)
            tries = 0 if closed else tries + 1
        return screen

    def endure(self, actions: list[Action]) -> None:
        """One group: each action, then a touch that only a kiosk that still serves answers."""
        before = self.order()
        for action in actions:
            action.do()
            self._judge(action, before, self.order())
        self._still_serves()
        for action in actions[-1:]:
            self._judge(action, before, self.order(), told=False)
            if self._files() != self.files:
                self.escapes.append(f"{action.group}: a file has changed")

    def _judge(self, action: Action, before: Order, after: Order, told: bool = True) -> None:
        changed = [name for name in Order.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]
        if told:
            self.rows.append(f"| {len(self.rows) + 1} | {action.group} | {action.name} | {', '.join(changed) or '–'} |")
        if changed:
            self.escapes.append(f"{action.group}: {action.name}: {', '.join(changed)}")

    def _still_serves(self) -> None:
        """The language is changed by touch, and stays so: a kiosk that has had every event before answers it."""
        other = "cmn" if self.hall.tree.lang == "nan" else "nan"
        self.hall.touch(f"lang.{other}")
        if not self.hall.follower.wait(lambda: self.hall.tree.lang == other, 15, self.hall.stage.check_alive):
            self.escapes.append(f"it does not answer any more on {self.hall.tree.screen}")

    def _files(self) -> str:
        """Programs, words and settings, by their contents; names of whatever lies in its home."""
        digest = hashlib.sha256()
        for folder in ("kiosk", "drivers", "voices", "config"):
            for pattern in TRACES:
                for path in sorted((ROOT / folder).rglob(pattern)):
                    digest.update(path.read_bytes())
        for path in sorted(self.hall.folder.config.rglob("*")):
            digest.update(path.name.encode() + path.read_bytes())
        for path in sorted(self.hall.folder.home.rglob("*")):
            digest.update(path.as_posix().encode())
        return digest.hexdigest()

    # what is done

    def keys(self, group: str, chords: list[str]) -> list[Action]:
        return [Action(group, chord, partial(self.hall.display.press_chord, chord, 0.02)) for chord in chords]

    def hands(self) -> list[Action]:
        touch = partial(self._touch, *GROUND_MM)
        ways = [
            Action("hands", f"wipes from the {edge}", partial(self._touch, x, y, slide=(right, down)))
            for edge, (x, y, right, down) in TOWARDS.items()
        ]
        fingers = [Action("hands", f"{count} fingers", partial(touch, fingers=count)) for count in (2, 3, 4, 5)]
        buttons = [
            Action("hands", f"mouse button {number}", partial(self._click, number)) for number in (2, 3, *range(4, 10))
        ]
        return [*ways, *fingers, *buttons, Action("hands", "holds three seconds", partial(touch, hold_s=3.0))]

    def codes(self) -> list[Action]:
        return [Action("codes", name, partial(self._show, code)) for name, code in CODES.items()]

    def programs(self) -> list[Action]:
        display = self.hall.display
        windows = display.windows()
        return [
            Action("programs", "clipboard of 1 MB, Ctrl+v", partial(self._paste, "Ctrl+v")),
            Action("programs", "clipboard of 1 MB, Shift+Insert", partial(self._paste, "Shift+Insert")),
            Action("programs", "clipboard of 1 MB, middle button", partial(self._paste, "")),
            Action("programs", "drops a file", partial(self._drop, windows[-1], "file:///etc/passwd")),
            Action("programs", "drops a program", partial(self._drop, windows[-1], "file:///usr/bin/xterm")),
            Action("programs", "asks the window to close", display.close_window),
            Action(
                "programs", "asks the window to close ten times", lambda: [display.close_window() for _ in range(10)]
            ),
        ]

    def devices(self) -> list[Action]:
        twin = self.hall.stage.twin
        return [
            Action("devices", f"{device} {op}ged", partial(twin, device, op))
            for device in ("code_scanner", "receipt_printer", "headphone", "id_card")
            for op in ("unplug", "replug")
        ]

    def _touch(
        self, x_mm: float, y_mm: float, slide: tuple[float, float] = (0, 0), fingers: int = 1, hold_s: float = 0.05
    ) -> None:
        scale = self.hall.tree.px_per_mm
        at, slide_px = (x_mm * scale, y_mm * scale), (slide[0] * scale, slide[1] * scale)
        self.hall.display.touch(at, slide_px=slide_px, fingers=fingers, hold_s=hold_s)

    def _click(self, number: int) -> None:
        scale = self.hall.tree.px_per_mm
        self.hall.display.click((GROUND_MM[0] * scale, GROUND_MM[1] * scale), number)

    def _show(self, code: bytes) -> None:
        """It may be read as several codes, or late: what it led to is closed wherever it comes up."""
        hall, before = self.hall, len(self.hall.account.faults)
        hall.stage.twin("code_scanner", "show", hex=code.hex())

        def was_read() -> bool:
            return hall.tree.screen == ANSWER or len(hall.account.faults) > before

        hall.follower.wait(was_read, MOST_READ_S, hall.stage.check_alive)

    def _paste(self, chord: str) -> None:
        self.foreign.offer_clipboard(b"a" * MEGABYTE)
        if chord:
            self.hall.display.press_chord(chord)
        else:
            self._click(2)
        self.foreign.answer(0.1)

    def _drop(self, window: object, uri: str) -> None:
        self.foreign.drop_file(window, uri)
        self.foreign.answer(0.2)


@pytest.fixture(scope="module")
def besieged() -> Iterator[Besieged]:
    with Hall() as hall:
        held = Besieged(hall)
        yield held
        held.foreign.close()


def _held_keys(besieged: Besieged, actions: list[Action]) -> list[Action]:
    """Other actions go on while keys are held, long enough for what a desktop would do with them."""
    display, began_s = besieged.hall.display, time.monotonic()
    for key in HELD:
        display.hold_key(key, down=True)
    besieged.endure(actions)
    for key, held_s in sorted(HELD.items(), key=lambda pair: pair[1]):
        # The keys are held in real time: it is a hand that holds them.
        besieged.foreign.answer(max(held_s - (time.monotonic() - began_s), 0))
        display.hold_key(key, down=False)
    return [Action("keys held", f"{key}, {held_s:g} s", lambda: None) for key, held_s in HELD.items()]


def _five_shifts(besieged: Besieged) -> None:
    for _ in range(5):
        besieged.hall.display.press_chord("Shift_L", 0.02)


@pytest.mark.timeout(180)
def test_none_of_the_ways_out_leads_out(besieged: Besieged, record_property: Callable[[str, object], None]) -> None:
    for group, chords in (
        ("closing", CLOSING),
        ("terminals", TERMINALS),
        ("programs' keys", PROGRAMS),
        ("desktop", DESKTOPS),
    ):
        besieged.endure(besieged.keys(group, chords))
    besieged.endure([Action("desktop", "Shift five times", partial(_five_shifts, besieged))])
    besieged.endure(_held_keys(besieged, [*besieged.hands(), *besieged.codes()]))
    besieged.endure(besieged.programs())
    besieged.endure(besieged.devices())
    table = ["| # | group | action | changed |", "|---|---|---|---|", *besieged.rows]
    OUT.mkdir(exist_ok=True)
    (OUT / "escapes.md").write_text("\n".join(table) + "\n", encoding="utf-8")
    figure = f"{len(besieged.escapes)} of {len(besieged.rows)} actions escaped"
    print(figure)
    record_property("figure", figure)
    assert besieged.escapes == []
    assert besieged.codes_read >= len(CODES) // 2, "the codes came in by the wire"
    assert len(besieged.rows) >= FEWEST
    assert len(set(besieged.rows)) == len(besieged.rows)


def test_a_window_that_comes_up_would_be_seen(besieged: Besieged) -> None:
    before = besieged.order()
    besieged.foreign.show_window(on=True)
    assert besieged.order().windows != before.windows
    besieged.foreign.show_window(on=False)
    assert besieged.order() == before


@pytest.mark.timeout(120)
def test_a_network_that_wants_a_login_is_not_followed(besieged: Besieged) -> None:
    hall, portal = besieged.hall, ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    Thread(target=portal.serve_forever, daemon=True).start()
    office, hall.stage.proxy.target = hall.stage.proxy.target, ("127.0.0.1", portal.server_port)
    before = besieged.order()
    for state in ("cut", "up"):
        # The connection that stands would go on to the old network.
        hall.stage.proxy.set_state(state)
    hall.stage.advance_clock(61)
    try:
        assert hall.follower.wait(lambda: bool(Portal.paths), 20, hall.stage.check_alive)
        assert besieged.order() == before
    finally:
        hall.stage.proxy.target = office
        portal.shutdown()
        portal.server_close()
    assert not any("portal" in path for path in Portal.paths)


@pytest.mark.timeout(120)
def test_commands_on_a_card_are_no_commands_and_keys_do_not_help_within_a_visit(besieged: Besieged) -> None:
    hall = besieged.hall
    kim = tomllib.loads(residents_file().read_text("utf-8"))["a_kim"]
    card = {**kim, "name": "甲\x1b[2J\x07", "address": "\x1b]0;x\x07\n$(reboot)\x00http://192.0.2.1"}
    hall.touch(f"welcome.start_{hall.tree.lang}", "choose")
    hall.touch("item.XA032.name", "identify")
    hall.stage.twin("id_card", "present", card=card)
    hall.await_screen("confirm_who", "identify")
    hall.stage.twin("id_card", "lift")
    assert not [node.name for node in hall.tree.nodes if any(ord(sign) < 32 and sign != "\n" for sign in node.name)]
    besieged.endure(besieged.keys("within a visit", ["Escape", "F1", "Alt+F4", "Ctrl+c", "Ctrl+v", "Ctrl+q", "Print"]))
    assert besieged.escapes == []
    hall.touch("bar.leave")
    hall.await_screen("welcome", "leave")
    if hall.tree.screen == "leave":
        hall.touch("leave.sure", "welcome")


@pytest.mark.timeout(60)
def test_asked_to_end_it_ends_within_five_seconds_and_leaves_nobody(besieged: Besieged) -> None:
    stage = besieged.hall.stage
    stage.stop_kiosk()
    assert stage.exit_codes == [0], f"not over after {STOP_S:g} s"
    assert stage.left_behind == 0
