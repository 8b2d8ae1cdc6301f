"""Each test's outcome and figures, kept for the access report where a folder for them is named.

A test gives a figure by pytest's own `record_property("figure", "smallest target 20.4 mm")`.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# How long a made-up example takes says how busy the machine is, nothing of the code. The suite's examples depend on
# the tests alone, so that an unrelated change cannot fail by them; the proof looks for new ones: as many as here
# (`fresh`), and many more where they are cheap (`explored`).
settings.register_profile("kept", deadline=None, derandomize=True)
settings.register_profile("fresh", deadline=None, print_blob=True)
settings.register_profile("explored", deadline=None, max_examples=1500, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_EXAMPLES", "kept"))

# A run of tests keeps much and makes much: a fifth of its time went into looking for garbage among what stays.
gc.set_threshold(50_000, 10, 10)

_FOLDER = os.environ.get("ACCESS_RESULTS", "")


def pytest_collection_finish() -> None:
    """What has been imported by now stays."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """At the end all of it goes, in order: libraries in C++ complain of what is left."""
    gc.unfreeze()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test counts once: by its call, or by what kept it from being called."""
    if not _FOLDER or not (report.when == "call" or report.failed):
        return
    figures = [str(value) for name, value in report.user_properties if name == "figure"]
    line = {"test": report.nodeid, "passed": report.passed, "figures": figures}
    with (Path(_FOLDER) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(line, ensure_ascii=False) + "\n")


Quickest = Callable[[Callable[[], float], float], float]


@pytest.fixture(scope="session")
def quickest() -> Quickest:
    """`quickest(seconds_of_one_try, within_s)`: the least of up to five tries, until one is within the time.

    A busy machine delays one of them; a wrong program delays them all.
    """

    def least_s(attempt: Callable[[], float], within_s: float) -> float:
        least = attempt()
        for _ in range(4):
            if least < within_s:
                break
            least = min(least, attempt())
        return least

    return least_s
