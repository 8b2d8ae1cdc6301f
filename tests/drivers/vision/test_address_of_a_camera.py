"""A camera that comes back gives its address whole: the product may read the file at that very moment."""

from __future__ import annotations

import os
from typing import Any


def test_an_address_that_is_written_again_is_a_new_file(clear_camera: Any) -> None:
    """Written into the same file, it is empty for a moment, and the product finds no camera there."""
    with clear_camera.link.open(encoding="ascii") as before:
        clear_camera.ctl("unplug")
        clear_camera.ctl("replug")
        assert clear_camera.link.stat().st_ino != os.fstat(before.fileno()).st_ino
        assert before.read().startswith("http://127.0.0.1:")
    assert clear_camera.link.read_text(encoding="ascii").startswith("http://127.0.0.1:")
