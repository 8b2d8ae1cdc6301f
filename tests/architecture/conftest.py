"""What the rules of the house are asked of: every file of ours, read and parsed once for all of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("kiosk", "drivers", "voices", "backoffice")


@dataclass(frozen=True, slots=True)
class Source:
    text: str
    tree: ast.Module
    """Tests share it, so none may change it."""
    nodes: tuple[ast.AST, ...]
    """Of the tree, as `ast.walk` gives them."""


Sources = Mapping[Path, Source]


@pytest.fixture(scope="session")
def sources() -> Sources:
    """Path, from the top of the project -> what lies there, for every file of our four packages."""
    found = {}
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            tree = ast.parse(text)
            found[path.relative_to(ROOT)] = Source(text, tree, tuple(ast.walk(tree)))
    return found
