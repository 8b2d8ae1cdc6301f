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
