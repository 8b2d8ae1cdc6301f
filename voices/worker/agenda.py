"""What is said next: one generation's texts, in order of priority. Pure bookkeeping; the speaker holds the lock.

The newest generation wins: what waits of an older one is dropped and never spoken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from voices.worker.protocol import Item, Priority


class Cut(Enum):
    """Why the present text is interrupted."""

    DROPPED = auto()
    """A newer generation, or silence, was asked for."""
    SKIPPED = auto()
    LATER = auto()
    """It waits again, behind a more urgent text or from the beginning of all: nothing is reported of it now."""
    ROUTE = auto()
    """A headphone came: the clause begins again in the ear."""
    HUSHED = auto()
    """The headphone went: the loudspeaker does not go on by itself."""


@dataclass(slots=True)
class Job:
    """One text of one generation."""

    generation: int
    item: Item
    lang: str
    leads: bool
    """Said first of its generation: no pause before it."""
    clause: int = 0
    """Where it begins, or goes on after an interruption."""


class Agenda:
    def __init__(self) -> None:
        self.generation = 0
        self.current: Job | None = None
        self.cut: Cut | None = None
        self._hushed = -1
        self._waiting: deque[Job] = deque()
        self._script: list[tuple[Item, str]] = []
        """All texts of this generation, for `repeat`."""

    def add(self, generation: int, items: Sequence[Item], lang: str, priority: Priority) -> bool:
        """New texts. True when the voice must stop."""
        if generation < self.generation:
            return False
        if generation > self.generation:
            self.drop(generation)
        begins = not self._script
        self._script += [(item, lang) for item in items]
        jobs = [Job(generation, item, lang, begins and at == 0) for at, item in enumerate(items)]
        if priority is Priority.NORMAL:
            self._waiting.extend(jobs)
            return self.cut is not None
        if priority is Priority.NOW and self.current is not None and self.cut in (None, Cut.ROUTE):
            jobs.append(self.current)
            self._interrupt(Cut.LATER)
        self._waiting.extendleft(reversed(jobs))
        return self.cut is not None

    def drop(self, generation: int) -> bool:
        """Silence; what is asked for with an older number from now on is not said. True when the voice must stop."""
        if generation < self.generation:
            return False
        self.generation = generation
        self._waiting.clear()
        self._script.clear()
        return self._interrupt(Cut.DROPPED)

    def repeat(self, generation: int) -> bool:
        """All texts of this generation from the first. True when the voice must stop."""
        if generation != self.generation:
            return False
        self._hushed = -1
        self._waiting = deque(Job(generation, item, lang, at == 0) for at, (item, lang) in enumerate(self._script))
        return self._interrupt(Cut.LATER)

    def skip(self, generation: int) -> bool:
        """The present text is over. True when the voice must stop."""
        return generation == self.generation and self._interrupt(Cut.SKIPPED)

    def reroute(self, plugged: bool) -> bool:
        """The way to the ear changed; without a headphone what is left of this generation is not said, until it is
        asked for. True when the voice must stop."""
        self._hushed = -1 if plugged else self.generation
        return self._interrupt(Cut.ROUTE if plugged else Cut.HUSHED)

    def is_hushed(self, job: Job) -> bool:
        return job.generation == self._hushed

    def take(self) -> Job | None:
        """The next text, now the present one; None when nothing waits."""
        self.cut = None
        self.current = self._waiting.popleft() if self._waiting else None
        return self.current

    def begin_clause(self, index: int) -> None:
        """A change of way that came earlier needs no answer any more."""
        if self.current is not None and self.cut in (None, Cut.ROUTE):
            self.current.clause, self.cut = index, None

    def _interrupt(self, cut: Cut) -> bool:
        """A change of way does not undo a stronger reason."""
        if self.current is None:
            return False
        if self.cut in (None, Cut.ROUTE) or cut is Cut.DROPPED:
            self.cut = cut
        return True
