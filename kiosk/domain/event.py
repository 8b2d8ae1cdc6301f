"""An event: its kind, and a value of the type that this kind takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

V = TypeVar("V")


class EventKind(Generic[V]):
    """One kind of event; V is the type of its values, None where the event says everything itself.

    Kinds are the attributes of one class, e.g. `kiosk.domain.visit.events.Ev`, which gives each its name.
    """

    __slots__ = ("name", "takes")

    def __init__(self, takes: type[V] | None = None) -> None:
        """:param takes: the values' class at run time; V says more where that is generic."""
        self.takes = takes
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name.lower()

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, init=False)
class Event:
    kind: EventKind[Any]
    value: object
    """Read it by `of`, which knows its type."""
    about: str
    """Number of the case that an answer to a shown slip is about: it never stands under the slip of another case."""

    @overload
    def __init__(self, kind: EventKind[None], *, about: str = "") -> None: ...
    @overload
    def __init__(self, kind: EventKind[V], value: V, about: str = "") -> None: ...
    def __init__(self, kind: EventKind[Any], value: object = None, about: str = "") -> None:
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "about", about)

    @overload
    def of(self, kind: EventKind[V]) -> V | None: ...
    @overload
    def of(self, kind: EventKind[V], otherwise: V) -> V: ...
    def of(self, kind: EventKind[Any], otherwise: Any = None) -> Any:
        """The value of an event of this kind; `otherwise` for every other event."""
        return self.value if self.kind is kind else otherwise
