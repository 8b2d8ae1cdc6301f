"""`kiosk demo`: with a display the kiosk to touch, without one the demo visit that leaves its evidence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from kiosk.adapters import paths
from kiosk.play.process import StageError
from kiosk.play.run_folder import EXTRA_DEVICES, OutUnusable, make_folder
from kiosk.play.stage import Stage

DEVICES = ("document_printer", "document_scanner", "id_face", "portrait")
"""What a terminal may have besides the four that each has: A4 paper, papers to photograph, a face, a passport."""

PAGE = {"page": {"title": "SPECIMEN", "lines": ["made up", "no living person"]}}
PERSON = {"portrait": {"people": 1, "person": 94}}

HELP = """\
The kiosk is open. Its devices are simulated; play them here:
  card NAME        lay that resident's card (a_kim, seventy_nine, dated_card, hmt, already_paid, rare_name)
  lift             take the card back
  paper ok|low|out
  cover open|shut
  plug | unplug    the headphone
  page             lay a paper under the camera; `page off` takes it away
  look             somebody looks into the camera; `look off`: nobody
  net cut|ok       the network to the back office
  quit
"""


def main(out: Path) -> int:
    display = os.environ.get("DISPLAY", "")
    if display:
        return _open(display, out)
    from kiosk.play.command import run

    return run([str(paths.share_dir() / "tests" / "journeys" / "demo.toml"), "--out", str(out)])


def _simulated() -> tuple[str, ...]:
    """Those of DEVICES that this machine can simulate; of the others it says what they lack."""
    there = []
    for name in DEVICES:
        twin = EXTRA_DEVICES[name][1].get("twin", name)
        argv = [sys.executable, "-m", "drivers.sim", str(twin), "--missing"]
        asked = subprocess.run(
            argv, cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True, check=False
        )
        lack = (asked.stdout or asked.stderr).strip()
        if lack:
            print(f"kiosk demo: without {name}: {lack}", file=sys.stderr)
        else:
            there.append(name)
    return tuple(there)


def _open(display: str, out: Path) -> int:
    """On the display that is there, until the window's process ends or `quit` is typed."""
    try:
        folder = make_folder(out)
    except OutUnusable as error:
        print(f"kiosk demo: {error}", file=sys.stderr)
        return 2
    voice = "alsa" if shutil.which("aplay") else "null"
    devices = _simulated()
    stage = Stage(folder, date=None, speech_speed=1.0, voice=voice, display=display, devices=devices)
    try:
        stage.set_up(payments=True)
        stage.start_kiosk()
        print(HELP, flush=True)
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            print(_obey(stage, line.split()), flush=True)
        else:
            stage.wait_kiosk()  # nobody types here: the kiosk decides when it ends
        return 0
    except StageError as error:
        print(f"kiosk demo: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 0
    finally:
        stage.stop_all()
        folder.remove()


def _obey(stage: Stage, words: list[str]) -> str:
    commands: dict[str, Callable[..., object]] = {
        "card": lambda name: stage.twin("id_card", "present", resident=name),
        "lift": lambda: stage.twin("id_card", "lift"),
        "paper": lambda state: stage.twin("receipt_printer", "paper", state=state),
        "cover": lambda state: stage.twin("receipt_printer", "cover", open=state == "open"),
        "plug": lambda: stage.twin("headphone", "insert"),
        "unplug": lambda: stage.twin("headphone", "remove"),
        "page": lambda off="": _show(stage, "document_scanner", PAGE, off),
        "look": lambda off="": _show(stage, "portrait", PERSON, off),
        "net": lambda state: stage.proxy.set_state("cut" if state == "cut" else "up"),
    }
    if not words:
        return ""
    command = commands.get(words[0])
    if command is None:
        return HELP
    try:
        stage.check_alive()
        command(*words[1:])
    except TypeError:
        return HELP
    except StageError as error:
        return str(error)
    return "ok"


def _show(stage: Stage, device: str, what: Mapping[str, object], off: str) -> None:
    if off == "off":
        stage.twin(device, "clear_view")
    else:
        stage.twin(device, "show", **what)
