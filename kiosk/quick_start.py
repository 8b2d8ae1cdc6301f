"""A short start: the screen is opened beside the imports, and nobody searches for garbage before the first picture."""

from __future__ import annotations

import gc

from kiosk.ui.toolkit import early_video


def begin() -> None:
    """Before the rooms are imported."""
    gc.disable()
    early_video.begin()


def end() -> None:
    """Nobody waits any more; what has come to stay is never searched again. Does nothing without `begin`."""
    if not gc.isenabled():
        gc.collect()
        gc.freeze()
        gc.enable()
