"""Which steps a frame is worth: the cheap one where something moves, one dear one in turn where something lies
unread, nearly nothing where nothing happens. Pure.

The machine has other work than looking at an empty box: what reading may use of a core is a budget that fills at a
fixed rate, so a slow machine reads more seldom and is not starved.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.vision.codes.steps import CYCLE, FIRST, Step

HEARTBEAT_FRAMES = 5
ROUNDS = 3
"""So often is everything tried on a thing that does not move; then only the heartbeat goes on."""
BUDGET_SHARE = 0.16
"""Of one core, on the average; capture, gate and thumb come on top of it."""
BUDGET_MOST_S = 0.4
"""Saved up while nothing happens, so that a new code gets everything at once."""


class Plan:
    """Ask `steps` for each frame, then tell `spent` what they cost and whether something was read."""

    def __init__(self, cycle: Sequence[Step] = CYCLE) -> None:
        self._cycle = cycle
        self._since_look = HEARTBEAT_FRAMES
        self._next = 0
        self._left = 0
        self._budget_s = BUDGET_MOST_S
        self._filled_s: float | None = None

    def steps(self, moved: bool, now_s: float) -> tuple[Step, ...]:
        """What to do with this frame, in order, until something is read."""
        self._fill(now_s)
        self._since_look += 1
        if moved:
            self._left = ROUNDS * len(self._cycle)
        due = self._since_look >= HEARTBEAT_FRAMES
        if not (moved or self._left or due) or (self._budget_s <= 0 and not due):
            return ()
        self._since_look = 0
        if not self._left or self._budget_s <= 0:
            return (FIRST,)
        self._left -= 1
        step = self._cycle[self._next]
        self._next = (self._next + 1) % len(self._cycle)
        return (FIRST, step)

    def spent(self, cpu_s: float, has_read: bool) -> None:
        self._budget_s -= cpu_s
        if has_read:
            self._left, self._next = 0, 0

    def _fill(self, now_s: float) -> None:
        if self._filled_s is not None:
            self._budget_s = min(BUDGET_MOST_S, self._budget_s + (now_s - self._filled_s) * BUDGET_SHARE)
        self._filled_s = now_s
