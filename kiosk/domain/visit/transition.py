"""What a transition of the visit is: a row of the table, what counts at every step, and how parts are joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kiosk.domain.event import EventKind
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Do, Step

V = TypeVar("V")
V_contra = TypeVar("V_contra", contravariant=True)
Key = TypeVar("Key")
Value = TypeVar("Value")

Answer = tuple[VisitState, tuple[Do, ...]]
"""The state after an event, and the effects to perform."""


def _unchanged(state: VisitState) -> VisitState:
    return state


def _always(state: VisitState) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Row(Generic[V_contra]):
    """One transition: when it counts, change the state, go to `to` (or `route`), perform `do`.

    A condition or a change that needs the event's value stands in `fits` or `take`.
    """

    to: Step | None = None
    route: Callable[[VisitState], Step] | None = None
    change: Callable[[VisitState], VisitState] = _unchanged
    take: Callable[[VisitState, V_contra], VisitState] | None = None
    when: Callable[[VisitState], bool] = _always
    fits: Callable[[VisitState, V_contra], bool] | None = None
    do: tuple[Do, ...] = ()

    def counts(self, state: VisitState, value: V_contra) -> bool:
        return self.when(state) and (self.fits is None or self.fits(state, value))

    def changed(self, state: VisitState, value: V_contra) -> VisitState:
        after = self.change(state)
        return after if self.take is None else self.take(after, value)


Table = Mapping[tuple[Step, EventKind[Any]], tuple[Row[Any], ...]]
Everywhere = Mapping[EventKind[Any], Callable[[VisitState, Any], Answer]]


def on(step: Step, kind: EventKind[V], *rows: Row[V]) -> Table:
    """What an event of this kind does at this step: the first row that counts."""
    return {(step, kind): rows}


def always(kind: EventKind[V], answer: Callable[[VisitState, V], Answer]) -> Everywhere:
    """What an event of this kind does at every step that has no row for it."""
    return {kind: answer}


def always_plain(kind: EventKind[None], answer: Callable[[VisitState], Answer]) -> Everywhere:
    """As `always`, for a kind without a value."""
    return {kind: lambda state, value: answer(state)}


@dataclass(frozen=True, slots=True)
class Part:
    """What one subject adds to the machine; no two may answer for the same step or event."""

    back: Mapping[Step, Step] = field(default_factory=dict)
    enter: Mapping[Step, tuple[Do, ...]] = field(default_factory=dict)
    table: Table = field(default_factory=dict)
    everywhere: Everywhere = field(default_factory=dict)
    within: Mapping[Step, Callable[[VisitState], Answer | None]] = field(default_factory=dict)
    """One back inside a step; None where back leads out of it."""


def together(*parts: Mapping[Key, Value]) -> dict[Key, Value]:
    """:raises ValueError: two answer for the same."""
    out: dict[Key, Value] = {}
    for part in parts:
        twice = out.keys() & part.keys()
        if twice:
            raise ValueError(f"answered for twice: {sorted(map(str, twice))}")
        out.update(part)
    return out
