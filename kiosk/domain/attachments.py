"""Files that go with a case: pictures of papers, a face, a signature."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from kiosk.domain.outbox import OutboxItem

KEPT_MOST = timedelta(hours=72)
"""A terminal stands in a village hall: what it could not deliver by then is gone, and the case asks for it anew."""
JPEG, PNG = "image/jpeg", "image/png"


@dataclass(frozen=True, slots=True, repr=False)
class KeptFile:
    """Somebody's paper: only in the encrypted store, until the back office has it."""

    case_no: str
    digest: str
    """Of the content, by the back office's algorithm, 64 hexadecimal digits."""
    media_type: str
    material: str
    """As the guide names it."""
    content: bytes
    kept_at: str
    """ISO 8601 with offset."""

    def __repr__(self) -> str:
        return f"KeptFile({self.media_type}, {len(self.content)} bytes, ***)"


def without(item: OutboxItem, gone: Collection[str]) -> OutboxItem:
    """The item without files that this terminal had to give up; the case is worth more than its pictures."""
    materials = item.body.get("materials")
    body = dict(item.body)
    if isinstance(materials, list):
        body["materials"] = [one for one in materials if not isinstance(one, dict) or one.get("digest") not in gone]
    form = body.get("form")
    if isinstance(form, dict):
        body["form"] = {key: value for key, value in form.items() if value not in gone}
    left = tuple(digest for digest in item.attachments if digest not in gone)
    return replace(item, body=body, attachments=left)
