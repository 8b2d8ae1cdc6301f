"""The one collection of tables; each file of `store/tables/` adds its own to it."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
