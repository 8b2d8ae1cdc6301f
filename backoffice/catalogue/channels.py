"""Which items are on which channel on which day: kept when a release is published, asked for by statistics."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from backoffice.catalogue.release import RawRelease
from backoffice.store.tables.catalogue import item_channel


class Channel(StrEnum):
    MOBILE = "mobile"
    """掌上: also by telephone, from anywhere: what is served across provinces or the province."""
    SELF_SERVICE = "self_service"
    """自助: the district's list."""
    INSTANT = "instant"
    """秒批秒办: decided while one waits."""


def channels_of(row: Mapping[str, Any]) -> frozenset[Channel]:
    """Of one `[[item]]` table."""
    on = {
        Channel.MOBILE: row["reach"] in ("nation", "province"),
        Channel.SELF_SERVICE: row["self_service"] == "yes",
        Channel.INSTANT: row["instant"],
    }
    return frozenset(channel for channel, is_on in on.items() if is_on)


def follow_channels(connection: Connection, raw: RawRelease) -> None:
    """End what the release no longer has on a channel, and begin what it newly has, on its effective day."""
    table, day = item_channel, raw.head["effective_from"]
    open_rows = connection.execute(select(table.c.item_id, table.c.channel).where(table.c.until.is_(None))).all()
    before = {(row.item_id, row.channel) for row in open_rows}
    now = {(row["id"], channel.value) for _, row in raw.rows for channel in channels_of(row)}
    for item_id, channel in sorted(before - now):
        where = (table.c.item_id == item_id) & (table.c.channel == channel) & table.c.until.is_(None)
        connection.execute(update(table).where(where).values(until=day))
    for item_id, channel in sorted(now - before):
        connection.execute(
            insert(table).values(item_id=item_id, channel=channel, since=day, until=None, release=raw.head["release"])
        )
