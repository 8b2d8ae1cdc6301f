"""What an item wants to see: each material, how its picture is taken, and what may stand for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MaterialKind(StrEnum):
    PRESENT = "present"
    """Shown in the original."""
    SHARED = "shared"
    """Fetched from a register."""
    PHOTO = "photo"
    """Photographed here."""
    PROMISE = "promise"
    """A promise instead of paper."""


class Handling(StrEnum):
    """What becomes of the original."""

    RETURNED = "returned"
    """Looked at and given back at once."""
    KEPT = "kept"
    """Stays with the office."""
    NONE = "none"
    """There is none to hand over."""


PROMISE = "promise"
"""In `replaced_by`: a promise stands for the material, where the item allows promises."""


@dataclass(frozen=True, slots=True)
class CaptureRule:
    """What a picture of a material must be before it is taken."""

    rule_id: str
    label: str
    least_dpi: int
    """0 = no measure: a thing and not a page."""
    whole_page: bool
    """All four corners are in the picture."""
    glare: bool
    """A shine over the print spoils it."""
    face: bool
    """One face, from the front."""


@dataclass(frozen=True, slots=True)
class Material:
    kind: MaterialKind
    name: str
    pages: int = 1
    """0 = as many as there are."""
    sides: int = 1
    quality: str = ""
    """The capture rule of its picture: always of a photo, of a shared material for when its register is silent."""
    replaced_by: tuple[str, ...] = ()
    """Look-ups that stand for it, or `promise`."""
    original: bool = False
    """The original is to be shown."""
    handling: Handling = Handling.NONE

    @property
    def to_bring(self) -> bool:
        return self.kind in (MaterialKind.PRESENT, MaterialKind.PHOTO)
