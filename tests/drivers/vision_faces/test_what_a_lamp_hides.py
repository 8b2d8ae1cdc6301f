"""A lamp, a haze or dirt on a straightened card: what may hide print is told or asked about, the rest does no harm."""

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
    raw = lamp(printed_card(), *where, 24)
    glared = card._glared(raw, FOUND)
    assert bool(glared) is hides
    assert card._lamps(raw, glared, FOUND) is hides


def test_white_between_strokes_that_can_be_seen_hides_nothing() -> None:
    bright = lamp(printed_card(), 0.24, 0.13, 24, strength=60)
    assert bright.max() == 255
    assert not card._glared(bright, FOUND)


def test_white_paper_with_dark_ink_is_well_lit_and_no_lamp_and_what_it_might_hide_is_in_doubt() -> None:
    bright = np.asarray(cv2.add(printed_card(), np.full((HEIGHT, WIDTH, 3), 48, np.uint8)), np.uint8)
    glared = card._glared(lamp(bright, 0.325, 0.13, 24), FOUND)
    assert glared == {card.NAME}
    assert not card._lamps(bright, glared, FOUND)


ROWS = [Box(0.18, 0.5, 0.64, 0.58), Box(0.18, 0.6, 0.5, 0.68)]
ADDRESS = {card.ADDRESS: ROWS}
CHARACTER_PX, STROKE_PX = 43, 8


def address_card() -> np.ndarray:
    """Two rows of square characters, each of four strokes, with the space between that print has."""
    picture = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    for box in ROWS:
        top, bottom = int(box.top * HEIGHT) + 4, int(box.bottom * HEIGHT) - 4
        for left in range(int(box.left * WIDTH), int(box.right * WIDTH) - CHARACTER_PX, CHARACTER_PX):
            for stroke in range(left + 3, left + CHARACTER_PX - STROKE_PX, STROKE_PX + 2):
                picture[top:bottom, stroke : stroke + STROKE_PX - 3] = 40
    return picture


def hazed(at: int, row: int, cover: float, tone: float) -> np.ndarray:
    """One character's place in a row under something that mixes it with a tone; nothing of it is burnt out."""
    picture = address_card().astype(np.float32)
    box = ROWS[row]
    left = int(box.left * WIDTH) + at * CHARACTER_PX
    part = picture[int(box.top * HEIGHT) - 4 : int(box.bottom * HEIGHT) + 4, left : left + CHARACTER_PX]
    part[:] = part * (1 - cover) + tone * cover
    assert picture.max() < 252
    return np.asarray(picture, np.uint8)


@pytest.mark.parametrize("light", [1.0, 0.25])
def test_a_row_that_can_be_seen_is_in_no_doubt(light: float) -> None:
    assert not card._hidden(np.asarray(address_card() * light, np.uint8), ADDRESS, card.LABELS_END)


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("at", [0, 1, 3, 5])
@pytest.mark.parametrize("tone", [200.0, 245.0])
def test_a_character_under_a_haze_or_dirt_puts_its_field_in_doubt(at: int, row: int, tone: float) -> None:
    assert card._hidden(hazed(at, row, 0.9, tone), ADDRESS, card.LABELS_END) == {card.ADDRESS}


def test_a_haze_behind_the_last_character_could_hide_one_more() -> None:
    behind = (int(ROWS[1].right * WIDTH) - int(ROWS[1].left * WIDTH)) // CHARACTER_PX
    assert card._hidden(hazed(behind, 1, 0.9, 245.0), ADDRESS, card.LABELS_END) == {card.ADDRESS}
