"""Run every room's tests and say what each used of its budget. `make test` is this and nothing more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import children
from prerequisites import complaint, missing

from kiosk.play.registered import FOLDER_NAMED_BY

ROOT = Path(__file__).resolve().parents[1]

ROW_RESULTS = ROOT / "out" / "access"
"""What each test says for the rows of the access report."""

ENOUGH_BYTES = 4 << 30

CHECKS = [["-m", "ruff", "check", "."], ["-m", "ruff", "format", "--check", "."], ["-m", "mypy"]]

SCANNERS = [f"tests/drivers/test_{name}.py" for name in ("scanner_families", "code_scanner", "headphone")]
MANY_FAULTS = ["tests/drivers/matrix", "tests/drivers/fuzz", "tests/drivers/soak"]
SEEING = ["tests/drivers/vision", "tests/drivers/vision_faces", "tests/drivers/vision_papers"]
AIDS_AND_CARDS = ["tests/drivers/aids", "tests/drivers/chip", *SEEING]
SPEAKING = [
    f"tests/voice/test_{name}.py"
    for name in (
        *("driver", "worker", "speech_alsa", "speech_headphone", "speech_layers", "speech_order", "speech_pace"),
        *("speech_pipe", "speech_queue", "speech_say"),
    )
]
OTHER_VOICE = ["tests/voice", *(f"--ignore={path}" for path in SPEAKING)]
OTHER_DEVICES = [
    "tests/drivers",
    *(f"--ignore={path}" for path in ("tests/drivers/receipt", *SCANNERS, *MANY_FAULTS, *AIDS_AND_CARDS)),
]

STARTING = "tests/technician/test_start.py"
"""Starts that wait for a catalogue which does not come."""

LAYOUT, TEXT = "tests/ui/test_layout.py", "tests/ui/test_text.py"
LARGEST = "21.5-3"
"""The largest words on the narrowest panel: a third of all layout, for they need the most pages."""

TWELVE = ["tests/journeys/test_twelve.py"]
SHUT_IN = [f"tests/journeys/test_{name}.py" for name in ("escapes", "residue")]

STORING = [
    f"tests/backoffice/test_{name}.py"
    for name in ("process", "at_rest", "two_databases", "concurrency", "submission", "contract_client", "uploads")
]
ASKING = [
    f"tests/backoffice/test_{name}.py"
    for name in ("lookups", "lookups_answers", "lookups_gateway", "registers", "registers_facts", "population", "fuzz")
]
WORKING = [f"tests/backoffice/test_casework_{name}.py" for name in ("api", "limits", "notices")]
SERVING = [
    f"tests/backoffice/test_{name}.py"
    for name in ("signing", "feedback", "decisions", "instant_items", "rules", "visits", "ratings", "sites", "district")
]
OTHER_OFFICE = ["tests/backoffice", *(f"--ignore={path}" for path in (*STORING, *ASKING, *WORKING, *SERVING))]

ROOMS: dict[str, tuple[int, list[list[str]], list[list[str]]]] = {
    "operations": (1, CHECKS, [["tests/architecture", "tests/access"]]),
    # Journeys wait for paper, wire and voice: the line's other tests run beside them.
    "line": (
        3,
        [],
        [
            TWELVE,
            ["tests/journeys", *(f"--ignore={path}" for path in (*TWELVE, *SHUT_IN))],
            ["tests/unit", "tests/contract", "tests/faults"],
        ],
    ),
    # Wires wait for their bytes, strangers to see what comes of it: one group's waiting is another's turn.
    "devices": (
        3,
        [],
        [
            ["tests/drivers/receipt"],
            SCANNERS,
            MANY_FAULTS,
            AIDS_AND_CARDS,
            OTHER_DEVICES,
            [STARTING],
            ["tests/technician", f"--ignore={STARTING}"],
            SHUT_IN,
        ],
    ),
    # A voice takes its time to be heard: measuring goes on meanwhile.
    "voice": (2, [], [SPEAKING, OTHER_VOICE]),
    # A window each: layout is arithmetic over every screen, the rest draws.
    "access": (
        3,
        [],
        [
            [LAYOUT, "-k", LARGEST],
            [LAYOUT, TEXT, "-k", f"not {LARGEST}"],
            ["tests/ui", f"--ignore={LAYOUT}", f"--ignore={TEXT}"],
        ],
    ),
    # Every test of a database runs on both; each group has a PostgreSQL server of its own.
    "back office": (3, [], [STORING, [*ASKING, *WORKING], SERVING, OTHER_OFFICE]),
}
"""Room: minutes on 2 cores, checks, groups of test folders that run at the same time."""


@dataclass(frozen=True, slots=True)
class Done:
    name: str
    code: int
    output: str


def quick_folder(room: str) -> dict[str, str]:
    """Databases that live for one test are made in memory where there is room: what they keep on a disk that is cut
    off or killed is for `make proof`, and that they ask the disk at all is asked of their settings.
    """
    memory = Path("/dev/shm")
    if room != "back office" or not memory.is_dir() or shutil.disk_usage(memory).free < ENOUGH_BYTES:
        return {}
    return {"TMPDIR": str(memory)}


def run(name: str, arguments: list[str], **settings: str) -> Done:
    env = {**os.environ, "ACCESS_RESULTS": str(ROW_RESULTS), **settings}
    process = children.start([sys.executable, *arguments], env, subprocess.PIPE)
    output, _ = process.communicate()
    return Done(name, process.returncode, output.decode("utf-8", "replace"))


def run_room(checks: list[list[str]], groups: list[list[str]], **settings: str) -> list[Done]:
    done = [run(" ".join(check[1:]), check) for check in checks]
    tests = ["-m", "pytest", "-m", "not proof", "--durations=3"]
    with ThreadPoolExecutor(len(groups)) as pool:
        return done + list(pool.map(lambda folders: run("pytest", [*tests, *folders], **settings), groups))


def counted(output: str, word: str) -> int:
    found = re.findall(rf"(\d+) {word}", output)
    return int(found[-1]) if found else 0


def main() -> int:
    if lacking := missing():
        print(complaint(lacking), file=sys.stderr)
        return 1
    children.begin()
    shutil.rmtree(ROW_RESULTS, ignore_errors=True)
    ROW_RESULTS.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="registered-") as kept:
        os.environ[FOLDER_NAMED_BY] = kept
        return run_all()


def run_all() -> int:
    """Every room, then what the rows of the access report came to; prints as it goes."""
    table: list[str] = []
    passed = failed = 0
    for room, (budget_min, checks, groups) in ROOMS.items():
        began = time.monotonic()
        results = run_room(checks, groups, **quick_folder(room))
        used_s = time.monotonic() - began
        for line in children.left_behind():
            failed += 1
            print(f"--- {room}: a process was left behind: {line}")
        for done in results:
            if done.name == "pytest":
                passed += counted(done.output, "passed")
                failed += counted(done.output, "failed") + counted(done.output, "errors?")
            if done.code:
                failed += done.name != "pytest" or not counted(done.output, "failed")
                print(f"--- {room}: {done.name} failed\n{done.output}")
        over = used_s > budget_min * 60
        line = f"{room:12s} {used_s:6.0f} s of {budget_min * 60:4d} s" + ("   OVER BUDGET" if over else "")
        table.append(line)
        print(line, "FAILED" if any(done.code for done in results) else "ok", flush=True)
    rows = run("access rows", ["tests/access/report.py", str(ROW_RESULTS)])
    failed += bool(rows.code)
    print(f"\naccess rows (out/access-report.html)\n{rows.output}")
    print("budget by room\n" + "\n".join(table))
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
