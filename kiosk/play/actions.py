"""The verbs, done: the resident's hands through the X display, everybody else's through sockets and processes."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from kiosk.play.checks.residue import people_of
from kiosk.play.display import Display
from kiosk.play.observer import Follower, Node, Tree
from kiosk.play.office_desk import OfficeDesk
from kiosk.play.proxy import Rule
from kiosk.play.report import Account
from kiosk.play.run_folder import residents_file
from kiosk.play.schema import Table
from kiosk.play.slips import Page, qr_texts
from kiosk.play.speech_log import Spoken
from kiosk.play.staff_hands import REACH_S, StaffHands
from kiosk.play.staff_hands import CannotPlay as CannotPlay
from kiosk.play.stage import Stage
from kiosk.play.verbs import ON_SCREEN

HAND_S = 0.55
"""From the last touch, and from what it brought on the screen, to the next: nobody is faster, and the kiosk takes
no press on purpose for 500 ms after one that fired."""
CARD_HAND_S = 1.0
"""From lifting a card to laying one down: a hand needs it, and the reader takes less for a wobble."""
TAP_S = 0.06
MOST_PRESSES = 40
"""More choices than any screen has."""
MOST_LOOKS = 4
"""So often a code is shown to a machine that says it is none."""
_NO_CODE = "progress.no_slip"
_NEXT_PAGE = {"key": "browse.next"}


class Actions:
    """Does one verb after the other. `collect_pages` keeps the slips before the printer loses power; `spoken` is
    all that was said so far.
    """

    def __init__(
        self,
        stage: Stage,
        follower: Follower,
        display: Display,
        account: Account,
        collect_pages: Callable[[], Sequence[Page]],
        spoken: Callable[[], Sequence[Spoken]] = list,
    ):
        self._stage = stage
        self._follower = follower
        self._display = display
        self._account = account
        self._collect_pages = collect_pages
        self._spoken = spoken
        self._staff = StaffHands(follower, self._touch, self._type_key, self._reach, lambda: stage.staff_pin)
        self._desk = OfficeDesk(stage)
        self._chance = random.Random(20_261_124)
        self._last_touch_s = 0.0
        self._last_lift_s = 0.0
        self.touches = 0
        self.power_cuts = 0
        self.people: list[Mapping[str, object]] = []
        """Whose cards were laid down."""
        self.plugged_s: list[tuple[float, float]] = []
        """From when to when a headphone was in; the last may have no end yet."""

    def do(self, verb: str, options: Table) -> None:
        """:raises CannotPlay, StageError, NoSuchKey:"""
        getattr(self, f"_{verb}")(**options)

    # the resident's hands

    def _touch(self, **options: Any) -> None:
        named: dict[str, str] = {name: options.pop(name) for name in ("target", "key", "text") if name in options}
        if options.pop("more", False):
            self._turn_pages(named)
        node = self._reach(**named) if named else None
        self._follower.wait(self._hand_is_there, REACH_S)
        tree = self._follower.tree
        scale = tree.px_per_mm
        if node is not None:
            # It may have moved while the hand came; where it was, another one may be now.
            at = (next(iter(_touchable(tree, named)), None) or self._reach(**named)).middle_px
        else:
            at = (options.pop("x_mm") * scale, options.pop("y_mm") * scale)
        slide = options.pop("slide_mm", (0.0, 0.0))
        every_s = options.pop("every_ms", 250) / 1000
        for number in range(options.pop("times", 1)):
            began_s = time.monotonic()
            if number:
                time.sleep(max(every_s - TAP_S, 0.0))
            self._display.touch(
                at,
                hold_s=options.get("hold_s", TAP_S),
                slide_px=(slide[0] * scale, slide[1] * scale),
                jitter_px=options.get("jitter_mm", 0.0) * scale,
                fingers=options.get("fingers", 1),
                button=options.get("button", "left"),
                chance=self._chance,
            )
            self._last_touch_s = max(began_s, time.monotonic())
            self.touches += 1

    def _turn_pages(self, named: Mapping[str, str]) -> None:
        """下一页, until the button is there or no further page is. :raises CannotPlay: every page was looked at."""
        seen: list[Tree] = []
        while len(seen) < MOST_PRESSES:
            self._follower.wait(partial(self._has_page, named), REACH_S, self._stage.check_alive)
            # A page that is still being laid out has none of its choices: whoever turns it has looked at it.
            self._follower.wait(self._hand_is_there, REACH_S)
            tree = self._follower.tree
            if _touchable(tree, named) or not _touchable(tree, _NEXT_PAGE):
                return
            # Two pages in the same order again: one alone may look like another, as pages with nothing to choose do.
            if seen and (_words(seen[-1]), _words(tree)) in [(_words(a), _words(b)) for a, b in pairwise(seen)]:
                break
            seen.append(tree)
            self._touch(**_NEXT_PAGE)
            self._follower.wait(partial(self._has_changed, tree), REACH_S, self._stage.check_alive)
        wanted = " ".join(named.values())
        raise CannotPlay(f"no button {wanted!r} on any of {len(seen)} pages of {self._follower.tree.screen}")

    def _has_page(self, named: Mapping[str, str]) -> bool:
        tree = self._follower.tree
        return bool(_touchable(tree, named) or _touchable(tree, _NEXT_PAGE))

    def _has_changed(self, before: Tree) -> bool:
        # Rows of one kind have one key on every page: their words tell the pages apart.
        return _words(self._follower.tree) != _words(before) and self._follower.tree.ready

    def _hand_is_there(self) -> bool:
        return time.monotonic() - max(self._last_touch_s, self._follower.shown_s) >= HAND_S

    def _reach(self, **named: str) -> Node:
        """Wait until the button is there, drawn and not disabled."""
        seen: list[Node] = []

        def is_there() -> bool:
            seen[:] = _touchable(self._follower.tree, named)
            return bool(seen)

        if not self._follower.wait(is_there, REACH_S, self._stage.check_alive):
            tree = self._follower.tree
            buttons = [f"{node.key}={node.name}" for node in tree.nodes if node.role == "button"]
            wanted = " ".join(named.values())
            raise CannotPlay(f"no button {wanted!r} on {tree.screen or 'a dark screen'}; there are: {buttons}")
        return seen[0]

    def _press(self, key: str, times: int = 1, hold_s: float = 0.04) -> None:
        self._follower.wait(self._hand_is_there, REACH_S)
        for _ in range(times):
            self._display.press_keypad(key, hold_s)
        self._last_touch_s = time.monotonic()

    def _hear(self, key: str, by: str = "right", enter: bool = True) -> None:
        """As one who sees nothing does it: on to the next until its words are heard, then 确认."""
        heard: list[str] = []
        for _ in range(MOST_PRESSES):
            before = len(self._spoken())
            self._press(by)
            self._follower.wait(partial(self._named, before), REACH_S, self._stage.check_alive)
            heard += [clause.key for clause in self._spoken()[before:]]
            if heard and key in heard[-4:]:
                if enter:
                    self._press("enter")
                return
        raise CannotPlay(f"{key} was not heard; heard: {heard}")

    def _named(self, before: int) -> bool:
        """A choice is named with its place among the others."""
        return any(clause.key == "ear.place" for clause in self._spoken()[before:])

    def _write(self, digits: str, pad: str = "digit") -> None:
        """Key after key of the pad on the screen; each is seen to come in before the next."""
        for digit in digits:
            self._reach(key=f"type.{pad}.{digit}")
            before = _texts(self._follower.tree)
            if not self._type_key(f"type.{pad}.{digit}", partial(self._reads_otherwise, before)):
                raise CannotPlay(f"{digit} did not come in on {self._follower.tree.screen}")

    def _type_key(self, key: str, came_in: Callable[[], bool]) -> bool:
        """One key of a pad, seen to come in. The hand rests from then on: the kiosk counts its own rest from when it
        has felt the finger, which on a busy machine is later than the touch."""
        self._touch(key=key)
        seen = self._follower.wait(came_in, REACH_S, self._stage.check_alive)
        self._last_touch_s = time.monotonic()
        return seen

    def _reads_otherwise(self, before: list[str]) -> bool:
        return _texts(self._follower.tree) != before

    def _keys(self, chords: tuple[str, ...], times: int = 1, hold_s: float = 0.04) -> None:
        for _ in range(times):
            for chord in chords:
                self._display.press_chord(chord, hold_s)

    def _close_window(self, on: bool) -> None:
        if not self._display.close_window():
            raise CannotPlay("there is no window to close")

    # cards, codes, headphone

    def _card(self, wrong_way: bool = False, place: str = "id_card", **source: Any) -> None:
        extra = {"wrong_way": True} if wrong_way else {}
        self._follower.wait(lambda: time.monotonic() - self._last_lift_s >= CARD_HAND_S, CARD_HAND_S + 0.2)
        if "resident" in source:
            people = people_of(residents_file(), [source["resident"]])
            if not people:
                raise CannotPlay(f"nobody is called {source['resident']!r} in {residents_file().name}")
            self.people += people
            if place == "id_face":
                self._stage.twin(place, "show", id_face=dict(people[0]))
            else:
                self._stage.twin(place, "present", resident=source["resident"], **extra)
        elif "fields" in source:
            self.people.append(source["fields"])
            self._stage.twin(place, "present", card=source["fields"], **extra)
        else:
            self.people.append(_person_of_block(source["block_hex"]))
            self._stage.twin(place, "present", block_hex=source["block_hex"], **extra)

    def _lift(self, on: bool, place: str = "id_card") -> None:
        self._stage.twin(place, "clear_view" if place == "id_face" else "lift")
        self._last_lift_s = time.monotonic()

    def _code(
        self,
        text: str = "",
        last_slip: bool = False,
        guessed: bool = False,
        symbology: str = "QR",
        encoding: str = "utf-8",
        until: str = "",
    ) -> None:
        if last_slip:
            text = self._code_on_paper()
        if guessed:
            prefix, number, code, *more = text.split(":")
            text = ":".join((prefix, number, f"{code[:-1]}{(int(code[-1]) + 1) % 10}", *more))
        for _ in range(MOST_LOOKS):
            before = len(self._spoken())
            self._stage.twin("code_scanner", "show", text=text, symbology=symbology, encoding=encoding)
            if not until or until in self._told_of_code(before, until):
                return

    def _told_of_code(self, before: int, until: str) -> set[str]:
        """What the machine says next of what was shown to it."""
        told: set[str] = set()

        def is_told() -> bool:
            told.update(clause.key for clause in self._spoken()[before:] if clause.key in (_NO_CODE, until))
            return bool(told)

        self._follower.wait(is_told, REACH_S, self._stage.check_alive)
        return told

    def _code_on_paper(self) -> str:
        """What the code on the last whole slip says, read from the paper."""
        for page in reversed(self._collect_pages()):
            if page.complete and (codes := qr_texts(page)):
                return codes[0]
        raise CannotPlay("no slip with a code has been printed")

    def _headphone(self, plug: str) -> None:
        # Out: counted as out before the hand pulls. In: from when the plug sits.
        if plug == "out" and self.plugged_s:
            self.plugged_s[-1] = (self.plugged_s[-1][0], time.monotonic())
        self._stage.twin("headphone", "insert" if plug == "in" else "remove")
        if plug == "in":
            self.plugged_s.append((time.monotonic(), math.inf))

    # technician and clerk

    def _technician(self, do: str, device: str = "receipt_printer", wrong: bool = False) -> None:
        if do in ON_SCREEN:
            self._staff.do(do, wrong)
            return
        ops: dict[str, tuple[str, dict[str, object]]] = {
            "load_paper": ("paper", {"state": "ok"}),
            "open_cover": ("cover", {"open": True}),
            "close_cover": ("cover", {"open": False}),
            "free_cutter": ("clear", {}),
            "unplug": ("unplug", {}),
            "replug": ("replug", {}),
        }
        op, options = ops[do]
        self._stage.twin(device, op, **options)

    def _clerk(self, do: str) -> None:
        self._stage.twin("receipt_printer", "take")

    def _paper(self, state: str = "", out_after_rows: int = 0, out_after_bytes: int = 0) -> None:
        if state:
            self._stage.twin("receipt_printer", "paper", state=state)
        elif out_after_rows:
            self._stage.twin("receipt_printer", "paper_after", rows=out_after_rows)
        else:
            self._stage.twin("receipt_printer", "paper_after", bytes=out_after_bytes)

    def _fault(self, device: str, name: str, **options: object) -> None:
        self._stage.twin(device, "fault", name=name, **options)

    def _clear_fault(self, device: str) -> None:
        self._stage.twin(device, "clear")

    def _twin(self, device: str, op: str, **options: object) -> None:
        self._stage.twin(device, op, **options)

    # network, back office, look-ups

    def _network(self, state: str = "", then: str = "down", method: str = "", path: str = "", **cut: Any) -> None:
        if state:
            self._stage.proxy.set_state({"cut": "cut", "silent": "silent", "restore": "up"}[state])  # type: ignore[arg-type]  # the values of LinkState
        else:
            self._stage.proxy.arm(Rule(path=path, method=method, then_down=then == "down", **cut))

    def _payment_fault(self, kind: str, count: int = 1) -> None:
        self._stage.payment_fault(kind, count)

    def _lookup_fault(self, lookup: str, mode: str, count: int = 1) -> None:
        self._stage.lookup_fault(lookup=lookup, mode=mode, count=count)

    def _notice(self, points: tuple[Table, ...], until: str, helper: str) -> None:
        self._desk.issue_notice(self._account.case_no, points, until, helper)

    def _backoffice(self, state: str) -> None:
        if state == "down":
            self._stage.stop_backoffice()
        else:
            self._stage.start_backoffice()

    # kiosk, power, clock

    def _kiosk(self, do: str) -> None:
        if do == "kill":
            self._stage.kill_kiosk()
            self._gone()
        if do in ("stop", "restart"):
            self._stage.stop_kiosk()
            self._gone()
        if do in ("start", "restart"):
            self._stage.start_kiosk()
            self.await_kiosk()

    def _power(self, do: str, off_s: float = 0.0) -> None:
        self._collect_pages()
        self._stage.cut_power()
        self.power_cuts += 1
        self._gone()
        time.sleep(off_s)
        self._stage.restore_power()
        self.await_kiosk()

    def await_kiosk(self) -> None:
        """Until the first screen is drawn."""
        if not self._follower.wait(lambda: self._follower.tree.ready, 60.0, self._stage.check_alive):
            raise CannotPlay("the kiosk shows no screen")

    def _gone(self) -> None:
        self._follower.forget()
        self._account.lost()

    def _clock(
        self, advance_s: float | None = None, everywhere_s: float | None = None, skew_s: float | None = None
    ) -> None:
        if everywhere_s is not None:
            self._stage.move_on(everywhere_s)
        if advance_s is not None:
            self._stage.advance_clock(advance_s)
        if skew_s is not None:
            self._stage.skew_clock(skew_s)


def _words(tree: Tree) -> tuple[object, ...]:
    """What a page says, key by key."""
    return tree.face, tuple(node.name for node in tree.nodes)


def _touchable(tree: Tree, named: Mapping[str, str]) -> list[Node]:
    if not tree.ready:
        return []
    width, height = tree.size_px
    return [
        node
        for node in tree.find(**named)
        if node.role == "button"
        and "disabled" not in node.state
        and node.box_px[2] > 0
        and 0 <= node.middle_px[0] < width
        and 0 <= node.middle_px[1] < height
    ]


def _texts(tree: Tree) -> list[str]:
    return [node.name for node in tree.nodes]


def _person_of_block(block_hex: str) -> dict[str, object]:
    """Name, address and number in a raw text block (GA/T 450: UTF-16LE at fixed places)."""
    block = bytes.fromhex(block_hex)
    places = {"name": (0, 30), "address": (52, 122), "number": (122, 158)}
    return {field: block[start:end].decode("utf-16-le", "ignore").strip() for field, (start, end) in places.items()}
