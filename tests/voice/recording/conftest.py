"""Shared by the tests of recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from voices.prompts import load_words
from voices.recording.script import Line, lines

from .studio import Speaker


@pytest.fixture(scope="session")
def speaker(voice_dir: Path) -> Speaker:
    return Speaker(voice_dir)


@pytest.fixture(scope="session")
def script() -> tuple[Line, ...]:
    """The Minnan script."""
    return lines(load_words(), "nan", "tongan")
