"""Which language and accent a command is about: the installed ones, beginning with the kiosk's first voice."""

from __future__ import annotations

import argparse

from voices import languages


def language_arguments(parser: argparse.ArgumentParser, required: bool = False) -> None:
    """`--lang` and `--accent`; the latter goes through `chosen_accent`."""
    first = languages.every_voice()[0].language.code
    parser.add_argument("--lang", choices=languages.codes(), required=required, default=None if required else first)
    accent_argument(parser)


def accent_argument(parser: argparse.ArgumentParser) -> None:
    """`--accent`, for the language that has it."""
    first = languages.every_voice()[0].accent
    parser.add_argument(
        "--accent", choices=languages.all_accents(), default=first, help="for the language that has it (%(default)s)"
    )


def chosen_accent(options: argparse.Namespace) -> str:
    """The accent of the chosen language; empty where it has none."""
    return languages.of(options.lang).accent_of(options.accent)
