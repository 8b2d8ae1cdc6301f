"""A photograph over lines as villages have them, against the real back office."""

from __future__ import annotations

import io
import itertools
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from office_support import real_office
from office_support.relay import Relay
from PIL import Image

from kiosk.adapters.backoffice_http import HttpBackOffice
from kiosk.adapters.backoffice_uploads import (
    FIRST_PIECE,
    GOES_ON,
    LEAST_PIECE,
    MOST_PIECE,
    MOST_PIECES,
    WHOLE,
    Uploads,
)
from kiosk.adapters.signing import Signer
from kiosk.adapters.store.kiosk_key import read_hex_key
from kiosk.domain.attachments import KeptFile
from kiosk.domain.outbox import NO_ANSWER
from kiosk.domain.ports import Reply

SEQ = itertools.count(1)
SLOW_BYTES_S, USUAL_BYTES_S = 64_000 / 8, 2_000_000 / 8
PHOTOGRAPH = 300 * 1024


MOST_OF_COMMENT = 65_533
"""A comment in a JPEG file carries so much: its length takes two bytes and counts itself."""


def photograph(length: int) -> KeptFile:
    """A picture that can be drawn, as the office asks of it, made as large as is wanted by comments in it."""
    drawn, chance = io.BytesIO(), random.Random(length)
    Image.new("RGB", (64, 48), "white").save(drawn, "JPEG")
    content, lacking = b"\xff\xd8", length - len(drawn.getvalue())
    while lacking > 0:
        size = min(MOST_OF_COMMENT, max(lacking - 4, 0))
        content += b"\xff\xfe" + (size + 2).to_bytes(2, "big") + chance.randbytes(size)
        lacking -= size + 4
    content += drawn.getvalue()[2:]
    digest = Signer("K", bytes(32)).digest_of(content)
    return KeptFile("3502130078261124000426", digest, "image/jpeg", "letter", content, "2026-11-24T09:00:00+08:00")


def brought(office: Any, rate_bytes_s: float, length: int) -> tuple[int, float, int]:
    """Status, seconds, and how many pieces no usable answer came for."""
    file = photograph(length)
    lost, began_s = 0, time.monotonic()
    with Relay(office.url, rate_bytes_s) as line:
        signer = Signer(real_office.DEVICE, read_hex_key(office.key_file))
        client = HttpBackOffice(line.url, signer, lambda: next(SEQ), real_office.HereClock())
        while (status := client.upload(file).status) != WHOLE:
            lost += status != GOES_ON
            if lost > 3:
                break
    return status, time.monotonic() - began_s, lost


def test_a_photograph_passes_a_line_of_two_megabits(office: Any) -> None:
    status, took_s, lost = brought(office, USUAL_BYTES_S, PHOTOGRAPH)
    assert (status, lost) == (WHOLE, 0)
    assert took_s > PHOTOGRAPH / USUAL_BYTES_S, "the line is as slow as it says"


def test_a_small_picture_passes_a_line_of_sixty_four_kilobits(office: Any) -> None:
    status, took_s, lost = brought(office, SLOW_BYTES_S, 20 * 1024)
    assert (status, lost) == (WHOLE, 0)
    assert took_s > 20 * 1024 / SLOW_BYTES_S


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_a_photograph_passes_a_line_of_sixty_four_kilobits(office: Any, record_property: Any) -> None:
    status, took_s, lost = brought(office, SLOW_BYTES_S, PHOTOGRAPH)
    record_property("figure", f"{PHOTOGRAPH // 1024} KiB over 64 kbit/s: {took_s:.0f} s, {lost} pieces lost")
    assert (status, lost) == (WHOLE, 0)


# ---- how large a piece is ----------------------------------------------------------------------------------------


@dataclass
class Line:
    """Answers as the back office does, over a line of its own speed, by a clock of its own."""

    rate_bytes_s: float
    patience_s: float = 8.0
    now_s: float = 0.0
    offset: int = 0
    pieces: list[int] = field(default_factory=list)
    is_down: bool = False

    def ask(self, method: str, target: str, content: bytes, headers: Mapping[str, str]) -> Any:
        if self.is_down or len(content) / self.rate_bytes_s > self.patience_s:
            self.now_s += self.patience_s
            return Told(Reply(0, {"code": NO_ANSWER}))
        self.now_s += len(content) / self.rate_bytes_s
        if method == "POST":
            return Told(Reply(201, {}), {"location": "/v1/uploads/" + "0" * 32, "offset": "0"})
        if method == "HEAD":
            return Told(Reply(200, {}), {"offset": str(self.offset)})
        assert headers["Upload-Offset"] == str(self.offset)
        self.offset += len(content)
        self.pieces.append(len(content))
        return Told(Reply(204, {}), {"offset": str(self.offset)})


@dataclass
class Told:
    reply: Reply
    tus: Mapping[str, str] = field(default_factory=dict)


def bring(line: Line, length: int, tries: int = 2000) -> int:
    uploads, file = Uploads(line.ask, lambda: line.now_s), photograph(length)
    return next((n for n in range(1, tries) if uploads.bring(file).status == WHOLE), 0)


@pytest.mark.parametrize("rate_bytes_s", [500.0, 2_000.0, 8_000.0, 23_000.0, 250_000.0, 50_000_000.0])
def test_whatever_the_line_pieces_find_their_size(rate_bytes_s: float) -> None:
    line = Line(rate_bytes_s)
    assert bring(line, PHOTOGRAPH) > 0
    assert line.offset == len(photograph(PHOTOGRAPH).content)
    settled = line.pieces[4:-1]
    assert all(size <= MOST_PIECE for size in line.pieces)
    assert all(size / rate_bytes_s <= 4.1 for size in settled), "a call for help waits for one piece at most"
    fast_enough = all(size == LEAST_PIECE or size / rate_bytes_s > 0.4 for size in settled)
    assert fast_enough or rate_bytes_s > 1e6


def test_a_line_that_was_down_is_used_whole_again() -> None:
    line = Line(1_000_000.0, is_down=True)
    uploads, file = Uploads(line.ask, lambda: line.now_s), photograph(4 * 1024 * 1024)
    uploads.bring(file)
    line.is_down = False
    uploads.bring(file)
    line.is_down = True
    for _ in range(5):
        uploads.bring(file)
    line.is_down = False
    assert any(uploads.bring(file).status == WHOLE for _ in range(MOST_PIECES)), line.pieces
    assert max(line.pieces) == MOST_PIECE and line.pieces[0] <= FIRST_PIECE


def test_a_large_file_never_comes_in_more_pieces_than_the_other_side_takes() -> None:
    line = Line(300.0, patience_s=60.0)
    assert bring(line, 8 * 1024 * 1024 - 5) > 0
    assert len(line.pieces) <= MOST_PIECES
