"""Ports of what a resident writes or says in other ways than by a choice. Adapters fulfil them, one file each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kiosk.domain.typing.state import Ink, Suggestion

OnFound = Callable[[tuple[Suggestion, ...] | None], None]
"""Suggestions, the likely one first; None when nobody answers: the process is away and comes back."""


class InputMethod(Protocol):
    """The input process. Calls never block; what is asked next makes what was asked before void.

    It learns nothing and keeps nothing: what one resident types is never suggested to another.
    """

    def pinyin(self, code: str, on_found: OnFound) -> None:
        """:param code: 1 to LONGEST_CODE digits 2 to 9, the keys of a telephone."""

    def drawn(self, ink: Ink, on_found: OnFound) -> None:
        """:param ink: strokes of one character in the order they were drawn."""

    def close(self) -> None: ...
