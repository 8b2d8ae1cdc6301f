"""Writes the technician's manual from both fault catalogues, so that none of the three can differ from the others."""

from __future__ import annotations

import re
from collections.abc import Mapping

from drivers.faults import CATALOGUE, Action, Fault, Recovery
from kiosk.app.selftest.checks import LINE_MEANING, OPEN
from kiosk.app.selftest.running import OF_CLASS
from kiosk.app.technician import manual_screen
from kiosk.domain.faults import HOUSE_FAULTS

BY_ITSELF: Mapping[Recovery, str] = {
    Recovery.RETRY_ONCE: "It tries once more, silently; only then somebody is told.",
    Recovery.ASK_RESIDENT: "It asks the resident, on the screen and by voice, and goes on when she has acted.",
    Recovery.WITHDRAW_CAPABILITY: "It no longer offers what needs this device, says so, and offers it again when "
    "the device reports that it is well.",
    Recovery.RECONNECT: "It opens the device again, 0.5 s to 10 s apart, until it answers; the log has one line for "
    "the loss and one for the return.",
}
KIND: Mapping[Action, str] = {
    Action.RESET: "switch it off and on",
    Action.SOFTWARE_ERROR: "report to the makers",
    Action.CONFIGURATION: "check the settings",
    Action.CLEAR: "nothing to repair",
    Action.MAINTENANCE: "work at the device",
    Action.SUSPEND: "do not go on; ask the clerk",
}
GROUPS: Mapping[str, str] = {
    "DEV": "Any device",
    "CRD": "Identity-card reader",
    "CHP": "Chip-card reader",
    "PRN": "Receipt printer",
    "DOC": "Document printer (A4)",
    "SCN": "Code scanner",
    "CAM": "Camera",
    "PIC": "What lies under the camera",
    "FAC": "The printed face of a card, read by camera",
    "POR": "Somebody before the camera for faces",
    "SHT": "Document scanner",
    "BRD": "Lights and cabinet: their Modbus board",
    "CAB": "Cabinet",
    "UPS": "Uninterruptible power supply",
    "KEY": "Keypad",
}
"""Title of a block of codes; a new block stands under its own letters until it has one."""

_HEAD = """# The technician's manual

Written by `python -m kiosk manual` from `drivers/faults/`, `kiosk/domain/faults.py` and `kiosk/app/selftest/`; a test
fails when it differs. Change a row there, not here.

## Where to begin

    kiosk devices             what is configured, what answers, what is wrong, when it was last tested
    kiosk selftest            every check of every device; guided ones ask you to lay a card, plug a headphone, …
    kiosk selftest id_card    one device
    kiosk trace id_card       the bytes in both directions with their meaning; nothing personal is shown
    kiosk selftest --sim      the same checks against simulated devices: is it the program or the device?
    kiosk rebind              what is plugged in, with its identity, and whose it is
    kiosk rebind id_card      another reader in the old one's place, step by step
    kiosk report --out DIR    a page to sign, and a bundle for the makers
    kiosk explain PRN-004     what a code means and what to do, as it stands below

Stop the kiosk first: a device belongs to one program at a time. `--json` prints the same for a program. Exit
code 0: nothing is wrong; 1: something is, and its code stands below; 2: no such device; 78: the settings cannot be
used.

## Another device in an old one's place

`kiosk rebind DEVICE` asks you to unplug the old device and to plug in the new one; `--to PORT` names the new port
instead (a path, `usb:VID:PID:SERIAL`, `usb-location:BUS-PORT`, or a part of a chip-card reader's name). Then the device
is opened and asked. Only when the right kind has answered is the one line of `devices.toml` changed; comments and
layout stay, and the file as it was lies beside it. A device of another kind is refused by its name, and nothing is
changed. A scanner, a jack or a keypad that answers no question must be tried by your hand. `kiosk rebind --undo` puts
the file back. `kiosk rebind DEVICE --udev` prints the line that gives the device a lasting name, for
`config/deploy/udev/70-tshu-pinn.rules`.

## The report

`kiosk report` looks at every device and writes two files. The page says READY only when every device is online,
reports no fault and has passed its self-test with every guided check tried; otherwise it says what is missing. It has
the measured figures with their date, paper, health (the share of the last 50 commands that succeeded), what waits in
the outbox, versions, and what changed since the last report. The bundle holds the page, the settings without keys and
comments, the record of self-tests, a trace of each device and the journal, with a hash of each. Of the journal only the
program's own words pass; names, numbers and keys are hidden. Fonts come from where the screens' do; without them no
page is made, and it says so.
"""


def generate() -> str:
    """The whole document, with a line end."""
    parts = [_HEAD, *_checks(), manual_screen.section()]
    for prefix in dict.fromkeys(code.partition("-")[0] for code in CATALOGUE):
        rows = [fault for fault in CATALOGUE.values() if fault.code.startswith(f"{prefix}-")]
        parts.append(f"## {GROUPS.get(prefix, prefix)} ({prefix})\n")
        parts += [_device_fault(fault) for fault in rows]
    parts.append("## The terminal itself: store and back office\n")
    parts += [_entry(f"{row.code}", row.cause, row.remedy, row.by_itself, kind="") for row in HOUSE_FAULTS.values()]
    return "\n".join(parts)


def entry_of(code: str) -> str:
    """The manual's entry of one code, however it is typed. :raises LookupError: with the codes that are like it."""
    wanted = code.strip()
    if fault := CATALOGUE.get(wanted.upper()):
        return _device_fault(fault)
    if row := HOUSE_FAULTS.get(wanted) or HOUSE_FAULTS.get(wanted.lower()):
        return _entry(row.code, row.cause, row.remedy, row.by_itself, kind="")
    known = [*CATALOGUE, *HOUSE_FAULTS]
    group = re.split(r"[-._]", wanted.lower())[0]
    near = [one for one in known if one.lower().startswith(group)] or known
    raise LookupError(f"there is no code {wanted!r}; there are {', '.join(near)}")


def _checks() -> list[str]:
    """What each check of the self-test measures."""
    parts = [
        "## What the self-test measures\n",
        "A guided check needs your hand or your eye. Without a terminal it is not applicable and says why; a skipped\n"
        "one too. Every device has these two, the first and the last:\n",
        f"- `{OPEN.name}`: {OPEN.meaning}\n- `line`: {LINE_MEANING}\n",
    ]
    for name, checks in OF_CLASS.items():
        rows = [f"- `{check.name}`{' (guided)' if check.guided else ''}: {check.meaning}" for check in checks]
        parts.append("\n".join([f"### {name}\n", *rows, ""]))
    return parts


def _device_fault(fault: Fault) -> str:
    title = f"{fault.code} {fault.name.replace('_', ' ')}"
    return _entry(title, fault.cause, fault.remedy, BY_ITSELF[fault.recovery], KIND[fault.action])


def _entry(title: str, cause: str, remedy: str, by_itself: str, kind: str) -> str:
    to_do = f"{remedy} ({kind})" if kind else remedy
    return (
        f"### {title}\n\n- What happened: {cause}\n- What to do: {to_do}\n"
        f"- What the kiosk does by itself: {by_itself}\n"
    )
