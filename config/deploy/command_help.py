"""Writes what a shell completes and what `man` shows of the two commands: `python command_help.py PREFIX`.

PREFIX=/usr/local puts them where a Debian machine looks for them: bash-completion and man-db find them there without
any setting, zsh in its site-functions.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import shtab
from argparse_manpage.manpage import Manpage

HOMES = {"bash": "share/bash-completion/completions/{}", "zsh": "share/zsh/site-functions/_{}"}
MANUAL = "share/man/man1/{}.1"
ABOUT = {
    "kiosk": "self-service terminal that speaks Minnan: runs it, checks its devices, plays visits",
    "backoffice": "reference back office of the terminals",
}


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Each command with all that it takes."""
    from backoffice import __main__ as backoffice
    from kiosk import __main__ as kiosk
    from kiosk.play.command import add_arguments

    terminal = kiosk._parser(with_technician=True)
    # The command parses these by itself, so that a terminal starts without knowing of plays.
    add_arguments(next(_commands(terminal))["play"])
    return {"kiosk": terminal, "backoffice": backoffice._parser()}


def files() -> dict[str, str]:
    """Path below the prefix -> content."""
    found = {}
    for name, parser in parsers().items():
        _complete_paths(parser)
        found |= {home.format(name): shtab.complete(parser, shell) for shell, home in HOMES.items()}
        found[MANUAL.format(name)] = _manual(name, parser)
    return found


def _commands(parser: argparse.ArgumentParser) -> Iterator[dict[str, argparse.ArgumentParser]]:
    """Its subcommands by their names."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield action.choices


def _all(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for commands in _commands(parser):
        for command in commands.values():
            yield from _all(command)


def _complete_paths(parser: argparse.ArgumentParser) -> None:
    """Where a path is wanted, the shell offers files; everywhere else it offers none."""
    for one in _all(parser):
        for action in one._actions:
            if action.type is Path:
                action.complete = shtab.DIRECTORY if action.metavar == "DIR" else shtab.FILE


def _manual(name: str, parser: argparse.ArgumentParser) -> str:
    from importlib.metadata import version

    parser.description = f"{ABOUT[name][0].upper()}{ABOUT[name][1:]}."
    page = Manpage(parser, format="single-commands-section")
    page.source, page.manual, page.description = f"tshu-pinn {version('tshu-pinn')}", "tshu-pinn", ABOUT[name]
    return str(page)


def write(prefix: Path, say: Callable[[str], object] = print) -> None:
    for name, text in files().items():
        target = prefix / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        say(str(target))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python config/deploy/command_help.py PREFIX   (a folder, e.g. out/command-help or /usr/local)")
    try:
        write(Path(sys.argv[1]))
    except OSError as error:
        sys.exit(f"command_help: {error.filename} cannot be written: {error.strerror}. Nothing else was changed.")
