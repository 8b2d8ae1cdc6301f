"""Each test's outcome and figures, kept for the access report where a folder for them is named.

A test gives a figure by pytest's own `record_property("figure", "smallest target 20.4 mm")`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long a made-up example takes says how busy the machine is, nothing of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

_FOLDER = os.environ.get("ACCESS_RESULTS", "")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test counts once: by its call, or by what kept it from being called."""
    if not _FOLDER or not (report.when == "call" or report.failed):
        return
    figures = [str(value) for name, value in report.user_properties if name == "figure"]
    line = {"test": report.nodeid, "passed": report.passed, "figures": figures}
    with (Path(_FOLDER) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(line, ensure_ascii=False) + "\n")
