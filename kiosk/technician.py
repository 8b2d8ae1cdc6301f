"""The technician's commands: `kiosk devices`, `kiosk selftest`, `kiosk trace`. They need no window and no voice."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from drivers import registry
from drivers.api import DeviceError
from drivers.codec.wire import Describer, health
from drivers.transport import tap
from kiosk import technician_report as report
from kiosk.adapters import paths
from kiosk.adapters.config import ConfigError, load_devices, load_terminal
from kiosk.adapters.selftest_log import SelftestLog
from kiosk.app.diagnostics import Hands, LineReport, LineWatch, Overdue, Result, Subject, close, detail_of, look_at_all
from kiosk.app.diagnostics import verdict as verdict_of
from kiosk.app.probe import probe
from kiosk.app.selftest import selftest
from kiosk.play.process import StageError
from kiosk.technician_hands import TerminalHands

EXIT_WRONG = 1
EXIT_USAGE = 2
EXIT_CONFIG = 78

Tables = Mapping[str, Mapping[str, object]]


class NoSuchDevice(Exception):
    """No table of devices.toml has that name; the text lists those there are."""


def add_commands(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put the commands into the `kiosk` parser; `command(name, run, help)` makes one."""
    devices = command("devices", run_devices, "every configured device, live: state, paper, faults with remedy")
    test = command("selftest", run_selftest, "check devices, by themselves and guided; exit code 1 when one fails")
    test.add_argument("device", nargs="?", help="a table of devices.toml; without it all")
    test.add_argument("--sim", action="store_true", help="against simulated devices that are started for it")
    trace = command("trace", run_trace, "bytes in both directions with their meaning, without personal data")
    trace.add_argument("device", help="a table of devices.toml")
    trace.add_argument("--seconds", type=float, default=5.0, help="how long to wait for a card, a code, a plug")
    for made in (devices, test):
        made.add_argument("--json", action="store_true")
    for made in (devices, test, trace):
        made.add_argument("--config", help="folder of terminal.toml and devices.toml")


def run_devices(arguments: argparse.Namespace) -> int:
    def run() -> int:
        tests = _log(arguments).read()
        looks = look_at_all(subjects(_tables(arguments)))
        if arguments.json:
            _print_json(report.devices_json(looks, tests))
        else:
            _print(report.devices_text(looks, tests))
        return EXIT_WRONG if any(look.faults for look in looks) else 0

    return _guarded(run)


def run_selftest(arguments: argparse.Namespace) -> int:
    def run() -> int:
        if not arguments.sim:
            tables = _chosen(_tables(arguments), arguments.device)
            return _test(arguments, tables, TerminalHands(sys.stdin, sys.stderr), _log(arguments))
        # Here, not above: a terminal in service never loads anything of the simulated devices.
        from kiosk.sim_bench import SimBench, with_every_class

        tables = _chosen(with_every_class(_tables(arguments)), arguments.device)
        with SimBench(paths.share_dir() / "config" / "sim.toml", tables) as bench:
            for name, reason in bench.left_out.items():
                sys.stderr.write(f"{name}: cannot be simulated here: {reason}\n")
            code = _test(arguments, bench.tables(), bench.hands(), None)
            return EXIT_WRONG if bench.left_out else code

    return _guarded(run)


def _test(arguments: argparse.Namespace, tables: Tables, hands: Hands, log: SelftestLog | None) -> int:
    """Results against simulated devices are not kept: they say nothing about this terminal."""
    tests = []
    for subject in subjects(tables):
        tested = selftest(subject, hands, lambda: datetime.now(UTC))
        tests.append(tested)
        if log is not None:
            log.keep({subject.device_class: report.kept_row(tested)})
        if not arguments.json:
            _print(report.selftest_text(tested))
    if arguments.json:
        _print_json(report.selftest_json(tests))
    return EXIT_WRONG if any(tested.result is Result.FAIL for tested in tests) else 0


def run_trace(arguments: argparse.Namespace) -> int:
    def run() -> int:
        (subject,) = subjects(_chosen(_tables(arguments), arguments.device))
        describe = registry.describer(subject.device_class, subject.model)
        code = 0
        _print([f"{subject.device_class} {subject.model} {subject.port} from {report.stamp(datetime.now(UTC))}"])
        with tap.recording() as recording:
            try:
                probe(subject, arguments.seconds)
            except (DeviceError, Overdue) as error:
                fault, code = verdict_of(error)[1], EXIT_WRONG
                ended = [f"{fault.code}: {fault.cause} {detail_of(error)}".rstrip(), f"    {fault.remedy}"]
            else:
                ended = []
            finally:
                close(subject.device)
            _print([*report.trace_text(describe(recording.passages())), *ended])
        return code

    return _guarded(run)


def subjects(tables: Tables) -> list[Subject]:
    """Every configured device, made and not opened. :raises ConfigError: no such model, or a key it does not know."""
    return [_subject(name, table) for name, table in tables.items()]


def _subject(name: str, table: Mapping[str, object]) -> Subject:
    model = str(table["model"])
    settings = {key: value for key, value in table.items() if key != "model"}
    try:
        device = registry.create(name, model, settings)
        describe = registry.describer(name, model)
    except ValueError as error:
        raise ConfigError(f"devices.toml: [{name}] {error}") from error
    return Subject(name, model, _identity(settings), device, _watch(describe))


def _identity(settings: Mapping[str, object]) -> str:
    """What names the device among others: its port, or for those without one whatever its table says."""
    if "port" in settings:
        return str(settings["port"])
    return ", ".join(f"{key}={value}" for key, value in settings.items())


def _watch(describe: Describer) -> LineWatch:
    @contextlib.contextmanager
    def watch() -> Iterator[Callable[[], LineReport]]:
        with tap.recording() as recording:
            yield lambda: health(describe(recording.passages()))

    return watch


def _config_dir(arguments: argparse.Namespace) -> Path:
    return Path(arguments.config) if arguments.config else paths.config_dir()


def _tables(arguments: argparse.Namespace) -> Tables:
    return load_devices(_config_dir(arguments) / "devices.toml")


def _log(arguments: argparse.Namespace) -> SelftestLog:
    state_dir = load_terminal(_config_dir(arguments) / "terminal.toml").paths.state_dir
    return SelftestLog(Path(state_dir) if state_dir else paths.default_state_dir())


def _chosen(tables: Tables, name: str | None) -> Tables:
    if name is None:
        return tables
    if name not in tables:
        raise NoSuchDevice(f"devices.toml has no [{name}]; it has {', '.join(tables)}")
    return {name: tables[name]}


def _guarded(run: Callable[[], int]) -> int:
    try:
        return run()
    except (ConfigError, NoSuchDevice) as error:
        sys.stderr.write(f"kiosk: {error}\n")
        return EXIT_USAGE if isinstance(error, NoSuchDevice) else EXIT_CONFIG
    except (StageError, OSError) as error:
        sys.stderr.write(f"kiosk: {error}\n")
        return EXIT_WRONG


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _print_json(document: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    sys.stdout.flush()
