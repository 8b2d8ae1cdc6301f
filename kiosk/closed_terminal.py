"""A terminal that cannot begin: it shows that it is closed, looks for the cause to go, and is started again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.adapters import paths
from kiosk.adapters.sd_notify import Notifier
from kiosk.adapters.settings import good_settings
from kiosk.adapters.settings.config import ConfigError, Screen, load_terminal, state_dir_of
from kiosk.adapters.signing import SigningUnavailable
from kiosk.adapters.words import VoicesWords
from kiosk.domain.faults import FONTS_MISSING, SETTINGS_WRONG
from kiosk.domain.outbox import StoreError
from kiosk.domain.speech import Lang
from kiosk.ui.drawing import fonts

if TYPE_CHECKING:
    from kiosk.ui.drawing.theme import ScreenConfig

TERMINAL, DEVICES = "terminal.toml", "devices.toml"
TRY_AGAIN_S = 5.0
"""After a start that the store's disk prevented."""


Cause = ConfigError | StoreError | SigningUnavailable | fonts.FontsMissing


def show(config_dir: Path, error: Cause) -> int:
    """Show that the terminal is closed until the cause has gone. Returns the exit code: to be started again."""
    from kiosk.ui import closed as sheet

    notifier = Notifier()
    notifier.status(f"closed: {error}")
    try:
        return sheet.show(
            shown_on(_screen_of(config_dir)),
            _said(error),
            _code_of(error),
            _is_over(config_dir, error),
            notifier.still_starting,
        )
    finally:
        notifier.stopping()
        notifier.close()


def _code_of(error: Cause) -> str:
    if isinstance(error, fonts.FontsMissing):
        return FONTS_MISSING
    return error.code if isinstance(error, StoreError) else SETTINGS_WRONG


def _said(error: Cause) -> list[str]:
    """What residents read; nothing where there is no face to draw it with."""
    if isinstance(error, fonts.FontsMissing):
        return []
    words = VoicesWords()
    return list(dict.fromkeys("\n".join(words.clauses(lang, "welcome.out_of_service", {})) for lang in Lang))


def _screen_of(config_dir: Path) -> Screen:
    """As the settings say, if they can be read at all."""
    kept = good_settings.folder((TERMINAL,), paths.default_state_dir())
    for folder in (config_dir, *([kept] if kept is not None else [])):
        try:
            return load_terminal(folder / TERMINAL).screen
        except ConfigError:
            continue
    return Screen()


def _is_over(config_dir: Path, error: Exception) -> Callable[[], bool]:
    """True when a new start may go better: a file was changed, a font came, or the store's disk has had some time."""
    if isinstance(error, fonts.FontsMissing):
        return _have_fonts
    passes = isinstance(error, StoreError) and error.code.startswith("store.")
    state_dir = _state_dir(config_dir)

    def stamps() -> list[list[tuple[str, int]]]:
        # An enrolment changes the state folder alone.
        return [_stamps(config_dir), _stamps(state_dir)]

    began_s, before = time.monotonic(), stamps()
    return lambda: stamps() != before or (passes and time.monotonic() - began_s >= TRY_AGAIN_S)


def _state_dir(config_dir: Path) -> Path:
    try:
        return state_dir_of(load_terminal(config_dir / TERMINAL))
    except ConfigError:
        return paths.default_state_dir()


def _have_fonts() -> bool:
    try:
        fonts.load(fonts.default_dir())
    except fonts.FontsMissing:
        return False
    return True


def _stamps(folder: Path) -> list[tuple[str, int]]:
    """Names and times of the files of a folder; empty where it cannot be read."""
    try:
        return sorted((entry.name, entry.stat().st_mtime_ns) for entry in folder.iterdir())
    except OSError:
        return []


def shown_on(screen: Screen) -> ScreenConfig:
    from kiosk.ui.drawing.theme import ScreenConfig

    return ScreenConfig(
        diagonal_inch=screen.diagonal_inch,
        width_px=screen.width_px,
        height_px=screen.height_px,
        fullscreen=screen.fullscreen,
        mount_height_mm=screen.mount_height_mm,
        assets_dir=str(paths.assets_dir()),
    )
