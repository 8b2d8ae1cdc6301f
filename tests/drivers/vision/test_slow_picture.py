"""A camera that is slow on a busy machine is no camera that sends garbage."""

from __future__ import annotations

import itertools
import time

import pytest

from drivers.vision.frames import SourceGarbled
from drivers.vision.sources import HttpSource

JPEG = b"\xff\xd8\xff\xdb\x00\x04ab" + b"x" * 40 + b"\xff\xd9"


class Slow(HttpSource):
    """Chunks as they come; nothing more when they are over."""

    def __init__(self, *chunks: bytes) -> None:
        super().__init__("http://127.0.0.1:1/")
        self._chunks = iter(chunks)

    def _received(self, timeout_s: float) -> bytes:
        return next(self._chunks, b"")

    def _has_more(self) -> bool:
        return False


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the clock takes 0.4 s."""
    clock = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(clock) * 0.4)


def test_a_picture_on_its_way_gets_its_time_once_more(steps: None) -> None:
    assert Slow(JPEG[:20], b"", JPEG[20:]).read(1.0).jpeg() == JPEG


@pytest.mark.parametrize("chunks", [(JPEG[:20],), (b"no picture",)])
def test_what_never_becomes_a_picture_is_told(steps: None, chunks: tuple[bytes, ...]) -> None:
    with pytest.raises(SourceGarbled, match="no picture"):
        Slow(*chunks).read(1.0)
