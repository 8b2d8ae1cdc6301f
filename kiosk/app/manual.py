"""Writes the technician's manual from both fault catalogues, so that none of the three can differ from the others."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.faults import CATALOGUE, Action, Fault, Recovery
from kiosk.app import manual_screen
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
}
"""Title of a block of codes; a new block stands under its own letters until it has one."""

_HEAD = """# The technician's manual

Written by `python -m kiosk manual` from `drivers/faults.py` and `kiosk/domain/faults.py`; a test fails when it
differs. Change a row there, not here.

## Where to begin

    kiosk devices             what is configured, what answers, what is wrong, when it was last tested
    kiosk selftest            every check of every device; guided ones ask you to lay a card, plug a headphone, …
    kiosk selftest id_card    one device
    kiosk trace id_card       the bytes in both directions with their meaning; nothing personal is shown
    kiosk selftest --sim      the same checks against simulated devices: is it the program or the device?

Stop the kiosk first: a device belongs to one program at a time. `--json` prints the same for a program. Exit
code 0: nothing is wrong; 1: something is, and its code stands below; 78: the settings cannot be used.
"""


def generate() -> str:
    """The whole document, with a line end."""
    parts = [_HEAD, manual_screen.section()]
    for prefix in dict.fromkeys(code.partition("-")[0] for code in CATALOGUE):
        rows = [fault for fault in CATALOGUE.values() if fault.code.startswith(f"{prefix}-")]
        parts.append(f"## {GROUPS.get(prefix, prefix)} ({prefix})\n")
        parts += [_device_fault(fault) for fault in rows]
    parts.append("## The terminal itself: store and back office\n")
    parts += [_entry(f"{row.code}", row.cause, row.remedy, row.by_itself, kind="") for row in HOUSE_FAULTS.values()]
    return "\n".join(parts)


def _device_fault(fault: Fault) -> str:
    title = f"{fault.code} {fault.name.replace('_', ' ')}"
    return _entry(title, fault.cause, fault.remedy, BY_ITSELF[fault.recovery], KIND[fault.action])


def _entry(title: str, cause: str, remedy: str, by_itself: str, kind: str) -> str:
    to_do = f"{remedy} ({kind})" if kind else remedy
    return (
        f"### {title}\n\n- What happened: {cause}\n- What to do: {to_do}\n"
        f"- What the kiosk does by itself: {by_itself}\n"
    )
