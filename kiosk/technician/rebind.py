"""Which port belongs to which device, and the proof that the right kind of device answers at a port.

Nothing here writes; whoever does asks `prove` first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from drivers import registry
from drivers.api import Device, DeviceError, Identified
from drivers.faults import DEV_DENIED, DEV_NOT_FOUND
from drivers.transport.found import Found, Kind
from drivers.transport.serial_port import PortIdentity, serial_ports
from kiosk.app.selftest import Check, Pace, checks_of, selftest
from kiosk.app.selftest.checks import ASKED, IDENTITY, NOT_ASKED
from kiosk.app.technician.diagnostics import Examined, Overdue, Result, Subject, Task, TechnicianActions, close, within

Table = Mapping[str, object]
Tables = Mapping[str, Table]
Make = Callable[[str, Table], Subject]

KIND_OF_CLASS: Mapping[str, Kind] = {
    "id_card": Kind.SERIAL,
    "receipt_printer": Kind.SERIAL,
    "code_scanner": Kind.SERIAL,
    "lights": Kind.SERIAL,
    "cabinet": Kind.SERIAL,
    "headphone": Kind.INPUT,
    "keypad": Kind.INPUT,
    "chip_card": Kind.CHIP_READER,
    "document_scanner": Kind.CAMERA,
    "id_face": Kind.CAMERA,
    "portrait": Kind.CAMERA,
}
CAMERA_MODELS = "camera_"
ASK_S = 3.0
"""How long a driver is given to say whether its device is at a port that may be another's."""
APPEARS_S = 15.0
LOOK_AGAIN_S = 0.25
PROOF_PACE = Pace(rounds=3)


class NotRebound(Exception):
    """Nothing may be rebound; the text names why."""


def kind_of(device_class: str, model: str) -> Kind | None:
    """None for a device that hangs on no cable of this machine (network printer, power service)."""
    return Kind.CAMERA if model.startswith(CAMERA_MODELS) else KIND_OF_CLASS.get(device_class)


def bound_to(found: Found, tables: Tables) -> list[str]:
    """The devices whose port means this thing."""
    return [name for name, table in tables.items() if _means(name, table, found)]


def _means(device_class: str, table: Table, found: Found) -> bool:
    port = str(table.get("port", ""))
    if not port or kind_of(device_class, str(table["model"])) is not found.kind:
        return False
    if found.kind is Kind.CHIP_READER:
        return port.casefold() in found.path.casefold()
    if found.kind is Kind.SERIAL and not port.startswith("/"):
        wanted = _identity(port)
        return wanted is not None and any(p.device == found.path and wanted.matches(p) for p in serial_ports())
    return port == found.port or Path(port).resolve() == Path(found.path)


def _identity(port: str) -> PortIdentity | None:
    try:
        return PortIdentity.parse(port)
    except ValueError:
        return None


class NoSuchPort(NotRebound):
    """What was named is no port that a device of this model can have."""


def prove(name: str, table: Table, port: str, tables: Tables, make: Make, hands: TechnicianActions) -> Examined:
    """Have the device at `port` show that it is of the right kind. :raises NotRebound: with what is there instead."""
    for other, bound in tables.items():
        if other != name and _same_place(str(bound.get("port", "")), port):
            raise NotRebound(f"{port} is bound to [{other}]; rebind that one first")
    wanted = {**table, "port": port}
    try:
        checks = _proof(make(name, wanted))
    except ValueError as error:
        raise NoSuchPort(f"{port} is no port of {name}: {error}; `kiosk rebind` lists what is plugged in") from error
    unasked = any(check.guided for check in checks)
    if unasked and (stranger := who_answers(port, name, tables, make)):
        raise NotRebound(f"{port} is no {name}: {stranger} answers there")
    if unasked and (reason := hands.why_not()):
        raise NotRebound(f"{name} {table['model']} answers no question: it must be tried by hand ({reason})")
    proved = selftest(make(name, wanted), hands, lambda: datetime.now(UTC), PROOF_PACE, checks)
    if proved.result is not Result.PASS or not _all_tried(proved):
        hopeless = any(finding.fault in (DEV_NOT_FOUND, DEV_DENIED) for finding in proved.findings)
        stranger = "" if unasked or hopeless else who_answers(port, name, tables, make)
        raise NotRebound(f"{port} is no {name}: {stranger} answers there" if stranger else _why(proved, port))
    return proved


def _proof(subject: Subject) -> list[Check]:
    """One that can be asked is asked; one that only talks must be made to talk."""
    checks = list(checks_of(subject.device_class))
    if isinstance(subject.device, Identified):
        return [IDENTITY, *(check for check in ASKED if check in checks)]
    if checks[0] is NOT_ASKED[0]:
        return [check for check in checks if check in NOT_ASKED or check.guided]
    return [ASKED[0]]


def _all_tried(proved: Examined) -> bool:
    return all(finding.result is Result.PASS for finding in proved.findings)


def _why(proved: Examined, port: str) -> str:
    for finding in proved.findings:
        if finding.fault is not None:
            fault = finding.fault
            told = f"{port}: {finding.check} failed, {fault.code}: {fault.cause}"
            return " ".join(part for part in (told, finding.note, fault.remedy) if part)
        if finding.result is not Result.PASS:
            return f"{port}: {finding.check} {finding.result.value} {finding.note}".rstrip()
    return f"{port}: nothing could be tried"


def who_answers(port: str, name: str, tables: Tables, make: Make) -> str:
    """The other kind of device that answers at a serial port, by name; empty when none that can be asked does."""
    if kind_of(name, str(tables[name]["model"])) is not Kind.SERIAL or port.startswith("/dev/input/"):
        return ""
    for device_class, model, table in _askable(name, tables):
        try:
            subject = make(device_class, {**table, "model": model, "port": port})
        except ValueError:
            continue  # a model that cannot be made without settings of its own
        if _is_askable(subject.device) and _answers(subject.device):
            return f"{device_class} {model}"
    return ""


def _askable(name: str, tables: Tables) -> Iterator[tuple[str, str, Table]]:
    """Every model at a serial port, the configured ones with their own speed."""
    for device_class, kind in KIND_OF_CLASS.items():
        if kind is not Kind.SERIAL or device_class == name or device_class not in registry.FOLDER_OF_CLASS:
            continue
        configured = tables.get(device_class, {})
        for model in sorted(registry.models(device_class), key=lambda model: model != configured.get("model")):
            if kind_of(device_class, model) is Kind.SERIAL:
                yield device_class, model, configured if configured.get("model") == model else {}


def _is_askable(device: Device) -> bool:
    """Opening proves that the device is there only where opening asks it something: all but line scanners do."""
    return isinstance(device, Identified)


def _answers(device: Device) -> bool:
    def ask() -> bool:
        device.open()
        assert isinstance(device, Identified)
        return bool(device.identity())

    try:
        return within(ASK_S, device, ask)
    except (DeviceError, Overdue):
        return False
    finally:
        close(device)


def _same_place(one: str, other: str) -> bool:
    if not one or not other:
        return False
    if one.startswith("/") and other.startswith("/"):
        return Path(one).resolve() == Path(other).resolve()
    return one == other


def find_new(kind: Kind, hands: TechnicianActions, look: Callable[[], Sequence[Found]]) -> Found:
    """Guide the exchange and return what was plugged in. :raises NotRebound: nothing new came, or several things."""
    if reason := hands.why_not():
        raise NotRebound(f"{reason}; or name the port: --to PORT")
    hands.ask(Task.UNPLUG_OLD)
    before = {found.path: found for found in look() if found.kind is kind}
    hands.ask(Task.PLUG_NEW)
    deadline_s = time.monotonic() + APPEARS_S
    while True:
        new = [found for found in look() if found.kind is kind and before.get(found.path) != found]
        if new or time.monotonic() >= deadline_s:
            break
        time.sleep(LOOK_AGAIN_S)  # udev tells no one who has no library for it
    if len(new) != 1:
        told = ", ".join(found.port for found in new)
        raise NotRebound(
            f"{len(new)} new {kind.value}s: {told}" if new else f"no new {kind.value} came; is it plugged in?"
        )
    return new[0]


def port_for(name: str, model: str, wanted: str, look: Callable[[], Sequence[Found]]) -> str:
    """What devices.toml should say for `wanted`: an identity where `wanted` is a kernel's number."""
    kind = kind_of(name, model)
    return next((found.port for found in look() if found.kind is kind and found.path == wanted), wanted)
