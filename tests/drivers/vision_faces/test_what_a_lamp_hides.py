"""A mirrored lamp on a straightened card: where it hides print the card is refused, elsewhere it does no harm."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from drivers.vision.faces import card
from drivers.vision.faces.engine import Box

WIDTH, HEIGHT = card.CARD_PX
NAME_LINE = Box(0.18, 0.1, 0.3, 0.17)
NUMBER_LINE = Box(0.32, 0.82, 0.9, 0.9)
SEX_LINE = Box(0.18, 0.24, 0.22, 0.31)
FOUND = {card.NAME: [NAME_LINE], card.NUMBER: [NUMBER_LINE], card.SEX: [SEX_LINE]}


def printed_card() -> np.ndarray:
    """Grey paper with dark strokes a sixth of a character wide where the lines stand."""
    picture = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    for box in (NAME_LINE, NUMBER_LINE, SEX_LINE):
        top, bottom = int(box.top * HEIGHT), int(box.bottom * HEIGHT)
        for left in range(int(box.left * WIDTH), int(box.right * WIDTH), 16):
            picture[top:bottom, left : left + 6] = 40
    return picture


def lamp(picture: np.ndarray, x: float, y: float, radius_px: int, strength: int = 255) -> np.ndarray:
    light = np.zeros_like(picture)
    cv2.circle(light, (int(x * WIDTH), int(y * HEIGHT)), radius_px, (strength,) * 3, -1)
    return np.asarray(cv2.add(picture, light), np.uint8)


@pytest.mark.parametrize(
    ("where", "hides"),
    [
        ((0.24, 0.13), True),  # on the name
        ((0.325, 0.13), True),  # right behind it, where a third character would stand
        ((0.55, 0.13), False),  # far from it, on bare card
        ((0.8, 0.4), False),  # on the portrait
        ((0.6, 0.86), True),  # on the number
        ((0.2, 0.27), False),  # on the sex, which the number says as well
    ],
)
def test_a_lamp_counts_where_print_is_or_may_be(where: tuple[float, float], hides: bool) -> None:
    assert card._glared(lamp(printed_card(), *where, 24), FOUND) is hides


def test_white_between_strokes_that_can_be_seen_hides_nothing() -> None:
    bright = lamp(printed_card(), 0.24, 0.13, 24, strength=60)
    assert bright.max() == 255
    assert not card._glared(bright, FOUND)
