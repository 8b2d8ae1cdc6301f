"""Shared by the voice tests: the built voice, the word packs, a speech worker behind its real pipe."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from drivers.sim.lifetime import ends_with_us
from voices.pipeline import build
from voices.prompts import Plain, Words, load_words

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 20.0

SAMPLES = {
    "date": Plain("date", "2026-12-15"),
    "time": Plain("time", "08:30"),
    "count": Plain("count", "12"),
    "money": Plain("money", "10000"),
    "digits": Plain("digits", "6821"),
    "name": Plain("name", "陈*金"),
    "place": Plain("place", "后村"),
    "phone": Plain("phone", "0592-000-0000"),
    "text": Plain("text", "农商银行"),
    "": Plain("text", "某"),
}
_KEY_VALUES = {"category": "category.pension", "item": "item.XA032.name", "who": "who.village_clerk"}


@pytest.fixture(scope="session")
def words() -> Words:
    return load_words()


@pytest.fixture(scope="session")
def unread_key(words: Words) -> str:
    """A text that has no Minnan reading: technician mode is shown, not spoken."""
    return next(key for key in sorted(words.keys("nan")) if words.prompt("nan", key).say is None)


@pytest.fixture(scope="session")
def key_list() -> dict[str, dict[str, str]]:
    """Text key -> names of its values -> kinds, as the kiosk's list has them."""
    document = json.loads((ROOT / "config" / "schema" / "prompt_keys.json").read_text(encoding="utf-8"))
    keys: dict[str, dict[str, str]] = document["keys"]
    return keys


def values_for(args: dict[str, str]) -> dict[str, Plain]:
    """A value of the right kind for every name."""
    return {
        name: Plain("key", _KEY_VALUES.get(name, "item.XA032.name")) if kind == "key" else SAMPLES[kind]
        for name, kind in args.items()
    }


@pytest.fixture(scope="session")
def voice_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Minnan voice, built from this checkout's sources."""
    folder = tmp_path_factory.mktemp("voice")
    build.build(folder)
    return folder


@dataclass
class Worker:
    """A speech worker and everything it said."""

    process: subprocess.Popen[str]
    log: Path
    events: list[dict[str, Any]] = field(default_factory=list)
    _news: queue.Queue[dict[str, Any] | None] = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            event["at"] = time.monotonic()
            self._news.put(event)
        self._news.put(None)

    def send(self, **command: object) -> float:
        """When it was sent: the worker cannot have read it before that."""
        assert self.process.stdin is not None
        sent_at = time.monotonic()
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return sent_at

    def speak(self, generation: int, *keys: str, lang: str = "nan", privacy: str = "public") -> None:
        items = [{"key": key, "privacy": privacy} for key in keys]
        self.send(op="speak", gen=generation, items=items, lang=lang)

    def until(self, wanted: Callable[[dict[str, Any]], bool], wait_s: float = WAIT_S) -> dict[str, Any]:
        """Read on to the first event that fits."""
        end = time.monotonic() + wait_s
        while True:
            event = self._news.get(timeout=max(end - time.monotonic(), 0.01))
            assert event is not None, f"the worker ended; it said {self.events}"
            self.events.append(event)
            if wanted(event):
                return event

    def listen(self, seconds: float) -> None:
        """Let it speak for so long."""
        with contextlib.suppress(queue.Empty):
            self.until(lambda event: False, seconds)

    def done(self, key: str, generation: int) -> dict[str, Any]:
        return self.until(lambda e: e["ev"] == "done" and e["key"] == key and e["gen"] == generation)

    def kinds(self) -> list[str]:
        return [event["ev"] for event in self.events]

    def fed(self) -> list[dict[str, Any]]:
        """What the sink was really fed."""
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def close(self) -> int:
        with contextlib.suppress(OSError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        try:
            return self.process.wait(timeout=WAIT_S)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()


StartWorker = Callable[..., Worker]


@pytest.fixture
def start_worker(voice_dir: Path, tmp_path: Path) -> Iterator[StartWorker]:
    workers: list[Worker] = []

    def start(
        speed: float = 40.0,
        data: Path = voice_dir,
        accent: str = "tongan",
        sink: str = "",
        more: Sequence[str] = (),
        env: Mapping[str, str] = os.environ,
    ) -> Worker:
        """`sink`: instead of the paced one. `more`: further options."""
        log = tmp_path / f"speech-{len(workers)}.jsonl"
        command = [sys.executable, "-m", "voices", "worker", "--data", str(data), "--accent", accent]
        process = subprocess.Popen(
            ends_with_us([*command, "--sink", sink or f"paced:{speed}:{log}", *more]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**env, "PYTHONPATH": str(ROOT)},
        )
        workers.append(Worker(process, log))
        workers[-1].until(lambda event: event["ev"] == "ready")
        return workers[-1]

    yield start
    for worker in workers:
        worker.close()
        assert worker.process.stdout is not None
        worker.process.stdout.close()
