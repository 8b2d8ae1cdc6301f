"""What an eye and a hand find on the screen: height of the characters, contrast, how high the buttons hang."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from PIL import Image

from kiosk.play.observer import Node, Tree

_RARE = 200
"""A colour on fewer than one in so many pixels is the blur of an edge, not ink."""
_EDGE = 0.12
"""Of a button so much of its width and height is left out at each side: its edge is no letter."""
_LINEAR_BELOW = 0.03928


def ink_mm(picture: Image.Image, tree: Tree) -> dict[str, float]:
    """Height of the tallest row of characters of each text, in mm; texts of one character or without Han are left
    out, for they may be as low as 一.
    """
    return {
        node.name: max(_rows(_crop(picture, node))) / tree.px_per_mm
        for node in _texts(tree)
        if node.role == "text" and sum(is_han(letter) for letter in node.name) >= 2
    }


def contrasts(picture: Image.Image, tree: Tree) -> dict[str, float]:
    """Of each text and each button: its ground against the ink that differs most, 1 to 21 (WCAG 2.2, 1.4.3)."""
    return {node.name: _ratio(_crop(picture, node)) for node in _texts(tree)}


def reach_mm(tree: Tree, mount_mm: float) -> tuple[float, float]:
    """Lowest and highest edge of everything that can be touched, in mm above the floor.

    :param mount_mm: floor to the screen's upper edge.
    """
    boxes = [node.box_px for node in tree.nodes if node.role == "button" and node.box_px[3] > 0]
    heights = [mount_mm - edge / tree.px_per_mm for _, top, _, height in boxes for edge in (top, top + height)]
    return (min(heights), max(heights)) if heights else (mount_mm, mount_mm)


def is_han(letter: str) -> bool:
    """CJK ideographs with their extensions (Unicode 15, blocks 3400 to 9FFF and from 20000)."""
    return 0x3400 <= ord(letter) <= 0x9FFF or ord(letter) >= 0x20000


def _texts(tree: Tree) -> Iterator[Node]:
    return (node for node in tree.nodes if node.name and node.role in ("text", "button") and node.box_px[3] > 0)


def _crop(picture: Image.Image, node: Node) -> Any:
    """Array [row, column, RGB] of what is drawn of it."""
    import numpy as np  # as long to import as the rest of the player: only when a journey looks

    left, top, width, height = node.box_px
    inset = _EDGE if node.role == "button" else 0.0
    box = (left + inset * width, top + inset * height, left + (1 - inset) * width, top + (1 - inset) * height)
    return np.asarray(picture.crop(tuple(round(edge) for edge in box)).convert("RGB"), np.uint8)  # type: ignore[arg-type]  # four edges


def _rows(crop: Any) -> list[int]:
    """Heights in pixels of the bands in which anything differs from the ground; [0] where nothing is drawn."""
    codes = _codes(crop)
    ground = _counted(codes).most_common(1)[0][0]
    far = abs(crop.astype(int) - _colour(ground)).sum(axis=2) > 3 * 64
    bands, height = [0], 0
    for inked in [*far.any(axis=1).tolist(), False]:
        if not inked and height:
            bands.append(height)
        height = height + 1 if inked else 0
    return bands


def _ratio(crop: Any) -> float:
    counts = _counted(_codes(crop))
    enough = max(sum(counts.values()) // _RARE, 8)
    ground = _light(counts.most_common(1)[0][0])
    inks = [_light(code) for code, count in counts.items() if count >= enough]
    return max(((max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) for ink in inks), default=1.0)


def _counted(codes: Any) -> Counter[int]:
    import numpy as np

    found, counts = np.unique(codes, return_counts=True)
    return Counter(dict(zip(found.tolist(), counts.tolist(), strict=True)))


def _codes(crop: Any) -> Any:
    wide = crop.astype("uint32")
    return wide[:, :, 0] << 16 | wide[:, :, 1] << 8 | wide[:, :, 2]


def _colour(code: int) -> tuple[int, int, int]:
    return code >> 16 & 255, code >> 8 & 255, code & 255


def _light(code: int) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    parts = (part / 255 for part in _colour(code))
    red, green, blue = (p / 12.92 if p <= _LINEAR_BELOW else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
