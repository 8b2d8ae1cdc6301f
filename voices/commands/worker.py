"""Speak until stdin ends or `quit`. Without a built voice Minnan is refused by name, never replaced."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from voices.pipeline import accent as accents
from voices.prompts import load_words
from voices.worker import sinks
from voices.worker.driver import Studio
from voices.worker.espeak import EngineError, Espeak
from voices.worker.protocol import ProtocolError, parse
from voices.worker.speaker import Speaker


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="folder that `build` filled")
    parser.add_argument("--sink", default="alsa", help="alsa[:DEVICE] | paced:SPEED:FILE.jsonl | null")
    parser.add_argument("--accent", default="tongan", choices=accents.names())


def run(options: argparse.Namespace) -> int:
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
