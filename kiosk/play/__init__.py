"""Scripted visits: `kiosk play FILE.toml` drives the real window and the simulated devices."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Play one journey; see `kiosk.play.command`."""
    # Xlib and pictures are only needed by those who play.
    from kiosk.play.command import run

    return run(argv)
