"""A promise that the law asks for."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class CommitScreen(Screen):
    """Sizes in `commit.kv`."""
