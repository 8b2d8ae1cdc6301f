"""The office's unit, image and compose file name only what there is; none of them is built or started here."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

from backoffice.__main__ import _parser
from backoffice.api.probes import HEALTH

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "config" / "deploy"
UNIT = (DEPLOY / "tshu-pinn-office.service").read_text(encoding="utf-8")
IMAGE = (DEPLOY / "office.Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = (DEPLOY / "office.compose.yaml").read_text(encoding="utf-8")
VARIABLE = re.compile(r"\bBACKOFFICE_[A-Z_]+\b")


def test_what_they_start_is_a_command_that_the_office_has() -> None:
    started = re.search(r"^ExecStart=\S*/backoffice (.*)$", UNIT, re.MULTILINE)
    shown = re.search(r"^CMD \[(.*)\]$", IMAGE, re.MULTILINE)
    assert started and shown and 'ENTRYPOINT ["backoffice"]' in IMAGE
    for words in (shlex.split(started[1]), re.findall(r'"([^"]+)"', shown[1])):
        assert _parser().parse_args(words).port == 8350
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert "backoffice" in scripts


def test_every_variable_that_they_name_is_read_by_the_office() -> None:
    read = {name for path in (ROOT / "backoffice").rglob("*.py") for name in VARIABLE.findall(path.read_text("utf-8"))}
    for text in (UNIT, IMAGE, COMPOSE):
        assert set(VARIABLE.findall(text)) <= read


def test_the_image_has_all_that_the_wheel_is_made_of() -> None:
    copied = [source for line in re.findall(r"^COPY (.*) \S+$", IMAGE, re.MULTILINE) for source in line.split()]
    assert copied and not [source for source in copied if not (ROOT / source).exists()]
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packed = [name for names in setup["data-files"].values() for name in names]
    assert not [name for name in packed if not any(name == one or name.startswith(f"{one}/") for one in copied)]
    wanted = (DEPLOY / "apt" / "backoffice.txt").read_text(encoding="utf-8").splitlines()
    packages = {line for line in wanted if line and not line.startswith("#")} - {"python3-venv"}
    installed = re.search(r"--no-install-recommends (.*?) &&", IMAGE)
    assert installed and set(installed[1].split()) == packages
    assert "--require-hashes -r config/deploy/locked/backoffice.txt" in IMAGE


def test_the_image_is_asked_for_its_health_where_the_office_tells_it() -> None:
    asked = re.search(r"HEALTHCHECK .*http://127\.0\.0\.1:8350(/[^']+)'", IMAGE)
    assert asked and asked[1] == HEALTH
    assert "condition: service_healthy" in COMPOSE


def test_the_compose_file_shows_the_proxy_alone_to_the_outside() -> None:
    dockerfile = re.search(r"dockerfile: (\S+)", COMPOSE)
    assert dockerfile and (ROOT / dockerfile[1]).is_file()
    assert re.findall(r'- "(\d+:\d+)"', COMPOSE) == ["443:443"]
    assert 'network_mode: "service:office"' in COMPOSE


def test_unit_and_image_keep_the_data_in_one_place_that_nobody_else_reads() -> None:
    place = re.search(r"^Environment=BACKOFFICE_DATA=(\S+)$", UNIT, re.MULTILINE)
    assert place and f"StateDirectory={Path(place[1]).name}\n" in UNIT and "StateDirectoryMode=0700" in UNIT
    assert f"ENV BACKOFFICE_DATA={place[1]}\n" in IMAGE and f"VOLUME {place[1]}\n" in IMAGE
    assert re.search(r"^USER (?!root)\S+$", IMAGE, re.MULTILINE) and re.search(r"^User=(?!root)", UNIT, re.MULTILINE)
