"""An exception's name means one thing in the whole project: whoever reads it in a log finds one place."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kiosk", "drivers", "voices", "backoffice")
PYTHONS = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}


def exceptions() -> dict[str, list[str]]:
    """Name -> where it is defined. A class counts when a base of it, or of that base, is one of Python's exceptions."""
    classes: list[tuple[str, str, set[str]]] = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases = {
                        base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases
                    }
                    classes.append((node.name, f"{path.relative_to(ROOT)}:{node.lineno}", bases))
    known = set(PYTHONS)
    while found := {name for name, _, bases in classes if bases & known} - known:
        known |= found
    places = defaultdict(list)
    for name, place, bases in classes:
        if bases & known:
            places[name].append(place)
    return places


def test_no_exception_has_the_name_of_another() -> None:
    found = exceptions()
    assert {"DeviceError", "CaseNumberError", "NotInstalled"} <= found.keys()
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
    assert not found.keys() & PYTHONS
