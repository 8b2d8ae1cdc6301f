"""A certificate's sheets: how many there are, and the document without those that lie in the tray already.

The library is read with the first document: it is a fifth of all that a terminal imports, and most visits end without.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kiosk.domain.ports import BadDocument

if TYPE_CHECKING:
    from pypdf import PdfReader

# A damaged file is our caller's to name; the library's own remarks would fill the log of every document.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


class PdfSheets:
    """Fulfils `kiosk.domain.ports.SheetCutter`. Stateless."""

    def count(self, pdf: bytes) -> int:
        """Pages, each on a sheet of its own. :raises BadDocument: no readable PDF, or an empty one."""
        with _named():
            pages = len(_reader(pdf).pages)
        if pages < 1:
            raise BadDocument("no pages")
        return pages

    def without_first(self, pdf: bytes, done: int) -> bytes:
        """The sheets after the first `done`; the same bytes when none is done. :raises BadDocument:"""
        if done == 0:
            return pdf
        from pypdf import PdfWriter

        out, writer = io.BytesIO(), PdfWriter()
        with _named():
            for page in _reader(pdf).pages[done:]:
                writer.add_page(page)
            if not writer.pages:
                raise BadDocument("no pages are left")
            writer.write(out)
        return out.getvalue()


def _reader(pdf: bytes) -> PdfReader:
    from pypdf import PdfReader

    return PdfReader(io.BytesIO(pdf), strict=False)


@contextmanager
def _named() -> Iterator[None]:
    from pypdf.errors import PyPdfError

    try:
        yield
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        # A library that reads hostile files by trial raises whatever its trial meets.
        raise BadDocument(type(error).__name__) from error
