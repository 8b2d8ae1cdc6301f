"""Collects what the readiness report says: devices, self-tests, health, outbox, versions, what changed."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib import metadata
from pathlib import Path

from drivers.transport import tap
from kiosk.adapters.settings import json_file
from kiosk.adapters.settings.config import Terminal
from kiosk.adapters.settings.selftest_log import SelftestLog
from kiosk.adapters.store.counts import outbox_counts
from kiosk.app.technician.diagnostics import Look, Subject, look
from kiosk.app.technician.readiness_changes import changes
from kiosk.app.technician.redact import Redactor, kept_selftests, setting
from kiosk.domain.outbox import StoreError
from kiosk.technician import health_record
from kiosk.technician.report import stamp, tested, trace_text
from kiosk.technician.shared import Tables, describer_of

LAST = "report.json"
FORMAT = 1
Json = dict[str, object]


def looked_at(subjects: Sequence[Subject]) -> tuple[list[Look], dict[str, list[str]]]:
    """Every device's state, and what passed on its line meanwhile, told without personal data."""
    looks, traces = [], {}
    for subject in subjects:
        describe = describer_of(subject)
        with tap.recording() as recording:
            looks.append(look(subject))
            traces[subject.device_class] = list(trace_text(describe(recording.passages())))
    return looks, traces


def collect(
    terminal: Terminal,
    tables: Tables,
    looks: Sequence[Look],
    lacking: Iterable[str],
    state_dir: Path,
    now: datetime,
    redactor: Redactor,
) -> tuple[Json, list[str], str]:
    """The report, what changed since the last one, and when that was ("" for the first).

    :param lacking: codes of what is not installed (`kiosk.technician.own_parts`).
    """
    report: Json = {
        "format": FORMAT,
        "at": stamp(now),
        "terminal": {
            "device": terminal.device,
            "site": terminal.site,
            "village": terminal.village,
            "place": terminal.place,
        },
        "devices": _devices(looks, state_dir, redactor),
        "lacking": sorted(lacking),
        "outbox": _outbox(state_dir),
        "versions": _versions(),
        "settings": {name: _digest(table) for name, table in tables.items()},
    }
    before = json_file.read(state_dir / LAST)
    since = str(before.get("at", "")) if before.get("format") == FORMAT else ""
    return report, changes(before, report) if since else [], since


def remember(report: Json, state_dir: Path) -> None:
    """The next report is compared with this one. :raises OSError:"""
    json_file.write(state_dir / LAST, report)


def _devices(looks: Sequence[Look], state_dir: Path, redactor: Redactor) -> list[Json]:
    """The record of self-tests passes by its structure: a damaged file says nothing that nobody meant to say."""
    kept = SelftestLog(state_dir).read()
    own = {look.subject.device_class: row for look in looks if (row := tested(look, kept))}
    tests = kept_selftests(own, redactor)
    health = json_file.read(state_dir / health_record.FILE)
    return [_device(look, tests, health) for look in looks]


def _device(look: Look, tests: Mapping[str, Json], health: Mapping[str, object]) -> Json:
    subject, status = look.subject, look.status
    return {
        "class": subject.device_class,
        "model": subject.model,
        "port": setting(subject.port),
        "firmware": look.firmware or "",
        "state": status.state.value,
        "paper": "" if status.paper.value == "unknown" else status.paper.value,
        "pages_left": status.pages_left,
        "faults": sorted(status.faults),
        "health": _ratio(health.get(subject.device_class)),
        "selftest": tests.get(subject.device_class),
    }


def _ratio(row: object) -> float | None:
    """The share of commands that succeeded, from the file that the kiosk keeps; None when nothing was asked."""
    if not isinstance(row, Mapping):
        return None
    succeeded, asked = row.get("succeeded"), row.get("asked")
    if not isinstance(succeeded, int) or not isinstance(asked, int) or asked <= 0:
        return None
    return round(succeeded / asked, 3)


def _outbox(state_dir: Path) -> Json:
    try:
        return dict(outbox_counts(state_dir / "outbox.db", state_dir / "store.key"))
    except StoreError as error:
        return {"not readable": str(error)}


def _versions() -> dict[str, str]:
    return {"program": metadata.version("tshu-pinn"), "Python": platform.python_version(), "Linux": platform.release()}


def _digest(table: Mapping[str, object]) -> str:
    """Tells that settings differ without telling what they are."""
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()[:16]
