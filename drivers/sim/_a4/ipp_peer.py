"""Runs CUPS' own `ippeveprinter` (Debian cups-ipp-utils) for the simulated document printer.

ippeveprinter wants a system message bus for DNS-SD even with announcing switched off. It gets one of its
own: a private dbus-daemon in a folder of ours. No avahi is needed (its client waits for one without end),
the machine's own bus is not touched, and it listens on loopback only.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
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

PATH_TO_PRINT = "/ipp/print"
START_S = 30.0
HOUSEKEEPING = "housekeeping"
"""The name of the job by which the printer's engine tells its state when nothing is printed."""

_BUS = """<busconfig><type>session</type><listen>unix:path={bus}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>
"""
_LETTER_ONLY = "ATTR keyword media-supported na_letter_8.5x11in\nATTR keyword media-default na_letter_8.5x11in\n"
_BUSY = 0x0507
_FIRST_PORT, _PORTS = 20_000, 12_000
"""Below what Linux gives to who asks for any port (net.ipv4.ip_local_port_range begins at 32768)."""
_APART = 61
"""How far apart neighbouring processes begin to look."""
_asked = itertools.count()
UNKNOWN_LEVEL = -2
"""What the form calls a tray whose sheets nobody counts."""


class IppPeer:
    """One printer: started and killed as power comes and goes, its files in `folder`."""

    def __init__(self, folder: Path, control: Path) -> None:
        """:raises BadControl: a program is missing; the text names its Debian package."""
        self._printer = program("ippeveprinter", "cups-ipp-utils")
        self._bus_program = program("dbus-daemon", "dbus-daemon")
        self._folder = folder
        self._control = control
        self._bus: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._format = ""
        self.port = 0

    def _write_engine(self) -> Path:
        """ippeveprinter runs one program a job and gives it the document's path.

        The port tells the engine of a printer that lost its power from the engine of its next life.
        """
        code = Path(__file__).resolve().parents[3]
        script = self._folder / "engine.sh"
        script.write_text(
            f'#!/bin/sh\nPYTHONPATH="{code}:$PYTHONPATH" exec "{sys.executable}" -m drivers.sim._a4.ipp_engine '
            f'"{self._control}" {self.port} "$@"\n',
            encoding="utf-8",
        )
        script.chmod(0o700)
        return script

    @property
    def is_on(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, formats: Sequence[str], letter_only: bool) -> None:
        """Switch on with an empty job list. :raises BadControl: it does not come up."""
        self._start_bus()
        spool = self._folder / "spool"
        shutil.rmtree(spool, ignore_errors=True)
        spool.mkdir()
        self.port = free_port()
        engine = self._write_engine()
        self._format = "image/pwg-raster" if letter_only else formats[0]
        options = [
            "-r",
            "off",
            "-n",
            "localhost",
            "-p",
            str(self.port),
            "-k",
            "-d",
            str(spool),
            "-c",
            str(engine),
        ]
        if letter_only:
            attributes = self._folder / "letter.conf"
            attributes.write_text(_LETTER_ONLY, encoding="ascii")
            options += ["-a", str(attributes)]  # excludes -f
        else:
            options += ["-f", ",".join(formats)]
        self._process = self._run([self._printer, *options, "Simulated A4"], "printer.log")
        self._await(lambda: connects(self.port))

    def _start_bus(self) -> None:
        if self._bus is not None:
            return
        settings = self._folder / "bus.conf"
        settings.write_text(_BUS.format(bus=self._folder / "bus"), encoding="utf-8")
        line = [self._bus_program, f"--config-file={settings}", "--nofork", "--nopidfile"]
        self._bus = self._run(line, "bus.log")
        self._await((self._folder / "bus").exists)

    def _run(self, line: Sequence[str], log: str) -> subprocess.Popen[bytes]:
        bus = f"unix:path={self._folder / 'bus'}"
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus, "HOME": str(self._folder), "LC_ALL": "C"}
        with (self._folder / log).open("ab") as out:
            return subprocess.Popen(
                ends_with_us(line),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment,
                cwd=self._folder,
            )

    def _await(self, is_there: object) -> None:
        assert callable(is_there)
        deadline_s = time.monotonic() + START_S
        while not is_there():
            gone = any(child is not None and child.poll() is not None for child in (self._bus, self._process))
            if gone or time.monotonic() > deadline_s:
                raise BadControl(f"the printer did not start: {self._last_words()}")
            time.sleep(0.01)

    def _last_words(self) -> str:
        logs = [self._folder / "bus.log", self._folder / "printer.log"]
        return " | ".join(log.read_text(errors="replace").strip()[-200:] for log in logs if log.exists())

    def kill(self) -> None:
        """The mains plug is pulled: no farewell."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def end(self) -> None:
        self.kill()
        if self._bus is not None:
            self._bus.terminate()
            self._bus.wait()
            self._bus = None

    def tray(self, sheets: int) -> None:
        """Fill or empty the tray by its web form; while it is empty no job starts, not even the engine's own."""
        # The by-pass tray must be named, too: left out it counts as empty, and the printer stays without paper.
        form = f"/media?size1=iso_a4_210x297mm&type1=stationery&level1={sheets}&level3={UNKNOWN_LEVEL}"
        self._http("GET", form, b"")

    def housekeeping(self) -> bool:
        """Run the engine without a document; False when the printer is busy with a job."""
        job = ((0x42, "requesting-user-name", "engine"), (0x42, "job-name", HOUSEKEEPING))
        answer = self._ask(0x0002, (*job, (0x49, "document-format", self._format)), b"state\n")
        status = int.from_bytes(answer[2:4], "big")
        if status >= 0x0100 and status != _BUSY:
            raise BadControl(f"the printer refused its own engine: status 0x{status:04x}")
        return status != _BUSY

    def is_idle(self) -> bool:
        """Whether it has heard all that its last engine said (printer-state 3)."""
        answer = self._ask(0x000B, ((0x44, "requested-attributes", "printer-state"),), b"")
        return answer.partition(b"printer-state\x00\x04")[2][:4] == b"\0\0\0\3"

    def _ask(self, operation: int, attributes: Sequence[tuple[int, str, str]], document: bytes) -> bytes:
        """One exchange (RFC 8010 3.1: version 2.0, operation, request 1, operation attributes, end, document)."""
        first = (
            (0x47, "attributes-charset", "utf-8"),
            (0x48, "attributes-natural-language", "en"),
            (0x45, "printer-uri", f"ipp://localhost:{self.port}{PATH_TO_PRINT}"),
        )
        body = struct.pack(">BBHIB", 2, 0, operation, 1, 0x01)
        for tag, key, value in (*first, *attributes):
            body += struct.pack(">BH", tag, len(key)) + key.encode() + struct.pack(">H", len(value)) + value.encode()
        return self._http("POST", PATH_TO_PRINT, body + b"\x03" + document)

    def _http(self, method: str, path: str, body: bytes) -> bytes:
        """:raises BadControl: it does not answer."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            try:
                connection.request(method, path, body, {"Content-Type": "application/ipp"})
                return connection.getresponse().read()
            except (OSError, http.client.HTTPException) as error:
                raise BadControl(f"the printer does not answer: {error}") from error


def missing() -> str:
    """What this machine lacks for a printer; empty when nothing."""
    try:
        for name, package in (("ippeveprinter", "cups-ipp-utils"), ("dbus-daemon", "dbus-daemon")):
            program(name, package)
    except BadControl as lack:
        return str(lack)
    return ""


def program(name: str, package: str) -> str:
    """Where it is installed. :raises BadControl: nowhere; the text names its Debian package."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise BadControl(f"{name} is missing: install the Debian package {package}")
    return found


def free_port() -> int:
    """A port that nobody listens on now, and that the kernel gives to nobody who asks for any port.

    Processes that look at the same time begin at different places.
    """
    for offset in range(_PORTS):
        port = _FIRST_PORT + (os.getpid() * _APART + next(_asked) + offset) % _PORTS
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise BadControl(f"no port from {_FIRST_PORT} on is free on this machine's loopback interface")


def connects(port: int) -> bool:
    """Whether somebody listens there on loopback."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
