"""Which steps a frame is worth: the cheap one where something moves, one dear one in turn where something lies
unread, nearly nothing where nothing happens. Pure.

The machine has other work than looking at an empty box: what reading may use of a core is a budget that fills at a
fixed rate, so a slow machine reads more seldom and is not starved.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.vision.codes.believing import Sighting
from drivers.vision.codes.steps import CYCLE, FIRST, Step

HEARTBEAT_FRAMES = 5
IN_DOUBT = 3
"""So many dear steps a frame while one way has seen a code that another must confirm."""
ROUNDS = 2
"""So often is everything tried on a thing that does not move; then only the heartbeat goes on."""
BUDGET_SHARE = 0.13
"""Of one core, on the average; capture, gate and thumb come on top of it."""
BUDGET_MOST_S = 0.5
"""Saved up while nothing happens, so that a new code gets everything at once."""
REST_FRAMES = HEARTBEAT_FRAMES
"""A code that was read and is still held there needs no look at each of its frames."""


class Plan:
    """Ask `steps` for each frame, then tell `spent` what they cost and what came of it."""

    def __init__(self, cycle: Sequence[Step] = CYCLE) -> None:
        self._cycle = cycle
        self._since_look = HEARTBEAT_FRAMES
        self._next = 0
        self._left = 0
        self._rest = 0
        self._in_doubt = False
        self._budget_s = BUDGET_MOST_S
        self._filled_s: float | None = None

    def steps(self, moved: bool, now_s: float) -> tuple[Step, ...]:
        """What to do with this frame, in order, until something is read."""
        self._fill(now_s)
        self._since_look += 1
        self._rest = max(0, self._rest - 1)
        if moved:
            self._left, self._in_doubt = ROUNDS * len(self._cycle), False
        due = self._since_look >= HEARTBEAT_FRAMES
        if not due and (self._rest or self._budget_s <= 0 or not self._left):
            return ()
        self._since_look = 0
        if not self._left or self._rest or self._budget_s <= 0:
            return (FIRST,)
        dear = [self._cycle[(self._next + at) % len(self._cycle)] for at in range(IN_DOUBT if self._in_doubt else 1)]
        self._left = max(0, self._left - len(dear))
        self._next = (self._next + len(dear)) % len(self._cycle)
        return (FIRST, *dear)

    def spent(self, cpu_s: float, sighting: Sighting) -> None:
        """:param sighting: the most that this frame has made of a code."""
        self._budget_s -= cpu_s
        if sighting in (Sighting.NEW, Sighting.STILL_THERE):
            self._left, self._next, self._rest, self._in_doubt = 0, 0, REST_FRAMES, False
        elif sighting is Sighting.UNSURE and not self._in_doubt:
            # It is there: every way gets two frames to confirm it.
            self._left, self._in_doubt = 2 * len(self._cycle), True

    def _fill(self, now_s: float) -> None:
        if self._filled_s is not None:
            self._budget_s = min(BUDGET_MOST_S, self._budget_s + (now_s - self._filled_s) * BUDGET_SHARE)
        self._filled_s = now_s
