"""A generator that somebody else wrote makes a whole client of the published document, and that client does a case."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from drivers.sim.lifetime import ends_with_us

ROOT = Path(__file__).resolve().parents[3]
GENERATOR = "openapi-python-client==0.29.1"
"""In an environment of its own: its pins are not those of this project."""
SITE = "350213007007"
DOCUMENT = ROOT / "config" / "schema" / "openapi.json"
RESIDENTS = ROOT / "config" / "demo" / "residents.toml"

pytestmark = pytest.mark.proof


def _done(*argv: str | Path, **more: str) -> str:
    done = subprocess.run(argv, cwd=ROOT, env={**os.environ, **more}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the generator's programs."""
    place = tmp_path_factory.mktemp("generator")
    _done(sys.executable, "-m", "venv", place)
    _done(place / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", GENERATOR)
    return place / "bin"


@contextmanager
def _program(*arguments: str) -> Iterator[str]:
    argv = ends_with_us([sys.executable, "-m", "backoffice", *arguments])
    process = subprocess.Popen(argv, cwd=ROOT, text=True, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()


def _body(number: str) -> dict[str, object]:
    person = tomllib.loads(RESIDENTS.read_text("utf-8"))["a_kim"]
    fields = ("document", "name", "number", "birth", "address", "valid_until")
    return {
        "case_no": number,
        "item_id": "XA032",
        "item_version": 1,
        "consent_version": "2026-1",
        "applicant": {**{name: person[name] for name in fields}, "sex": str(person["sex"]), "source": "chip"},
        "form": {"account": "yes"},
        "commitment": None,
        "created_at": datetime.now(timezone(timedelta(hours=8))).isoformat(),
        "site": SITE,
        "lang": "nan",
        "boot_id": "boot-1",
        "monotonic_s": 12.5,
    }


def test_a_generated_client_has_every_schema_and_carries_a_case_to_its_end(
    tools: Path, tmp_path: Path, case_no: Callable[..., str]
) -> None:
    client = tmp_path / "office_client"
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    told = _done(
        tools / "openapi-python-client", "generate", "--meta", "none", "--path", DOCUMENT, "--output-path", client,
        PATH=path,
    )  # fmt: skip
    assert "removal of" not in told and "Unable to" not in told, told
    made = (client / "models" / "__init__.py").read_text("utf-8")
    schemas = json.loads(DOCUMENT.read_text("utf-8"))["components"]["schemas"]
    assert not [name for name, one in schemas.items() if "properties" in one and f'"{name}"' not in made]

    key, data, body = tmp_path / "device.key", str(tmp_path / "office"), tmp_path / "body.json"
    key.write_text(secrets.token_hex(32), "ascii")
    number = case_no(1, day=datetime.now(timezone(timedelta(hours=8))).strftime("%y%m%d"))
    body.write_text(json.dumps(_body(number)), "utf-8")
    add = ("device", "add", "F2", "--key-file", str(key), "--site-no", "007", "--site", SITE, "--data", data)
    _done(sys.executable, "-m", "backoffice", *add)
    shutil.copy(Path(__file__).with_name("generated_visit.py"), tmp_path)
    with ExitStack() as programs:
        lookups = programs.enter_context(_program("lookups", "--residents", str(RESIDENTS), "--port", "0"))
        url = programs.enter_context(_program("serve", "--data", data, "--port", "0", "--lookups", lookups))
        ended = json.loads(_done(tools / "python", tmp_path / "generated_visit.py", url, key, body))
    assert (ended["case"]["case_no"], ended["case"]["state"]) == (number, "decided")
    assert ended["case"]["decision"]["outcome"] == "approved" and ended["progress"]["state"] == "decided"
