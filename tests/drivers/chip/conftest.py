"""A real pcscd with the virtual reader vpcd, and a simulated card for its slot."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers import registry
from drivers.api import ChipCardReader
from drivers.sim._a4.ipp_peer import free_port
from drivers.sim.client import Control
from drivers.sim.lifetime import ends_with_us

REPOSITORY = Path(__file__).resolve().parents[3]
RESIDENTS = REPOSITORY / "config" / "demo" / "residents.toml"
VPCD = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SOCKET = "run/pcscd/pcscd.comm"
READER = "Virtual PCD"
START_S = 10.0


@dataclass
class Service:
    """A running pcscd: where its reader listens, and how to start a process that can reach it."""

    process: subprocess.Popen[bytes]
    enter: tuple[str, ...]
    vpcd_port: int
    comm: Path
    door: Path

    def select(self) -> None:
        """Let this process's PC/SC library talk to this service: the library takes the door's name only once."""
        fresh = self.door.with_suffix(".new")
        fresh.symlink_to(self.comm)
        fresh.replace(self.door)
        os.environ["PCSCLITE_CSOCK_NAME"] = str(self.door)

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _check_installed() -> None:
    missing = [package for package, there in (("pcscd", shutil.which("pcscd")), ("vsmartcard-vpcd", VPCD.exists()))
               if not there]  # fmt: skip
    if missing:
        pytest.fail(f"not installed: {' '.join(missing)} (see config/deploy/apt)")


def _can_be_private() -> bool:
    return subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True).returncode == 0


def _two_free_ports() -> int:
    """vpcd opens a port a slot, one after the other."""
    for _ in range(100):
        port = free_port()
        with socket.socket() as second:
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    pytest.fail("no two ports side by side are free on this machine's loopback interface")


def start_service(folder: Path, door: Path) -> Service:
    """Private where the machine allows it; otherwise the machine's only pcscd."""
    _check_installed()
    port = _two_free_ports()
    (folder / "vpcd").write_text(
        f'FRIENDLYNAME "{READER}"\nDEVICENAME /dev/null:{port:#x}\nLIBPATH {VPCD}\nCHANNELID {port:#x}\n'
    )
    with (folder / "pcscd.log").open("wb") as log:
        if private := _can_be_private():
            start = ["unshare", "--mount", "--net", sys.executable, str(Path(__file__).with_name("private_pcscd.py"))]
        else:
            start = ["pcscd", "--foreground", "--disable-polkit", "--config"]
        process = subprocess.Popen(ends_with_us([*start, str(folder)]), stdout=log, stderr=subprocess.STDOUT)
    comm = Path("/proc", str(process.pid), "root", SOCKET) if private else Path("/", SOCKET)
    enter = ("nsenter", "--net", "--target", str(process.pid)) if private else ()
    service = Service(process, enter, port, comm, door)
    deadline_s = time.monotonic() + START_S
    while not _answers(comm):
        if process.poll() is not None or time.monotonic() > deadline_s:
            service.end()
            pytest.fail(f"pcscd did not start: {(folder / 'pcscd.log').read_text()[-500:]}")
        time.sleep(0.02)
    service.select()
    return service


def _answers(comm: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(comm))
        except OSError:
            return False
        return True


@dataclass(frozen=True)
class Card:
    """The simulated card's control socket."""

    ctl: Control
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        self.ctl.close()
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def start_card(service: Service, folder: Path, slot: int = 0) -> Card:
    settings = {"residents_file": str(RESIDENTS), "vpcd_port": service.vpcd_port + slot, "contact_time_percent": 10}
    control = folder / f"chip_card{slot}.ctl"
    options = ["--link", str(folder / "chip_card"), "--control", str(control), "--settings", json.dumps(settings)]
    command = [*service.enter, sys.executable, "-m", "drivers.sim", "chip_card", *options]
    process = subprocess.Popen(ends_with_us(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n", "the card did not start"
    return Card(Control(control), process)


@pytest.fixture(scope="package")
def door(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("door") / "pcscd.comm"


@pytest.fixture(scope="package")
def service(door: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = start_service(tmp_path_factory.mktemp("pcscd"), door)
    yield running
    running.end()


@pytest.fixture(scope="package")
def card_process(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Card]:
    card = start_card(service, tmp_path_factory.mktemp("card"))
    yield card
    card.end()


@pytest.fixture
def card(card_process: Card) -> Iterator[Card]:
    yield card_process
    card_process.ctl("clear")
    card_process.ctl("lift")


@pytest.fixture
def another_service(service: Service, door: Path, tmp_path: Path) -> Iterator[Callable[[], Service]]:
    """Each call starts one more pcscd and turns the library to it."""
    started: list[Service] = []

    def start() -> Service:
        if not service.enter:
            pytest.skip("this machine allows one pcscd only")
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(start_service(folder, door))
        return started[-1]

    yield start
    for other in started:
        other.process.send_signal(signal.SIGCONT)
        other.end()
    service.select()


@pytest.fixture
def make_reader(service: Service) -> Iterator[Callable[..., ChipCardReader]]:
    made: list[ChipCardReader] = []

    def make(port: str = READER, slot: int = 0) -> ChipCardReader:
        reader = registry.create("chip_card", "pcsc_social", {"port": port, "slot": slot})
        assert isinstance(reader, ChipCardReader)
        made.append(reader)
        return reader

    yield make
    for reader in made:
        reader.close()


@pytest.fixture
def reader(card: Card, make_reader: Callable[..., ChipCardReader]) -> ChipCardReader:
    """Open, with an empty slot."""
    opened = make_reader()
    opened.open()
    assert opened.wait_removed(5.0)
    return opened
