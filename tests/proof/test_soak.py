"""Thousands of visits leave the memory as it was: by touches in the window, and in the machine behind it.

What is measured is the resident memory of the kiosk's own process; its collector runs by itself, as in the hall.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import linear_regression
from typing import Any

import pytest

from drivers.sim.lifetime import ends_with_us
from kiosk.play.hall import Hall
from kiosk.play.run_folder import environment, make_folder
from kiosk.play.stage import Stage

OUT = Path(__file__).parents[2] / "out/proof"
CONSOLE = Path(__file__).parents[1] / "journeys" / "visit_console.py"
pytestmark = [pytest.mark.proof, pytest.mark.timeout(1800)]

WINDOW_VISITS, ENGINE_VISITS = 500, 10_000
WARM = 100
"""Until then what is made once is made."""
MOST_MB_PER_100 = 1.0
MOST_GROWTH = 0.05
SAMPLE_EVERY = 10
PAGE_BYTES = 4096
HAND_S, FAREWELL_S = 0.6, 4.0
"""By the kiosk's clock, which is moved: it takes no second press sooner, and shows its farewell so long."""


def rss_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 1e6


def kept(name: str, result: dict[str, Any]) -> dict[str, Any]:
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def ordered(console: subprocess.Popen[str], order: dict[str, Any]) -> dict[str, Any]:
    assert console.stdin is not None and console.stdout is not None
    console.stdin.write(json.dumps(order) + "\n")
    console.stdin.flush()
    answer: dict[str, Any] = json.loads(console.stdout.readline())
    assert "error" not in answer, answer
    return answer


def press(hall: Hall, key: str, *screens: str) -> None:
    """A touch as soon as the button stands there, and the screen that it leads to."""
    hall.stage.advance_clock(HAND_S)
    shown = hall.follower.wait(lambda: bool(hall.tree.ready and hall.tree.find(key=key)), 15, hall.stage.check_alive)
    assert shown, f"{key} is not on {hall.tree.screen}"
    hall.display.touch(hall.tree.find(key=key)[0].middle_px, hold_s=0.02)
    hall.await_screen(*screens)


def visit(hall: Hall, lang: str) -> None:
    """In, to the card, and out again."""
    press(hall, f"welcome.start_{lang}", "choose")
    press(hall, "item.XA032.name", "identify")
    press(hall, "bar.leave", "leave", "wipe")
    if hall.tree.screen == "leave":
        press(hall, "leave.sure", "wipe")
    hall.stage.advance_clock(FAREWELL_S)
    hall.await_screen("welcome")


def test_500_visits_in_the_window_grow_by_a_megabyte_a_hundred_at_most() -> None:
    samples: list[tuple[int, float]] = []
    with Hall() as hall:
        for number in range(1, WINDOW_VISITS + 1):
            visit(hall, "nan" if number % 2 else "cmn")
            if number % SAMPLE_EVERY == 0:
                samples.append((number, rss_mb(hall.stage.kiosk_pid)))
    slope = linear_regression(*zip(*[one for one in samples if one[0] > WARM], strict=True)).slope * 100
    result = kept("soak_window.json", {"visits": number, "mb_per_100": round(slope, 3), "rss_mb": samples})
    assert result["visits"] == WINDOW_VISITS
    assert slope <= MOST_MB_PER_100


def test_10000_visits_in_the_engine_leave_no_error_and_no_memory() -> None:
    folder = make_folder(None)
    stage = Stage(folder, date=None, speech_speed=100, voice="null", display=":none")
    try:
        stage.set_up()
        with (
            (folder.logs / "kiosk.log").open("w") as log,
            subprocess.Popen(
                ends_with_us([sys.executable, str(CONSOLE), str(folder.config)]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(folder, ""),
            ) as console,
        ):
            assert ordered(console, {"await": "welcome"})["step"] == "welcome"
            # What the office answers is not what is measured: without it a visit is begun at once.
            stage.proxy.set_state("cut")
            result = kept("soak_engine.json", ordered(console, {"visits": ENGINE_VISITS}))
            assert console.stdin is not None
            console.stdin.close()
            assert console.wait(20) == 0
    finally:
        stage.stop_all()
        folder.remove()
    assert (result["visits"], result["errors"]) == (ENGINE_VISITS, 0)
    memory = result["rss_mb"]
    assert memory[-1] <= memory[1] * (1 + MOST_GROWTH), memory
