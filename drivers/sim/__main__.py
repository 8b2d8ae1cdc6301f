"""The simulated devices.

    python -m drivers.sim up SIM_TOML --dir RUNDIR                    every device of a sim.toml
    python -m drivers.sim TWIN --link PATH --control PATH             one device, e.g. id_card
    python -m drivers.sim TWIN --faults                               what it can be told to do wrong
    python -m drivers.sim TWIN --missing                              what this machine lacks to run it, if anything

Writes `ready` when the links and control sockets exist. Ends on SIGTERM, SIGINT, or when stdin is a
pipe and that pipe ends.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from drivers.sim.core import BadControl, Twin, run
from drivers.sim.twins import NoSuchTwin, load
from drivers.sim.up import UpError, parent_pipe, up

DEVICE_NICENESS = -15


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _be_a_device() -> None:
    """A device has a processor of its own: a busy machine must not stall its line. Only root may ask for it."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, DEVICE_NICENESS)


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def _bench(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m drivers.sim up")
    parser.add_argument("plan", type=Path)
    parser.add_argument("--dir", type=Path, required=True, help="where the links and control sockets appear")
    options = parser.parse_args(arguments)
    up(options.plan, options.dir)


def _faults(twin: type[Twin]) -> dict[str, str]:
    return {name: text for model in twin.models or ("",) for name, text in twin.fault_names(model).items()}


def _table(text: str) -> dict[str, object]:
    try:
        made = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no JSON: {error}") from error
    if not isinstance(made, dict):
        raise argparse.ArgumentTypeError(f'{text!r} is no table; it looks like {{"baudrate": 9600}}')
    return made


def _one(name: str, arguments: list[str]) -> None:
    twin = load(name)
    if arguments == ["--faults"]:
        sys.stdout.writelines(f"{fault:<18} {text}\n" for fault, text in sorted(_faults(twin).items()))
        return
    if arguments == ["--missing"]:
        sys.stdout.write(twin.missing({}))
        return
    parser = argparse.ArgumentParser(prog=f"python -m drivers.sim {name}")
    parser.add_argument("--link", type=Path, required=True)
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--settings", type=_table, default={}, help="the device's table of sim.toml as JSON")
    parser.add_argument("--faults", action="store_true", help="alone: list what it can be told to do wrong")
    options = parser.parse_args(arguments)
    twin.prepare(options.settings, options.link, [name, *arguments])
    _be_a_device()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    run(twin(options.settings), options.link, options.control, parent_pipe(), _say_ready)


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when ended on purpose, 1 when a device did not start or broke, 2 for a wrong command line."""
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stdout.write(__doc__ or "")
        return 0 if arguments else 2
    if arguments[0] == "--version":
        from importlib.metadata import version  # a twin's start does without

        sys.stdout.write(f"drivers {version('tshu-pinn')}\n")
        return 0
    try:
        if arguments[0] == "up":
            _bench(arguments[1:])
        else:
            _one(arguments[0], list(arguments[1:]))
    except (UpError, NoSuchTwin, BadControl, OSError) as error:
        sys.stderr.write(f"{arguments[0]}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
