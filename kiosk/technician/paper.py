"""`kiosk report`: a page to sign, a support bundle, and what changed since the last visit."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from kiosk.adapters.fonts_dir import fonts_dir
from kiosk.adapters.paths import default_voice_dir
from kiosk.adapters.report_pdf import FontsUnusable, render
from kiosk.adapters.settings.config import load_terminal
from kiosk.app.technician.redact import Redactor
from kiosk.technician import own_parts, readiness_report, support_bundle
from kiosk.technician.report_page import page
from kiosk.technician.shared import (
    EXIT_WRONG,
    config_dir,
    devices_file,
    guarded,
    print_lines,
    state_dir,
    subjects,
    tables_of,
)


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when the terminal is ready, 1 when it is not or the report could not be made."""

    def work() -> int:
        config, state, out = config_dir(arguments), state_dir(arguments), Path(arguments.out)
        settings, tables = load_terminal(config / "terminal.toml"), tables_of(arguments)
        terminal = settings.terminal
        redactor = Redactor(support_bundle.vocabulary())
        looks, traces = readiness_report.looked_at(subjects(tables, devices_file(arguments)))
        voice = settings.voice
        missing = own_parts.lacking(Path(voice.data_dir) if voice.data_dir else default_voice_dir(), voice.accent)
        print_lines([f"{code}: {why}" for code, why in missing.items()])
        report, changed, since = readiness_report.collect(
            terminal, tables, looks, missing, state, datetime.now(UTC), redactor
        )
        shown = page(report, changed, since)
        try:
            (pdf,) = render(shown, fonts_dir())
        except FontsUnusable as error:
            sys.stderr.write(f"kiosk: the page cannot be set: {error}\n")
            return EXIT_WRONG
        out.mkdir(parents=True, exist_ok=True)
        stem = f"{terminal.device}-{datetime.now():%Y%m%d-%H%M%S}"
        sheet, bundle = out / f"report-{stem}.pdf", out / f"support-{stem}.zip"
        sheet.write_bytes(pdf)
        support_bundle.write(
            bundle, config, state, {**report, "changes": changed, "since": since}, pdf, traces, redactor
        )
        readiness_report.remember(report, state)
        _tell(shown, changed, sheet, bundle)
        return 0 if shown["verdict"] == "READY" else EXIT_WRONG

    return guarded(work)


def _tell(shown: dict[str, object], changed: list[str], sheet: Path, bundle: Path) -> None:
    reasons = shown["reasons"]
    assert isinstance(reasons, list)
    print_lines(
        [
            str(shown["verdict"]),
            *(f"    {reason}" for reason in reasons),
            f"changed since {shown['since']}:",
            *(f"    {line}" for line in changed or ["nothing"]),
            f"to sign: {sheet}",
            f"to send: {bundle}",
        ]
    )
