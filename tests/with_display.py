"""`python tests/with_display.py COMMAND ...`: the command on a display of its own, 1080 x 1920, that ends with it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from drivers.sim.lifetime import ends_with_us
from kiosk.play.virtual_display import start_xvfb


def main(command: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="display-") as folder:
        display, name = start_xvfb(1080, 1920, Path(folder) / "xvfb.log", os.environ)
        try:
            return subprocess.run(ends_with_us(command), env={**os.environ, "DISPLAY": name}).returncode
        finally:
            display.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
