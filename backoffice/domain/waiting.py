"""排队: whose turn it is in a hall of two lines. No line starves: the round goes on whatever arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Lane(StrEnum):
    NORMAL = "normal"
    PRIORITY = "priority"
    """Elders, disabled, pregnant, soldiers, in need; and appointments that checked in on time."""


class Series(StrEnum):
    """Of numbers: an appointment has its own from the day it was made."""

    NORMAL = "normal"
    PRIORITY = "priority"
    APPOINTMENT = "appointment"


class TicketState(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    FINISHED = "finished"
    VOID = "void"
    """Missed twice; revived with one key."""


@dataclass(frozen=True, slots=True)
class Numbers:
    letter: str
    first: int
    last: int

    def label(self, number: int) -> str:
        return f"{self.letter}{number:03d}"


@dataclass(frozen=True, slots=True)
class QueueRules:
    round: tuple[Lane, ...]
    minutes_each: int
    recalls: int
    move_back: int
    check_in_from_min: int
    on_time_min: int
    late_min: int
    numbers: dict[Series, Numbers]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One who waits: lines are in the order of `rank`, then `number`."""

    number: int
    lane: Lane
    rank: int


RANK_STEP = 1000
"""Between two tickets: room for those who are moved back."""


def line_of(waiting: Sequence[Waiting], lane: Lane) -> list[Waiting]:
    return sorted((one for one in waiting if one.lane is lane), key=lambda one: (one.rank, one.number))


def next_turn(waiting: Sequence[Waiting], turn: int, rules: QueueRules) -> tuple[Waiting, int] | None:
    """Who is called, and the place in the round after that; None when nobody waits. A line without people is passed."""
    length = len(rules.round)
    for step in range(length):
        line = line_of(waiting, rules.round[(turn + step) % length])
        if line:
            return line[0], (turn + step + 1) % length
    return None


def ahead_of(number: int, waiting: Sequence[Waiting], turn: int, rules: QueueRules) -> int:
    """How many are called before this ticket if nobody else comes. :raises LookupError: it does not wait."""
    left = list(waiting)
    for called in range(len(left)):
        found = next_turn(left, turn, rules)
        if found is None:
            break
        one, turn = found
        if one.number == number:
            return called
        left.remove(one)
    raise LookupError(number)


def moved_back(missed: Waiting, waiting: Sequence[Waiting], rules: QueueRules) -> int:
    """The new rank of somebody who did not come: behind the next few of the same line."""
    line = [one for one in line_of(waiting, missed.lane) if one.number != missed.number]
    behind = line[: rules.move_back]
    return behind[-1].rank + 1 if behind else missed.rank


def in_front(lane: Lane, waiting: Sequence[Waiting]) -> int:
    """The rank of somebody who is revived: has waited already, so first of the line."""
    line = line_of(waiting, lane)
    return line[0].rank - 1 if line else 0


def bound(place: int, rules: QueueRules, lane: Lane) -> int:
    """Within how many calls the ticket at this place (from 0) of its line is called, whatever the other line does."""
    turns = sum(1 for one in rules.round if one is lane)
    return -(-(place + 1) // turns) * len(rules.round)
