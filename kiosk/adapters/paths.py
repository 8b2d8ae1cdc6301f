"""The one place that knows where files lie: in a checkout, in an installed wheel, in a system package.

A checkout has `config/` and `assets/` beside the packages; a wheel and a Debian package install them
under `<prefix>/share/tshu-pinn/`. What a terminal writes lies in its state folder, never beside code.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path

SHARE = Path("share") / "tshu-pinn"


class NotInstalled(Exception):
    """The shared files are neither beside the code nor under the prefix."""


@lru_cache(maxsize=1)
def share_dir() -> Path:
    """The folder that holds `config/` and `assets/`. :raises NotInstalled:"""
    # The checkout, or the folder of installed packages, three below its prefix (<prefix>/lib/python3.x/site-packages).
    beside = Path(__file__).resolve().parents[2]
    prefix = beside.parents[2] if len(beside.parents) > 2 else beside
    installed = [beside, prefix, Path(sysconfig.get_path("data")), Path(sys.prefix), Path("/usr")]
    candidates = [beside, *(place / SHARE for place in installed)]
    for candidate in candidates:
        if (candidate / "config" / "schema").is_dir() and (candidate / "assets").is_dir():
            return candidate
    raise NotInstalled("config/ and assets/ not found in: " + ", ".join(map(str, candidates)))


def is_checkout() -> bool:
    """True where the shared files are sources, which a command may write anew."""
    return (share_dir() / "pyproject.toml").is_file()


def config_dir() -> Path:
    """The terminal's settings: `KIOSK_CONFIG`, else `/etc/tshu-pinn` when it exists, else the shipped ones."""
    named = os.environ.get("KIOSK_CONFIG")
    if named:
        return Path(named)
    system = Path("/etc/tshu-pinn")
    return system if (system / "terminal.toml").is_file() else share_dir() / "config"


def schema_dir() -> Path:
    return share_dir() / "config" / "schema"


def assets_dir() -> Path:
    return share_dir() / "assets"


SERVICE_STATE = Path("/var/lib/tshu-pinn")
"""Made by the service manager at the service's first start, for the user that it runs as."""


def default_state_dir() -> Path:
    """Where a terminal keeps its store when its configuration names no folder: where the service manager made one
    (systemd's StateDirectory=), also for a command typed by whoever may write there; else the user's own.
    """
    if given := os.environ.get("STATE_DIRECTORY", "").split(":")[0]:
        return Path(given)
    if os.access(SERVICE_STATE, os.W_OK | os.X_OK):
        return SERVICE_STATE
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "tshu-pinn"


def default_voice_dir() -> Path:
    """Where the install puts the built voice data (not in the repository, not in the wheel)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(os.environ.get("KIOSK_VOICE_DIR") or Path(base) / "tshu-pinn" / "voice")
