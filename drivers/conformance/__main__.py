"""Does a driver keep the contract? Runs it against its simulated device, or a real one.

    python -m drivers.conformance MODEL                     against the simulated device
    python -m drivers.conformance all                       every model against its simulated device
    python -m drivers.conformance CLASS/MODEL --port PORT   against a real device; nothing is printed or moved
    options: --set KEY=VALUE (a setting as in devices.toml), --report DIR (writes MODEL.md and MODEL.json there)

Exit code 0 when it conforms, 1 when it does not, 2 when it could not be run.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from drivers import registry
from drivers.conformance.report import Report, as_json, as_markdown, as_text, run
from drivers.conformance.stage import CLASSES, CannotBegin, Subject, on_port, with_twin

EVERY = "all"


def _find(name: str) -> tuple[str, str]:
    """Class and model of `MODEL` or `CLASS/MODEL`. :raises CannotBegin: when none or several fit."""
    device_class, _, model = name.rpartition("/")
    classes = (device_class,) if device_class else CLASSES
    found = [one for one in classes if one in registry.FOLDER_OF_CLASS and model in registry.models(one)]
    if len(found) != 1:
        raise CannotBegin(f"{len(found)} models are called {name!r}; known: {', '.join(_all_models())}")
    return found[0], model


def _settings(pairs: Sequence[str]) -> dict[str, object]:
    try:
        return tomllib.loads("\n".join(pairs))
    except tomllib.TOMLDecodeError as error:
        raise CannotBegin(f"--set: {error}; texts stand in quotes, as in devices.toml") from error


def _examine(name: str, options: argparse.Namespace) -> Report:
    device_class, model = _find(name)
    subject = Subject(
        device_class, model, lambda table: registry.create(device_class, model, table), _settings(options.set)
    )
    if options.port:
        return run(on_port(subject, options.port))
    with with_twin(subject) as stage:
        return run(stage)


def _write(report: Report, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{report.model}.md").write_text(as_markdown(report), encoding="utf-8")
    (folder / f"{report.model}.json").write_text(as_json(report), encoding="utf-8")


def _one(name: str, options: argparse.Namespace) -> int:
    try:
        report = _examine(name, options)
    except (CannotBegin, registry.UnknownModel, ValueError) as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 2
    sys.stdout.write(as_text(report))
    if options.report is not None:
        _write(report, options.report)
    return 0 if report.passed else 1


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m drivers.conformance", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--version", action="version", version=f"drivers {version('tshu-pinn')}")
    parser.add_argument("model", metavar="MODEL", help="MODEL, CLASS/MODEL, or `all`")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--port", help="a real device's port")
    where.add_argument("--sim", action="store_true", help="the simulated device (the default)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--report", type=Path, metavar="DIR", help="folder for the report as Markdown and JSON")
    options = parser.parse_args(arguments)
    names = [options.model] if options.model != EVERY else _all_models()
    return max(_one(name, options) for name in names)


def _all_models() -> list[str]:
    installed = [one for one in registry.FOLDER_OF_CLASS if one in CLASSES]
    return [f"{one}/{model}" for one in installed for model in registry.models(one)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
