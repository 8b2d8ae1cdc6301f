"""Back-off after a wrong PIN: each wrong one doubles the wait. Pure; the terminal keeps the state over a restart."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_S = 1
MOST_S = 600
"""Ten minutes: 144 tries a day against a million PINs of six digits."""


class RollError(Exception):
    """The list of who may come in cannot be used; the text says what to do."""


@dataclass(frozen=True, slots=True)
class LockState:
    failures: int = 0
    """Wrong PINs since the last right one."""
    until_s: float = 0.0
    """Wall time, seconds since the epoch, until which no PIN is looked at."""


def delay_s(failures: int) -> int:
    """1, 2, 4, 8 … seconds, at most ten minutes."""
    return min(FIRST_S << (failures - 1), MOST_S) if 0 < failures < 32 else (MOST_S if failures else 0)


def after_try(state: LockState, now_s: float) -> LockState:
    """Counted before the PIN is looked at, so that pulling the plug meanwhile wins no free try."""
    failures = state.failures + 1
    return LockState(failures, now_s + delay_s(failures))


def left_s(state: LockState, now_s: float) -> float:
    """How long no PIN is looked at; a clock that was set back never makes it longer than the wait itself."""
    return min(max(state.until_s - now_s, 0.0), float(delay_s(state.failures)))
