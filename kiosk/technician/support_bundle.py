"""The support bundle: what the makers need to understand a terminal, without a key and without a resident."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import drivers
import kiosk
from drivers import registry
from drivers.api import DeviceState
from kiosk.adapters.settings.config import load_devices, load_terminal
from kiosk.adapters.settings.selftest_log import SelftestLog
from kiosk.app.selftest import checks_of
from kiosk.app.technician import redact
from kiosk.app.technician.redact import Redactor
from kiosk.play.run_folder import to_toml

UNIT = "tshu-pinn"
"""The service's name in the system's journal."""
JOURNAL_LINES = 2000
JOURNAL_S = 20.0
MANIFEST = "MANIFEST.sha256"
_PUBLIC = {("terminal", key) for key in ("device", "site", "site_no", "division", "village", "place")}
"""Printed on every slip that the terminal gives out."""
_LOGGERS = {"log", "_LOG", "LOG", "logger"}


def write(
    path: Path, config_dir: Path, state_dir: Path, report: Mapping[str, object], pdf: bytes,
    traces: Mapping[str, Sequence[str]], redactor: Redactor,
) -> list[str]:  # fmt: skip
    """Write the archive whole or not at all; returns the names in it. :raises OSError:"""
    parts: dict[str, bytes] = {
        "report.pdf": pdf,
        "report.json": _json(report),
        "config/terminal.toml": _config(load_terminal_tables(config_dir)).encode(),
        "config/devices.toml": _config(load_devices(config_dir / "devices.toml")).encode(),
        "selftest.json": _json(redact.kept_selftests(SelftestLog(state_dir).read(), redactor)),
        "journal.txt": _lines(redactor.line(line) for line in journal(state_dir)),
        **{f"trace/{name}.txt": _lines(lines) for name, lines in traces.items()},
    }
    parts[MANIFEST] = _lines(f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in parts.items())
    fresh = path.with_name(f".{path.name}.new")
    try:
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return list(parts)


def load_terminal_tables(config_dir: Path) -> dict[str, dict[str, object]]:
    """terminal.toml as tables, checked as at the kiosk's start. :raises ConfigError:"""
    return dataclasses.asdict(load_terminal(config_dir / "terminal.toml"))


def _config(tables: Mapping[str, Mapping[str, object]]) -> str:
    """Written anew from its values: what stands in comments is anybody's guess."""
    fit = redact.settings(tables, lambda table, key: (table, key) in _PUBLIC)
    return to_toml({name: table for name, table in fit.items() if isinstance(table, dict)})


def journal(state_dir: Path) -> Iterator[str]:
    """The service's last lines from the system's journal, and what lies as *.log in the state folder."""
    if program := shutil.which("journalctl"):
        command = [program, "--unit", UNIT, "--lines", str(JOURNAL_LINES), "--output", "short-iso", "--no-pager"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=JOURNAL_S)
        except subprocess.TimeoutExpired:
            yield "journal: not read"
        else:
            yield from done.stdout.splitlines()
    for file in sorted(state_dir.glob("*.log")):
        yield from file.read_text(encoding="utf-8", errors="replace").splitlines()[-JOURNAL_LINES:]


def vocabulary() -> set[str]:
    """Every word that the program's own log messages are made of, and the names of its parts and devices."""
    words = {"INFO", "WARNING", "ERROR", "CRITICAL", "kiosk", "drivers", UNIT, "SerialException"}
    words |= {name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    for package in (kiosk, drivers):
        for folder in package.__path__:
            for file in sorted(Path(folder).rglob("*.py")):
                words |= set(_words([*file.relative_to(folder).with_suffix("").parts]))
                words |= set(_words(_messages(file)))
    for device_class in registry.FOLDER_OF_CLASS:
        words |= {device_class, *registry.models(device_class)}
        for check in checks_of(device_class):
            words.add(check.name)
    words |= {"open", "line", "stray", "bytes", "pass", "fail", "not", "applicable", "ms", *map(str, DeviceState)}
    return words


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        bare = re.sub(r"%[-0-9.]*[a-z]", " ", text)
        yield from re.findall(r"[A-Za-z]+(?:_[A-Za-z]+)*", bare)


def _messages(file: Path) -> Iterator[str]:
    """The first argument of each call of a logger. Most files have none, and parsing takes long."""
    source = file.read_text(encoding="utf-8")
    if not any(name in source for name in _LOGGERS):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner, message = node.func.value, node.args[0]
            is_logger = isinstance(owner, ast.Name) and owner.id in _LOGGERS
            if is_logger and isinstance(message, ast.Constant) and isinstance(message.value, str):
                yield message.value


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
