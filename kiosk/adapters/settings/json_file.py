"""One small JSON object in the terminal's state folder, replaced whole: a power cut leaves the old or the new one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kiosk.adapters.settings.durable import write_durably


def read(path: Path) -> dict[str, object]:
    """Empty when there is none or it is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write(path: Path, document: Mapping[str, object]) -> None:
    """:raises OSError:"""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(path, json.dumps(document, ensure_ascii=False, indent=1).encode())
