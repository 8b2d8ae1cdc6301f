"""Resumable uploads: tus 1.0.0, the core protocol and the extensions creation and expiration.

Two things differ from the public protocol: every request is signed as everywhere under `/v1/`, so a request before the
signature is checked gets no `Tus-Resumable`; and creation takes an Idempotency-Key. The digest algorithm is told by
OPTIONS in `Digest-Algorithm`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated

from fastapi import FastAPI, Header, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from backoffice.api.description import failures
from backoffice.api.desk import Desk, Key, Who
from backoffice.calls.once import Call
from backoffice.domain.uploads import MOST_HEADER, MetadataError, read_metadata
from backoffice.files import uploads
from backoffice.office import Office
from backoffice.problems.problem import Problem

VERSION = "1.0.0"
CONTENT_TYPE = "application/offset+octet-stream"
_RESUMABLE = {"Tus-Resumable": VERSION}

UploadId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Resumable = Annotated[str, Header(alias="Tus-Resumable", max_length=16)]
Length = Annotated[int, Header(alias="Upload-Length", ge=0, le=2**53)]
Offset = Annotated[int, Header(alias="Upload-Offset", ge=0, le=2**53)]
Metadata = Annotated[
    str,
    Header(
        alias="Upload-Metadata",
        max_length=MOST_HEADER,
        description="`digest` (64 hexadecimal digits), `filetype` and `material`, each value in Base64",
    ),
]
_OF_ONE = ("upload_unknown", "upload_gone", "upload_digest", "upload_type", "tus_version")


def install(app: FastAPI, desk: Desk) -> None:
    _options(app, desk.office)
    _create(app, desk.office)
    _resume(app, desk.office)
    _append(app, desk.office)


def _options(app: FastAPI, office: Office) -> None:
    @app.options("/v1/uploads", status_code=204, responses=failures())
    def upload_options() -> Response:
        """What this server can take."""
        headers = {
            "Tus-Version": VERSION,
            "Tus-Max-Size": str(uploads.MOST_BYTES),
            "Tus-Extension": "creation,expiration",
            "Digest-Algorithm": office.digest.algorithm,
        }
        return Response(status_code=204, headers={**_RESUMABLE, **headers})


def _create(app: FastAPI, office: Office) -> None:
    @app.post(
        "/v1/uploads",
        status_code=201,
        responses=failures("tus_version", "upload_metadata", "upload_too_large", "too_many_uploads"),
    )
    def create_upload(key: Key, who: Who, length: Length, metadata: Metadata, resumable: Resumable = "") -> Response:
        """Announce a file: its length, digest, media type and material. `Location` is where it goes."""
        with _tus(resumable):
            try:
                declared = read_metadata(metadata)
            except MetadataError as cause:
                raise Problem("upload_metadata", str(cause)) from cause
            # The request has no body: its headers are what the same key must mean.
            asked = office.digest.hex(f"{length}\n{metadata}".encode())
            upload_id = uploads.create(office, Call(who.device, key, asked), length, declared)
            progress = uploads.progress(office, who.device, upload_id)
        return Response(
            status_code=201,
            headers={"Location": f"/v1/uploads/{upload_id}", **_headers(progress), "Upload-Offset": "0"},
        )


def _resume(app: FastAPI, office: Office) -> None:
    @app.head("/v1/uploads/{upload_id}", responses=failures(*_OF_ONE))
    def resume_upload(upload_id: UploadId, who: Who, resumable: Resumable = "") -> Response:
        """How much of a file has arrived."""
        with _tus(resumable):
            progress = uploads.progress(office, who.device, upload_id)
        return Response(headers={**_headers(progress), "Upload-Length": str(progress.length)})


def _append(app: FastAPI, office: Office) -> None:
    body = {"required": True, "content": {CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}}}

    @app.patch(
        "/v1/uploads/{upload_id}",
        status_code=204,
        responses=failures(*_OF_ONE, "upload_offset", "upload_too_large", "upload_pieces", "upload_content_type"),
        openapi_extra={"requestBody": body},
    )
    async def append_upload(
        upload_id: UploadId, who: Who, offset: Offset, request: Request, resumable: Resumable = ""
    ) -> Response:
        """The next bytes, at most 1 MiB at once. 204 means that they are on the disk."""
        with _tus(resumable):
            if request.headers.get("content-type") != CONTENT_TYPE:
                raise Problem("upload_content_type")
            piece = await request.body()
            progress = await run_in_threadpool(uploads.append, office, who.device, upload_id, offset, piece)
        return Response(status_code=204, headers=_headers(progress))


def _headers(progress: uploads.Progress) -> dict[str, str]:
    expires = datetime.fromisoformat(progress.expires_at).astimezone(UTC)
    return {
        **_RESUMABLE,
        "Cache-Control": "no-store",
        "Upload-Offset": str(progress.received),
        "Upload-Expires": format_datetime(expires, usegmt=True),
    }


@contextmanager
def _tus(version: str) -> Iterator[None]:
    """Every answer names the version, failures too. :raises Problem: tus_version."""
    try:
        if version != VERSION:
            raise Problem("tus_version", headers={"Tus-Version": VERSION})
        yield
    except Problem as problem:
        problem.headers.update(_RESUMABLE)
        raise
