"""Say one line into a wave file."""

from __future__ import annotations

import argparse
import sys
import wave
from pathlib import Path

from voices.pipeline import accent as accents
from voices.pipeline import tailo
from voices.worker.driver import NOMINAL_WORDS
from voices.worker.espeak import EngineError, Espeak


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="Tâi-lô with tone digits (nan) or characters (cmn)")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lang", choices=("nan", "cmn"), default="nan")
    parser.add_argument("--accent", default="tongan", choices=accents.names())
    parser.add_argument("--no-sandhi", action="store_true", help="citation tones")
    parser.add_argument("--out", type=Path, required=True)


def run(options: argparse.Namespace) -> int:
    accent = accents.load(options.accent)
    try:
        engine = Espeak(options.data)
        engine.set_voice(accent.voice if options.lang == "nan" else "cmn")
        text = options.text if options.lang == "cmn" else _surface(accent, options.text, options.no_sandhi)
    except (EngineError, tailo.TailoError) as error:
        print(f"voices say: {error}", file=sys.stderr)
        return 1
    engine.set_rate(NOMINAL_WORDS)
    pieces: list[bytes] = []

    def keep(pcm: bytes) -> bool:
        pieces.append(pcm)
        return True

    engine.synthesise(text, keep)
    with wave.open(str(options.out), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(engine.sample_rate)
        out.writeframes(b"".join(pieces))
    print(text)
    return 0


def _surface(accent: accents.Accent, text: str, citation: bool) -> str:
    if citation:
        return " ".join(f"{this.letters}{this.tone}" for group in tailo.groups(text) for this in group)
    return accents.surface_text(accent, "", text)
