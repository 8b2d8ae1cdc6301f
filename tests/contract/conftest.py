"""The real back office as a process, once for each file of tests; only the first makes its database."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def kept_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "registered"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, kept_office: Path) -> Iterator[Any]:
    spec = importlib.util.spec_from_file_location("real_office", Path(__file__).parents[1] / "proof/real_office.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    office = module.RealOffice(tmp_path_factory.mktemp("office"), kept_office)
    yield office
    office.close()
