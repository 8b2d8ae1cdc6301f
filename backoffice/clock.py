"""The server's clock. Domain code is given days and times; only these objects know what time it is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8))


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware local time."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock, moved by `offset_s` seconds; it runs on from there."""

    offset_s: float = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self.offset_s, CHINA)


def clock_from(start: datetime) -> SystemClock:
    """A clock that says `start` now and runs on."""
    aware = start if start.tzinfo else start.replace(tzinfo=CHINA)
    return SystemClock(aware.timestamp() - time.time())


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def unix_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
