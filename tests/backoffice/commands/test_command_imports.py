"""A command loads only the libraries that it uses: simulators and short commands start often, on slow machines, too."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("sqlalchemy", "cryptography", "fastapi", "pydantic", "httpx", "PIL", "importlib.metadata")
"""Each takes a twentieth of a second of a core and more."""


@pytest.mark.parametrize("command", [("lookups", "--help"), ("simulate", "payments", "--help")])
def test_a_simulator_starts_without_the_libraries_of_the_office(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "backoffice", *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "backoffice.ready" in loaded, "the report of what was imported is not there"
    assert not loaded.intersection(HEAVY)
