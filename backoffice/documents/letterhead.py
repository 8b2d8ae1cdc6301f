"""What the papers of one case have in common: whose they are, whom to call, under which number they run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backoffice.documents.papers import Data, Sheet
from backoffice.documents.words import words
from backoffice.domain.items.item import Item
from backoffice.geography.stored import sites_on
from backoffice.office import Office


def headed(
    office: Office, item: Item, case_no: str, site: str, *, template: str, title: str, body: Data, purpose: str = ""
) -> Sheet:
    own: Mapping[str, Mapping[str, str]] = words()
    now = office.clock.now()
    return Sheet(
        template=template,
        title=title,
        case_no=case_no[-16:],
        department=own["department"][item.level].format(name=item.department),
        made_at=now,
        item="" if template == "certificate" else item.official,
        phone=_phone(office, site, now),
        supervision=own["place"]["supervision"],
        purpose=purpose,
        body=body,
    )


def _phone(office: Office, site: str, now: datetime) -> str:
    """The number of the place where the paper comes out, in whose hands a question about it is best."""
    with office.database.read() as connection:
        sites = sites_on(connection, now.date())
    return next((found.phone for found in sites if found.code == site), "")
