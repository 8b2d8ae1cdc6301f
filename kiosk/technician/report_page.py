"""Turns a readiness report into what stands on its page, with the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from drivers.faults import CATALOGUE
from kiosk.domain.faults import HOUSE_FAULTS

Json = Mapping[str, object]
_MOST_FIGURES = 3
_MOST_CHANGES = 12
_FIRST = ("read", "slip", "page", "show", "plug", "capture", "key", "switch", "power")
"""What a resident waits for is shown before what only the machine notices."""


def page(report: Json, changed: Sequence[str], since: str) -> dict[str, object]:
    """`report` as `kiosk.technician.readiness_report.collect` made it."""
    devices = report["devices"]
    rows = [row for row in devices if isinstance(row, Mapping)] if isinstance(devices, list) else []
    lacking = report.get("lacking")
    missing = [_missing(str(code)) for code in lacking] if isinstance(lacking, list) else []
    reasons = [*missing, *(reason for row in rows if (reason := not_ready(row)))]
    shown, hidden = list(changed[:_MOST_CHANGES]), len(changed) - _MOST_CHANGES
    return {
        "terminal": report["terminal"],
        "at": _moment(report["at"]),
        "verdict": "READY" if rows and not reasons else "NOT READY",
        "reasons": reasons if rows else ["no device is configured"],
        "rows": [_row(row) for row in rows],
        "outbox": _texts(report["outbox"]),
        "versions": _texts(report["versions"]),
        "since": _moment(since) if since else "the first visit",
        "changes": [*shown, f"and {hidden} more (report.json)"] if hidden > 0 else shown,
    }


def not_ready(row: Json) -> str:
    """Why this device does not let the terminal open; empty when it is fit."""
    name, tested = str(row["class"]), row.get("selftest")
    if row.get("faults"):
        return f"{name}: {_explained(row['faults'])}"
    if row.get("state") != "online":
        return f"{name}: {row.get('state')}"
    if not isinstance(tested, Mapping):
        return f"{name}: never tested"
    if tested.get("result") != "pass":
        return f"{name}: self-test {tested.get('result')}"
    if untried := _untried(tested):
        return f"{name}: not tried by hand ({', '.join(untried)})"
    return ""


def _missing(code: str) -> str:
    row = HOUSE_FAULTS.get(code)
    return f"{code}: {row.cause} {row.remedy}" if row else code


def _explained(codes: object) -> str:
    """With cause and remedy, so that the page can be read without the manual."""
    known = [CATALOGUE.get(str(code)) for code in codes] if isinstance(codes, list) else []
    return "; ".join(f"{fault.code} {fault.cause} {fault.remedy}" for fault in known if fault) or _joined(codes)


def _untried(tested: Json) -> list[str]:
    measured = tested.get("measured")
    rows = [row for row in measured if isinstance(row, Mapping)] if isinstance(measured, list) else []
    return [str(row.get("check")) for row in rows if row.get("result") == "not-applicable"]


def _row(row: Json) -> dict[str, object]:
    found = row.get("selftest")
    tested: Json = found if isinstance(found, Mapping) else {}
    health, pages = row.get("health"), row.get("pages_left")
    return {
        "device": str(row["class"]).replace("_", " "),
        "model": row["model"],
        "firmware": row["firmware"],
        "state": row["state"],
        "faults": _joined(row["faults"]),
        "passed": tested.get("result") == "pass",
        "result": str(tested.get("result", "never tested")),
        "tested": _moment(tested.get("at", "")),
        "measured": _figures(tested),
        "paper": str(row["paper"]) + (f", {pages} left" if isinstance(pages, int) else ""),
        "health": f"{health:.0%}" if isinstance(health, float) else "–",
    }


def _figures(tested: Json) -> str:
    """The figures that matter most, each with its check's name; a check that failed has none worth reading."""
    measured = tested.get("measured")
    rows = [row for row in measured if isinstance(row, Mapping)] if isinstance(measured, list) else []
    good = [row for row in rows if row.get("result") == "pass" and isinstance(row.get("value"), int | float)]
    timed = [row for row in good if row.get("unit") == "ms"]
    ordered = sorted(timed, key=lambda row: not str(row.get("check", "")).startswith(_FIRST))
    untried = _untried(tested)
    lines = [f"{row['check']} {row['value']:g} ms" for row in ordered[:_MOST_FIGURES]]
    return "\n".join([*lines, *([f"not tried: {', '.join(untried)}"] if untried else [])])


def _joined(codes: object) -> str:
    return ", ".join(map(str, codes)) if isinstance(codes, list) else ""


def _texts(table: object) -> dict[str, str]:
    return {str(key): str(value) for key, value in table.items()} if isinstance(table, Mapping) else {}


def _moment(text: object) -> str:
    try:
        return datetime.fromisoformat(str(text)).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return ""
