"""In what one screen differs from another: measures in millimetres, and the few rules of layout it may want."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.ui.drawing.theme import ANSWER_MM


@dataclass(frozen=True, slots=True)
class Anatomy:
    answer_mm: float = ANSWER_MM
    """Answers grow to this height where there is room."""
    picture_mm: float = 110.0
    """The picture is at most this high."""
    columns: int = 2
    """Cards stand beside each other in so many columns; in larger words they always stand in one."""
    stack_big: bool = False
    """Big values stand below their label, not beside it."""
    pad_below: bool = False
    """Keys stand right above the answers and stay there: what is said above may grow while somebody types."""
    few_pages: bool = False
    """What must be read whole before it is answered is laid out tersely before it takes more than two pages."""
    list_answers: bool = False
    """The icons of the answers stand under each other, at the left."""
    is_kept: bool = False
    """The built sheet is kept for whoever comes back; only for screens where nothing moves or is drawn by hand."""
