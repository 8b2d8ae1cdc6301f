"""Captured pages as a PDF: in colour to be kept, in black and white to be sent over a slow line.

What comes out is called PDF. It is not called PDF/A: nothing here validates that.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import img2pdf
import numpy as np
import pikepdf
from PIL import Image

from drivers.api import PageImage
from drivers.vision.papers.flatten import black_on_white

A4_MM = (210.0, 297.0)
_GROUP4 = "group4"


class NoPages(ValueError):
    """There is nothing to make a document of, or a page is no picture."""


def pages_to_pdf(pages: Sequence[PageImage], title: str = "") -> bytes:
    """The document to be kept: each page's colour JPEG as it is, one A4 sheet each (lying when the page lies).

    :raises NoPages:
    """
    return _document([page.jpeg for page in pages], title)


def pages_to_preview(pages: Sequence[PageImage], title: str = "") -> bytes:
    """The small document: two tones, CCITT group 4, about a tenth of the size. Colours of stamps are lost.

    :raises NoPages:
    """
    return _document([_two_tones(page.jpeg) for page in pages], title)


def _two_tones(jpeg: bytes) -> bytes:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise NoPages("a page is no picture")
    kept = io.BytesIO()
    image = Image.fromarray(black_on_white(np.asarray(picture, np.uint8))).convert("1")
    image.save(kept, "TIFF", compression=_GROUP4)
    return kept.getvalue()


def _document(pictures: Sequence[bytes], title: str) -> bytes:
    if not pictures:
        raise NoPages("no pages")
    width, height = (img2pdf.mm_to_pt(side) for side in A4_MM)
    layout = img2pdf.get_layout_fun((width, height), auto_orient=True)
    try:
        raw = img2pdf.convert(list(pictures), layout_fun=layout)
    except img2pdf.ImageOpenError as error:
        raise NoPages(type(error).__name__) from error
    return _with_metadata(raw, title)


def _with_metadata(raw: bytes, title: str) -> bytes:
    """Nothing of the machine, its programs or the hour is told; the title is, when there is one."""
    kept = io.BytesIO()
    with pikepdf.open(io.BytesIO(raw)) as document:
        for key in [key for key in ("/Metadata", "/PieceInfo") if key in document.Root]:
            del document.Root[key]
        if "/Info" in document.trailer:
            del document.trailer["/Info"]
        if title:
            document.docinfo["/Title"] = title
        document.save(kept, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return kept.getvalue()
