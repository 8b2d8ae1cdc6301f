"""Log lines as systemd's journal wants them: each with its priority (sd-daemon(3)), without a time of its own."""

from __future__ import annotations

import logging
import os
from typing import TextIO

PLAIN = "%(asctime)s %(levelname)s %(name)s %(message)s"
_PRIORITY = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}


class JournalFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        priority = next((number for level, number in _PRIORITY.items() if record.levelno >= level), 7)
        # The journal takes every line for an entry of its own.
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def formatter_for(stream: TextIO) -> logging.Formatter:
    """By $JOURNAL_STREAM, which names the pipe that the journal reads: a stream that was turned elsewhere is plain."""
    told = os.environ.get("JOURNAL_STREAM", "")
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return logging.Formatter(PLAIN)
    return JournalFormatter() if told == f"{found.st_dev}:{found.st_ino}" else logging.Formatter(PLAIN)
