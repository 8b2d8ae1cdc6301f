"""Shared libraries of Debian, opened by their soname."""

from __future__ import annotations

import ctypes


class Missing(Exception):
    """A library or its data is not on this machine; the text names the package."""


def open_library(soname: str, package: str) -> ctypes.CDLL:
    """:raises Missing: it cannot be loaded."""
    try:
        return ctypes.CDLL(soname)
    except OSError as error:
        raise Missing(f"{soname} cannot be loaded; it comes with the package {package}") from error
