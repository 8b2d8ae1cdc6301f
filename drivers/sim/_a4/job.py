"""One document in the simulated A4 printer's paper path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Job:
    """What the engine works on."""

    job_id: int
    name: str
    media: str
    file: Path
    pages: int = 0
    cancelled: bool = False
