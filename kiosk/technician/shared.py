"""What the technician's commands share: settings, devices made of their tables, exit codes, printing."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from drivers import registry
from drivers.codec.wire import Describer, health
from drivers.transport import tap
from drivers.transport.found import adapter_at
from kiosk.adapters import paths
from kiosk.adapters.settings.config import ConfigError, load_devices, load_terminal, place_in_table, state_dir_of
from kiosk.app.technician.diagnostics import LineReport, LineWatch, Subject
from kiosk.app.technician.tested_device import Binding
from kiosk.play.process import StageError

EXIT_WRONG = 1
EXIT_USAGE = 2
EXIT_CONFIG = 78

Tables = Mapping[str, Mapping[str, object]]


class NoSuchDevice(Exception):
    """No table of devices.toml has that name; the text lists those there are."""


def subjects(tables: Tables, path: Path) -> list[Subject]:
    """Every configured device, made and not opened.

    :param path: the file that the tables are of, for messages.
    :raises ConfigError: no such model, or a key or value that it cannot use, with its place.
    """
    made = []
    for name, table in tables.items():
        try:
            made.append(subject_of(name, table))
        except ValueError as error:
            raise ConfigError(f"{place_in_table(path, name, str(error.__cause__ or error))}: {error}") from error
    return made


def subject_of(name: str, table: Mapping[str, object]) -> Subject:
    """:raises ValueError: no such model, or a setting that it cannot use; the text names the table."""
    model = str(table["model"])
    settings = {key: value for key, value in table.items() if key != "model"}
    try:
        device = registry.create(name, model, settings)
        describe = registry.describer(name, model)
    except ValueError as error:
        raise ValueError(f"[{name}] {error}") from error
    port = _identity(settings)
    return Subject(name, model, port, device, line_watch(describe), adapter_at(port))


def binding_of(table: Mapping[str, object]) -> Binding:
    """Which device the table names, and what is plugged in there now."""
    port = _identity({key: value for key, value in table.items() if key != "model"})
    return Binding(str(table["model"]), port, adapter_at(port))


def _identity(settings: Mapping[str, object]) -> str:
    """What names the device among others: its port, or for those without one whatever its table says."""
    if "port" in settings:
        return str(settings["port"])
    return ", ".join(f"{key}={value}" for key, value in settings.items())


def line_watch(describe: Describer) -> LineWatch:
    """Judges everything that passes on all lines of this process while it is entered."""

    @contextlib.contextmanager
    def watch() -> Iterator[Callable[[], LineReport]]:
        with tap.recording() as recording:
            yield lambda: health(describe(recording.passages()))

    return watch


def describer_of(subject: Subject) -> Describer:
    return registry.describer(subject.device_class, subject.model)


def config_dir(arguments: argparse.Namespace) -> Path:
    return Path(arguments.config) if arguments.config else paths.config_dir()


def devices_file(arguments: argparse.Namespace) -> Path:
    return config_dir(arguments) / "devices.toml"


def tables_of(arguments: argparse.Namespace) -> Tables:
    return load_devices(devices_file(arguments))


def state_dir(arguments: argparse.Namespace) -> Path:
    return state_dir_of(load_terminal(config_dir(arguments) / "terminal.toml"))


def chosen(tables: Tables, name: str | None) -> Tables:
    """:raises NoSuchDevice:"""
    if name is None:
        return tables
    if name not in tables:
        raise NoSuchDevice(f"devices.toml has no [{name}]; it has {', '.join(tables)}")
    return {name: tables[name]}


def guarded(run: Callable[[], int]) -> int:
    """Run a command; what it cannot do is one line on the standard error and an exit code."""
    try:
        return run()
    except (ConfigError, NoSuchDevice) as error:
        sys.stderr.write(f"kiosk: {error}\n")
        return EXIT_USAGE if isinstance(error, NoSuchDevice) else EXIT_CONFIG
    except (StageError, OSError) as error:
        sys.stderr.write(f"kiosk: {error}\n")
        return EXIT_WRONG


def print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def print_json(document: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    sys.stdout.flush()
