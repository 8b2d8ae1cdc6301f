"""What must be installed before the first test begins: real peers are tested with, never left out.

Nothing here starts or installs anything; `config/deploy/setup.sh` installs, the tests start what they need on the
loopback interface and end it.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LISTS = tuple(ROOT / "config" / "deploy" / "apt" / f"{name}.txt" for name in ("terminal", "backoffice", "development"))
SYSTEM_FOLDERS = ("/usr/sbin", "/sbin", "/usr/local/sbin")
"""Where daemons lie; not on every user's PATH."""

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "xvfb": ("Xvfb",),
    "xauth": ("xauth",),
    "espeak-ng": ("espeak-ng",),
    "alsa-utils": ("aplay", "arecord"),
    "pcscd": ("pcscd",),
    "strace": ("strace",),
    "cups-ipp-utils": ("ippeveprinter", "ipptool"),
    "cups-daemon": ("cupsd",),
    "cups-client": ("lpadmin", "cancel"),
    "dbus-daemon": ("dbus-daemon",),
    "sane-utils": ("scanimage",),
    "nut-server": ("/lib/nut/upsd", "/lib/nut/dummy-ups"),
    "nut-client": ("upsc", "upsrw"),
    "postgresql": ("/usr/lib/postgresql/*/bin/initdb", "/usr/lib/postgresql/*/bin/postgres"),
}
"""Debian package -> the programs of it that the tests start, by name or by path; a star stands for the version."""


def listed(files: Iterable[Path] = LISTS) -> list[str]:
    """The packages of the lists, in their order."""
    lines = [line.strip() for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def find(program: str) -> bool:
    if program.startswith("/"):
        return any(Path("/").glob(program.lstrip("/")))
    return shutil.which(program) is not None or any((Path(folder) / program).is_file() for folder in SYSTEM_FOLDERS)


def not_installed(packages: Iterable[str]) -> list[str]:
    """Those that Debian's own list does not hold; none where there is no such list."""
    if shutil.which("dpkg-query") is None:
        return []
    command = ["dpkg-query", "-W", "-f", "${Package} ${Status}\n"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    there = {line.split()[0] for line in done.stdout.splitlines() if line.endswith("install ok installed")}
    return [package for package in packages if package not in there]


def missing(is_there: Callable[[str], bool] = find) -> list[str]:
    """One line for each thing that is missing; empty when the tests can begin."""
    lines = [f"package {package} is not installed" for package in not_installed(listed())]
    for package, programs in PROGRAMS.items():
        lines += [f"program {name} is missing (Debian: {package})" for name in programs if not is_there(name)]
    return lines


def complaint(lines: Iterable[str]) -> str:
    return "\n".join(["The tests cannot begin:", *(f"  - {line}" for line in lines), "Run `make setup` as root."])
