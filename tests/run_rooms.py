"""Run every room's tests and say what each used of its budget. `make test` is this and nothing more."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ROOMS = {
    "operations": (
        1,
        [["-m", "ruff", "check", "."], ["-m", "ruff", "format", "--check", "."], ["-m", "mypy"]],
        ["tests/architecture"],
    ),
    "line": (3, [], ["tests/unit", "tests/contract", "tests/faults", "tests/journeys"]),
    "devices": (3, [], ["tests/drivers", "tests/technician"]),
    "voice": (2, [], ["tests/voice"]),
    "access": (3, [], ["tests/ui"]),
    "back office": (3, [], ["tests/backoffice"]),
}
"""Room: minutes on 2 cores, checks, test folders."""


def run(arguments: list[str]) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode, done.stdout


def counted(output: str, word: str) -> int:
    found = re.findall(rf"(\d+) {word}", output)
    return int(found[-1]) if found else 0


def main() -> int:
    table: list[str] = []
    passed = failed = 0
    for room, (budget_min, checks, folders) in ROOMS.items():
        began = time.monotonic()
        results = [(" ".join(check[1:]), *run(check)) for check in checks]
        results.append(("pytest", *run(["-m", "pytest", "-m", "not proof", "--durations=3", *folders])))
        used_s = time.monotonic() - began
        for name, code, output in results:
            if name == "pytest":
                passed += counted(output, "passed")
                failed += counted(output, "failed") + counted(output, "error(?:s)?")
            if code:
                failed += name != "pytest" or not counted(output, "failed")
                print(f"--- {room}: {name} failed\n{output}")
        line = f"{room:12s} {used_s:6.0f} s of {budget_min * 60:4d} s"
        table.append(line + ("   OVER BUDGET" if used_s > budget_min * 60 else ""))
        print(line, "ok" if not any(code for _, code, _ in results) else "FAILED", flush=True)
    print("\nbudget by room\n" + "\n".join(table))
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
