"""Until when an answer is worth something: set by whoever was asked, read by whoever waits for a database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ENDS: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done in this block, and in threads that it hands its context to, has this long."""
    token = _ENDS.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ENDS.reset(token)


def left_s(most: float) -> float:
    """Seconds that are left, at most `most`; never negative. Without a deadline: `most`."""
    ends = _ENDS.get()
    return most if ends is None else max(0.0, min(most, ends - time.monotonic()))
