"""Two front ends with the same page on X screens of their own, pressed and watched alike.

A finger is a button event of the X server's test extension. The picture is read from the server's own frame buffer
(`Xvfb -fbdir`), so that looking costs neither front end anything.
"""

from __future__ import annotations

import html
import json
import mmap
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from Xlib import X, display
from Xlib.ext import xtest

from drivers.sim.lifetime import ends_with_us

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WIDTH, HEIGHT = 1080, 1920
LIMIT_S = 20.0
LOOK_S = 0.0002
Point = tuple[int, int]


class Screen:
    """One Xvfb."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="front-")
        read, write = os.pipe()
        self._server = subprocess.Popen(
            ends_with_us(
                [
                    *("Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"),
                    *("-nolisten", "tcp", "-fbdir", self._folder.name),
                ]
            ),
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as told:
            self.name = f":{told.readline().strip()}"
        self.display = display.Display(self.name)
        with (Path(self._folder.name) / "Xvfb_screen0").open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = struct.unpack(">25I", self._memory[:100])
        # XWD: size of the header, bytes a line, number of colours (12 bytes each) before the pixels.
        self._line, self._start = header[12], header[0] + 12 * header[19]

    def pixel(self, at: Point) -> bytes:
        offset = self._start + at[1] * self._line + 4 * at[0]
        return self._memory[offset : offset + 3]

    def pixels(self, points: Iterable[Point]) -> tuple[bytes, ...]:
        return tuple(self.pixel(point) for point in points)

    def finger(self, at: Point, down: bool) -> None:
        xtest.fake_input(self.display, X.MotionNotify, x=at[0], y=at[1])
        xtest.fake_input(self.display, X.ButtonPress if down else X.ButtonRelease, 1)
        self.display.sync()

    def until_changed(self, points: tuple[Point, ...], before: tuple[bytes, ...]) -> float:
        """Seconds until every one of the points has another colour than before. :raises TimeoutError:"""
        began = time.perf_counter()
        while any(self.pixel(point) == old for point, old in zip(points, before, strict=True)):
            if time.perf_counter() - began > LIMIT_S:
                raise TimeoutError(f"no change at {points}")
            time.sleep(LOOK_S)
        return time.perf_counter() - began

    def until_equal(self, points: tuple[Point, ...], wanted: tuple[bytes, ...]) -> float:
        """Seconds until every point has its wanted colour. :raises TimeoutError:"""
        began = time.perf_counter()
        while self.pixels(points) != wanted:
            if time.perf_counter() - began > LIMIT_S:
                raise TimeoutError(f"not as wanted at {points}")
            time.sleep(LOOK_S)
        return time.perf_counter() - began

    def close(self) -> None:
        self.display.close()
        self._memory.close()
        self._server.terminate()
        self._server.wait()
        self._folder.cleanup()


class FrontEnd:
    """A process with its page on a screen."""

    def __init__(self, screen: Screen, command: list[str], environment: Mapping[str, str], *, talks: bool):
        self.screen = screen
        pipe = subprocess.PIPE if talks else subprocess.DEVNULL
        self._process = subprocess.Popen(
            ends_with_us(command),
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment, "DISPLAY": screen.name},
        )

    def ask(self, order: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        return self.told()

    def told(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def processes(self) -> list[int]:
        """Itself and all that it has started."""
        found, waiting = [], [self._process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                waiting += map(int, task.read_text().split())
        return found

    def pss_kb(self) -> int:
        """Proportional set size of all its processes."""
        total = 0
        for pid in self.processes():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                total += int(line.split()[1]) if line.startswith("Pss:") else 0
        return total

    def cpu_s(self) -> float:
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def kiosk(screen: Screen, *, stock: bool = False) -> FrontEnd:
    command = [sys.executable, str(HERE / "front_start.py"), *(["stock"] if stock else [])]
    # As installed: compiled files are kept, whatever the shell says that started the bench.
    return FrontEnd(screen, command, {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}, talks=True)


def browser(screen: Screen, page: Path, profile: Path) -> FrontEnd:
    command = [
        *("chromium", "--kiosk", "--no-first-run", "--no-default-browser-check", "--disable-extensions"),
        *("--disable-background-networking", "--disable-component-update", "--password-store=basic"),
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        *(f"--user-data-dir={profile}", f"--window-size={WIDTH},{HEIGHT}", "--window-position=0,0"),
        page.as_uri(),
    ]
    return FrontEnd(screen, command, {}, talks=False)


def _css(colour: Iterable[float], darker: float = 0.0) -> str:
    return "rgb(" + ",".join(str(round(part * (1 - darker) * 255)) for part in colour) + ")"


def page_of(nodes: Mapping[str, list[dict[str, Any]]], ground: str) -> str:
    """One document with the same boxes, words and colours; a button darkens while it is pressed and swaps the screen.

    The third screen is built when it is first wanted, as a page that nobody has visited would be.
    """
    screens = {name: "".join(_html_of(node) for node in parts) for name, parts in nodes.items()}
    return f"""<!doctype html><meta charset="utf-8"><title>equal page</title>
<style>html,body{{margin:0;overflow:hidden;background:{ground};font-family:'Noto Sans CJK SC';cursor:none}}
div,button{{position:absolute;box-sizing:border-box;padding:0}} .s{{inset:0}}
button{{border-style:solid;border-width:4px;border-radius:32px}} button:active{{filter:brightness(.78)}}
p{{position:absolute;margin:0;white-space:pre;line-height:1.34;pointer-events:none}}</style>
<script>
const made = {{}}, source = {json.dumps(screens)};
function show(name) {{
  for (const one of Object.values(made)) one.style.display = "none";
  if (!made[name]) {{
    const sheet = document.createElement("div");
    sheet.className = "s"; sheet.innerHTML = source[name]; document.body.append(sheet); made[name] = sheet;
  }}
  made[name].style.display = "block";
}}
addEventListener("click", event => {{
  const key = event.target.dataset.key;
  if (key === "choose.other") show("browse");
  if (key === "bar.back" || key === "welcome.start_nan") show("choose");
}});
addEventListener("DOMContentLoaded", () => show("welcome"));
</script><body>"""


def _html_of(node: dict[str, Any]) -> str:
    left, top, width, height = node["box"]
    place = f"left:{left}px;top:{top}px;width:{width}px;height:{height}px"
    if "button" in node:
        style = f"{place};background:{_css(node['fill'])};border-color:{_css(node['edge'])}"
        return f'<button data-key="{html.escape(node["button"])}" style="{style}"></button>'
    weight = 700 if node["bold"] else 400
    style = f"{place};font-size:{node['px']}px;font-weight:{weight};color:{_css(node['ink'])}"
    return f'<p style="{style}">{html.escape(chr(10).join(node["rows"]))}</p>'
