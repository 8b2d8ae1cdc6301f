"""The priority of a log line reaches the journal, and only the journal."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from kiosk.adapters.journal import formatter_for


def record(level: int, text: str) -> logging.LogRecord:
    return logging.LogRecord("kiosk.x", level, __file__, 1, text, None, None)


@pytest.mark.parametrize(("level", "priority"), [(logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4)])
def test_every_line_of_an_entry_has_its_priority(
    level: int, priority: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "pipe").open("w", encoding="utf-8") as stream:
        found = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        told = formatter_for(stream).format(record(level, "one\ntwo"))
    assert told == f"<{priority}>kiosk.x one\n<{priority}>two"


@pytest.mark.parametrize("named", ["", "1:1"])
def test_elsewhere_a_line_has_its_time_and_no_mark(named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", named)
    with (tmp_path / "file").open("w", encoding="utf-8") as stream:
        told = formatter_for(stream).format(record(logging.ERROR, "one"))
    assert told.startswith("20") and told.endswith("ERROR kiosk.x one")
