"""What the voice costs: building, size, the engine's real-time factor, how soon it speaks and stops. 1: too much."""

from __future__ import annotations

import argparse
from pathlib import Path

from voices.commands.measure import data_argument
from voices.commands.measure import run as measured


def arguments(parser: argparse.ArgumentParser) -> None:
    data_argument(parser)
    parser.add_argument("--out", type=Path, default=Path("out") / "voice" / "bench", help="folder for the JSON file")
    parser.add_argument("--fast", action="store_true", help="fewer texts and trials")


def run(options: argparse.Namespace) -> int:
    options.only = ["build", "latency"]
    return measured(options)
