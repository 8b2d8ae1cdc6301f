"""Brings the files of one item of the outbox, a piece at a call."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.attachments import KEPT_MOST
from kiosk.domain.outbox import OutboxItem, problem_code
from kiosk.domain.ports import BackOffice, Clock, Files

WHOLE, GOES_ON = 200, 202
"""Answers of `BackOffice.upload`."""


@dataclass(frozen=True, slots=True)
class Brought:
    whole: bool = False
    """Every file of the item is complete there."""
    problem: str = ""
    """Code of why not; empty while it goes on."""
    gone: tuple[str, ...] = ()
    """Digests of files that lie here no more: they were kept too long."""


class FileBringer:
    """Used by the outbox's thread alone."""

    def __init__(self, files: Files, back_office: BackOffice, clock: Clock) -> None:
        self._files, self._back_office, self._clock = files, back_office, clock
        self._there: set[tuple[str, str]] = set()

    def bring(self, item: OutboxItem) -> Brought:
        """:raises StoreError: the store cannot be read."""
        self._files.expire_files(self._clock.wall() - KEPT_MOST)
        gone: list[str] = []
        for digest in item.attachments:
            if (item.case_no, digest) in self._there:
                continue
            file = self._files.file(item.case_no, digest)
            if file is None:
                gone.append(digest)
                continue
            reply = self._back_office.upload(file)
            if reply.status == GOES_ON:
                return Brought(gone=tuple(gone))
            if reply.status != WHOLE:
                return Brought(problem=problem_code(reply.status, reply.body), gone=tuple(gone))
            self._there.add((item.case_no, digest))
        return Brought(whole=True, gone=tuple(gone))

    def forget(self, item: OutboxItem) -> None:
        """The server says that they are not there."""
        self._there -= {(item.case_no, digest) for digest in item.attachments}

    def drop(self, item: OutboxItem) -> None:
        """The item has arrived: its files go. :raises StoreError:"""
        self.forget(item)
        for digest in item.attachments:
            self._files.drop_file(item.case_no, digest)
