"""The digests of what a terminal and a back office install are those of what is pinned, and of all that is needed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ROOT / "config" / "deploy" / "locked"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRA_OF_ROLE = {"terminal": "kiosk", "backoffice": "backoffice"}
ENTRY = re.compile(r"^([a-z0-9-]+)==([^ ;]+)(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirement: str) -> str:
    return normal(re.split(r"[\s<>=!~;\[]", requirement)[0])


@pytest.mark.parametrize("role", list(EXTRA_OF_ROLE))
def test_digests_are_noted_for_what_is_pinned_and_for_nothing_else(role: str) -> None:
    text = (LOCKED / f"{role}.txt").read_text(encoding="utf-8")
    entries = {match[1]: match[2] for match in ENTRY.finditer(text)}
    assert not ENTRY.sub("", text).strip(), "a line without a digest"
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split())
    pinned = {normal(name): version for name, version in pins.items()}
    assert {name: pinned.get(name) for name in entries} == entries, "run `make lock`"
    wanted = {*map(named, PROJECT["dependencies"]), *map(named, PROJECT["optional-dependencies"][EXTRA_OF_ROLE[role]])}
    assert wanted <= set(entries), "run `make lock`"


def test_no_lock_names_a_place() -> None:
    assert not [path.name for path in LOCKED.iterdir() if "://" in path.read_text(encoding="utf-8")]


def test_every_dependency_has_an_upper_bound() -> None:
    every = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]
    assert not [one for one in every if not re.search(r"<\d|==", one)]
