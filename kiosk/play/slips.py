"""The slips of a run: what the simulated printer put out, read as a person with a telephone would.

OCR needs seconds: only when a journey asks for it.
"""

from __future__ import annotations

import functools
import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image


@dataclass(frozen=True, slots=True)
class Page:
    """One piece of paper. `complete`: it was cut and no byte of it is missing."""

    file: Path
    complete: bool


def qr_texts(page: Page) -> list[str]:
    """What every code on the paper says."""
    import zxingcpp

    with Image.open(page.file) as picture:
        return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


def carries_number(page: Page, case_no: str) -> bool:
    """True when a code on the paper holds the case number, whole or the 16 digits that are shown."""
    shown = case_no[-16:]
    return bool(shown) and any(shown in re.sub(r"[^0-9]", "", text) for text in qr_texts(page))


def read_text(page: Page) -> str:
    """Everything that is printed, without blanks. Slow."""
    return re.sub(r"\s", "", "".join(_lines(_reader()(str(page.file)))))


def _lines(result: Any) -> list[str]:
    return [str(line) for line in (result.txts or ())]


@functools.cache
def _reader() -> Callable[[str], Any]:
    # Its runtime would tell its maker of each use.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from rapidocr import RapidOCR

    # It tells on the error line which of its files it uses.
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    reader: Callable[[str], Any] = RapidOCR()
    return reader
