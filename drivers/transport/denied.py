"""Tells a port that this program may not open from one that is not there: each wants another hand."""

from __future__ import annotations

import errno

from drivers import faults
from drivers.faults import Fault

_DENIED = (errno.EACCES, errno.EPERM)


def fault_of_opening(error: BaseException) -> Fault:
    """DEV-006 when the operating system refused this user, otherwise DEV-001. pyserial's errors carry errno, too."""
    return faults.DEV_DENIED if getattr(error, "errno", None) in _DENIED else faults.DEV_NOT_FOUND
