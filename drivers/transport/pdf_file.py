"""Counts the pages of a PDF: what a printer must have put on paper before a document counts as printed."""

from __future__ import annotations

import io
import logging

from pypdf import PdfReader
from pypdf.errors import PyPdfError

# A damaged file is our caller's to name; the library's own remarks would fill the log of every job.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


class BadPdf(ValueError):
    """No readable PDF; the text holds nothing of its content."""


def media_sheet_count(pdf: bytes) -> int:
    """Sheets of paper that a one-sided print of the document takes: its pages. :raises BadPdf:"""
    if not pdf.startswith(b"%PDF-"):
        raise BadPdf("no PDF header")
    try:
        reader = PdfReader(io.BytesIO(pdf), strict=False)
        if reader.is_encrypted:
            raise BadPdf("the document is locked")
        pages = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        # A library that reads hostile files by trial raises whatever its trial meets.
        if isinstance(error, BadPdf):
            raise
        raise BadPdf(f"unreadable: {type(error).__name__}") from error
    if pages < 1:
        raise BadPdf("no pages")
    return pages
