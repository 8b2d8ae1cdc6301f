"""How commands open the office that `--data` and `--db` name: only those that set one up may make it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.office import Office


def existing(options: argparse.Namespace) -> Office:
    """:raises NoOffice: there is none; a mistyped folder must not become an empty office that looks well."""
    from backoffice.clock import SystemClock
    from backoffice.office import open_existing

    return open_existing(options.data, SystemClock(), options.profile, options.catalogue, options.db)


def made(options: argparse.Namespace) -> Office:
    """The same, made where there is none; whoever has mistyped the folder reads so at once."""
    from backoffice.clock import SystemClock
    from backoffice.office import KEY_FILE, open_office

    is_new = not (options.data / KEY_FILE).exists()
    office = open_office(options.data, SystemClock(), options.profile, options.catalogue, options.db)
    if is_new:
        sys.stderr.write(f"backoffice: a new office was made in {options.data.resolve()}\n")
    return office
