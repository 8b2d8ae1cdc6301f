"""Divisions by date, sites with their terminals' state, and the district's guides, lists and transfers.

`effective_to` is the first day on which a row no longer holds; NULL: no end is known.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from backoffice.store.metadata import metadata


def _period() -> tuple[Column[str], Column[str]]:
    return Column("effective_from", String(10), nullable=False), Column("effective_to", String(10))


division = Table(
    "division",
    metadata,
    Column("code", String(12), nullable=False),
    Column("name", String(64), nullable=False),
    Column("level", String(16), nullable=False),
    Column("parent", String(12), nullable=False),
    *_period(),
    Column("source", Text, nullable=False),
    PrimaryKeyConstraint("code", "effective_from"),
)

division_change = Table(
    "division_change",
    metadata,
    Column("old_code", String(12), nullable=False),
    Column("new_code", String(12), nullable=False),
    Column("changed_on", String(10), nullable=False),
    Column("source", Text, nullable=False),
    PrimaryKeyConstraint("old_code", "new_code", "changed_on"),
)

place_alias = Table(
    "place_alias",
    metadata,
    Column("alias", String(64), nullable=False),
    Column("code", String(12), nullable=False),
    *_period(),
    Column("source", Text, nullable=False),
    PrimaryKeyConstraint("alias", "code", "effective_from"),
)

site = Table(
    "site",
    metadata,
    Column("code", String(12), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("division", String(12), nullable=False),
    Column("name", String(128), nullable=False),
    Column("address", String(256), nullable=False),
    Column("phone", String(32), nullable=False),
    Column("agent", String(64), nullable=False),
    Column("hours", String(32), nullable=False),
    Column("latitude_deg", Float, nullable=False),
    Column("longitude_deg", Float, nullable=False),
    Column("position", String(16), nullable=False),
    *_period(),
    Column("source", Text, nullable=False),
    PrimaryKeyConstraint("code", "effective_from"),
)

site_state = Table(
    "site_state",
    metadata,
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("site", String(12), nullable=False),
    Column("devices", Text, nullable=False),
    Column("capabilities", Text, nullable=False),
    Column("observed_at", String(40), nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("seen_at", String(40)),
    PrimaryKeyConstraint("device", "n"),
    Index("site_state_site", "site"),
)
"""A row a change: the newest of a terminal is its state. `seen_at`: when the terminal last said the same."""

department = Table(
    "department",
    metadata,
    Column("name", String(64), nullable=False),
    Column("credit_code", String(18), nullable=False),
    *_period(),
    PrimaryKeyConstraint("name", "effective_from"),
)

responsibility = Table(
    "responsibility",
    metadata,
    Column("guide_no", String(16), nullable=False),
    Column("department", String(64), nullable=False),
    *_period(),
    Column("basis", Text, nullable=False),
    PrimaryKeyConstraint("guide_no", "effective_from"),
)
"""Who answers for an item, by date; an item without a row belongs to the department that the catalogue names."""

guide_account = Table(
    "guide_account",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("unit", String(64), nullable=False),
    *_period(),
)

guide = Table(
    "guide",
    metadata,
    Column("guide_no", String(16), primary_key=True),
    Column("name", String(256), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("account", ForeignKey("guide_account.account"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("elder", Boolean, nullable=False),
    Column("case_type", String(16), nullable=False),
    Column("materials", Integer, nullable=False),
    Column("legal_workdays", Integer),
    Column("promised_workdays", Integer),
    Column("scene_visits", Integer, nullable=False),
    Column("online", Boolean, nullable=False),
    Column("directory_code", String(64)),
    Column("unbound_reason", Text),
    *_period(),
)
"""One a service guide of the district. The catalogue's items are among them, under their own id."""

guide_list = Table(
    "guide_list",
    metadata,
    Column("list", String(32), nullable=False),
    Column("guide_no", ForeignKey("guide.guide_no"), nullable=False),
    *_period(),
    PrimaryKeyConstraint("list", "guide_no", "effective_from"),
)

walkthrough = Table(
    "walkthrough",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("day", String(10), nullable=False),
    Column("leader", String(64), nullable=False),
    Column("department", String(64), nullable=False),
    Column("satisfaction", String(32), nullable=False),
)
"""局长陪您办: a head of department who goes the resident's way beside them, once."""

walkthrough_item = Table(
    "walkthrough_item",
    metadata,
    Column("no", ForeignKey("walkthrough.no"), nullable=False),
    Column("guide_no", ForeignKey("guide.guide_no"), nullable=False),
    PrimaryKeyConstraint("no", "guide_no"),
)

synthetic_set = Table(
    "synthetic_set",
    metadata,
    Column("seed", Integer, primary_key=True, autoincrement=False),
    Column("scale", String(16), nullable=False),
    Column("cases", Integer, nullable=False),
    Column("loaded_cases", Integer, nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("loaded_at", String(40), nullable=False),
)
"""One row when this database holds a made-up district."""
