"""Before the first test: what is missing is named at once, and nothing is left out silently."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def prerequisites() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prerequisites", ROOT / "tests" / "prerequisites.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_its_peers_the_run_ends_at_once_and_names_program_and_package(tmp_path: Path) -> None:
    began_s = time.monotonic()
    run = [sys.executable, str(ROOT / "tests" / "run_rooms.py")]
    done = subprocess.run(run, env={**os.environ, "PATH": str(tmp_path)}, capture_output=True, text=True, timeout=30)
    assert time.monotonic() - began_s < 10
    assert done.returncode == 1
    assert "program scanimage is missing (Debian: sane-utils)" in done.stderr
    assert "program upsrw is missing (Debian: nut-client)" in done.stderr
    assert "make setup" in done.stderr
    assert not done.stdout, "a room has begun"


def test_each_missing_program_is_named_with_its_package(prerequisites: ModuleType) -> None:
    lines = prerequisites.missing(lambda program: program not in ("cupsd", "/lib/nut/upsd"))
    assert [line for line in lines if line.startswith("program")] == [
        "program cupsd is missing (Debian: cups-daemon)",
        "program /lib/nut/upsd is missing (Debian: nut-server)",
    ]


def test_every_program_comes_from_a_package_that_setup_installs(prerequisites: ModuleType) -> None:
    assert set(prerequisites.PROGRAMS) <= set(prerequisites.listed())


def test_a_package_that_is_not_there_is_found_missing(prerequisites: ModuleType) -> None:
    """Where there is no Debian, programs alone are looked for."""
    has_list = Path("/usr/bin/dpkg-query").exists()
    expected = ["no-such-package-at-all"] if has_list else []
    assert prerequisites.not_installed(["dpkg", "no-such-package-at-all"]) == expected


def test_packages_for_tests_alone_start_no_service_while_they_are_installed(tmp_path: Path) -> None:
    """setup.sh's own functions on a machine that lacks every package; its apt notes whether services are held."""
    policy, notes, programs = tmp_path / "policy-rc.d", tmp_path / "notes", tmp_path / "bin"
    no_cluster = tmp_path / "createcluster.d" / "tshu-pinn-tests.conf"
    programs.mkdir()
    for name, body in {
        "apt-get": f'[ "$1" = update ] || echo "$* $(cat {no_cluster}) $([ -x {policy} ] && echo HELD)" >> {notes}',
        "dpkg-query": "exit 1",
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{body}\n", encoding="ascii")
        (programs / name).chmod(0o755)
    script = (ROOT / "config" / "deploy" / "setup.sh").read_text(encoding="utf-8")
    functions = script[script.index("policy=") : script.index("find_python() {")]
    assert functions.count("/usr/sbin/policy-rc.d") == 1
    assert functions.count("/etc/postgresql-common/createcluster.d") == 1
    functions = functions.replace("/usr/sbin/policy-rc.d", str(policy))
    functions = functions.replace("/etc/postgresql-common/createcluster.d", str(no_cluster.parent))
    role = 'lists="terminal backoffice" tests=development'
    shell = f'set -eu\n{role}\nsay() {{ :; }}\nas_root() {{ "$@"; }}\n{functions}\ninstall_packages\n'
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    subprocess.run(["sh", "-c", shell], cwd=ROOT, env=environment, check=True, timeout=30)
    needed, for_letters, for_tests = notes.read_text().splitlines()
    assert "fonts-noto-cjk" in for_letters and "HELD" not in for_letters
    assert "pcscd" in needed and "HELD" not in needed
    assert "nut-server" in for_tests and for_tests.endswith("HELD")
    assert "postgresql" in for_tests and "create_main_cluster = false" in for_tests
    assert "create_main_cluster" not in needed
    assert not policy.exists(), "the machine's services stay held"
    assert not no_cluster.exists(), "the machine's clusters stay held"
