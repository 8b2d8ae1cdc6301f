"""What staff do with a finger on the kiosk's own screen: technician mode, and vouching for somebody."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kiosk.play.observer import Follower, Node
from kiosk.play.stage import STAFF_NUMBER

REACH_S = 15.0
"""A button that has not come by then will not come."""
CORNER_MM = 12.0
CORNER_HOLD_S = 6.0
"""The kiosk asks for five seconds from when it has felt the finger."""


class CannotPlay(Exception):
    """A step could not be done: what it wants to touch is not there."""


class StaffHands:
    """Uses the resident's way to touch (`touch`), to type a key (`type_key`) and to wait for a button (`reach`).

    :param pin: of this run; empty when nobody may do anything.
    """

    def __init__(
        self,
        follower: Follower,
        touch: Callable[..., None],
        type_key: Callable[[str, Callable[[], bool]], bool],
        reach: Callable[..., Node],
        pin: Callable[[], str],
    ):
        self._follower, self._touch, self._reach, self._pin = follower, touch, reach, pin
        self._type_key = type_key

    def do(self, what: str, wrong: bool) -> None:
        """:param wrong: with a PIN that differs in its last digit. :raises CannotPlay:"""
        ways: dict[str, Callable[[], None]] = {
            "open_menu": self._open_menu,
            "print_test_slip": self._print_test_slip,
            "vouch": partial(self._vouch, wrong),
            "unlock": partial(self._unlock, wrong),
        }
        ways[what]()

    def _open_menu(self) -> None:
        """One finger rests on the upper left corner of the first screen."""
        self._touch(x_mm=CORNER_MM, y_mm=CORNER_MM, hold_s=CORNER_HOLD_S)
        self._expect_button("staff.pad.enter")

    def _unlock(self, wrong: bool) -> None:
        """The number where it is still asked for, then the PIN, or one that differs in its last digit."""
        pin = self._pin_of(wrong)
        self._expect_button("staff.pad.enter")
        if not self._follower.tree.find(key="staff.login.pin"):
            self._type(STAFF_NUMBER)
            self._expect_button("staff.pad.enter", also="staff.login.pin")
        self._type(pin)

    def _pin_of(self, wrong: bool) -> str:
        pin = self._pin()
        if not pin:
            raise CannotPlay("nobody has a PIN: the journey's [stage] needs staff = true")
        return pin[:-1] + str((int(pin[-1]) + 1) % 10) if wrong else pin

    def _vouch(self, wrong: bool) -> None:
        """A staff member beside the resident writes her number and her PIN, with the resident's own large keys."""
        pin = self._pin_of(wrong)
        self._touch(key="witness.here")
        self._write(STAFF_NUMBER, "witness.number")
        self._write(pin, "witness.pin")

    def _write(self, digits: str, asked: str) -> None:
        self._expect_button("type.digit.0", also=asked)
        for count, digit in enumerate(digits, start=1):
            if not self._type_key(f"type.digit.{digit}", partial(self._has_written, count)):
                raise CannotPlay(f"{count} digits did not come in on {self._follower.tree.screen}")
        self._touch(key="type.done")

    def _has_written(self, count: int) -> bool:
        return any(len(node.name) == count for node in self._follower.tree.find(key="type.text"))

    def _type(self, digits: str) -> None:
        """Each digit is awaited on the screen: a hand that sees its key go in types the next one."""
        field = (
            "staff.login.pin.value" if self._follower.tree.find(key="staff.login.pin") else "staff.login.number.value"
        )
        for count, digit in enumerate(digits, start=1):
            if not self._type_key(f"staff.pad.{digit}", partial(self._has_typed, field, count)):
                raise CannotPlay(f"{self._typed(field)} of {count} digits came in on {self._follower.tree.screen}")
        self._touch(key="staff.pad.enter")

    def _has_typed(self, field: str, count: int) -> bool:
        return self._typed(field) == count

    def _typed(self, field: str) -> int:
        shown = [node.name for node in self._follower.tree.find(key=field)]
        return len(shown[0].strip("–")) if shown else 0

    def _print_test_slip(self) -> None:
        """From the technician's first page through the guide to its end."""
        self._touch(key="staff.home.paper")
        for step in range(3):
            self._expect_button("staff.paper.next", also=f"staff.paper.step.{step}")
            self._touch(key="staff.paper.next")
        self._touch(key="staff.paper.print")

    def _expect_button(self, key: str, also: str = "") -> None:
        self._reach(key=key)
        if also and not self._follower.wait(lambda: bool(self._follower.tree.find(key=also)), REACH_S):
            raise CannotPlay(f"{also} did not come on {self._follower.tree.screen}")
