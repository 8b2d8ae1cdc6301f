"""House rules that a program can check: dependencies, hosts, paths, words in their room, files of one thought."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("kiosk", "drivers", "voices", "backoffice")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
HAN = re.compile(r"[\u3400-\u9fff]")

WIRE_WORDS = {"长期"}
"""Chinese that is a wire fact, not a word for a resident."""
TYPOGRAPHY = {"kiosk/ui/drawing/text_layout.py"}
"""Knows at which characters a line of Chinese may not break."""


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\s<>=!~;\[]", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("package", ["kivy", "pyttsx3", "pyserial", "opencv-python-headless", "pyzbar", "requests"])
def test_what_the_kiosk_stands_on_is_a_direct_dependency(package: str) -> None:
    assert package in names(PROJECT["optional-dependencies"]["kiosk"])


def test_pytest_is_a_direct_dependency_of_those_who_develop() -> None:
    assert "pytest" in names(PROJECT["optional-dependencies"]["dev"])


@pytest.mark.parametrize(
    ("library", "room"),
    [
        ("kivy", "kiosk/ui"),
        ("pyttsx3", "voices/worker"),
        ("serial", "drivers/transport"),
        ("requests", "kiosk/adapters"),
    ],
)
def test_each_library_is_imported_in_its_room_and_nowhere_else(
    library: str, room: str, sources: Mapping[Path, Any]
) -> None:
    users = {
        path.parent.as_posix()
        for path, source in sources.items()
        for node in source.nodes
        if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == library for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == library)
    }
    assert users, f"{library} is imported nowhere"
    outside = {user for user in users if user != room and not user.startswith(room + "/")}
    assert not outside, f"{library} is also imported in {outside}"


def test_every_direct_dependency_is_pinned_and_no_pin_names_a_host() -> None:
    text = (ROOT / "constraints.txt").read_text()
    pinned = {line.split("==")[0].lower() for line in text.splitlines() if "==" in line}
    wanted = names(PROJECT["dependencies"]) | set().union(*map(names, PROJECT["optional-dependencies"].values()))
    assert wanted <= pinned
    assert "://" not in text and "@" not in text


def test_nothing_names_a_registry_host_or_a_path_of_one_machine() -> None:
    # Written in pieces, so that this file does not name them itself.
    pieces = (
        (r"pypi\.", "org"),
        ("python", "hosted"),
        ("npm", r"js\.org"),
        (r"debian\.org/", "debian"),
        ("/wo", "rk/[a-z.]"),
    )
    wrong = "|".join("".join(piece) for piece in (*pieces, ("/ro", "ot/")))
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in re.finditer(wrong, text)]
    assert not found, "\n".join(found)


def test_resident_words_live_in_voices_only(sources: Mapping[Path, Any]) -> None:
    found = []
    for path, source in sources.items():
        if path.parts[0] not in ("kiosk", "drivers") or path.as_posix() in TYPOGRAPHY:
            continue
        docs = {
            id(node.value)
            for node in source.nodes
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        found += [
            f"{path}:{node.lineno}: {node.value[:30]!r}"
            for node in source.nodes
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and HAN.search(node.value)
            and id(node) not in docs
            and node.value not in WIRE_WORDS
        ]
    assert not found, "\n".join(found)


MOST_LINES = 600
"""A lower bound would cut one thought in two."""


def test_no_file_has_outgrown_one_thought(sources: Mapping[Path, Any]) -> None:
    long = {
        path.as_posix(): lines for path, source in sources.items() if (lines := source.text.count("\n")) > MOST_LINES
    }
    assert not long


def test_every_folder_with_python_is_a_package() -> None:
    """The wheel takes what has an `__init__.py`; a module beside none is left out of it."""
    lone = {path.parent for package in OURS for path in (ROOT / package).rglob("*.py")}
    assert not [folder for folder in lone if not (folder / "__init__.py").is_file()]


def test_ci_calls_make_test_and_nothing_clever() -> None:
    assert (ROOT / ".ci" / "run").read_text().strip().splitlines()[-1].endswith("exec make test")


def test_every_link_of_the_documents_leads_to_something_that_is_there() -> None:
    dead = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in tracked()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)\s#]+)", path.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists()
    ]
    assert not dead, "\n".join(dead)


EXTRAS = {
    # room: the extras whose libraries it may import, the longest prefix counts
    "kiosk": ("kiosk",),
    "kiosk.play": ("kiosk", "dev"),
    "drivers": ("kiosk",),
    "voices": ("kiosk",),
    "voices.measure": ("kiosk", "measure"),
    "voices.neural": ("kiosk", "voices-neural"),
    "backoffice": ("backoffice",),
}
NAMED_OTHERWISE = {
    "PIL": "pillow", "cv2": "opencv-python-headless", "serial": "pyserial", "zxingcpp": "zxing-cpp",
    "Xlib": "python-xlib",
    "cel": "common-expression-language", "argon2": "argon2-cffi", "sklearn": "scikit-learn", "fontTools": "fonttools",
    "prometheus_client": "prometheus-client", "urllib3": "requests", "starlette": "fastapi",
}  # fmt: skip
"""Module -> the distribution that brings it, where the two have different names."""


def test_each_package_imports_only_what_its_extra_installs(sources: Mapping[Path, Any]) -> None:
    always, extras = names(PROJECT["dependencies"]), PROJECT["optional-dependencies"]
    wrong = []
    for path, source in sources.items():
        module = path.with_suffix("").as_posix().replace("/", ".")
        room = max((room for room in EXTRAS if f"{module}.".startswith(f"{room}.")), key=len)
        installed = always.union(*(names(extras[extra]) for extra in EXTRAS[room]))
        for library in _libraries(source.nodes):
            if NAMED_OTHERWISE.get(library, library).lower() not in installed:
                wrong.append(f"{module} imports {library}, which {EXTRAS[room]} does not install")
    assert not wrong, "\n".join(wrong)


def test_no_extra_installs_what_nobody_imports_there() -> None:
    assert not names(PROJECT["optional-dependencies"]["backoffice"]) & {"kivy", "opencv-python-headless", "onnxruntime"}


def _libraries(nodes: Iterable[ast.AST]) -> set[str]:
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - set(OURS)
