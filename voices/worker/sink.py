"""What a sink is: it takes PCM in small pieces and returns when a piece is nearly due, so that a stop is heard at once.

`begin` and `end` frame one clause.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Protocol

LEAD_S = 0.06
"""How far ahead of the ear a sink is fed: what is still heard after a stop."""


class SinkError(RuntimeError):
    """The sink cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One clause on its way; `lang` is the pack's that made the sound, `layer` how it was made."""

    key: str
    lang: str
    text: str
    route: str
    layer: str
    generation: int
    pack: str = ""
    """Identifier of the clip's pack; empty when the live engine speaks."""


class Sink(Protocol):
    @property
    def fault(self) -> str:
        """Why nothing of the present clause is heard; empty as long as it is."""
        ...

    def begin(self, clip: Clip) -> None: ...

    def write(self, pcm: bytes, cancelled: threading.Event) -> bool:
        """Take 16-bit mono samples; blocks until they are nearly due. False when cancelled."""
        ...

    def end(self, completed: bool) -> None:
        """The clause is over: `completed` when all of it was fed."""

    def close(self) -> None: ...


@dataclass(slots=True)
class Pace:
    """The clock of a card: how long to wait so that at most LEAD_S of sound is ahead of the ear."""

    rate: int
    speed: float
    due_s: float = 0.0
    """When all that was fed will have been heard, on the monotonic clock."""

    def next_s(self) -> float:
        """When the next sample that is fed will be heard."""
        return max(self.due_s, time.monotonic())

    def feed(self, samples: int) -> float:
        """Account for `samples`; returns how long the feeder must wait."""
        self.due_s = self.next_s() + samples / self.rate / self.speed
        return max(self.due_s - time.monotonic() - LEAD_S / self.speed, 0.0)

    def drop(self) -> float:
        """Forget what is still ahead of the ear; returns its seconds of sound."""
        ahead = max(self.due_s - time.monotonic(), 0.0) * self.speed
        self.due_s = 0.0
        return ahead


def wait(seconds: float, cancelled: threading.Event) -> bool:
    """False when cancelled, before or meanwhile."""
    return not (cancelled.wait(seconds) if seconds > 0 else cancelled.is_set())
