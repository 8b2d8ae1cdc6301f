"""Keeps how well each device has served lately, so that a report made while the kiosk stands still can tell."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from kiosk.adapters.settings import json_file
from kiosk.app.device_hub import Health

FILE = "health.json"
log = logging.getLogger(__name__)


class Served(Protocol):
    @property
    def health(self) -> Health: ...


class HealthRecord:
    """Call `keep` when a device has changed and when the kiosk stops: a power cut loses the last stretch at most."""

    def __init__(self, state_dir: Path, workers: Mapping[str, Served]) -> None:
        self._path, self._workers = state_dir / FILE, workers
        self._writing = threading.Lock()  # every device tells of itself on its own thread

    def keep(self, _event: object = None) -> None:
        """A device that was asked nothing yet keeps the figure of its last run."""
        with self._writing:
            rows = json_file.read(self._path)
            for name, worker in self._workers.items():
                if worker.health.asked:
                    rows[name] = {"succeeded": worker.health.succeeded, "asked": worker.health.asked}
            try:
                json_file.write(self._path, rows)
            except OSError as error:
                log.error("the devices' health is not kept: %s", error)
