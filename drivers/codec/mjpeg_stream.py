"""MJPEG over HTTP: `multipart/x-mixed-replace` (RFC 2046 5.1) with one JPEG a part. Pure bytes in, pictures out.

Cameras differ in what they put between the pictures: some send no Content-Length, some write a boundary that is
not the one they announced. A picture is therefore found by its own marks (ISO/IEC 10918-1: SOI FFD8, EOI FFD9); a
Content-Length is believed only when the picture it leads to has both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SOI, EOI = b"\xff\xd8\xff", b"\xff\xd9"
MAX_PICTURE_BYTES = 8 << 20
"""A 12-megapixel picture of a good camera stays below; a stream without any picture is cut off there."""
_LENGTH = re.compile(rb"content-length:\s*(\d{1,9})", re.IGNORECASE)
_HEADER_BYTES = 1024


class NoPictures(ValueError):
    """So many bytes came without a picture that this is no MJPEG stream."""


@dataclass(slots=True)
class JpegSplitter:
    """Cuts the stream into JPEG pictures; holds at most one unfinished picture."""

    _held: bytearray = field(default_factory=bytearray)
    _searched: int = 0

    @property
    def is_within(self) -> bool:
        """A picture has begun and not ended."""
        return SOI in self._held

    def feed(self, data: bytes) -> list[bytes]:
        """Pictures completed by `data`, in order. :raises NoPictures: more than `MAX_PICTURE_BYTES` without one."""
        self._held += data
        found = []
        while (picture := self._next()) is not None:
            found.append(picture)
        if len(self._held) > MAX_PICTURE_BYTES:
            self._held.clear()
            self._searched = 0
            raise NoPictures(f"{MAX_PICTURE_BYTES} bytes without a picture")
        return found

    def _next(self) -> bytes | None:
        begin = self._held.find(SOI)
        if begin < 0:
            # What precedes a picture is a header: only its last bytes can still matter.
            del self._held[: max(0, len(self._held) - _HEADER_BYTES)]
            return None
        end = self._end_by_length(begin) or self._end_by_mark(begin)
        if end is None:
            return None
        picture = bytes(self._held[begin:end])
        del self._held[:end]
        self._searched = 0
        return picture

    def _end_by_length(self, begin: int) -> int | None:
        """Where the announced length ends, when that is an end of a picture."""
        lengths = _LENGTH.findall(self._held, max(0, begin - _HEADER_BYTES), begin)
        end = begin + int(lengths[-1]) if lengths else 0
        return end if begin < end <= len(self._held) and self._held[end - 2 : end] == EOI else None

    def _end_by_mark(self, begin: int) -> int | None:
        """An EOI cannot stand within the compressed data: there FF is always followed by 00 or a restart mark.

        A thumbnail within an APPn segment has one, so whole segments are stepped over.
        """
        at = max(self._searched, self._behind_segments(begin))
        end = self._held.find(EOI, at)
        if end >= 0:
            return end + 2
        self._searched = max(at, len(self._held) - 1)
        return None

    def _behind_segments(self, begin: int) -> int:
        """Behind the last whole segment before the compressed data (marker segments carry their length)."""
        at = begin + 2
        while at + 4 <= len(self._held) and self._held[at] == 0xFF and self._held[at + 1] not in (0xD9, 0xDA, 0xFF):
            at += 2 + int.from_bytes(self._held[at + 2 : at + 4], "big")
        return at


def boundary_is_multipart(content_type: str) -> bool:
    """Whether the answer's Content-Type is a stream of replaced parts."""
    return content_type.lower().replace(" ", "").startswith("multipart/x-mixed-replace")
