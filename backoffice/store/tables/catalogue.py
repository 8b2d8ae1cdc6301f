"""Tables of the published catalogue beside `catalogue_release` and `item`: what is on which channel since when."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String, Table

from backoffice.store.metadata import metadata

item_channel = Table(
    "item_channel",
    metadata,
    Column("item_id", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("since", String(10), nullable=False),
    Column("until", String(10)),
    Column("release", Integer, nullable=False),
    PrimaryKeyConstraint("item_id", "channel", "since"),
)
"""An item is on a channel from `since` on and no longer on `until`; `release` put it there."""
