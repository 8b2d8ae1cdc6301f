"""Runs a private CUPS scheduler (Debian cups-daemon) in front of the simulated document printer.

Its queue is raw and retries for ever, as CUPS does by default: what a spooler believes and does is CUPS' own. All
its files are in a folder of ours, it listens on loopback only, and the machine's own scheduler is not touched.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from drivers.sim._a4.ipp_peer import connects, free_port, program
from drivers.sim.faultbook import BadControl
from drivers.sim.lifetime import ends_with_us

QUEUE = "a4"
START_S = 10.0
_SCHEDULER = """Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
JobRetryInterval 1
PreserveJobHistory Yes
<Location />
  Order allow,deny
  Allow 127.0.0.1
</Location>
<Policy default>
  <Limit All>
    Order allow,deny
    Allow 127.0.0.1
  </Limit>
</Policy>
"""
_FILES = """ServerRoot {folder}/root
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/spool/tmp
AccessLog {folder}/log/access
ErrorLog {folder}/log/error
PageLog {folder}/log/page
SyncOnClose No
"""
_PRINTER = """<Printer {queue}>
Info Simulated A4 behind a spooler
DeviceURI {device}
State Idle
Accepting Yes
Shared No
ErrorPolicy retry-job
</Printer>
"""


class CupsPeer:
    """One scheduler with one queue."""

    def __init__(self, device_uri: str) -> None:
        """:raises BadControl: cupsd is missing, or does not come up."""
        scheduler = program("cupsd", "cups-daemon")
        # As root it prints as another user, who must get through to the documents.
        self._folder = Path(tempfile.mkdtemp(prefix="cups-"))
        self._folder.chmod(0o711)
        for name in ("root", "spool/tmp", "cache", "state", "log"):
            (self._folder / name).mkdir(parents=True)
        self.port = free_port()
        root = self._folder / "root"
        (root / "cupsd.conf").write_text(_SCHEDULER.format(port=self.port), encoding="ascii")
        (root / "cups-files.conf").write_text(_FILES.format(folder=self._folder), encoding="ascii")
        (root / "printers.conf").write_text(_PRINTER.format(queue=QUEUE, device=device_uri), encoding="ascii")
        files = ["-c", str(root / "cupsd.conf"), "-s", str(root / "cups-files.conf")]
        with (self._folder / "log" / "out").open("ab") as out:
            command = ends_with_us([scheduler, "-f", *files])
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self._await()

    def _await(self) -> None:
        deadline_s = time.monotonic() + START_S
        while not connects(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                words = (self._folder / "log" / "out").read_text(errors="replace")[-200:]
                self.end()
                raise BadControl(f"the spooler did not start: {words}")
            time.sleep(0.01)

    @property
    def uri(self) -> str:
        return f"ipp://127.0.0.1:{self.port}/printers/{QUEUE}"

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def missing() -> str:
    """What this machine lacks for a spooler; empty when nothing."""
    try:
        program("cupsd", "cups-daemon")
    except BadControl as lack:
        return str(lack)
    return ""
