"""What a device fault is: one row each, for three audiences.

`code` goes into logs and small print, `cause` and `remedy` to the technician, `action` and
`recovery` to the program. What the resident hears is the text key `fault.<name>` in `voices/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """XFS4IoT Common error event `action`."""

    RESET = "reset"
    SOFTWARE_ERROR = "softwareError"
    CONFIGURATION = "configuration"
    CLEAR = "clear"
    MAINTENANCE = "maintenance"
    SUSPEND = "suspend"


class Recovery(StrEnum):
    """What the kiosk does by itself."""

    RETRY_ONCE = "retryOnce"
    ASK_RESIDENT = "askResident"
    WITHDRAW_CAPABILITY = "withdrawCapability"
    RECONNECT = "reconnect"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `name` is the text key's last part."""

    code: str
    name: str
    cause: str
    remedy: str
    action: Action
    recovery: Recovery


def fault(code: str, name: str, cause: str, remedy: str, action: Action, recovery: Recovery) -> Fault:
    """Put a row into the catalogue."""
    made = Fault(code, name, cause, remedy, action, recovery)
    CATALOGUE[code] = made
    return made


CATALOGUE: dict[str, Fault] = {}
