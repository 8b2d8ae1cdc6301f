"""What the speech process really fed to the sink: its log file, read while it grows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Spoken:
    """One clause. `lang` is the pack that fed the sink."""

    key: str
    lang: str
    text: str
    route: str
    completed: bool = True
    layer: str = ""
    first_sample_s: float = 0.0
    """When the sink got the first of it: time.monotonic()."""

    def matches(self, wanted: Mapping[str, Any]) -> bool:
        """`text` is contained; every other field is equal."""
        return all(
            str(value) in self.text if name == "text" else getattr(self, name, None) == value
            for name, value in wanted.items()
        )


@dataclass(slots=True)
class SpeechLog:
    """Grows with the file; a line that is not whole yet is read next time."""

    path: Path
    spoken: list[Spoken] = field(default_factory=list)
    _offset: int = 0

    def read(self) -> list[Spoken]:
        """Everything so far."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return self.spoken
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            item = json.loads(line)
            self.spoken.append(
                Spoken(
                    key=str(item["key"]),
                    lang=str(item["lang"]),
                    text=str(item["text"]),
                    route=str(item["route"]),
                    completed=bool(item.get("completed", True)),
                    layer=str(item.get("layer", "")),
                    first_sample_s=float(item.get("first_sample_s", 0.0)),
                )
            )
        return self.spoken
