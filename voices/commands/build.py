"""Build the Minnan voice."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from voices.pipeline import build


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--if-needed", action="store_true", help="do nothing when it is current")


def run(options: argparse.Namespace) -> int:
    try:
        if options.if_needed and build.is_current(options.data):
            return 0
        receipt = build.build(options.data)
    except build.BuildError as error:
        print(f"voices build: {error}", file=sys.stderr)
        return 1
    print(json.dumps(receipt))
    return 0
