"""The real back office and its look-ups as processes, for proofs and fault tests."""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from drivers.sim.lifetime import ends_with_us

ROOT = Path(__file__).resolve().parents[3]
RESIDENTS = ROOT / "config/demo/residents.toml"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
DEVICE = "KP-007-1"


def person(key: str) -> dict[str, str]:
    """A fictitious resident as the applicant of a case."""
    record = tomllib.loads(RESIDENTS.read_text("utf-8"))[key]
    text = {
        name: str(record[name]) for name in ("document", "name", "number", "sex", "birth", "address", "valid_until")
    }
    return {**text, "source": "chip"}


class HereClock:
    """Of a terminal that stands on the same machine as its office."""

    def wall(self) -> datetime:
        return datetime.now().astimezone()

    def correct(self, by_s: float) -> None:
        raise AssertionError("the clock is right here")


ENDS_WITHIN_S = 30.0
"""It gives requests that are under way 15 s to end."""


def _end_with_parent() -> None:
    """A proof that is itself killed (a time-out of the tests) leaves no server behind. prctl(2), PR_SET_PDEATHSIG."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class RealOffice:
    def __init__(self, folder: Path, kept: Path | None = None) -> None:
        """:param kept: an office that knows the terminal and was not served yet lies there, or is left there by the
        first: the others begin with a copy of it.
        """
        self.folder = folder
        self.data = folder / "office"
        self.key_file = folder / "device.key"
        self._log = (folder / "office.log").open("ab")
        self._running: list[subprocess.Popen[bytes]] = []
        try:
            if kept is not None and kept.is_dir():
                shutil.copytree(kept / "office", self.data)
                shutil.copy2(kept / "device.key", self.key_file)
            else:
                self._register(kept)
            lookups = self._start("lookups", "--residents", str(RESIDENTS), "--port", "0")
            self.url = self._start("serve", "--data", str(self.data), "--port", "0", "--lookups", lookups)
        except BaseException:
            self.close()
            raise

    def _register(self, kept: Path | None) -> None:
        self.key_file.write_text(secrets.token_hex(32) + "\n", "ascii")
        self.key_file.chmod(0o600)
        self._command("device", "add", DEVICE, "--key-file", str(self.key_file), "--data", str(self.data))
        if kept is not None:
            shutil.copytree(self.data, kept / "office")
            shutil.copy2(self.key_file, kept / "device.key")

    def _start(self, *arguments: str) -> str:
        process = subprocess.Popen(
            ends_with_us([sys.executable, "-m", "backoffice", *arguments]),
            cwd=ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            preexec_fn=_end_with_parent,
        )
        self._running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"backoffice {arguments[0]} did not start:\n{self.log()}")
        return str(json.loads(line)["url"])

    def _command(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "backoffice", *arguments],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"backoffice {arguments[0]} failed:\n{self.log()}")
        return done.stdout

    def log(self) -> str:
        return (self.folder / "office.log").read_text("utf-8", "replace")[-2000:]

    def cases(self) -> list[dict[str, Any]]:
        cases: list[dict[str, Any]] = json.loads(self._command("cases", "--data", str(self.data), "--json"))
        return cases

    def close(self) -> None:
        for process in reversed(self._running):
            process.terminate()
        for process in self._running:
            process.wait(timeout=ENDS_WITHIN_S)
            if process.stdout:
                process.stdout.close()
        self._log.close()
