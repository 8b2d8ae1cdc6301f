"""A sink that keeps what it is fed: a wave file a clause and a line about each, for measuring and for listening."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from voices.worker.sink import Clip
from voices.worker.sound import write_wave

INDEX = "index.jsonl"


@dataclass(slots=True)
class WaveSink:
    """Takes everything at once, as `folder`/00001.wav and so on; `INDEX` has a line for each file: the clip's fields,
    `file`, and `completed`. Silence between the clauses is not kept."""

    folder: Path
    rate: int
    fault: str = ""
    _count: int = 0
    _clip: Clip | None = None
    _fed: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def begin(self, clip: Clip) -> None:
        self._clip, self._fed = clip, []

    def write(self, pcm: bytes, cancelled: threading.Event) -> bool:
        if self._clip is not None and not cancelled.is_set():
            self._fed.append(pcm)
        return not cancelled.is_set()

    def end(self, completed: bool) -> None:
        clip, self._clip = self._clip, None
        if clip is None:
            return
        self._count += 1
        name = f"{self._count:05}.wav"
        write_wave(self.folder / name, np.frombuffer(b"".join(self._fed), dtype=np.int16), self.rate)
        line = json.dumps({**asdict(clip), "file": name, "completed": completed}, ensure_ascii=False)
        with (self.folder / INDEX).open("a", encoding="utf-8") as index:
            index.write(line + "\n")

    def close(self) -> None:
        return
