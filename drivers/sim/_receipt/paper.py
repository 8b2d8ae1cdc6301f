"""The paper in a simulated receipt printer: a strip of dots that is printed on, fed, cut and torn.

8 dots/mm, 576 dots wide (80 mm paper, 72 mm printed) or 384 (58 mm, 48 mm printed). The cutter sits some
way beyond the print head, so every page begins with the blank piece that lay between them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

DOTS_PER_INCH = 203.2


@dataclass(frozen=True, slots=True)
class Page:
    """One piece of paper that left the printer. `complete`: everything sent for it was printed and it was cut."""

    path: Path
    sha256: str
    height_dots: int
    cut: bool
    complete: bool

    def as_json(self) -> dict[str, object]:
        return {
            "file": self.path.name,
            "png": str(self.path),
            "sha256": self.sha256,
            "height_dots": self.height_dots,
            "cut": self.cut,
            "complete": self.complete,
        }


class Paper:
    """The strip under the head; one-bit pictures, 1 = black."""

    def __init__(self, width_dots: int, cutter_distance_dots: int) -> None:
        self.width_dots = width_dots
        self.cutter_distance_dots = cutter_distance_dots
        self.left_rows: int | None = None
        """Rows until the paper ends; None = a full roll."""
        self.fed_rows = 0
        """Rows printed or fed since the printer was made."""
        self.pages: list[Page] = []
        self._strip = self._blank(cutter_distance_dots)
        self._printed = False
        self._spoiled = False

    def _blank(self, rows: int) -> Image.Image:
        return Image.new("1", (self.width_dots, rows), 0)

    def print_rows(self, picture: Image.Image) -> bool:
        """Print `picture` and feed its height; False when the paper ended within it (the rest is not printed)."""
        rows = picture.height if self.left_rows is None else min(picture.height, self.left_rows)
        longer = self._blank(self._strip.height + rows)
        longer.paste(self._strip, (0, 0))
        longer.paste(picture.crop((0, 0, self.width_dots, rows)), (0, self._strip.height))
        self._strip = longer
        self._printed = self._printed or picture.getbbox() is not None
        self.fed_rows += rows
        if self.left_rows is not None:
            self.left_rows -= rows
        return rows == picture.height

    def spoil(self) -> None:
        """What is on the strip can no longer become whole (buffers were cleared in the middle of it)."""
        self._spoiled = self._spoiled or self._printed

    def cut(self, folder: Path) -> Page | None:
        """Cut at the cutter; what is before it becomes a page, unless it is blank."""
        at = self._strip.height - self.cutter_distance_dots
        page = self._strip.crop((0, 0, self.width_dots, at))
        self._strip = self._strip.crop((0, at, self.width_dots, self._strip.height))
        return self._finish(page, folder, cut=True)

    def tear(self, folder: Path) -> Page | None:
        """The piece that hangs out is torn off by hand or falls when the paper ended."""
        page, self._strip = self._strip, self._blank(self.cutter_distance_dots)
        self._spoiled = True
        return self._finish(page, folder, cut=False)

    def _finish(self, picture: Image.Image, folder: Path, *, cut: bool) -> Page | None:
        complete = cut and not self._spoiled
        printed = self._printed
        self._printed = self._spoiled = False
        if not printed:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"slip-{len(self.pages) + 1:03d}.png"
        # On paper a dot is black; in the strip it is a 1.
        picture.point(lambda dot: 0 if dot else 255).save(path, dpi=(DOTS_PER_INCH, DOTS_PER_INCH), optimize=True)
        page = Page(path, hashlib.sha256(path.read_bytes()).hexdigest(), picture.height, cut, complete)
        self.pages.append(page)
        return page
