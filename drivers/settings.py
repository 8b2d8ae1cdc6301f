"""Reads a driver's devices.toml table; a wrong key or type names itself."""

from __future__ import annotations

from collections.abc import Mapping


class SettingsError(ValueError):
    """A devices.toml table that a driver cannot use; the text names the key."""


def text(settings: Mapping[str, object], key: str, default: str | None = None) -> str:
    """:raises SettingsError: when missing without a default, or no text."""
    value = settings.get(key, default)
    if not isinstance(value, str) or not value:
        raise SettingsError(f"{key} must be a text")
    return value


def whole(settings: Mapping[str, object], key: str, default: int) -> int:
    """:raises SettingsError: when no positive whole number."""
    value = settings.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise SettingsError(f"{key} must be a positive whole number")
    return value


def flag(settings: Mapping[str, object], key: str, default: bool) -> bool:
    """:raises SettingsError: when neither true nor false."""
    value = settings.get(key, default)
    if not isinstance(value, bool):
        raise SettingsError(f"{key} must be true or false")
    return value


def one_of(settings: Mapping[str, object], key: str, *allowed: str) -> str:
    """One of the texts, the first when the key is missing. :raises SettingsError: when another one."""
    value = settings.get(key, allowed[0])
    if value not in allowed:
        raise SettingsError(f"{key} must be one of {', '.join(allowed)}")
    return str(value)


def parts(settings: Mapping[str, object], key: str) -> list[float]:
    """A part of a picture: left, top, right, bottom, each from 0 to 1. :raises SettingsError: when anything else."""
    value = settings.get(key)
    numbers = [float(part) for part in value if _is_number(part)] if isinstance(value, list) else []
    if len(numbers) != 4 or not (0 <= numbers[0] < numbers[2] <= 1 and 0 <= numbers[1] < numbers[3] <= 1):
        raise SettingsError(f"{key} must be [left, top, right, bottom], parts of the picture from 0 to 1")
    return numbers


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def only(settings: Mapping[str, object], *known: str) -> None:
    """:raises SettingsError: for a key no one knows (a typing error must not pass silently)."""
    unknown = sorted(set(settings) - set(known) - {"model"})
    if unknown:
        raise SettingsError(f"unknown key {', '.join(unknown)}; known: {', '.join(known)}")
