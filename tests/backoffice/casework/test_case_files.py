"""What a resident brought, opened by whoever works on the case: drawn anew, to be saved, and written down."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from backoffice.files import by_content, pictures
from backoffice.office import Office
from backoffice.store.tables import tables

TOWN, OTHER = "350213007", "350213001"
SCRIPT = b"<script>fetch('https://example.invalid/')</script>"
PAPER = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
RED, BLUE = (200, 20, 20), (20, 20, 200)


def picture(kind: str = "JPEG", **options: Any) -> bytes:
    """Left red and right blue, 64 by 16."""
    image = Image.new("RGB", (64, 16), RED)
    image.paste(BLUE, (32, 0, 64, 16))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def lying() -> bytes:
    """On its side, as a telephone takes it: how to turn it stands in the file."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "where and when it was taken"
    return picture(exif=exif.tobytes(), comment=SCRIPT) + SCRIPT + b"\xff\xd9"


def bring(terminal: Any, content: bytes, media_type: str, key: str = "u1") -> Any:
    """The answer to the last piece, and the digest."""
    digest = hashlib.new("sm3", content).hexdigest()
    values = {"digest": digest, "filetype": media_type, "material": "诊断证明"}
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    made = terminal.call("POST", "/v1/uploads", None, key, **headers)
    target = str(made.headers["location"])
    signed = terminal.headers("PATCH", target, content, **{"Tus-Resumable": "1.0.0", "Upload-Offset": "0"})
    signed["Content-Type"] = "application/offset+octet-stream"
    return terminal.sent("PATCH", target, content, signed), digest


@pytest.fixture
def opened(
    terminal: Any, office: Office, clock: Any, staff_hands: Any, submission: Callable[..., dict[str, Any]]
) -> Callable[..., Any]:
    """A case with this file, opened by a reviewer."""

    def case_with(content: bytes, media_type: str, *, town: str = TOWN, damage: bool = False) -> Any:
        answer, digest = bring(terminal, content, media_type)
        assert answer.status_code == 204, answer.text
        body = submission(materials=[{"material": "诊断证明", "digest": digest}])
        assert terminal.post_case(body).status_code == 201
        if damage:
            path = by_content.path_of(office, digest)
            path.write_bytes(path.read_bytes()[:-1] + b"x")
        lin = staff_hands(office, terminal.http, clock, "lin", "reviewer", town=town)
        return lin.call("GET", f"/staff/v1/cases/{body['case_no']}/files/{digest}")

    return case_with


def test_a_picture_is_drawn_anew_upright_and_nothing_else_of_the_file_is_left(
    opened: Callable[..., Any], office: Office
) -> None:
    sent = lying()
    assert SCRIPT in sent and b"where and when" in sent
    answer = opened(sent, "image/jpeg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert answer.headers["content-disposition"].endswith('-1.jpg"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"] and answer.headers["cache-control"] == "no-store"
    shown = Image.open(io.BytesIO(answer.content))
    assert shown.size == (16, 64) and not shown.getexif() and "comment" not in shown.info
    assert b"script" not in answer.content and b"where and when" not in answer.content
    top, bottom = shown.getpixel((8, 8)), shown.getpixel((8, 56))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)
    assert top[0] > 150 > top[2] and bottom[2] > 150 > bottom[0]
    with office.database.read() as connection:
        entries = [json.loads(text) for text in connection.execute(select(tables.audit.c.entry)).scalars()]
    told = [entry for entry in entries if entry["event"] == "file_opened"]
    assert [(entry["actor"], entry["n"]) for entry in told] == [("lin", "1")] and "诊断" not in str(told)


def test_a_paper_comes_as_it_was_and_only_to_be_saved(opened: Callable[..., Any]) -> None:
    answer = opened(PAPER, "application/pdf")
    assert (answer.status_code, answer.content) == (200, PAPER)
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-disposition"].endswith('-1.pdf"')


def test_for_another_town_the_case_does_not_exist(opened: Callable[..., Any]) -> None:
    answer = opened(picture(), "image/jpeg", town=OTHER)
    assert (answer.status_code, answer.json()["code"]) == (404, "case_unknown")


def test_a_file_that_the_disk_lost_is_told_as_such(opened: Callable[..., Any]) -> None:
    answer = opened(picture(), "image/jpeg", damage=True)
    assert (answer.status_code, answer.json()["code"]) == (500, "file_damaged")
    assert "damaged or gone" in answer.json()["title"]


def test_only_a_file_of_this_case_is_opened_through_it(
    terminal: Any, office: Office, clock: Any, staff_hands: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    _, digest = bring(terminal, picture("PNG"), "image/png")
    case = terminal.post_case(submission()).json()
    lin = staff_hands(office, terminal.http, clock, "lin", "reviewer", town=TOWN)
    answer = lin.call("GET", f"/staff/v1/cases/{case['case_no']}/files/{digest}")
    assert (answer.status_code, answer.json()["code"]) == (404, "file_unknown")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb() -> bytes:
    """A megabyte that would unpack to 60,000 by 60,000 points."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe0" + SCRIPT + b"\xff\xd9", "image/jpeg"),
        (picture()[:-60] + b"\xff\xd9", "image/jpeg"),
        (picture("PNG"), "image/jpeg"),
        (picture("GIF"), "image/png"),
        (bomb(), "image/png"),
        (picture("PNG")[:60] + picture("PNG")[-12:], "image/png"),
    ],
    ids=["head and tail", "cut off", "another type", "none of them", "bomb", "no pixels"],
)
def test_what_cannot_be_drawn_is_not_taken(terminal: Any, content: bytes, media_type: str) -> None:
    answer, _ = bring(terminal, content, media_type)
    assert (answer.status_code, answer.json()["code"]) == (422, "upload_type")


def test_what_lies_under_a_transparent_picture_stays_transparent() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(out, "PNG")
    shown = Image.open(io.BytesIO(pictures.anew(out.getvalue(), "image/png")))
    assert (shown.mode, shown.getpixel((0, 0))) == ("RGBA", (255, 0, 0, 0))


WHOLE = {"image/jpeg": lying(), "image/png": picture("PNG")}


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_whatever_bytes_come_they_are_a_picture_or_none(media_type: str, data: st.DataObject) -> None:
    content = bytearray(WHOLE[media_type])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        drawn = pictures.anew(bytes(content), media_type)
    except pictures.PictureError:
        return
    assert Image.open(io.BytesIO(drawn)).size
