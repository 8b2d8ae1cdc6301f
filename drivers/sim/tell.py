"""A hand at a simulated device, from the command line.

    python -m drivers.sim.tell RUNDIR/id_card '{"op": "present", "resident": "a_kim"}'

Waits until the device is there, sends one request to its control socket and writes the reply. Exit code 1 when the
device refuses.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from drivers.sim.client import Control, ControlError

START_S = 20.0
LOOK_AGAIN_S = 0.05


def _connected(control: Path) -> Control:
    """:raises OSError: no such device within `START_S`."""
    deadline_s = time.monotonic() + START_S
    while True:
        try:
            return Control(control)
        except OSError:
            if time.monotonic() >= deadline_s:
                raise
            time.sleep(LOOK_AGAIN_S)


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        sys.stderr.write((__doc__ or "").strip() + "\n")
        return 2
    port = Path(arguments[0])
    try:
        request = json.loads(arguments[1])
        with _connected(port.with_name(port.name + ".ctl")) as hands:
            reply = hands(request.pop("op"), **request)
    except (OSError, ControlError, ValueError, KeyError, AttributeError) as error:
        sys.stderr.write(f"{port.name}: {error}\n")
        return 1
    sys.stdout.write(json.dumps(reply, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
