"""Pages of lists that go by a name which everybody who reads them sees: the next page begins after the last name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

MAX_PAGE = 200
AfterName = Annotated[str, Query(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$", description="`next` of the last page")]
PageLimit = Annotated[int, Query(ge=1, le=MAX_PAGE)]


def page_of(kind: str, name: str, rows: Sequence[dict[str, Any]], limit: int) -> dict[str, Any]:
    """:param rows: one more than `limit` where there are more."""
    return {kind: rows[:limit], "next": rows[limit - 1][name] if len(rows) > limit else None}
