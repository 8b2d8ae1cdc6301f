"""Speak until stdin ends or `quit`. Without its built voice a language is refused by name, never replaced."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from voices import languages
from voices.commands.choices import accent_argument
from voices.language import Language
from voices.packs.shelf import Shelf
from voices.prompts import load_words
from voices.worker import sinks
from voices.worker.driver import SpeechEngine
from voices.worker.espeak import EngineError, Espeak
from voices.worker.protocol import ProtocolError, parse
from voices.worker.speaker import Speaker


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="folder that `build` filled")
    parser.add_argument("--packs", type=Path, help="folder of the voice packs (default: `packs` in the data folder)")
    parser.add_argument("--sink", default="alsa", help="alsa[:DEVICE] | paced:SPEED:FILE.jsonl | wave:FOLDER | null")
    accent_argument(parser)


def run(options: argparse.Namespace) -> int:
    lock = threading.Lock()

    def emit(event: Mapping[str, object]) -> None:
        with lock:
            print(json.dumps(event, ensure_ascii=False), flush=True)

    needed = {name for each in languages.every() for name in (*_built(each), *each.settings.get("engine_data", ()))}
    built = all((options.data / "espeak-ng-data" / name).is_file() for name in ("phontab", *needed))
    try:
        engine = Espeak(options.data if built else None)
    except EngineError as error:
        emit({"ev": "error", "what": str(error), "lacking": dict.fromkeys(languages.codes(), str(error))})
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
    lacking = {} if built else _unbuilt(options.data)
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


def _built(language: Language) -> Sequence[str]:
    """What `build` makes for it; without this the engine speaks it from letters, or not at all."""
    return tuple(language.settings.get("built", ()))


def _unbuilt(data: Path) -> dict[str, str]:
    """By code, why the languages cannot be spoken that have a voice of our own."""
    spoken = " and ".join(each.english for each in languages.every() if not _built(each))
    lacking = (each for each in languages.every() if _built(each))
    return {each.code: f"the {each.english} voice is not built in {data}; only {spoken} is spoken" for each in lacking}


def _lines() -> Iterator[str]:
    """What comes on stdin. Without Python's own buffer, whose lock would be held when the process ends; a byte that is
    no UTF-8 makes a bad command, not the end of all commands."""
    rest = b""
    while chunk := os.read(sys.stdin.fileno(), 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
    if rest:
        yield rest.decode(errors="replace")
