"""Speak until stdin ends or `quit`. Without a built voice Minnan is refused by name, never replaced."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from voices.packs.shelf import Shelf
from voices.pipeline import accent as accents
from voices.prompts import load_words
from voices.worker import sinks
from voices.worker.driver import SpeechEngine
from voices.worker.espeak import EngineError, Espeak
from voices.worker.protocol import ProtocolError, parse
from voices.worker.speaker import Speaker

_BUILT = ("phontab", "nan_dict", "cmn_dict")
"""Without these in its data the engine speaks one of the languages from letters, or not at all."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="folder that `build` filled")
    parser.add_argument("--packs", type=Path, help="folder of the voice packs (default: `packs` in the data folder)")
    parser.add_argument("--sink", default="alsa", help="alsa[:DEVICE] | paced:SPEED:FILE.jsonl | wave:FOLDER | null")
    parser.add_argument("--accent", default="tongan", choices=accents.names())


def run(options: argparse.Namespace) -> int:
    lock = threading.Lock()

    def emit(event: Mapping[str, object]) -> None:
        with lock:
            print(json.dumps(event, ensure_ascii=False), flush=True)

    built = all((options.data / "espeak-ng-data" / name).is_file() for name in _BUILT)
    try:
        engine = Espeak(options.data if built else None)
    except EngineError as error:
        emit({"ev": "error", "what": str(error), "lacking": dict.fromkeys(("nan", "cmn"), str(error))})
        return 1
    try:
        sink = sinks.create(options.sink, engine.sample_rate)
    except sinks.SinkError as error:
        emit({"ev": "error", "what": str(error)})
        return 1
    shelf = Shelf.open(options.packs or options.data / "packs")
    speaker = Speaker(load_words(), SpeechEngine(engine, sink), options.accent, emit, shelf, shelf.broken)
    if options.packs and not options.packs.is_dir():
        emit({"ev": "error", "what": f"there is no folder of voice packs: {options.packs.name}"})
    for refused in shelf.refused:
        emit({"ev": "error", "what": refused})
    lacking = {} if built else {"nan": f"the Minnan voice is not built in {options.data}; only Mandarin is spoken"}
    for why in lacking.values():
        emit({"ev": "error", "what": why})
    emit({"ev": "ready", "lacking": lacking} if lacking else {"ev": "ready"})

    def read() -> None:
        for line in _lines():
            try:
                speaker.obey(parse(line))
            except ProtocolError as error:
                emit({"ev": "error", "what": f"bad command: {error}"})
        speaker.quit()

    threading.Thread(target=read, name="pipe", daemon=True).start()
    speaker.run()
    sink.close()
    return 0


def _lines() -> Iterator[str]:
    """What comes on stdin. Without Python's own buffer, whose lock would be held when the process ends; a byte that is
    no UTF-8 makes a bad command, not the end of all commands."""
    rest = b""
    while chunk := os.read(sys.stdin.fileno(), 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
    if rest:
        yield rest.decode(errors="replace")
