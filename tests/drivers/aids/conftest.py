"""Real peers on the loopback interface alone, each ended by its own id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.sim._a4.ipp_peer import free_port
from drivers.sim.lifetime import ends_with_us

NUT = Path("/lib/nut")
"""Debian's programs themselves; /usr/sbin/upsd is a script that asks the machine's own configuration first."""
HAND = "hand"
START_S = 15.0


@dataclass(frozen=True)
class PowerService:
    """upsd with a dummy supply. `port` is what a devices.toml names."""

    port: str
    supply: subprocess.Popen[bytes]
    service: subprocess.Popen[bytes]

    def set(self, status: str) -> None:
        """As a hand at the mains switch."""
        command = ["upsrw", "-w", "-s", f"ups.status={status}", "-u", HAND, "-p", HAND, self.port]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0 and b"SUCCESS" in done.stdout, done.stdout.decode()

    def status(self) -> str:
        done = subprocess.run(["upsc", self.port, "ups.status"], capture_output=True, text=True)
        return done.stdout.strip()


def listens_at(port: int) -> set[str]:
    """Local IPv4 addresses, as /proc/net/tcp spells them, where somebody listens at that port."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(holds: Callable[[], bool], what: str) -> None:
    end_s = time.monotonic() + START_S
    while not holds():
        assert time.monotonic() < end_s, what
        time.sleep(0.05)


@pytest.fixture
def power_service(tmp_path: Path) -> Iterator[PowerService]:
    """NUT's dummy-ups and upsd as the system ships them, with a configuration of their own."""
    number = free_port()
    files = {
        "ups.conf": "pollinterval = 1\n[ups]\ndriver = dummy-ups\nmode = dummy-once\nport = supply.dev\n",
        "supply.dev": "ups.status: OL\nbattery.charge: 97\nbattery.runtime: 1200\ndevice.model: Dummy\n",
        "upsd.conf": f"LISTEN 127.0.0.1 {number}\nMAXAGE 2\n",
        "upsd.users": f"[{HAND}]\npassword = {HAND}\nactions = SET\ninstcmds = ALL\n",
        "nut.conf": "MODE=standalone\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="ascii")
        (tmp_path / name).chmod(0o600)
    environment = {**os.environ, "NUT_CONFPATH": str(tmp_path), "NUT_STATEPATH": str(tmp_path)}
    environment |= {"NUT_ALTPIDPATH": str(tmp_path), "NUT_QUIET_INIT_UPSNOTIFY": "true"}
    user = ["-u", "root"] if os.geteuid() == 0 else []
    with (tmp_path / "log").open("wb") as log:
        options: dict[str, object] = {"env": environment, "stdout": log, "stderr": log, "stdin": subprocess.DEVNULL}
        supply = subprocess.Popen(ends_with_us([str(NUT / "dummy-ups"), "-F", *user, "-a", "ups"]), **options)  # type: ignore[call-overload]  # options of mixed types
        service = subprocess.Popen(ends_with_us([str(NUT / "upsd"), "-F", *user]), **options)  # type: ignore[call-overload]  # as above
    made = PowerService(f"ups@127.0.0.1:{number}", supply, service)
    try:
        wait_for(lambda: made.status() == "OL", (tmp_path / "log").read_text())
        assert listens_at(number) == {"0100007F"}, "it serves more than this machine"
        yield made
    finally:
        end(supply)
        end(service)
