"""The real back office as a process, once for each file of tests; only the first makes its database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from office_support.real_office import RealOffice


@pytest.fixture(scope="session")
def kept_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "registered"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, kept_office: Path) -> Iterator[Any]:
    office = RealOffice(tmp_path_factory.mktemp("office"), kept_office)
    yield office
    office.close()
