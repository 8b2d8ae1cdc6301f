"""The process that sees.

    python -m drivers.vision --camera PORT [--size 1280x720] [--fps 15]

PORT is a V4L2 device path or index, the http(s) address of a network camera that sends MJPEG, or a file that
holds either. Talks in JSON lines on its standard streams, see `drivers.vision.worker`; ends with its client.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Sequence

import cv2

from drivers.vision.worker import Out, Worker, obey_lines


def _size(text: str) -> tuple[int, int]:
    if not (found := re.fullmatch(r"(\d{2,5})x(\d{2,5})", text)):
        raise argparse.ArgumentTypeError("a size is WIDTHxHEIGHT")
    return int(found[1]), int(found[2])


def _quiet_decoders() -> None:
    """libjpeg writes a line for each spoiled picture to descriptor 2; the watch tells it once. Ours goes on."""
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m drivers.vision")
    parser.add_argument("--camera", required=True)
    parser.add_argument("--size", type=_size, default=(1280, 720))
    parser.add_argument("--fps", type=int, default=15)
    options = parser.parse_args(arguments)
    _quiet_decoders()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="vision: %(levelname)s %(message)s")
    # One frame at a time in one thread: more threads cost more than they gain, and the rest of the kiosk waits.
    cv2.setNumThreads(1)
    width, height = options.size
    worker = Worker(options.camera, width, height, options.fps, Out(sys.stdout.buffer))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the kiosk; this process ends with its pipe
    signal.signal(signal.SIGTERM, lambda _number, _frame: worker.stop())
    threading.Thread(target=obey_lines, args=(sys.stdin.buffer, worker), daemon=True).start()
    worker.forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
