"""The wheel in a Python that holds nothing else: it tells its version, opens its help and plays the demo visit."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.proof
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the installed commands."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder / "source")], check=True)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(folder), str(folder / "source")], check=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=True)
    install = [
        str(folder / "venv" / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "-q",
        "-c",
        str(ROOT / "constraints.txt"),
    ]
    subprocess.run([*install, f"{wheel}[kiosk,backoffice,dev]"], check=True)
    return folder / "venv" / "bin"


def run(program: Path, *words: str, folder: Path) -> str:
    """What it prints, run far from any checkout."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DISPLAY", "KIOSK_CONFIG")}
    done = subprocess.run([program, *words], cwd=folder, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def test_each_command_tells_its_version_and_opens_its_help(programs: Path, tmp_path: Path) -> None:
    for name in ("kiosk", "backoffice"):
        assert run(programs / name, "--version", folder=tmp_path).startswith(f"{name} ")
        assert f"usage: {name}" in run(programs / name, "--help", folder=tmp_path)
    for module in ("voices", "drivers.sim", "drivers.conformance"):
        told = run(programs / "python", "-m", module, "--version", folder=tmp_path)
        assert told.startswith(f"{module.partition('.')[0]} ")


def test_the_demo_visit_holds(programs: Path, tmp_path: Path) -> None:
    told = run(programs / "kiosk", "demo", "--out", "demo", folder=tmp_path)
    assert "everything holds" in told
    assert list((tmp_path / "demo").rglob("*.png"))
