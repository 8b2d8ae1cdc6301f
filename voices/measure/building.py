"""What the voice costs: how long it takes to build, how large it is, how much faster than speech the engine renders."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from voices import languages
from voices.measure import keys
from voices.measure.gate import Bench, Gate
from voices.pipeline import build
from voices.prompts import load_words
from voices.worker.espeak import Espeak
from voices.worker.render import common_words

MOST_BUILD_S = 60.0
MOST_FOLDER_BYTES = 4_000_000
MOST_REAL_TIME = 0.01
_EVERY = 12


@dataclass(frozen=True, slots=True)
class Pace:
    """One voice: seconds of sound, of the processor to make it, and of the clock meanwhile.

    The engine has one thread: on a machine with nothing else to do the latter two are the same.
    """

    voice: str
    sound_s: float
    busy_s: float
    passed_s: float

    @property
    def factor(self) -> float:
        return self.busy_s / self.sound_s


def built() -> tuple[float, int]:
    """Seconds to build into an empty folder, and the bytes that are then in it.

    :raises BuildError: it cannot be built here.
    """
    with tempfile.TemporaryDirectory(prefix="voice-build-") as folder:
        began_s = time.monotonic()
        build.build(Path(folder))
        return time.monotonic() - began_s, size_of(Path(folder))


def size_of(folder: Path) -> int:
    """Bytes of the engine's data; packs of clips beside it are another thing."""
    return sum(path.stat().st_size for path in (folder / "espeak-ng-data").rglob("*") if path.is_file())


def pace(data: Path, fast: bool) -> list[Pace]:
    """Every clause by each voice, as fast as it goes."""
    words, known, engine = load_words(), keys.load(), Espeak(data)
    found = []
    for voice in languages.every_voice():
        language, lang = voice.language, voice.language.code
        items = list(keys.spoken(words, lang, known))[:: _EVERY if fast else 1]
        readings = [clause.reading for item in items for clause in words.spoken(lang, item.key, item.args)]
        texts = [language.engine_text(reading, voice.accent) for reading in readings]
        found.append(_pace(engine, voice.engine, texts))
    return found


def _pace(engine: Espeak, voice: str, texts: list[str]) -> Pace:
    engine.set_voice(voice)
    engine.set_rate(common_words(voice))
    count = 0

    def keep(pcm: bytes) -> bool:
        nonlocal count
        count += len(pcm) // 2
        return True

    engine.synthesise(texts[0], keep)
    count = 0
    began_s, idle_s = time.monotonic(), time.process_time()
    for text in texts:
        engine.synthesise(text, keep)
    busy_s, passed_s = time.process_time() - idle_s, time.monotonic() - began_s
    return Pace(voice, count / engine.sample_rate, busy_s, passed_s)


def gates(bench: Bench) -> list[Gate]:
    seconds, size = built()
    current = judge_current(build.is_current(bench.data))
    return [current, *judge(seconds, size), *(judge_pace(each) for each in pace(bench.data, bench.fast))]


def judge_current(current: bool) -> Gate:
    """What is measured must be what the sources say."""
    state = "current" if current else "older than its sources: run `python -m voices build`"
    return Gate("build: data", "built from these sources", state, current)


def judge(seconds: float, size: int) -> list[Gate]:
    return [
        Gate(
            "build: time", f"<= {MOST_BUILD_S:.0f} s", f"{seconds:.1f} s", seconds <= MOST_BUILD_S, {"seconds": seconds}
        ),
        Gate(
            "build: data folder",
            f"<= {MOST_FOLDER_BYTES / 1e6:.0f} MB",
            f"{size / 1e6:.2f} MB",
            size <= MOST_FOLDER_BYTES,
            {"bytes": size},
        ),
    ]


def judge_pace(found: Pace) -> Gate:
    return Gate(
        f"real-time factor {found.voice}",
        f"<= {MOST_REAL_TIME}",
        f"{found.factor:.4f} ({found.sound_s:.0f} s of speech; {found.passed_s / found.sound_s:.4f} by the clock)",
        found.factor <= MOST_REAL_TIME,
        {"sound_s": found.sound_s, "busy_s": found.busy_s, "passed_s": found.passed_s},
    )
