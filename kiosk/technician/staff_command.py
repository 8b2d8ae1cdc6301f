"""`kiosk staff add NUMBER`, `kiosk staff remove NUMBER`: who may enter technician mode."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from kiosk.adapters import paths
from kiosk.adapters.settings.staff_file import FILE, StaffError, StaffFile

EXIT_WRONG = 1


def add_commands(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put the command into the `kiosk` parser; `command(name, run, help)` makes one."""
    staff = command("staff", run, "who may enter technician mode: add or remove a number, or give it a card")
    staff.add_argument("do", choices=("add", "remove", "badge"))
    staff.add_argument("number", help="staff number, 1 to 8 digits")
    staff.add_argument("--config", help="folder of terminal.toml; staff.toml is written beside it")


def run(arguments: argparse.Namespace) -> int:
    """The PIN is asked for twice and shown nowhere; with no terminal two lines of the input are taken."""
    folder = Path(arguments.config) if arguments.config else paths.config_dir()
    staff = StaffFile(folder)
    try:
        if arguments.do == "remove":
            staff.remove(arguments.number)
        elif arguments.do == "badge":
            staff.add_badge(arguments.number, _ask("Number of the ID card, or text of the QR code: ").strip())
        else:
            staff.add(arguments.number, _pin())
    except (StaffError, OSError) as error:
        sys.stderr.write(f"kiosk: {error}\n")
        return EXIT_WRONG
    sys.stdout.write(f"{folder / FILE}\n")
    return 0


def _pin() -> str:
    """:raises StaffError: the two differ, or the input ends."""
    first, second = (_ask(text) for text in ("PIN: ", "PIN again: "))
    if not first:
        raise StaffError("no PIN was given")
    if first != second:
        raise StaffError("the two PINs differ; nothing is changed")
    return first


def _ask(text: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(text)
    return sys.stdin.readline().rstrip("\r\n")
