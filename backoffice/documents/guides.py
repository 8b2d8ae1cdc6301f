"""An item's guide on paper: the same texts as at the window, in large type. Nobody checks it, so it has no code."""

from __future__ import annotations

from backoffice.documents.letterhead import headed
from backoffice.documents.papers import data_of
from backoffice.documents.press import press
from backoffice.documents.words import words
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.publishing.guide import guide_of


def guide_pdf(office: Office, item_id: str, site: str) -> bytes:
    """The guide of the release in force. :raises Problem: item_unknown."""
    release = office.release
    item = release.items.get(item_id)
    if item is None:
        raise Problem("item_unknown")
    guide = guide_of(release, item_id, office.tables.posts)
    sections = [{"title": block.heading, "rows": [], "list": list(block.lines)} for block in guide.blocks]
    body = {"plain": guide.plain, "sections": sections, "edition": guide.edition}
    sheet = headed(office, item, "", site, template="guide", title=words()["title"]["guide"], body=body)
    return press("guide", data_of(sheet), sheet.made_at)
