"""Say one line into a wave file: reviewed words by their key or characters, Tâi-lô as it stands, Mandarin."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from voices import languages
from voices.commands.choices import chosen_accent, language_arguments
from voices.language import PAUSES, Language
from voices.prompts import load_words
from voices.reading import NotationError, Reading, Unreadable
from voices.worker import loudness, render, sound
from voices.worker.espeak import EngineError, Espeak
from voices.worker.speaker import CLAUSE_PAUSE_S


class SayError(ValueError):
    """It cannot be said; the message says why and what to do."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", help="characters; with --tailo Tâi-lô with tone digits, | between groups")
    parser.add_argument("--key", help="a prompt of the packs instead, e.g. bar.help")
    parser.add_argument("--tailo", action="store_true", help="the text is Tâi-lô")
    parser.add_argument("--no-sandhi", action="store_true", help="citation tones")
    language_arguments(parser)
    parser.add_argument("--rate", type=int, default=100, help="50 to 200 %%")
    parser.add_argument(
        "--volume",
        type=int,
        default=sound.DEFAULT_STEP,
        help=f"1 to {len(sound.VOLUME_DB)}, {sound.DEFAULT_STEP} common",
    )
    data = Path(os.environ.get("KIOSK_VOICE_DIR", "var/voice"))
    parser.add_argument("--data", type=Path, default=data, help="folder that `build` filled (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True)


def run(options: argparse.Namespace) -> int:
    try:
        language, accent = languages.of(options.lang), chosen_accent(options)
        texts = [language.engine_text(each, accent, options.no_sandhi) for each in _readings(options, language)]
        samples, rate = _samples(options, language.voice(accent), texts)
        sound.write_wave(options.out, samples, rate)
    except (SayError, EngineError, Unreadable, NotationError, OSError) as error:
        print(f"voices say: {error}", file=sys.stderr)
        return 1
    print(" / ".join(texts))
    return 0


def _readings(options: argparse.Namespace, language: Language) -> list[Reading]:
    """The clauses that were asked for. :raises SayError: nothing was, or something that has no reading."""
    if (options.text is None) == (options.key is None):
        raise SayError("give a text or a --key")
    if options.key:
        return _prompt(options.lang, options.key)
    if options.tailo and language.notation:
        return [Reading("", options.text)]
    return _known(language, options.text)


def _prompt(lang: str, key: str) -> list[Reading]:
    try:
        return [clause.reading for clause in load_words().spoken(lang, key, {})]
    except KeyError as error:
        raise SayError(f"{key}: no such prompt, or one that needs a value ({error})") from error


def _known(language: Language, text: str) -> list[Reading]:
    """What the language itself or the prompts say of these characters: never a guess, never put together from parts."""
    wanted = _bare(text) if language.notation else text
    if reading := language.known(wanted):
        return [reading]
    for clauses in _prompts(language.code):
        if wanted == "".join(_bare(clause.script) for clause in clauses):
            return clauses
        if found := [clause for clause in clauses if _bare(clause.script) == wanted]:
            return found[:1]
    raise SayError(
        f"no reading is known for {wanted}, and characters are never guessed: give Tâi-lô with --tailo, or a --key"
    )


def _bare(text: str) -> str:
    return "".join(sign for sign in text if sign not in PAUSES)


def _prompts(lang: str) -> Iterator[list[Reading]]:
    """The prompts that can be said without a value."""
    words = load_words()
    for key in sorted(words.keys(lang)):
        with contextlib.suppress(KeyError, Unreadable):
            yield [clause.reading for clause in words.spoken(lang, key, {})]


def _samples(options: argparse.Namespace, voice: str, texts: list[str]) -> tuple[sound.Samples, int]:
    slowest, fastest = render.PERCENT
    if not slowest <= options.rate <= fastest or not 1 <= options.volume <= len(sound.VOLUME_DB):
        raise SayError(f"--rate is {slowest:.0f} to {fastest:.0f}, --volume 1 to {len(sound.VOLUME_DB)}")
    if not (options.data / "espeak-ng-data").is_dir():
        raise SayError(f"no voice in {options.data}: python -m voices build --data {options.data}")
    engine = Espeak(options.data)
    pause = np.zeros(int(CLAUSE_PAUSE_S * engine.sample_rate), dtype=np.int16)
    parts: list[sound.Samples] = []
    for text in texts:
        clause = render.engine_sound(engine, voice, text, options.rate)
        parts += [*([pause] if parts else []), clause]
    gain_db = sound.VOLUME_DB[options.volume - 1]
    return loudness.limit(np.concatenate(parts), engine.sample_rate, gain_db), engine.sample_rate
