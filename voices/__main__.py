"""`python -m voices`: build the voices, say a line, measure and check them, record and review, run the speech worker.

Each command is a module of `voices/commands`; one is imported only when it is asked for.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from types import ModuleType

COMMANDS = {
    "worker": "speak what comes on stdin, one JSON object a line",
    "build": "build the Minnan voice into a private data folder",
    "say": "render a line into a wave file",
    "check": "check the texts: coverage, clauses, who has confirmed them",
    "measure": "measure the voice: every gate beside what is wanted",
    "bench": "what the voice costs: building, size, real-time factor, latency",
    "review": "have native speakers hear every text on a page of this machine",
    "guide": "write how much there is to hear and to record into the guide for teachers",
    "record": "record a pack of one's own, sentence by sentence",
    "render": "render prompts ahead in a natural voice: Mandarin, and Minnan as far as it has passed",
    "pack": "voice packs: list, verify, sign, import, restore, remove",
}
"""Name (also of the module, `-` as `_`) -> what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """:returns: 0 done, 1 not done (the reason is printed), 2 wrong arguments."""
    asked = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="voices", description=__doc__)
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('tshu-pinn')}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what)
        if asked[:1] == [name]:
            module(name).arguments(command)
    options = parser.parse_args(asked)
    return int(module(options.command).run(options))


def module(name: str) -> ModuleType:
    return import_module(f"voices.commands.{name.replace('-', '_')}")


if __name__ == "__main__":
    sys.exit(main())
