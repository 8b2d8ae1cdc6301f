"""A few cards in careless light, beside an edge, under a haze: read by the real engine, and no wrong field unmarked.

The count of many such cards, from a fresh seed each time, is tests/bench/bench_faces.py.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from drivers.sim._camera import optics, pictures
from drivers.sim._camera.paper_conditions import CARD_FACTOR, CARD_ROUGH
from drivers.vision.faces.operation import FaceOp
from drivers.vision.frames import Frame

FRAMES = 6


@pytest.mark.parametrize(("condition", "seed"), [("near_edge", 3), ("washed", 4), ("haze", 5)])
def test_a_carelessly_laid_card_is_read_and_what_is_wrong_is_marked(
    a_kim: Mapping[str, object], condition: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    shot = optics.shoot(pictures.id_front(a_kim), CARD_ROUGH[condition], rng, CARD_FACTOR)
    looking = FaceOp()
    looking.start({"want": "front"})
    replies = [
        reply
        for at in range(FRAMES)
        for reply in looking.on_frame(Frame(shot.compressed(rng), 100.0 + at * 0.3, at))
        if reply["ev"] == "face"
    ]
    assert len(replies) == 1
    face = replies[0]
    assert face["number"] == a_kim["number"]
    uncertain = face["uncertain"]
    assert isinstance(uncertain, list)
    assert {name for name in ("name", "nation", "address") if face[name] != a_kim[name]} <= set(uncertain)
