"""Whatever of the system the product opens comes from a package of the lists, or from one that such a package needs.

What Debian only recommends is not on a terminal: a package counts by `Depends` and `Pre-Depends` alone.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LISTS = ROOT / "config" / "deploy" / "apt"

OPENED: Mapping[str, Mapping[str, str]] = {
    "terminal": {
        "kiosk/input_worker/pinyin.py": "rime-data-luna-pinyin rime-prelude rime-essay",
        "kiosk/input_worker/rime_api.py": "librime1t64",
        "kiosk/input_worker/handwriting.py": "libzinnia0 tegaki-zinnia-simplified-chinese",
        "kiosk/ui/drawing/fonts.py": "fonts-noto-cjk",
        "drivers/system_fonts.py": "fonts-noto-cjk fonts-lxgw-wenkai",
        "drivers/transport/pcsc_library.py": "libpcsclite1 pcscd libccid",
        "voices/worker/espeak.py": "libespeak-ng1",
        "voices/pipeline/build.py": "espeak-ng espeak-ng-data",
        "voices/worker/alsa.py": "alsa-utils",
    },
    "backoffice": {"backoffice/documents/press.py": "fonts-noto-cjk"},
    "development": {
        "kiosk/play/virtual_display.py": "xvfb",
        "drivers/sim/_a4/ipp_peer.py": "cups-ipp-utils dbus-daemon",
        "drivers/sim/_a4/cups_peer.py": "cups-daemon",
        "drivers/sim/_pcsc_peer.py": "vsmartcard-vpcd",
        "drivers/sim/lifetime.py": "util-linux",
    },
    "bench": {"tests/bench/front_ends.py": "chromium xvfb"},
    "fresh": {"tests/proof/fresh_root.py": "mmdebstrap"},
}
"""List -> file of ours -> the packages whose libraries, programs or data it opens."""

LOADED_BY_WHEELS = {"pyzbar": "libzbar0t64", "kivy": "libgl1 libegl1 libmtdev1t64"}
"""Opened by a library of others, which brings only the half of it."""

ADDS: Mapping[str, str] = {"terminal": "", "backoffice": "", "development": "terminal", "bench": "development terminal",
                           "fresh": "development terminal"}  # fmt: skip
ESSENTIAL = {"util-linux"}
"""Debian's own: never absent, in no list."""

MARKS = re.compile(
    r"CDLL\(|open_library\(|[\"'(]/usr/(?:share|lib)/|\bwhich\(|subprocess\.(?:run|Popen)\(|ends_with_us\("
)
WORDS_OF_MARKS = re.compile("CDLL|open_library|usr|which|subprocess|ends_with_us")
"""Code without any of them has no mark: it need not be written out without its docstrings, which takes long."""
OWN_OR_SHELL = {
    "kiosk/ui/toolkit/clock_sdl.py": "SDL inside Kivy's wheel",
    "kiosk/ui/toolkit/early_video.py": "SDL inside Kivy's wheel, and Mesa by its soname",
    "kiosk/input_worker/library.py": "opens what its callers name",
    "kiosk/supervise.py": "starts the kiosk itself",
    "kiosk/adapters/pipes/line_pipe.py": "starts a process of our own",
    "kiosk/adapters/paths.py": "looks for our own files",
    "kiosk/play/process.py": "starts what its callers name",
    "kiosk/play/demo.py": "asks whether there is a speaker",
    "kiosk/play/stage.py": "asks whether there is a simulated reader",
    "kiosk/technician/support_bundle.py": "asks journalctl where there is one",
    "drivers/sim/up.py": "starts twins of our own",
    "drivers/sim/document_scanner.py": "asks whether scanimage is there",
    "drivers/transport/vision_pipe.py": "starts a process of our own",
    "drivers/transport/scan_program.py": "scanimage, which a terminal with a scanner adds (docs/adding-a-device.md)",
    "drivers/conformance/stage.py": "starts twins of our own",
    "voices/commands/record.py": "a build machine's: records a speaker",
    "voices/recording/microphone.py": "a build machine's: records a speaker",
    "voices/measure/pipe.py": "starts the voice itself",
    "voices/neural/supply.py": "a build machine's: fetches weights",
}
"""Opens something of the system that no list has to hold, and why."""


def listed(name: str) -> set[str]:
    lines = (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


@cache
def reached(there: frozenset[str]) -> frozenset[str]:
    """What a machine with these packages has: they and their hard dependencies. Of a choice each package counts."""
    if shutil.which("apt-cache") is None:
        return there | ESSENTIAL
    command = ["apt-cache", "depends", "--recurse", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces"]
    done = subprocess.run(
        [*command, "--no-enhances", "--no-recommends", *sorted(there)], capture_output=True, text=True, check=False
    )
    return there | ESSENTIAL | frozenset(re.findall(r"^(\S+)$", done.stdout, re.MULTILINE))


def lacking(packages: Iterable[str], there: Iterable[str]) -> list[str]:
    """Those of `packages` that a machine with the packages `there` may be without."""
    there = frozenset(there)
    unlisted = set(packages) - there
    return sorted(unlisted - reached(there)) if unlisted else []


@pytest.mark.parametrize("name", list(OPENED))
def test_what_is_opened_is_installed(name: str) -> None:
    there = listed(name).union(*(listed(other) for other in ADDS[name].split()))
    wanted = {package for packages in OPENED[name].values() for package in packages.split()}
    if name == "terminal":
        wanted |= {package for packages in LOADED_BY_WHEELS.values() for package in packages.split()}
    assert not lacking(wanted, there)


def test_a_package_that_is_only_recommended_is_missed_when_it_is_taken_off_the_list() -> None:
    taken = ["rime-essay", "rime-prelude", "tegaki-zinnia-simplified-chinese"]
    assert lacking(taken, listed("terminal") - set(taken)) == taken


def test_every_file_that_opens_something_of_the_system_is_in_the_table(sources: Mapping[Path, Any]) -> None:
    known = {name for files in OPENED.values() for name in files} | set(OWN_OR_SHELL)
    found = {
        path.as_posix()
        for path, source in sources.items()
        if WORDS_OF_MARKS.search(source.text) and MARKS.search(ast.unparse(_bare(ast.parse(source.text))))
    }
    assert not found - known, "\n".join(sorted(found - known))


def test_no_test_server_is_on_a_terminal_or_in_an_office() -> None:
    servers = {"vsmartcard-vpcd", "nut-server", "cups-daemon", "postgresql", "sane-utils", "cups-ipp-utils", "xvfb"}
    assert not servers & reached(frozenset(listed("terminal") | listed("backoffice")))
    assert servers <= listed("development")


def _bare(tree: ast.AST) -> ast.AST:
    """Without docstrings."""

    class NoDocstrings(ast.NodeTransformer):
        def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
            return None if isinstance(node.value, ast.Constant) else node

    return NoDocstrings().visit(tree)  # type: ignore[no-any-return]  # ast's visitors are untyped
