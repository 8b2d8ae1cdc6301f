"""The last self-test of each device, kept in the terminal's state folder: result, date, what failed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kiosk.adapters.settings.durable import write_durably

FILE = "selftest.json"


class SelftestLog:
    """One small JSON file, replaced whole: a power cut leaves the old or the new one."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE

    def read(self) -> dict[str, dict[str, object]]:
        """Device class -> `{"model", "result", "at", "failed"}`; empty when there is none or it is damaged."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {str(name): row for name, row in found.items() if isinstance(row, dict)}

    def keep(self, rows: Mapping[str, Mapping[str, object]]) -> None:
        """Put these in the place of what is known of the same devices. :raises OSError:"""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(self._path, json.dumps({**self.read(), **rows}, ensure_ascii=False, indent=1).encode())
