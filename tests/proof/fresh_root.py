"""`make proof-fresh`: the two commands of the README on a Debian 13 with its smallest set of packages.

A machine in use has what somebody once installed; a terminal has only what the lists name. So a minimal root is built
without recommended packages, a clone of the checkout is laid in it, and there `make setup` runs with the network, then
`make run` and `make test` with a loopback interface and no other. With a Python 3.11 or 3.12 that this machine has,
`make quick` runs there, too. What each step took and installed is written to out/proof/fresh.json.

Needs root. Everything runs in mount and process namespaces of its own, which end with this program however it ends.
Exit code 0: every step was green. The root is deleted; `--keep` leaves it and says where.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from drivers.sim.lifetime import ends_with_us

CHECKOUT = Path(__file__).resolve().parents[2]
OUT = CHECKOUT / "out" / "proof"
SUITE = "trixie"
FIRST_PACKAGES = "ca-certificates,make,git,python3,python3-venv"
INSIDE = "srv/tshu-pinn"
OLDER_INSIDE = "srv/tshu-pinn-older"
SETTINGS = ("etc/pip.conf", "etc/xdg/pip", "etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt", "etc/apt/apt.conf.d")
"""Of this machine: how its package managers reach their registries. Which packages they prefer stays behind."""
PACKAGE_VARIABLES = ("PIP_", "SSL_CERT_", "REQUESTS_CA_", "CURL_CA_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
OLDER = ("python3.12", "python3.11")

ENTER = """
set -eu
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/run"
if [ "$2" = alone ]; then exec unshare --net chroot "$1" python3 -c "$LOOPBACK" "$3" "$4"; fi
exec chroot "$1" /bin/sh -c 'cd "$1" && exec sh -c "$2"' sh "$3" "$4"
"""
"""sh -c ENTER sh ROOT with|alone FOLDER COMMAND: the command in the root, with this machine's network or with none."""
LOOPBACK = """
import fcntl, os, socket, struct, sys
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 0x41))  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING
os.chdir(sys.argv[1])
os.execv("/bin/sh", ["sh", "-c", sys.argv[2]])
"""
"""Brings up the loopback interface, which a new network namespace has switched off, and runs the command."""


@dataclass
class Step:
    name: str
    code: int
    seconds: float
    packages: int
    """Debian packages in the root afterwards."""


@dataclass
class Report:
    commit: str
    steps: list[Step] = field(default_factory=list)
    older_python: str = ""
    """The version that `make quick` ran with, or why it could not."""
    root_mb: int = 0

    @property
    def green(self) -> bool:
        return bool(self.steps) and all(step.code == 0 for step in self.steps)

    def write(self) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        whole = {"green": self.green, **asdict(self), "seconds": round(sum(step.seconds for step in self.steps), 1)}
        (OUT / "fresh.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


class Root:
    """A Debian root in a folder."""

    def __init__(self, folder: Path, report: Report) -> None:
        self.folder = folder
        self._report = report

    def build(self) -> bool:
        command = [
            *("mmdebstrap", "--variant=minbase", f"--include={FIRST_PACKAGES}"),
            *("--aptopt=APT::Install-Recommends \"false\"", "--aptopt=Acquire::Check-Valid-Until \"false\""),
            *(SUITE, str(self.folder), *_sources()),
        ]  # fmt: skip
        if not self._step("mmdebstrap", command):
            return False
        for name in SETTINGS:
            _copy(Path("/") / name, self.folder / name)
        sources = self.folder / "etc" / "apt" / "sources.list"
        sources.write_text("".join(f"{line}\n" for line in _sources()), encoding="utf-8")
        self.clone(INSIDE)
        return True

    def clone(self, place: str) -> None:
        """What is committed, and nothing else of the checkout."""
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(CHECKOUT), str(self.folder / place)], check=True)

    def run(self, name: str, command: str, *, place: str = INSIDE, alone: bool = False) -> bool:
        script = ["sh", "-c", ENTER, "sh", str(self.folder), "alone" if alone else "with", f"/{place}", command]
        line = ["env", f"LOOPBACK={LOOPBACK}", "unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", *script]
        return self._step(name, line)

    def _step(self, name: str, command: Sequence[str]) -> bool:
        print(f"proof-fresh: {name}", flush=True)
        began = time.monotonic()
        log = OUT / "logs" / f"fresh-{name.replace(' ', '-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as kept:
            process = subprocess.Popen(
                ends_with_us(command),
                stdout=kept,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=_environment(),
            )
            try:
                code = process.wait()
            finally:
                # Who is interrupted ends what runs in the root before the root is deleted.
                process.kill()
                process.wait()
        step = Step(name, code, round(time.monotonic() - began, 1), self._packages())
        self._report.steps.append(step)
        self._report.write()
        print(f"proof-fresh: {name}: exit code {code}, {step.seconds:.0f} s, {step.packages} packages", flush=True)
        if code:
            print("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:]), flush=True)
        return code == 0

    def _packages(self) -> int:
        status = self.folder / "var" / "lib" / "dpkg" / "status"
        return status.read_text(encoding="utf-8").count("\nStatus: install ok installed") if status.is_file() else 0

    def size_mb(self) -> int:
        done = subprocess.run(["du", "-sxm", str(self.folder)], capture_output=True, text=True, check=False)
        return int(done.stdout.split()[0]) if done.stdout else 0


def _environment() -> dict[str, str]:
    """Nothing of this machine's but how its package managers reach their registries."""
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(PACKAGE_VARIABLES)}
    kept.pop("PIP_FIND_LINKS", None)
    return {
        **kept,
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
        **({"CI": "true"} if os.environ.get("CI") else {}),
    }


def _sources() -> list[str]:
    """This machine's sources of the release, as lines of sources.list; those of a folder or of another release stay."""
    done = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT) $(REPO_URI)",
                           "Created-By: Packages"], capture_output=True, text=True, check=True)  # fmt: skip
    lines = []
    for found in sorted(set(done.stdout.splitlines())):
        site, release, component, uri = [*found.split(" "), "", "", "", ""][:4]
        if site and release.startswith(SUITE) and uri.startswith("http"):
            lines.append(f"deb {uri} {release} {component}")
    return lines


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copyfile(source, target)


def older_python(root: Root) -> tuple[str, str]:
    """A Python 3.11 or 3.12 of this machine, laid into the root at the same place: its program and its version.

    Debian 13 has none. The program is empty where this machine has none either, or where it does not run in the root;
    the second text then says so.
    """
    for name in OLDER:
        program = shutil.which(name)
        ask = "import sys; print(sys.base_prefix); print(sys.version.split()[0])"
        done = subprocess.run([program or "false", "-c", ask], capture_output=True, text=True, check=False)
        if done.returncode:
            continue
        prefix, version = done.stdout.split()
        if not prefix.startswith("/usr"):
            _copy(Path(prefix), root.folder / prefix.lstrip("/"))
            return f"{prefix}/bin/{name}", version
    return "", "neither Debian 13 nor this machine has Python 3.11 or 3.12"


def play(root: Root, report: Report, *, with_older: bool) -> None:
    if not (root.build() and root.run("make setup", "make setup")):
        return
    root.run("make run", "make run", alone=True)
    root.run("make test", "make test", alone=True)
    if not with_older:
        return
    program, report.older_python = older_python(root)
    if program:
        root.clone(OLDER_INSIDE)
        if root.run("make setup, older Python", f"PYTHON={program} make setup", place=OLDER_INSIDE):
            root.run("make quick, older Python", "make quick", place=OLDER_INSIDE, alone=True)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make proof-fresh", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--keep", action="store_true", help="leave the root and say where it is")
    parser.add_argument("--no-older", action="store_true", help="leave out `make quick` with an older Python")
    options = parser.parse_args(arguments)
    if os.geteuid() != 0:
        print("proof-fresh: a root is built by root; run it with sudo", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    report = Report(head.stdout.strip())
    folder = Path(tempfile.mkdtemp(prefix="tshu-pinn-fresh-", dir="/var/tmp"))
    folder.chmod(0o755)
    root = Root(folder / "root", report)
    try:
        play(root, report, with_older=not options.no_older)
        report.root_mb = root.size_mb()
        report.write()
    finally:
        if options.keep:
            print(f"proof-fresh: the root is {root.folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"proof-fresh: {'green' if report.green else 'NOT green'}, see out/proof/fresh.json")
    return 0 if report.green else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
