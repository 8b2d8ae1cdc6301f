"""Check the texts: what there is, what can be said and what not, who has confirmed it. 1 when something is wrong."""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median

from voices import languages, lint
from voices.commands.measure import data_argument
from voices.languages import Voice
from voices.measure import coverage, keys
from voices.prompts import Words, load_words
from voices.texts import STATUSES
from voices.worker.espeak import EngineError, Espeak


def arguments(parser: argparse.ArgumentParser) -> None:
    data_argument(parser)
    parser.add_argument("--keys", type=Path, help="the kiosk's list of texts (default: the one of this installation)")


def run(options: argparse.Namespace) -> int:
    words, known = load_words(), keys.load(options.keys)
    wrong = sum(_language(words, lang, known) for lang in languages.codes())
    wrong += sum(_accent(words, voice, known, options.data) for voice in languages.every_voice() if voice.accent)
    problems = lint.problems(words, known)
    for language in languages.every():
        problems += [lint.Problem(language.code, row, what) for row, what in language.list_problems()]
    for problem in problems:
        print(f"{problem.lang} {problem.key}: {problem.what}")
    print(f"{len(problems)} problems in the texts, {wrong} in coverage")
    return 1 if problems or wrong else 0


def _language(words: Words, lang: str, known: keys.Keys) -> int:
    """:returns: how many texts are missing or cannot be said."""
    found = coverage.count(words, lang, known)
    lengths = coverage.clauses_of(words, lang, known)
    statuses = ", ".join(f"{found.statuses[status]} {status}" for status in STATUSES)
    print(f"{lang}: {found.texts} texts, {found.spoken} spoken ({statuses}), {found.silent} for paper and staff only")
    half = f"half of them up to {median(lengths):.0f}"
    print(f"  {found.clauses} clauses of {min(lengths)} to {max(lengths)} syllables, {half}")
    for name, gaps in (("missing", found.missing), ("unspoken", found.unspoken)):
        if gaps:
            print(f"  {name}: {', '.join(gaps)}")
    for key, why in found.unreadable.items():
        print(f"  unreadable: {key}: {why}")
    return len(found.missing) + len(found.unspoken) + len(found.unreadable)


def _accent(words: Words, voice: Voice, known: keys.Keys, data: Path) -> int:
    """:returns: how many syllables are spelled out, or 1 when the voice cannot be asked."""
    name, texts = voice.accent, coverage.syllables(words, voice, known)
    try:
        engine = Espeak(data)
        engine.set_voice(voice.engine)
    except EngineError as error:
        print(f"{name}: {error}; run `python -m voices build --data {data}`")
        return 1
    spelled = coverage.misspoken(engine.phonemes, texts)
    print(f"{name}: {len(texts)} different syllables, {len(spelled)} spelled out")
    for text, sounds in spelled.items():
        print(f"  spelled: {text}: {sounds}")
    for table, evidence in voice.language.evidence(name).items():
        print(f"  {table}: {evidence}")
    return len(spelled)
