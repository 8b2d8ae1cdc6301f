"""The stage: Xvfb, simulated devices, look-ups, back office, the network between, and the kiosk.

Everything is started by name on free ports and ended by process id; the kiosk gets only paths and an
address and cannot tell.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from kiosk.play import registered
from kiosk.play.json_socket import Answer, RequestRefused, SocketGone, ask_once
from kiosk.play.process import Managed, StageError
from kiosk.play.proxy import Exchange, Proxy
from kiosk.play.run_folder import CHIP_CARD_DOOR, RunFolder, environment, residents_file, write_settings
from kiosk.play.virtual_display import start_xvfb

READY_S = 60.0
"""A process that is not ready by then will not be; on a busy machine of two cores a start takes 10 s."""
STAFF_NUMBER = "7"
"""Short: every digit costs the half second that the kiosk takes no second press."""
STOP_S = 5.0
"""SIGTERM must end the kiosk within this time."""


class Stage:
    """One run's processes. `stop_all` ends every one of them, whatever has happened."""

    def __init__(  # everything that a journey may say of its stage
        self,
        folder: RunFolder,
        *,
        date: datetime | None,
        speech_speed: float,
        voice: str,
        display: str = "",
        staff: bool = False,
        devices: Sequence[str] = (),
        clock_s: float = 0.0,
    ):
        """
        :param staff: somebody may enter technician mode, with a PIN that is new in every run.
        :param voice: `null`, `alsa`, or anything else for the paced sink that keeps a record.
        :param devices: which of EXTRA_DEVICES the terminal has.
        :param clock_s: how far the terminal's own clock is ahead of everyone else's when it starts.
        :param display: an X display that is there already; empty starts one without a screen.
        """
        self.folder = folder
        # Whole seconds: every process of the run and the player agree on the moment at which a code changes.
        self._office_offset_s = (
            float(round((date - datetime.now(date.tzinfo)).total_seconds())) if date is not None else 0.0
        )
        self._offset_s = self._office_offset_s + clock_s
        """What the kiosk's wall clock is ahead of the machine's; kept over a restart as a clock chip does."""
        self._settings: dict[str, dict[str, Any]] = {}
        self._speech_speed = speech_speed
        self._voice = voice
        self._devices = tuple(devices)
        self._lock = threading.RLock()
        self.exchanges: list[Exchange] = []
        self.proxy = Proxy(self._note_exchange)
        self.display = display
        self.lookups_url = ""
        self.payments_url = ""
        self.staff_pin = _new_pin() if staff else ""
        self._processes: dict[str, Managed] = {}
        self.exit_codes: list[int | None] = []
        """How the kiosk ended, each time it was told to stop."""
        self.left_behind = 0
        """Processes of the kiosk that outlived it."""

    # start

    def set_up(self, *, backoffice: bool = True, network: bool = True, payments: bool = False) -> None:
        """Everything but the kiosk. :raises StageError: with the last words of what did not start."""
        paced = f"paced:{self._speech_speed:g}:{self.folder.speech}"
        sink = self._voice if self._voice in ("null", "alsa") else paced
        self._settings = write_settings(self.folder, self.proxy.url, sink, self._devices)
        if not self.display:
            self._start_display()
        self._spawn(
            "twins", [*_python("drivers.sim"), "up", str(self.folder.sim_toml), "--dir", str(self.folder.twins)]
        )
        self._spawn("lookups", [*_python("backoffice"), "lookups", "--residents", str(residents_file()), "--port", "0"])
        self._register_device()
        self._add_staff()
        if payments:
            self._start_payments()
        self.lookups_url = self._await_url("lookups")
        self._processes["twins"].wait_line(lambda line: line.strip() == "ready", READY_S)
        if not network:
            self.proxy.set_state("cut")
        if backoffice:
            self.start_backoffice()

    @property
    def mount_height_mm(self) -> float:
        """Floor to the screen's upper edge, as terminal.toml says."""
        return float(self._settings["screen"]["mount_height_mm"])

    def _start_display(self) -> None:
        screen = self._settings["screen"]
        process, self.display = start_xvfb(
            screen["width_px"], screen["height_px"], self.folder.logs / "xvfb.log", environment(self.folder, "")
        )
        self._processes["xvfb"] = process

    def _register_device(self) -> None:
        """The back office knows a terminal by its key; `cases` of another device are not its business."""
        if registered.take(self.folder):
            return
        terminal = self._settings["terminal"]
        argv = ["device", "add", terminal["device"], "--key-file", str(self.folder.key_file)]
        self.run_backoffice([*argv, "--data", str(self.folder.office), "--site-no", terminal["site_no"]])
        registered.keep(self.folder)

    def _add_staff(self) -> None:
        """As a technician does it, once, at the terminal."""
        if not self.staff_pin:
            return
        argv = [*_python("kiosk"), "staff", "add", STAFF_NUMBER, "--config", str(self.folder.config)]
        typed = f"{self.staff_pin}\n{self.staff_pin}\n"
        env = environment(self.folder, self.display)
        done = subprocess.run(argv, input=typed, env=env, capture_output=True, text=True, timeout=READY_S, check=False)
        if done.returncode:
            raise StageError(f"kiosk staff add ended with {done.returncode}: {done.stderr.strip()}")

    def _start_payments(self) -> None:
        """The payment side: books in a file, a key that both sides hold, the clock of this run."""
        key = self.folder.payments_key
        key.write_text(secrets.token_hex(32), "ascii")
        argv = ["simulate", "payments", "--ledger", str(key.with_suffix(".jsonl")), "--key-file", str(key)]
        argv += ["--port", "0", "--now", (datetime.now().astimezone() + timedelta(seconds=self._offset_s)).isoformat()]
        self._spawn("payments", [*_python("backoffice"), *argv])
        self.payments_url = self._await_url("payments")

    def start_backoffice(self) -> None:
        argv = ["serve", "--data", str(self.folder.office), "--port", "0", "--lookups", self.lookups_url]
        if self.payments_url:
            argv += ["--payments", self.payments_url, "--payments-key-file", str(self.folder.payments_key)]
        if self._office_offset_s:
            # As an offset, so that a back office that is started again does not go back in time.
            argv += ["--clock-offset-s", str(round(self._office_offset_s))]
        self._spawn("backoffice", [*_python("backoffice"), *argv])
        url = urlsplit(self._await_url("backoffice"))
        assert url.hostname is not None and url.port is not None
        self.proxy.target = (url.hostname, url.port)

    def stop_backoffice(self) -> None:
        """The process is gone at once, as when its machine loses power."""
        self.proxy.target = None
        self._process("backoffice").kill()

    def start_kiosk(self) -> None:
        """Whoever follows the observer socket sees when it is ready."""
        for stale in (self.folder.observer, self.folder.clock):
            stale.unlink(missing_ok=True)
        argv = ["run", "--config", str(self.folder.config), "--clock-offset-s", f"{self._offset_s:.0f}"]
        self._spawn("kiosk", [*_python("kiosk"), *argv])

    # what happens to it

    @property
    def kiosk_pid(self) -> int:
        """:raises StageError: it does not run."""
        return self._process("kiosk").pid

    def check_alive(self) -> None:
        """:raises StageError: the kiosk ended though nobody asked for it."""
        kiosk = self._processes.get("kiosk")
        if kiosk is not None and not kiosk.running:
            raise StageError(f"the kiosk ended by itself with {kiosk.returncode}:\n{kiosk.last_words()}")

    def wait_kiosk(self) -> None:
        """Block until the kiosk has ended."""
        self._process("kiosk").wait()

    def kill_kiosk(self) -> None:
        with self._lock:
            kiosk = self._processes.pop("kiosk", None)
        if kiosk is not None:
            kiosk.kill()

    def stop_kiosk(self) -> None:
        """SIGTERM, as the service manager does."""
        with self._lock:
            kiosk = self._processes.pop("kiosk", None)
        if kiosk is not None:
            self.exit_codes.append(kiosk.stop(STOP_S))
            self.left_behind += len(kiosk.left_behind)

    def cut_power(self) -> None:
        """Kiosk, speech and devices are gone at the same moment; the town's machines are elsewhere."""
        with self._lock:
            victims = [self._processes.pop(name, None) for name in ("kiosk", "twins")]
        for victim in victims:
            if victim is not None:
                victim.freeze()
        for victim in victims:
            if victim is not None:
                victim.kill()

    def restore_power(self) -> None:
        self._spawn(
            "twins", [*_python("drivers.sim"), "up", str(self.folder.sim_toml), "--dir", str(self.folder.twins)]
        )
        self._processes["twins"].wait_line(lambda line: line.strip() == "ready", READY_S)
        self.start_kiosk()

    @property
    def office_url(self) -> str:
        """Where the back office listens, past the kiosk's network. :raises StageError: it does not run."""
        if self.proxy.target is None:
            raise StageError("the back office does not run")
        return "http://{}:{}".format(*self.proxy.target)

    def office_time_s(self) -> float:
        """What the back office believes it is, in seconds since 1970."""
        return time.time() + self._office_offset_s

    def advance_clock(self, seconds: float) -> None:
        self._offset_s += seconds
        self._clock("advance", seconds)

    def move_on(self, seconds: float) -> None:
        """So much later for the kiosk and for the back office, which is started again on the same data."""
        self.stop_backoffice()
        self._office_offset_s += seconds
        self.start_backoffice()
        self.advance_clock(seconds)

    def skew_clock(self, seconds: float) -> None:
        self._offset_s += seconds
        self._clock("skew", seconds)

    def twin(self, device: str, op: str, **options: object) -> Answer:
        """One command to a simulated device. :raises StageError: it refuses or is not there."""
        try:
            return ask_once(self.folder.control(device), {**options, "op": op})
        except (SocketGone, RequestRefused) as error:
            raise StageError(f"{device}: {op}: {error}") from error

    def sheets(self) -> int:
        """Whole documents that came out of the A4 printer."""
        if "document_printer" not in self._devices:
            return 0
        return sum(item["complete"] is True for item in self.twin("document_printer", "pages")["pages"])

    def sheet_pages(self) -> int:
        """Pages that came out of the A4 printer, of whole documents and of broken ones."""
        if "document_printer" not in self._devices:
            return 0
        return sum(int(item["pages"]) for item in self.twin("document_printer", "pages")["pages"])

    def charges(self) -> int:
        """How often the payment side took money, by its own books."""
        books = self.folder.payments_key.with_suffix(".jsonl")
        lines = books.read_text(encoding="utf-8").splitlines() if books.exists() else []
        return sum(json.loads(line)["op"] == "debit" for line in lines)

    def lookup_fault(self, **fault: object) -> None:
        request = urllib.request.Request(
            self.lookups_url + "/faults",
            data=json.dumps(fault).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10):
                pass
        except OSError as error:
            raise StageError(f"look-ups: {fault}: {error}") from error

    def payment_fault(self, kind: str, count: int) -> None:
        """Break the next orders at the payment side; `none` heals it."""
        heals = kind == "none"
        request = urllib.request.Request(
            self.payments_url + "/sim/faults",
            data=None if heals else json.dumps({"kind": kind, "count": count}).encode(),
            headers={"Content-Type": "application/json"},
            method="DELETE" if heals else "POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=10):
                pass
        except (OSError, ValueError) as error:
            raise StageError(f"payments: {kind}: {error}") from error

    def ledger(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The back office's cases, and what its audit chains hold of them, by its own command."""
        told = json.loads(self.run_backoffice(["cases", "--data", str(self.folder.office), "--json", "--audit"]))
        return list(told["cases"]), dict(told["audit"])

    def stop_all(self) -> None:
        """The kiosk first, so that it does not complain about what it stands on."""
        self.stop_kiosk()
        self.proxy.close()
        for name in ("backoffice", "payments", "lookups", "twins", "xvfb"):
            process = self._processes.pop(name, None)
            if process is not None:
                process.stop(3.0)

    # helpers

    def _process(self, name: str) -> Managed:
        if name not in self._processes:
            raise StageError(f"{name} does not run")
        return self._processes[name]

    def _spawn(self, name: str, argv: Sequence[str]) -> Managed:
        with self._lock:
            process = Managed(name, argv, self.folder.logs / f"{name}.log", self._environment())
            self._processes[name] = process
        return process

    def _environment(self) -> dict[str, str]:
        door = {CHIP_CARD_DOOR: str(self.folder.twins / "chip_card")} if "chip_card" in self._devices else {}
        return {**environment(self.folder, self.display), **door}

    def _await_url(self, name: str) -> str:
        line = self._processes[name].wait_line(lambda text: text.startswith("{") and '"ready"' in text, READY_S)
        return str(json.loads(line)["url"])

    def run_backoffice(self, argv: Sequence[str]) -> str:
        """A command of the back office that ends by itself; its output."""
        process = Managed(
            "backoffice " + argv[0],
            [*_python("backoffice"), *argv],
            self.folder.logs / "backoffice-commands.log",
            environment(self.folder, self.display),
        )
        code, text = process.finish(READY_S)
        if code:
            raise StageError(f"backoffice {' '.join(argv[:2])} ended with {code}:\n{process.last_words()}")
        return text

    def _clock(self, op: str, seconds: float) -> None:
        deadline_s = time.monotonic() + READY_S
        while True:
            try:
                ask_once(self.folder.clock, {"op": op, "s": seconds})
                return
            except RequestRefused as error:
                raise StageError(f"clock: {op} {seconds:g}: {error}") from error
            except SocketGone as error:
                # A kiosk that has just been started has no socket yet.
                self.check_alive()
                if time.monotonic() > deadline_s:
                    raise StageError(f"clock: {error}") from error
                time.sleep(0.02)

    def _note_exchange(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        with (self.folder.logs / "network.jsonl").open("a", encoding="utf-8") as file:
            fields = {name: getattr(exchange, name) for name in Exchange.__dataclass_fields__}
            file.write(json.dumps(fields) + "\n")


def _new_pin() -> str:
    """Six digits, all different and in no order."""
    while True:
        digits = secrets.SystemRandom().sample(range(10), 6)
        if len({(b - a) % 10 for a, b in pairwise(digits)}) > 2:
            return "".join(map(str, digits))


def _python(package: str) -> list[str]:
    return [sys.executable, "-m", package]
