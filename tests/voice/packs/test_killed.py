"""Imports that are killed at any moment: the pack of before or the new one, never none, never half of one."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drivers.sim.lifetime import ends_with_us
from voices.packs import archive, signing
from voices.packs.shelf import Shelf
from voices.reading import Reading

from .packing import MINNAN, make, sign

ROOT = Path(__file__).resolve().parents[3]
OUT = ROOT / "out" / "proof"
KILLS = 60
CLIPS = 40


def version(folder: Path, key: Path, number: int) -> Path:
    """An archive of many clips that all have one pitch."""
    readings = [Reading("您好", f"li2 ho2{' | ho2' * n}") for n in range(CLIPS)]
    made = make(folder / str(number), MINNAN, *readings, hz=150.0 + 40 * number)
    return sign(made, key, folder / f"{number}.zip")


IMPORT = (
    "import sys; from pathlib import Path; from voices.packs import archive, signing\n"
    "keyring = signing.load_keyring(Path(sys.argv[3])); print('begins', flush=True)\n"
    "archive.bring_in(Path(sys.argv[1]), Path(sys.argv[2]), keyring); print('done', flush=True)\n"
)


def state(packs: Path) -> str:
    """Which version is on the shelf, every clip of it looked at."""
    shelf = Shelf.open(packs)
    assert not shelf.refused and len(shelf.packs) == 1
    (pack,) = shelf.packs
    for row in pack.rows:
        pack.clip(row)
    assert len(pack.rows) == CLIPS
    return pack.manifest.prompts_sha256


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_a_killed_import_leaves_the_former_pack_or_the_new_one(keys: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    archives = [version(tmp_path, keys / "district.private.pem", number) for number in range(2)]
    known = {archive.look(each).manifest.prompts_sha256 for each in archives}
    packs = tmp_path / "packs"
    archive.bring_in(archives[0], packs, signing.load_keyring(keys / "trusted"))
    whole_s = 0.0
    killed = finished = 0
    for attempt in range(KILLS):
        command = [sys.executable, "-c", IMPORT, archives[attempt % 2], packs, keys / "trusted"]
        with subprocess.Popen(
            ends_with_us(list(map(str, command))), cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begins\n"
            began_s = time.monotonic()
            if attempt:
                timer_s = chance.uniform(0.4, 1.2) * whole_s
                try:
                    process.wait(timeout=timer_s)
                except subprocess.TimeoutExpired:
                    process.kill()
            process.wait()
            whole_s = whole_s or time.monotonic() - began_s
            finished += process.returncode == 0
            killed += process.returncode != 0
        assert state(packs) in known
    archive.bring_in(archives[0], packs, signing.load_keyring(keys / "trusted"))
    assert not list((packs / ".versions").glob(".coming-*")), "what was left unfinished is swept"
    assert len(list((packs / ".versions" / MINNAN.id).glob("v-*"))) == 2
    assert killed > KILLS / 3, f"{killed} kills only hit"
    OUT.mkdir(parents=True, exist_ok=True)
    found = {"imports": KILLS, "killed": killed, "finished": finished, "half": 0}
    (OUT / "voice-packs-killed.json").write_text(json.dumps(found) + "\n", encoding="utf-8")
    print(found)
