"""Import directions hold, and the check that says so can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import import_rules
import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_every_room_imports_only_what_it_may() -> None:
    found = import_rules.breaches(ROOT)
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("kiosk/domain/seeded.py", "import requests"),
        ("kiosk/domain/seeded.py", "from kiosk.app.visit.idle import IdleRule"),
        ("kiosk/app/seeded.py", "from drivers.id_card import sam_v"),
        ("kiosk/app/seeded.py", "import kivy"),
        ("kiosk/ui/seeded.py", "from kiosk.adapters.clock import SystemClock"),
        ("kiosk/adapters/seeded.py", "from voices.prompts import load_words"),
        ("drivers/seeded.py", "import kiosk.domain.visit.machine"),
        ("voices/seeded.py", "import drivers.api"),
        ("backoffice/seeded.py", "from kiosk.domain.visit import machine as visit"),
        ("backoffice/domain/seeded.py", "import sqlalchemy"),
        ("kiosk/app/seeded.py", "COMMAND = ['python', '-m', 'drivers.sim']"),
        ("drivers/seeded.py", "COMMAND = 'python -m backoffice serve'"),
        ("kiosk/app/seeded.py", "from . import idle"),
    ],
)
def test_a_seeded_breach_is_found(tmp_path: Path, file: str, line: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n")
    assert [breach.module.rpartition(".")[2] for breach in import_rules.breaches(tmp_path)] == ["seeded"]


def test_no_two_rooms_of_the_back_office_reach_each_other() -> None:
    assert import_rules.circles(ROOT, "backoffice") == []


def test_a_seeded_circle_is_found(tmp_path: Path) -> None:
    for room, other in (("intake", "casework"), ("casework", "visits"), ("visits", "intake")):
        folder = tmp_path / "backoffice" / room
        folder.mkdir(parents=True)
        (folder / "one.py").write_text(f"from backoffice.{other} import one\n")
    assert set(import_rules.circles(tmp_path, "backoffice")) == {
        f"backoffice.{room}" for room in ("intake", "casework", "visits")
    }


def test_the_domain_and_the_device_api_load_no_foreign_library() -> None:
    code = (
        "import sys, pkgutil, importlib, kiosk.domain, drivers.api\n"
        "for m in pkgutil.walk_packages(kiosk.domain.__path__, 'kiosk.domain.'): importlib.import_module(m.name)\n"
        "bad = {'kivy', 'serial', 'requests', 'cv2', 'sqlite3', 'sqlcipher3', 'pyttsx3', 'numpy'} & set(sys.modules)\n"
        "sys.exit(repr(bad) if bad else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
