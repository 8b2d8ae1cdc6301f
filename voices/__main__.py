"""`python -m voices`: build the Minnan voice, run the speech worker, say a line, check the texts."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path

from voices.pipeline import accent as accents
from voices.pipeline import build, tailo
from voices.prompts import load_words
from voices.worker import sinks
from voices.worker.driver import NOMINAL_WORDS, Studio
from voices.worker.espeak import EngineError, Espeak
from voices.worker.protocol import ProtocolError, parse


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="voices", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    worker = commands.add_parser("worker", help="speak what comes on stdin, one JSON object a line")
    worker.add_argument("--data", type=Path, required=True, help="folder that `build` filled")
    worker.add_argument("--sink", default="alsa", help="alsa[:DEVICE] | paced:SPEED:FILE.jsonl | null")
    worker.add_argument("--accent", default="tongan", choices=accents.names())
    building = commands.add_parser("build", help="build the Minnan voice into a private data folder")
    building.add_argument("--data", type=Path, required=True)
    building.add_argument("--if-needed", action="store_true", help="do nothing when it is current")
    say = commands.add_parser("say", help="render a line into a wave file")
    say.add_argument("text", help="Tâi-lô with tone digits (nan) or characters (cmn)")
    say.add_argument("--data", type=Path, required=True)
    say.add_argument("--lang", choices=("nan", "cmn"), default="nan")
    say.add_argument("--accent", default="tongan", choices=accents.names())
    say.add_argument("--no-sandhi", action="store_true", help="citation tones")
    say.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(argv)
    run = {"worker": _worker, "build": _build, "say": _say}[options.command]
    return run(options)


def _build(options: argparse.Namespace) -> int:
    try:
        if options.if_needed and build.is_current(options.data):
            return 0
        receipt = build.build(options.data)
    except build.BuildError as error:
        print(f"voices build: {error}", file=sys.stderr)
        return 1
    print(json.dumps(receipt))
    return 0


def _say(options: argparse.Namespace) -> int:
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


def _worker(options: argparse.Namespace) -> int:
    """Speak until stdin ends or `quit`. Without a built voice Minnan is refused by name, never replaced."""
    from voices.worker.speaker import Speaker  # pyttsx3 is needed here only

    lock = threading.Lock()

    def emit(event: Mapping[str, object]) -> None:
        with lock:
            print(json.dumps(event, ensure_ascii=False), flush=True)

    built = (options.data / "espeak-ng-data" / "phontab").is_file()
    try:
        engine = Espeak(options.data if built else None)
        sink = sinks.create(options.sink, engine.sample_rate)
    except (EngineError, sinks.SinkError) as error:
        emit({"ev": "error", "what": str(error)})
        return 1
    speaker = Speaker(load_words(), Studio(engine, sink), options.accent, emit)
    if not built:
        emit({"ev": "error", "what": "the Minnan voice is not built; only Mandarin is spoken"})
    emit({"ev": "ready"})

    def read() -> None:
        for line in sys.stdin:
            try:
                speaker.obey(parse(line))
            except ProtocolError as error:
                emit({"ev": "error", "what": f"bad command: {error}"})
        speaker.quit()

    threading.Thread(target=read, name="pipe", daemon=True).start()
    speaker.run()
    sink.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
