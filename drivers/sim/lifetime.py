"""A process started for a run ends when the process that started it is gone, however that one ended.

Linux delivers the signal (prctl(2), PR_SET_PDEATHSIG) when the *thread* that started the process ends. Start such a
process from a thread that lives as long as it is needed.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Sequence


def ends_with_us(command: Sequence[str], number: signal.Signals = signal.SIGKILL) -> list[str]:
    """The command line that runs `command` and ends it with this signal when we are gone.

    :raises FileNotFoundError: the program, or setpriv of util-linux, is not there.
    """
    return [_found("setpriv"), "--pdeathsig", number.name.removeprefix("SIG"), "--", _found(command[0]), *command[1:]]


def _found(program: str) -> str:
    """Daemons lie outside of many users' PATH."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if path is None:
        raise FileNotFoundError(f"no such program: {program}")
    return path
