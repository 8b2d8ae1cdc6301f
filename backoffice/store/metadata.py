"""The one collection of tables; each subject's file `tables_<subject>.py` adds its own to it."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
