"""`kiosk rebind`: which port belongs to which device, and another device in an old one's place."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from drivers.transport import found as plugged
from drivers.transport.found import Found
from kiosk.adapters.settings.config import load_devices
from kiosk.adapters.settings.devices_file import DevicesFileError, backup_of, undo
from kiosk.adapters.settings.devices_file import rebind as write
from kiosk.app.technician.diagnostics import TechnicianActions
from kiosk.technician import rebind, udev
from kiosk.technician.rebind import NoSuchPort, NotRebound, Table, Tables
from kiosk.technician.shared import (
    EXIT_USAGE,
    EXIT_WRONG,
    chosen,
    config_dir,
    guarded,
    print_json,
    print_lines,
    subject_of,
)

Look = Callable[[], Sequence[Found]]


def add_arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("device", nargs="?", help="a table of devices.toml; without it what is plugged in is listed")
    made.add_argument("--to", metavar="PORT", help="the new port; without it you are guided through the exchange")
    made.add_argument("--undo", action="store_true", help="put devices.toml back as it was before the last rebind")
    made.add_argument("--udev", action="store_true", help="print the udev rule that gives the device a lasting name")


def run(arguments: argparse.Namespace, hands: TechnicianActions, look: Look = plugged.everything) -> int:
    """Exit code 1 when refused: then nothing was changed."""

    def work() -> int:
        path = config_dir(arguments) / "devices.toml"
        try:
            if arguments.undo:
                undo(path)
                print_lines([f"{path}: as before the last rebind; the version of just now is {backup_of(path).name}"])
                return 0
            tables = load_devices(path)
            if arguments.device is None:
                return _list(arguments, tables, look())
            table = chosen(tables, arguments.device)[arguments.device]
            if arguments.udev:
                return _print_rule(arguments.device, tables, look())
            return _rebind(path, arguments.device, table, tables, arguments.to, hands, look)
        except (NotRebound, DevicesFileError, udev.NoRule) as error:
            sys.stderr.write(f"kiosk: {error}\n")
            sys.stderr.write("kiosk: nothing was changed\n")
            return EXIT_USAGE if isinstance(error, NoSuchPort) else EXIT_WRONG

    return guarded(work)


def _rebind(
    path: Path, name: str, table: Table, tables: Tables, wanted: str | None, hands: TechnicianActions, look: Look
) -> int:
    model = str(table["model"])
    if wanted is None:
        kind = rebind.kind_of(name, model)
        if kind is None:
            raise NotRebound(f"{name} {model} hangs on no cable of this machine: name its address with --to")
        port = rebind.find_new(kind, hands, look).port
    else:
        port = rebind.port_for(name, model, wanted, look)
    proved = rebind.prove(name, table, port, tables, subject_of, hands)
    lines = [f"{name} {model} answers at {port}" + (f": {proved.firmware}" if proved.firmware else "")]
    if port == table.get("port"):
        print_lines([*lines, "it is bound there already: nothing to change"])
        return 0
    backup = write(path, name, port)
    print_lines([*lines, f"{path}: [{name}] port = {port} (before: {table.get('port')}; kept as {backup.name})"])
    return 0


def _print_rule(name: str, tables: Tables, found: Sequence[Found]) -> int:
    bound = [thing for thing in found if name in rebind.bound_to(thing, tables)]
    if len(bound) != 1:
        raise NotRebound(f"{len(bound)} things that are plugged in are [{name}]'s: {tables[name].get('port')}")
    print_lines([udev.rule(name, bound[0])])
    return 0


def _list(arguments: argparse.Namespace, tables: Tables, found: Sequence[Found]) -> int:
    if arguments.json:
        print_json({"found": [_row(thing, tables) for thing in found], "missing": _missing(found, tables)})
    else:
        print_lines(_text(found, tables))
    return 0


def _row(thing: Found, tables: Tables) -> dict[str, object]:
    return {
        "kind": thing.kind.value,
        "path": thing.path,
        "port": thing.port,
        "name": thing.name,
        "usb": thing.usb_id,
        "serial": thing.serial,
        "location": thing.location,
        "bound_to": rebind.bound_to(thing, tables),
    }


def _text(found: Sequence[Found], tables: Tables) -> Iterator[str]:
    for thing in found:
        bound = ", ".join(f"[{name}]" for name in rebind.bound_to(thing, tables)) or "free"
        about = " ".join(part for part in (thing.usb_id, thing.serial, thing.location, thing.name) if part)
        yield f"{thing.kind.value:17s} {thing.path:24s} {bound:24s} {about}".rstrip()
        if thing.port != thing.path:
            yield f"{'':17s} port = {thing.port}"
    for name in _missing(found, tables):
        yield f"[{name}] {tables[name].get('port')}: nothing that is plugged in"
    if not found:
        yield "nothing is plugged in that could be a device"


def _missing(found: Sequence[Found], tables: Tables) -> list[str]:
    """Devices on a cable of this machine whose port is neither plugged in nor an existing path."""
    bound = {name for thing in found for name in rebind.bound_to(thing, tables)}
    return [
        name
        for name, table in tables.items()
        if name not in bound
        and rebind.kind_of(name, str(table["model"])) is not None
        and not ((port := str(table.get("port", ""))).startswith("/") and Path(port).exists())
    ]
