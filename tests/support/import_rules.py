"""Who may import whom: the table, and a walk over the sources that finds every breach.

Also read as imports: `-m package` in strings, since a process started by name is a dependency too.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

OURS = ("kiosk", "drivers", "voices", "backoffice")

ALLOWED: dict[str, tuple[str, ...]] = {
    # room: what it may import besides itself and (unless PURE) anything from outside
    "kiosk.domain": (),
    "kiosk.app": ("kiosk.domain", "drivers.api", "drivers.faults"),
    "kiosk.adapters": ("kiosk.domain",),
    "kiosk.adapters.words": ("kiosk.domain", "voices.prompts"),
    "kiosk.input_worker": (),
    "kiosk.screen_reader": (),
    "kiosk.ui": ("kiosk.domain", "kiosk.app"),
    "kiosk.play": ("kiosk.adapters.paths", "kiosk.domain.timing", "drivers.sim.lifetime"),
    "kiosk": ("kiosk", "drivers"),
    "drivers": (),
    "voices": (),
    "backoffice.domain": (),
    "backoffice": (),
}
"""The longest prefix that fits counts."""

PURE: dict[str, tuple[str, ...]] = {
    # room: the only outside libraries it may import
    "kiosk.domain": (),
    "kiosk.app": (),
    "kiosk.ui": ("kivy", "fontTools", "PIL"),
    "backoffice.domain": ("cel",),
}

STARTS: dict[str, tuple[str, ...]] = {
    # who may start which package by `-m`
    "kiosk.adapters.pipes.speech_pipe": ("voices",),
    "kiosk.play": ("kiosk", "drivers", "backoffice"),
    "kiosk.technician.sim_bench": ("drivers",),
    "drivers.sim": ("drivers",),
}


@dataclass(frozen=True, slots=True)
class Breach:
    module: str
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} may not reach {self.target}"


def module_name(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _fits(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(prefix + ".")


def _longest(table: dict[str, tuple[str, ...]], module: str) -> tuple[str, tuple[str, ...]] | None:
    fitting = [prefix for prefix in table if _fits(module, prefix)]
    return (max(fitting, key=len), table[max(fitting, key=len)]) if fitting else None


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "." * node.level  # relative imports hide where they lead


def started(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Packages of ours that are started by name: ["-m", "voices", …] or "-m voices"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for found in re.finditer(r"(?:^|\s)-m\s+(\w+)", node.value):
                yield node.lineno, found[1]
        elif isinstance(node, ast.List | ast.Tuple):
            words = [e.value if isinstance(e, ast.Constant) else None for e in node.elts]
            for flag, name in itertools.pairwise(words):
                if flag == "-m" and isinstance(name, str):
                    yield node.lineno, name.split(".")[0]


class _NoDocstrings(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else node


def breaches(root: Path) -> list[Breach]:
    found: list[Breach] = []
    for package in OURS:
        for path in sorted((root / package).rglob("*.py")):
            module = module_name(root, path)
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += [Breach(module, line, target) for line, target in imports(tree) if not _may_import(module, target)]
            bare = _NoDocstrings().visit(tree)
            found += [
                Breach(module, line, f"-m {name}") for line, name in started(bare) if not _may_start(module, name)
            ]
    return found


def _may_import(module: str, target: str) -> bool:
    top = target.split(".")[0]
    if target.startswith("."):
        return False
    if top in OURS:
        room = _longest(ALLOWED, module)
        assert room is not None, f"{module} lies in no room"
        prefix, allowed = room
        return _fits(target, prefix) or any(_fits(target, other) for other in allowed)
    pure = _longest(PURE, module)
    return pure is None or top in sys.stdlib_module_names or top in pure[1]


def _may_start(module: str, name: str) -> bool:
    if name not in OURS or module.split(".")[0] == name:
        return True
    starts = _longest(STARTS, module)
    return starts is not None and name in starts[1]


def circles(root: Path, package: str) -> list[str]:
    """Rooms of a package that reach each other, however far around; its loose files are rooms of their own."""
    top = len(package.split("."))
    known: dict[str, set[str]] = {}
    for path in sorted((root / Path(*package.split("."))).rglob("*.py")):
        module = module_name(root, path)
        reached = {target for _, target in imports(ast.parse(path.read_text(encoding="utf-8")))}
        rooms = {".".join(target.split(".")[: top + 1]) for target in reached if _fits(target, package)}
        room = ".".join(module.split(".")[: top + 1])
        known.setdefault(room, set()).update(rooms - {room, package})
    order = TopologicalSorter(known)
    try:
        order.prepare()
    except CycleError as circle:
        return list(circle.args[1])
    return []
