"""One path resolver finds the shared files in a checkout and in an installed wheel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASK = (
    "from kiosk.adapters import paths; import kiosk, pathlib\n"
    "print(pathlib.Path(kiosk.__file__).parents[1]); print(paths.share_dir())\n"
    "assert (paths.schema_dir() / 'openapi.json').is_file() and any(paths.assets_dir().iterdir())\n"
    "from kiosk.adapters.words import VoicesWords\n"
    "from kiosk.domain.speech import Lang\n"
    "print(VoicesWords().show(Lang.NAN, 'welcome.invite', {}))\n"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project installed as a wheel, dependencies left out."""
    target = tmp_path_factory.mktemp("wheel")
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "--null", "-T", "-", "-cf", str(source / "s.tar")], cwd=ROOT, input=listed, check=True)
    subprocess.run(["tar", "-xf", "s.tar"], cwd=source, check=True)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*pip, str(source)], check=True, capture_output=True)
    return target


@pytest.mark.parametrize("where", ["checkout", "wheel"])
def test_shared_files_are_found(where: str, installed: Path, tmp_path: Path) -> None:
    code_at = ROOT if where == "checkout" else installed
    done = subprocess.run(
        [sys.executable, "-P", "-c", ASK],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(code_at)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    package, share, invited = done.stdout.splitlines()
    assert Path(package) == code_at and Path(share).is_relative_to(code_at)
    assert invited


SHIPPED = (
    "config/deploy/setup.sh",
    "config/deploy/tshu-pinn.service",
    "config/deploy/apt/terminal.txt",
    "config/deploy/apt/backoffice.txt",
    "docs/technician.md",
    "docs/adding-a-device.md",
    "tests/journeys/demo.toml",
)


def test_what_a_terminal_is_set_up_with_is_in_the_wheel(installed: Path) -> None:
    share = installed / "share" / "tshu-pinn"
    assert not [name for name in SHIPPED if (share / name).read_bytes() != (ROOT / name).read_bytes()]
    rules = {path.name for path in (ROOT / "config" / "deploy" / "udev").iterdir()}
    assert rules == {path.name for path in (share / "config" / "deploy" / "udev").iterdir()}
    assert not (share / "pyproject.toml").exists(), "the wheel passes for a checkout"


@pytest.mark.parametrize(
    ("command", "generated"), [("manual", "docs/technician.md"), ("keys", "config/schema/prompt_keys.json")]
)
def test_a_generated_file_is_printed_where_the_kiosk_is_installed(
    command: str, generated: str, installed: Path, tmp_path: Path
) -> None:
    before = _contents(installed)
    done = _kiosk(installed, tmp_path, command)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / generated).read_text(encoding="utf-8")
    assert _contents(installed) == before and not list(tmp_path.iterdir())

    done = _kiosk(installed, tmp_path, command, "--out", "here")
    assert done.returncode == 0 and (tmp_path / "here").read_text(encoding="utf-8") == (ROOT / generated).read_text(
        encoding="utf-8"
    )


def test_a_place_that_cannot_be_written_is_named(installed: Path, tmp_path: Path) -> None:
    done = _kiosk(installed, tmp_path, "manual", "--out", "nowhere/manual.md")
    assert done.returncode == 1
    assert done.stderr.strip() == "kiosk: nowhere/manual.md cannot be written: No such file or directory"


def _kiosk(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-B", "-m", "kiosk", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}
