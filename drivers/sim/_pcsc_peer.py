"""A smart-card service for one simulated card alone: `pcscd` and the virtual reader `vpcd`, out of everybody's way.

    python -m drivers.sim._pcsc_peer DOOR_DIR TWIN_ARGUMENTS…

Started by `enter` inside fresh mount and network namespaces: only loopback exists there, the service's socket
folder is DOOR_DIR (a client is sent there by PCSCLITE_CSOCK_NAME), and the machine's own pcscd is not touched.
It then becomes the twin, as whose child the service ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from drivers.sim.faultbook import BadControl
from drivers.sim.lifetime import ends_with_us

READER = "Virtual PCD"
VPCD_PORT = 35963
LIBRARY = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
INSIDE = "DRIVERS_SIM_PRIVATE_PCSCD"
"""Set in the environment of a process that has its service."""
RUN = Path("/run/pcscd")
COMM = "pcscd.comm"
DOOR = ".door"
START_S = 10.0
SIOCSIFFLAGS = 0x8914
IFF_UP_RUNNING = 0x41
_NAMESPACES = ("--mount", "--net")
_AS_ROOT_INSIDE = ("--user", "--map-root-user")


def missing() -> str:
    """What this machine lacks for a private service; empty when nothing."""
    lacking = [
        f"install the Debian package {package}"
        for package, there in (
            ("pcscd", _program("pcscd")),
            ("vsmartcard-vpcd", LIBRARY.exists()),
            ("util-linux", _program("unshare") and _program("setpriv")),
        )
        if not there
    ]
    if not lacking and not os.environ.get(INSIDE) and _way_in() is None:
        lacking.append(
            "a pcscd of its own needs root, or a kernel that lets users make namespaces "
            "(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0)"
        )
    return "; ".join(lacking)


def enter(link: Path, twin_arguments: Sequence[str]) -> None:
    """Become the same twin with a service beside it, whose socket is at `link`. Does not return.

    :raises BadControl: what is missing.
    """
    door_dir = link.with_name(link.name + DOOR)
    if lack := missing():
        raise BadControl(lack)
    way = _way_in()
    assert way is not None, "missing() has looked"
    door_dir.mkdir(exist_ok=True)
    code = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{code}{os.pathsep}{os.environ.get('PYTHONPATH', '')}", INSIDE: "1"}
    line = [*way, sys.executable, "-m", "drivers.sim._pcsc_peer", str(door_dir), *twin_arguments]
    os.execvpe(way[0], line, environment)


def _way_in() -> list[str] | None:
    """How new namespaces are made here, tried out; None when they cannot be."""
    unshare = _program("unshare")
    ways = [[unshare, *_NAMESPACES], [unshare, *_AS_ROOT_INSIDE, *_NAMESPACES]] if unshare else []
    for way in ways:
        if subprocess.run([*way, "true"], capture_output=True).returncode == 0:
            return way
    return None


def start_service(door_dir: Path) -> None:
    """Inside the namespaces. :raises BadControl: the service does not come up; with its last words."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP_RUNNING))
    _own_run_folder(door_dir)
    (door_dir / "vpcd.conf").write_text(
        f'FRIENDLYNAME "{READER}"\nDEVICENAME /dev/null:{VPCD_PORT:#x}\nLIBPATH {LIBRARY}\nCHANNELID {VPCD_PORT:#x}\n'
    )
    settings = door_dir / "readers"
    settings.mkdir(exist_ok=True)
    (door_dir / "vpcd.conf").replace(settings / "vpcd.conf")
    log = door_dir / "pcscd.log"
    with log.open("wb") as out:
        line = ["pcscd", "--foreground", "--disable-polkit", "--config", str(settings)]
        service = subprocess.Popen(ends_with_us(line), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    deadline_s = time.monotonic() + START_S
    while not (_answers(RUN / COMM) and _listens(VPCD_PORT)):
        if service.poll() is not None or time.monotonic() > deadline_s:
            raise BadControl(f"pcscd did not start: {log.read_text(errors='replace')[-300:]}")
        time.sleep(0.02)


def _own_run_folder(door_dir: Path) -> None:
    """`door_dir` in the place of the machine's socket folder, for this process's eyes only."""
    if not RUN.is_dir():
        # Where pcscd was never started its folder is missing, and /run is not always ours to write.
        subprocess.run(["mount", "-t", "tmpfs", "none", str(RUN.parent)], check=True)
        RUN.mkdir()
    subprocess.run(["mount", "--bind", str(door_dir), str(RUN)], check=True)


def _program(name: str) -> str:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") or ""


def _answers(comm: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(comm))
        except OSError:
            return False
        return True


def _listens(port: int) -> bool:
    """Looked up, not connected to: a connection would be a card that is put in."""
    wanted = f":{port:04X} "
    lines = Path("/proc/self/net/tcp").read_text().splitlines() + Path("/proc/self/net/tcp6").read_text().splitlines()
    return any(wanted in line and " 0A " in line for line in lines)


def main(arguments: Sequence[str]) -> int:
    from drivers.sim.__main__ import main as twin

    door_dir = Path(arguments[0])
    link = door_dir.with_suffix("")
    try:
        start_service(door_dir)
        link.unlink(missing_ok=True)
        link.symlink_to(door_dir / COMM)
        return twin(arguments[1:])
    except (BadControl, OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"chip_card: {error}\n")
        return 1
    finally:
        link.unlink(missing_ok=True)
        shutil.rmtree(door_dir, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
