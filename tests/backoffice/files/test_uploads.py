"""Uploads: whatever was acknowledged stays, whatever is not what was declared goes, and nobody sees another's."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from backoffice.domain.uploads import MetadataError, media_type_of, read_metadata
from backoffice.files import by_content, uploads
from backoffice.identity.devices import add_device
from backoffice.office import KEY_FILE, Office
from backoffice.store.failures import VaultError
from backoffice.store.sealed_files import read_sealed, write_sealed
from backoffice.store.tables.papers import case_material, stored_file, upload
from backoffice.store.vault import open_vault


def jpeg(comment: bytes) -> bytes:
    """A small picture that can be drawn, with `comment` in it."""
    out = io.BytesIO()
    Image.effect_noise((16, 16), 90).convert("RGB").save(out, "JPEG", comment=comment)
    return out.getvalue()


PHOTO = jpeg(bytes(range(256)) * 40)


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def sm3(content: bytes) -> str:
    return hashlib.new("sm3", content).hexdigest()


def metadata(content: bytes, media_type: str = "image/jpeg", digest: str = "") -> str:
    values = {"digest": digest or sm3(content), "filetype": media_type, "material": "诊断证明"}
    return ",".join(f"{key} {coded(value)}" for key, value in values.items())


class Uploader:
    """A terminal that speaks tus."""

    def __init__(self, terminal: Any) -> None:
        self.terminal = terminal
        self.keys = iter(f"upload-{n}" for n in range(1000))

    def create(self, content: bytes = PHOTO, key: str | None = None, **other: Any) -> Any:
        length = other.pop("length", len(content))
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(length)}
        headers["Upload-Metadata"] = metadata(content, **other)
        return self.terminal.call("POST", "/v1/uploads", None, key or next(self.keys), **headers)

    def head(self, target: str) -> Any:
        """An answer to HEAD never has a body, not even a problem's."""
        headers = self.terminal.headers("HEAD", target, b"") | {"Tus-Resumable": "1.0.0"}
        return self.terminal.http.request("HEAD", target, headers=headers)

    def patch(self, target: str, offset: int, piece: bytes, **other: str) -> Any:
        told = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
        told |= {"Content-Type": "application/offset+octet-stream", **other}
        headers = self.terminal.headers("PATCH", target, piece, **told)
        return self.terminal.sent("PATCH", target, piece, headers)

    def bring(self, content: bytes = PHOTO, **other: Any) -> str:
        target = str(self.create(content, **other).headers["location"])
        assert self.patch(target, 0, content).status_code == 204
        return target


@pytest.fixture
def tus(terminal: Any) -> Uploader:
    return Uploader(terminal)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def rows(office: Office, table: Any) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_file_arrives_in_pieces_and_is_stored_under_its_digest(tus: Uploader, office: Office, place: Any) -> None:
    made = tus.create()
    target = made.headers["location"]
    assert (made.status_code, made.headers["upload-offset"], made.headers["tus-resumable"]) == (201, "0", "1.0.0")
    first = tus.patch(target, 0, PHOTO[:4000])
    assert (first.status_code, first.headers["upload-offset"]) == (204, "4000")
    asked = tus.head(target)
    assert (asked.status_code, asked.headers["upload-offset"]) == (200, "4000")
    assert (asked.headers["upload-length"], asked.headers["cache-control"]) == (str(len(PHOTO)), "no-store")
    assert tus.patch(target, 4000, PHOTO[4000:]).status_code == 204
    digest = sm3(PHOTO)
    stored = place.data / "files" / digest[:2] / digest[2:4] / digest
    assert by_content.read(office, digest) == PHOTO
    assert PHOTO[1000:1032] not in stored.read_bytes()
    assert not list((place.data / "uploads").iterdir())


@pytest.mark.proof
def test_the_server_says_what_it_can_take(terminal: Any) -> None:
    answer = terminal.call("OPTIONS", "/v1/uploads")
    assert (answer.status_code, answer.headers["tus-version"]) == (204, "1.0.0")
    assert answer.headers["tus-max-size"] == str(8 * 1024 * 1024)
    assert (answer.headers["tus-extension"], answer.headers["digest-algorithm"]) == ("creation,expiration", "sm3")


def test_a_wrong_offset_changes_nothing_and_is_told_the_right_one(tus: Uploader) -> None:
    target = tus.create().headers["location"]
    tus.patch(target, 0, PHOTO[:100])
    for offset in (0, 99, 101):
        wrong = tus.patch(target, offset, PHOTO[100:200])
        assert code(wrong) == (409, "upload_offset")
        assert (wrong.headers["upload-offset"], wrong.headers["tus-resumable"]) == ("100", "1.0.0")
    assert tus.head(target).headers["upload-offset"] == "100"


def test_an_upload_goes_on_after_the_server_has_been_started_again(start: Any, office: Office) -> None:
    target = (before := Uploader(start())).create().headers["location"]
    before.patch(target, 0, PHOTO[:5000])
    after = Uploader(start())
    offset = int(after.head(target).headers["upload-offset"])
    assert offset == 5000
    assert after.patch(target, offset, PHOTO[offset:]).status_code == 204
    assert by_content.read(office, sm3(PHOTO)) == PHOTO


def test_what_a_crash_left_whole_is_finished_when_it_is_asked_for(
    tus: Uploader, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tus.create().headers["location"]

    class PowerCut(Exception):
        pass

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr(uploads, "_finish", cut)
        assert tus.patch(target, 0, PHOTO).status_code == 500
    uploads.settle(office, "K1", [sm3(PHOTO)])
    assert by_content.read(office, sm3(PHOTO)) == PHOTO


@pytest.mark.proof
def test_a_piece_without_room_on_the_disk_is_told_and_sent_again(
    tus: Uploader, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tus.create().headers["location"]

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        refused = tus.patch(target, 0, PHOTO)
    assert code(refused) == (503, "disk_full") and refused.json()["next"] == "retry"
    assert tus.head(target).headers["upload-offset"] == "0"
    assert tus.patch(target, 0, PHOTO).status_code == 204


def test_a_piece_that_was_never_acknowledged_is_sent_again(
    tus: Uploader, office: Office, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes are on the disk and the row is not: exactly what a power cut leaves."""
    target = tus.create().headers["location"]
    tus.patch(target, 0, PHOTO[:3000])

    def cut(*_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(type(office.database), "transact", cut)
        with pytest.raises(OSError, match="power cut"):
            uploads.append(office, "K1", target.rpartition("/")[2], 3000, b"other bytes")
    assert tus.head(target).headers["upload-offset"] == "3000"
    assert tus.patch(target, 3000, PHOTO[3000:]).status_code == 204
    assert by_content.read(office, sm3(PHOTO)) == PHOTO


@pytest.mark.parametrize(
    ("declared", "content", "wrong"),
    [
        ({"digest": "0" * 64}, PHOTO, "upload_digest"),
        ({"media_type": "image/png"}, PHOTO, "upload_type"),
        pytest.param(
            {"media_type": "application/pdf"}, b"MZ not a paper at all", "upload_type", marks=pytest.mark.proof
        ),
    ],
)
def test_what_is_not_as_declared_is_thrown_away(
    tus: Uploader, office: Office, place: Any, declared: dict[str, str], content: bytes, wrong: str
) -> None:
    target = tus.create(content, **declared).headers["location"]
    assert code(tus.patch(target, 0, content)) == (422, wrong)
    assert rows(office, stored_file) == 0
    assert not list((place.data / "uploads").iterdir())
    assert tus.head(target).status_code == 410


def test_the_same_file_twice_is_stored_once(tus: Uploader, office: Office, place: Any) -> None:
    assert tus.bring() != tus.bring()
    assert rows(office, stored_file) == 1
    assert len([path for path in (place.data / "files").rglob("*") if path.is_file()]) == 1


@pytest.mark.proof
def test_the_same_key_is_the_same_upload_and_never_another_file(tus: Uploader) -> None:
    first = tus.create(key="one")
    assert tus.create(key="one").headers["location"] == first.headers["location"]
    assert code(tus.create(b"something else", key="one")) == (422, "idempotency_mismatch")


def test_another_terminal_sees_neither_the_upload_nor_its_digest(
    start: Any, office: Office, submission: Callable[..., dict[str, Any]]
) -> None:
    mine = Uploader(start())
    target = mine.bring()
    add_device(office, "K2", bytes(32), None)
    other = start()
    other.device, other.key = "K2", bytes(32)
    stranger = Uploader(other)
    assert stranger.head(target).status_code == 404
    assert code(stranger.patch(target, 0, PHOTO)) == (404, "upload_unknown")
    body = submission(materials=[{"material": "诊断证明", "digest": sm3(PHOTO)}])
    assert code(other.post_case(body)) == (409, "materials_missing")


def test_a_case_is_taken_in_when_all_its_files_are_there(
    tus: Uploader, terminal: Any, office: Office, submission: Callable[..., dict[str, Any]]
) -> None:
    digest = sm3(PHOTO)
    body = submission(materials=[{"material": "诊断证明", "digest": digest}])
    target = tus.create().headers["location"]
    tus.patch(target, 0, PHOTO[:10])
    refused = terminal.post_case(body)
    assert code(refused) == (409, "materials_missing")
    assert (refused.json()["missing"], rows(office, case_material)) == ([digest], 0)
    tus.patch(target, 10, PHOTO[10:])
    assert terminal.post_case(body).status_code == 201
    assert terminal.post_case(body).status_code == 201
    with office.database.read() as connection:
        assert uploads.materials_of(connection, body["case_no"]) == [
            {"material": "诊断证明", "digest": digest, "media_type": "image/jpeg", "length": len(PHOTO)}
        ]


def test_what_nobody_goes_on_with_expires_and_what_a_case_has_stays(
    tus: Uploader, terminal: Any, office: Office, clock: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    tus.bring()
    terminal.post_case(submission(materials=[{"material": "诊断证明", "digest": sm3(PHOTO)}]))
    unclaimed = jpeg(b"nobody asked for this")
    tus.bring(unclaimed)
    left = tus.create(PHOTO + b"!").headers["location"]
    tus.patch(left, 0, PHOTO[:10])
    clock.advance(hours=25)
    assert tus.head(left).status_code == 410
    clock.advance(days=31)
    uploads.expire(office)
    assert rows(office, upload) == 0
    assert by_content.read(office, sm3(PHOTO)) == PHOTO
    assert not by_content.path_of(office, sm3(unclaimed)).exists()


@pytest.mark.proof
def test_sizes_and_versions_are_kept(tus: Uploader, terminal: Any) -> None:
    assert code(tus.create(length=8 * 1024 * 1024 + 1)) == (413, "upload_too_large")
    assert code(tus.create(length=0)) == (413, "upload_too_large")
    target = tus.create(length=10).headers["location"]
    assert code(tus.patch(target, 0, b"eleven bytes")) == (413, "upload_too_large")
    assert code(tus.patch(target, 0, b"x", **{"Content-Type": "image/jpeg"})) == (415, "upload_content_type")
    old = tus.patch(target, 0, b"x", **{"Tus-Resumable": "0.2.2"})
    assert (code(old), old.headers["tus-version"]) == ((412, "tus_version"), "1.0.0")
    assert tus.head(target).headers["upload-offset"] == "0"


@given(st.text("digest YWJj,=é\x00", max_size=80))
def test_metadata_of_any_text_is_read_or_refused(text: str) -> None:
    try:
        declared = read_metadata(text)
    except MetadataError as refused:
        assert len(refused.args[0]) < 60
    else:
        assert len(declared.digest) == 64


@given(st.dictionaries(st.sampled_from(["digest", "filetype", "material", "name"]), st.text(max_size=20)))
def test_metadata_of_any_values_is_read_or_refused(values: dict[str, str]) -> None:
    header = ",".join(f"{key} {coded(value)}" for key, value in values.items())
    with pytest.raises(MetadataError):
        read_metadata(header)


@given(st.binary(max_size=64))
def test_only_three_kinds_of_content_have_a_type(content: bytes) -> None:
    assert media_type_of(content) in (None, "image/jpeg", "image/png", "application/pdf")
    assert media_type_of(b"GIF89a" + content) is None
    assert media_type_of(b"\xff\xd8\xff" + content + b"\xff\xd9") == "image/jpeg"


@pytest.mark.parametrize("pieces", [[], [b"one"], [b"one", b"two"], [b"", b"x" * 70000, b"end"]])
def test_a_sealed_file_is_read_as_it_was_written_and_not_when_cut(pieces: list[bytes], tmp_path: Path) -> None:
    vault, file = open_vault(tmp_path / KEY_FILE, create=True), tmp_path / "deep" / "file"
    write_sealed(vault, file, "place", pieces)
    assert b"".join(read_sealed(vault, file, "place")) == b"".join(pieces)
    with pytest.raises(VaultError):
        list(read_sealed(vault, file, "elsewhere"))
    whole = file.read_bytes()
    for length in {len(whole) - 1, len(whole) - 40, 4}:
        file.write_bytes(whole[:length])
        with pytest.raises(VaultError):
            list(read_sealed(vault, file, "place"))
