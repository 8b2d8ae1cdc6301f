"""The technician's commands. They need no window and no voice."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from drivers import registry
from drivers.api import DeviceError
from drivers.transport import tap
from kiosk.adapters import paths
from kiosk.adapters.settings.selftest_log import SelftestLog
from kiosk.app.selftest import selftest
from kiosk.app.technician.diagnostics import Overdue, Result, TechnicianActions, close, detail_of, look_at_all
from kiosk.app.technician.diagnostics import verdict as verdict_of
from kiosk.app.technician.probe import probe
from kiosk.technician import rebind_command as technician_rebind
from kiosk.technician import report
from kiosk.technician.hands import TerminalHands
from kiosk.technician.shared import (
    EXIT_USAGE,
    EXIT_WRONG,
    Tables,
    chosen,
    devices_file,
    guarded,
    print_json,
    print_lines,
    state_dir,
    subjects,
    tables_of,
)

LONGEST_TRACE_S = 3600.0


def add_commands(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put the commands into the `kiosk` parser; `command(name, run, help)` makes one."""
    devices = command("devices", run_devices, "every configured device, live: state, paper, faults with remedy")
    test = command("selftest", run_selftest, "check devices, by themselves and guided; exit code 1 when one fails")
    test.add_argument("device", nargs="?", help="a table of devices.toml; without it all")
    test.add_argument("--sim", action="store_true", help="against simulated devices that are started for it")
    trace = command("trace", run_trace, "bytes in both directions with their meaning, without personal data")
    trace.add_argument("device", help="a table of devices.toml")
    trace.add_argument("--seconds", type=_seconds, default=5.0, help="how long to wait for a card, a code, a plug")
    swap = command("rebind", run_rebind, "another device in an old one's place, without editing files")
    technician_rebind.add_arguments(swap)
    paper = command("report", run_report, "a readiness page to sign, and a support bundle without personal data")
    paper.add_argument("--out", default=".", metavar="DIR", help="where the two files are written (default: here)")
    explain = command(
        "explain", run_explain, "what a fault's code means, what to do, and what the kiosk does by itself"
    )
    explain.add_argument("code", help="as the screen, the log or a report shows it: PRN-004, store.full")
    for made in (devices, test, swap):
        made.add_argument("--json", action="store_true")
    for made in (devices, test, trace, swap, paper):
        made.add_argument("--config", help="folder of terminal.toml and devices.toml")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= LONGEST_TRACE_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no time to wait: seconds, up to {LONGEST_TRACE_S:.0f}")
    return value


def run_explain(arguments: argparse.Namespace) -> int:
    # Here, not above: the manual's texts are many, and no other command of these needs them.
    from kiosk.app.technician import manual

    try:
        print_lines([manual.entry_of(arguments.code).removeprefix("### ").rstrip()])
    except LookupError as error:
        sys.stderr.write(f"kiosk: {error.args[0]}\n")
        return EXIT_USAGE
    return 0


def run_report(arguments: argparse.Namespace) -> int:
    # Here, not above: what sets a page takes a second to load, which no other command should wait for.
    from kiosk.technician import paper as technician_paper

    return technician_paper.run(arguments)


def run_rebind(arguments: argparse.Namespace) -> int:
    return technician_rebind.run(arguments, TerminalHands(sys.stdin, sys.stderr))


def run_devices(arguments: argparse.Namespace) -> int:
    def run() -> int:
        tests = _log(arguments).read()
        looks = look_at_all(subjects(tables_of(arguments), devices_file(arguments)))
        if arguments.json:
            print_json(report.devices_json(looks, tests))
        else:
            print_lines(report.devices_text(looks, tests))
        return EXIT_WRONG if any(look.faults for look in looks) else 0

    return guarded(run)


def run_selftest(arguments: argparse.Namespace) -> int:
    def run() -> int:
        if not arguments.sim:
            tables = chosen(tables_of(arguments), arguments.device)
            return _test(arguments, tables, TerminalHands(sys.stdin, sys.stderr), _log(arguments))
        # Here, not above: a terminal in service never loads anything of the simulated devices.
        from kiosk.technician.sim_bench import SimBench, with_every_class

        tables = chosen(with_every_class(tables_of(arguments)), arguments.device)
        with SimBench(paths.share_dir() / "config" / "sim.toml", tables) as bench:
            for name, reason in bench.left_out.items():
                sys.stderr.write(f"{name}: cannot be simulated here: {reason}\n")
            code = _test(arguments, bench.tables(), bench.hands(), None)
            return EXIT_WRONG if bench.left_out else code

    return guarded(run)


def _test(arguments: argparse.Namespace, tables: Tables, hands: TechnicianActions, log: SelftestLog | None) -> int:
    """Results against simulated devices are not kept: they say nothing about this terminal."""
    tests = []
    for subject in subjects(tables, devices_file(arguments)):
        tested = selftest(subject, hands, lambda: datetime.now(UTC))
        tests.append(tested)
        if log is not None:
            log.keep({subject.device_class: report.kept_row(tested)})
        if not arguments.json:
            print_lines(report.selftest_text(tested))
    if arguments.json:
        print_json(report.selftest_json(tests))
    return EXIT_WRONG if any(tested.result is Result.FAIL for tested in tests) else 0


def run_trace(arguments: argparse.Namespace) -> int:
    def waits_for(hand: str) -> None:
        # Sooner the device is not open yet, and what a hand does then is thrown away.
        print_lines([f"waiting up to {arguments.seconds:g} s for {hand}"])

    def run() -> int:
        (subject,) = subjects(chosen(tables_of(arguments), arguments.device), devices_file(arguments))
        describe = registry.describer(subject.device_class, subject.model)
        code = 0
        print_lines([f"{subject.device_class} {subject.model} {subject.port} from {report.stamp(datetime.now(UTC))}"])
        with tap.recording() as recording:
            try:
                probe(subject, arguments.seconds, waits_for)
            except (DeviceError, Overdue) as error:
                fault, code = verdict_of(error)[1], EXIT_WRONG
                ended = [f"{fault.code}: {fault.cause} {detail_of(error)}".rstrip(), f"    {fault.remedy}"]
            else:
                ended = []
            finally:
                close(subject.device)
            print_lines([*report.trace_text(describe(recording.passages())), *ended])
        return code

    return guarded(run)


def _log(arguments: argparse.Namespace) -> SelftestLog:
    return SelftestLog(state_dir(arguments))
