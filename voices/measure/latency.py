"""From a command in the pipe to the first sample heard, and to silence: by the sink's own clock, through the worker.

The sink is a virtual card at real time. Its clock and ours are the system's monotonic one, which all processes share.
The pipe, two threads, the engine, levelling and the sink's lead are all inside the figures; a real card adds its own
buffer.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voices.measure import keys
from voices.measure.gate import Bench, Gate
from voices.measure.pipe import Event, Pipe, worker
from voices.pipeline import accent as accents
from voices.prompts import Words, load_words

MOST_FIRST_S, MOST_STOP_S = 0.050, 0.100
BOTH = ("cmn", "nan")
"""Languages that take turns: one whose readings change with the accent, one that is read as it stands."""
TRIALS, FAST_TRIALS = 200, 8
_SPEAKING_S = (0.03, 0.17)
"""A stop comes this long after the clause began, at another moment of it in each trial."""
_LONG = 8
"""Least syllables of a first clause: it is still speaking when the stop comes."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One text, begun and stopped; seconds from the command. `key` names the text."""

    key: str
    lang: str
    first_s: float
    stop_s: float


def gates(bench: Bench) -> list[Gate]:
    return judge(measure(bench.data, FAST_TRIALS if bench.fast else TRIALS))


def measure(data: Path, trials: int) -> list[Trial]:
    """Texts of both languages in turn, each stopped in the middle of its first clause.

    :raises WorkerError: the worker ended or was silent.
    :raises ValueError: the sink's record and what was asked differ.
    """
    words = load_words()
    texts = list(zip(*(_long(words, lang) for lang in BOTH), strict=False))
    with tempfile.TemporaryDirectory(prefix="voice-latency-") as folder:
        record = Path(folder) / "sink.jsonl"
        with worker(data, f"paced:1:{record}", accents.names()[0]) as pipe:
            # The first text warms up what every process warms up once: it is no trial.
            asked = [_trial(pipe, n, BOTH[n % 2], texts[n * 7 % len(texts)][n % 2]) for n in range(trials + 1)]
        lines = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    if [line["key"] for line in lines] != [key for key, *_ in asked]:
        raise ValueError(f"{len(asked)} texts were begun, the sink was fed {len(lines)}")
    return [
        Trial(key, lang, line["first_sample_s"] - spoken_s, line["stopped_s"] - stopped_s)
        for (key, lang, spoken_s, stopped_s), line in zip(asked[1:], lines[1:], strict=True)
    ]


def _long(words: Words, lang: str) -> list[keys.Item]:
    found = []
    for item in keys.spoken(words, lang, keys.load()):
        first = words.spoken(lang, item.key, item.args)[0]
        if len(first.reading.script) >= _LONG:
            found.append(item)
    return found


def _trial(pipe: Pipe, n: int, lang: str, item: keys.Item) -> tuple[str, str, float, float]:
    """:returns: key, language, and when the two commands were sent."""
    generation = 2 * n + 1
    spoken_s = pipe.send(op="speak", gen=generation, items=[item.command()], lang=lang)
    pipe.until(lambda event: event["ev"] == "clause" and event["gen"] == generation)
    low, high = _SPEAKING_S
    if pipe.next(low + (high - low) * (n % 16) / 15) is not None:
        raise ValueError(f"{lang} {item.key} was over before it was stopped")
    stopped_s = pipe.send(op="stop", gen=generation + 1)
    pipe.until(lambda event: _over(event, generation))
    return item.key, lang, spoken_s, stopped_s


def _over(event: Event, generation: int) -> bool:
    return event["ev"] == "done" and event["gen"] == generation


def judge(trials: Sequence[Trial]) -> list[Gate]:
    first = [trial.first_s for trial in trials]
    stop = [trial.stop_s for trial in trials]
    return [
        _gate("latency: first sample", first, MOST_FIRST_S, [trial.key for trial in trials]),
        _gate("latency: stop", stop, MOST_STOP_S, [trial.key for trial in trials]),
    ]


def _gate(name: str, seconds: Sequence[float], most_s: float, texts: Sequence[str]) -> Gate:
    """Half of the texts and 95 in a hundred are told; the latter counts."""
    half, most = (float(np.percentile(seconds, share)) for share in (50, 95))
    slowest = sorted(zip(seconds, texts, strict=True), reverse=True)[:5]
    return Gate(
        name,
        f"p95 <= {most_s * 1000:.0f} ms",
        f"p50 {half * 1000:.1f}, p95 {most * 1000:.1f} ms ({len(seconds)} trials)",
        most <= most_s,
        {"p50_s": half, "p95_s": most, "slowest": [f"{text} {value * 1000:.0f} ms" for value, text in slowest]},
    )
