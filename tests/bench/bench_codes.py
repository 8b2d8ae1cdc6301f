"""Codes by camera: our reading against each reader alone on a hard set, and what looking costs of a core.

The set is drawn anew in each run; its seed is printed, and CODES_SEED repeats it. Each image is one hard shot under
one of eleven conditions, seen as a stream: the same still with new tremor, noise and compression in each of at most
`FRAMES` frames. All readers get the same frames and may use all of them; a reader alone has read an image when any
frame gave the right text, ours only when its rules believed it. `CODES_IMAGES` draws more images a cell.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from bench_row import Row
from numpy.typing import NDArray
from pyzbar import pyzbar
from pyzbar.pyzbar import ZBarSymbol

from drivers.code_scanner.camera_codes import CameraCodes
from drivers.sim._camera import barcodes, optics
from drivers.sim.client import Control
from drivers.sim.lifetime import ends_with_us
from drivers.vision.codes.operation import CodesOp
from drivers.vision.codes.steps import CYCLE, FIRST
from drivers.vision.frames import Frame

REPOSITORY = Path(__file__).resolve().parents[2]
Gray = NDArray[np.uint8]

FRAMES = 13
"""Not quite a second: longer than that nobody holds a code still."""
FPS = 15
IMAGES_PER_CELL = 10
GOALS = {"qr": 70.0, "code128": 67.0, "ean13": 75.0}
LEAD_POINTS = 9.0
WIDTH_FACTOR = {"qr": 0.46, "code128": 1.7, "ean13": 1.25}
"""QR modules of 2.5 to 7 pixels, bars of 2 to 4: as a phone or a slip held at 20 cm before 720p."""
WIDTH_FACTOR_SMALL_QR = 0.8
"""Modules of 1.6 to 4.5 pixels; there is nothing to read below."""
CPU_S = 10.0
SETTLE_S = 6.0
"""When looking begins, whatever lies there is looked at closely for a while."""
IDLE_SHARE, PRESENT_SHARE = 0.10, 0.25

_ZXING = zxingcpp.barcode_formats_from_str("QRCode|PDF417|Code128|EAN13|EAN8|UPCA|Code39|ITF|Codabar")
_ZBAR = [ZBarSymbol[name] for name in ("QRCODE", "CODE128", "EAN13", "EAN8", "CODE39", "I25", "CODABAR")]


@dataclass(frozen=True, slots=True)
class Job:
    seed: int
    kind: str
    condition: str
    number: int


@dataclass(frozen=True, slots=True)
class Result:
    job: Job
    ours: bool
    ours_wrong: int
    ours_ms: float
    one_shot: bool
    one_shot_ms: float
    alone: dict[str, tuple[bool, bool, float]]
    """Reader -> read, wrong text given, milliseconds of CPU until read or given up."""


def payload(kind: str, rng: np.random.Generator) -> str:
    """Texts that every reader can spell: what is measured here is sight, not encodings."""

    def some(letters: str, count: int) -> str:
        return "".join(rng.choice(list(letters), count))

    if kind == "ean13":
        digits = "69" + some("0123456789", 10)
        return digits + barcodes.ean13_check(digits)
    if kind == "code128":
        return some("0123456789", int(rng.choice([16, 18])))
    shapes = (
        lambda: some("0123456789", 18),
        lambda: "https://pay.example.test/t/" + some("abcdefghkmnpqrstuvwxyz23456789", 16),
        lambda: some("0123456789abcdef", 64),
    )
    return shapes[int(rng.integers(len(shapes)))]()


def frames_of(job: Job) -> tuple[str, list[bytes]]:
    """The truth, and the stream as JPEG."""
    words = [
        job.seed,
        job.number,
        *(int.from_bytes(word.encode(), "big") & 0x7FFFFFFF for word in (job.kind, job.condition)),
    ]
    rng = np.random.default_rng(words)
    text = payload(job.kind, rng)
    drawn = barcodes.draw(job.kind, text.encode())
    factor = WIDTH_FACTOR_SMALL_QR if (job.kind, job.condition) == ("qr", "small") else WIDTH_FACTOR[job.kind]
    shot = optics.shoot(drawn, optics.CONDITIONS[job.condition], rng, factor)
    return text, [shot.compressed(rng) for _ in range(FRAMES)]


def read_ours(frames: Iterable[bytes], truth: str) -> tuple[bool, int, float]:
    """As the worker does it, frame by frame, until something is told."""
    op = CodesOp()
    op.start({})
    began_s, wrong = time.thread_time(), 0
    for at, data in enumerate(frames):
        told = [reply["text"] for reply in op.on_frame(Frame(data, at / FPS, at))]
        wrong += sum(text != truth for text in told)
        if truth in told:
            return True, wrong, (time.thread_time() - began_s) * 1000
    return False, wrong, (time.thread_time() - began_s) * 1000


def read_one_shot(data: bytes, truth: str) -> tuple[bool, float]:
    """All steps on one frame until one reads it: what a single picture would give, without a second sighting."""
    began_s = time.thread_time()
    gray = Frame(data, 0.0, 0).gray
    read = any(truth == found.text for step in (FIRST, *CYCLE) for found in step(gray))
    return read, (time.thread_time() - began_s) * 1000


def zxing_alone(gray: Gray) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(gray, formats=_ZXING)]


def zbar_alone(gray: Gray) -> list[str]:
    return [code.data.decode("utf-8", "replace") for code in pyzbar.decode(gray, symbols=_ZBAR)]


def opencv_qr_alone(gray: Gray) -> list[str]:
    """It raises on some pictures."""
    try:
        return [text] if (text := cv2.QRCodeDetector().detectAndDecode(gray)[0]) else []
    except cv2.error:
        return []


def opencv_bars_alone(gray: Gray) -> list[str]:
    return [text] if (text := cv2.barcode.BarcodeDetector().detectAndDecode(gray)[0]) else []


_BOTH: dict[str, Callable[[Gray], list[str]]] = {"zxing-cpp": zxing_alone, "pyzbar": zbar_alone}
ALONE: dict[str, dict[str, Callable[[Gray], list[str]]]] = {
    "qr": {**_BOTH, "OpenCV": opencv_qr_alone},
    "code128": _BOTH,
    "ean13": {**_BOTH, "OpenCV": opencv_bars_alone},
}
"""OpenCV has a reader for each of two kinds, and none for Code 128."""


def read_alone(read: Callable[[Gray], list[str]], frames: Iterable[bytes], truth: str) -> tuple[bool, bool, float]:
    began_s, wrong = time.thread_time(), False
    for data in frames:
        texts = read(Frame(data, 0.0, 0).gray)
        wrong = wrong or any(text != truth for text in texts)
        if truth in texts:
            return True, wrong, (time.thread_time() - began_s) * 1000
    return False, wrong, (time.thread_time() - began_s) * 1000


def measured(job: Job) -> Result:
    cv2.setNumThreads(1)
    truth, frames = frames_of(job)
    alone = {name: read_alone(read, frames, truth) for name, read in ALONE[job.kind].items()}
    return Result(job, *read_ours(frames, truth), *read_one_shot(frames[0], truth), alone)


def interval(rate: float, count: int) -> str:
    """Wilson's 95 % interval."""
    z = 1.96
    middle = (rate + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    return f"95 % interval {100 * (middle - half):.0f} to {100 * (middle + half):.0f}, n = {count}"


def reading_rows(kind: str, results: list[Result]) -> list[Row]:
    count = len(results)
    rate = sum(result.ours for result in results) / count
    alone = {name: 100 * sum(result.alone[name][0] for result in results) / count for name in ALONE[kind]}
    wrong_alone = {name: sum(result.alone[name][1] for result in results) for name in ALONE[kind]}
    ms_alone = {name: sum(result.alone[name][2] for result in results) / count for name in ALONE[kind]}
    ours_ms = sum(result.ours_ms for result in results) / count
    best = max(alone, key=alone.__getitem__)
    one_shot = 100 * sum(result.one_shot for result in results) / count
    one_shot_ms = sum(result.one_shot_ms for result in results) / count
    told = ", ".join(
        f"{name} {alone[name]:.0f} % {ms_alone[name]:.0f} ms {wrong_alone[name]} wrong" for name in ALONE[kind]
    )
    return [
        Row(
            f"codes: {kind} read, %", 100 * rate, at_least=GOALS[kind], note=f"({interval(rate, count)}; alone: {told})"
        ),
        Row(
            f"codes: {kind} points over the best reader alone",
            100 * rate - alone[best],
            at_least=LEAD_POINTS,
            note=f"({best})",
        ),
        Row(
            f"codes: {kind} ms CPU an image / the best reader alone",
            ours_ms / ms_alone[best],
            note=f"({ours_ms:.0f} ms)",
        ),
        Row(f"codes: {kind} read from one frame, %", one_shot, note=f"({one_shot_ms:.0f} ms)"),
    ]


def by_condition(results: list[Result]) -> str:
    lines = []
    for condition in optics.CONDITIONS:
        cells = []
        for kind in GOALS:
            here = [result for result in results if (result.job.kind, result.job.condition) == (kind, condition)]
            best = max(sum(result.alone[name][0] for result in here) for name in ALONE[kind])
            cells.append(f"{kind} {sum(result.ours for result in here)}/{len(here)} (alone {best})")
        lines.append(f"#   {condition:12s} {'   '.join(cells)}")
    return "\n".join(lines)


@contextmanager
def camera_twin(folder: Path) -> Iterator[tuple[Path, Control]]:
    link, control = folder / "camera", folder / "camera.ctl"
    command = [sys.executable, "-m", "drivers.sim", "camera", "--link", str(link), "--control", str(control)]
    process = subprocess.Popen(
        ends_with_us([*command, "--settings", json.dumps({"fps": FPS})]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        with Control(control) as hands:
            yield link, hands
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def cpu_s(pid: int) -> float:
    """User and system time of a process (proc(5): fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share(scanner: CameraCodes, action: Callable[[], object]) -> float:
    """Of one core, over at least `CPU_S`, while someone reads all the time."""
    pid = scanner.worker_pid
    assert pid is not None
    began_s, before_s = time.monotonic(), cpu_s(pid)
    while (spent_s := time.monotonic() - began_s) < CPU_S:
        action()
        scanner.read(1.0)
    return (cpu_s(pid) - before_s) / spent_s


def cpu_rows() -> list[Row]:
    """The worker process alone, from the simulated camera's real stream."""
    with tempfile.TemporaryDirectory() as folder, camera_twin(Path(folder)) as (link, hands):
        scanner = CameraCodes({"port": str(link)})
        scanner.open()
        try:
            scanner.read(SETTLE_S)
            idle = share(scanner, lambda: None)
            hands("show", text="2007026112400019", symbology="qr")
            assert scanner.read(5.0) is not None
            present = share(scanner, lambda: None)
            hands("show", text="2007026112400019", symbology="qr", condition="motion", seed=4)
            unread = share(scanner, lambda: None)
        finally:
            scanner.close()
    return [
        Row("codes: share of a core, empty box, 720p at 15 fps", idle, at_most=IDLE_SHARE),
        Row("codes: share of a core, a code held there", present, at_most=PRESENT_SHARE),
        Row("codes: share of a core, a blurred code that is hard to read", unread, at_most=PRESENT_SHARE),
    ]


def rows() -> list[Row]:
    seed = int(os.environ.get("CODES_SEED") or secrets.randbits(32))
    images = int(os.environ.get("CODES_IMAGES") or IMAGES_PER_CELL)
    print(
        f"# hard set of codes: CODES_SEED={seed}, {images} images a cell, at most {FRAMES} frames an image", flush=True
    )
    jobs = [Job(seed, kind, name, at) for at in range(images) for kind in GOALS for name in optics.CONDITIONS]
    cpu = cpu_rows()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, (os.cpu_count() or 1)), mp_context=spawn) as pool:
        results = list(pool.map(measured, jobs, chunksize=4))
    print(by_condition(results), flush=True)
    wrong = sum(result.ours_wrong for result in results)
    where = ", ".join(f"{r.job.kind} {r.job.condition} {r.job.number}" for r in results if r.ours_wrong)
    made = [row for kind in GOALS for row in reading_rows(kind, [r for r in results if r.job.kind == kind])]
    return [*made, Row("codes: wrong texts", wrong, at_most=0, note=where and f"({where})"), *cpu]
