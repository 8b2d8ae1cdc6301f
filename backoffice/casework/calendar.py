"""The calendar of workdays: the catalogue's, and what was imported since. A later import replaces whole years."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select

from backoffice.clock import iso
from backoffice.domain.days import DayKind, WorkCalendar
from backoffice.office import Office
from backoffice.store.tables.casework import workday, workday_import

MAX_DAYS = 2_000


class CalendarError(ValueError):
    """The file is no calendar; the message names the line and what is wrong there."""


def calendar_now(office: Office, connection: Connection) -> tuple[WorkCalendar, int]:
    """The calendar in force and the number of its import; 0 = the catalogue's own."""
    n = connection.execute(select(func.max(workday_import.c.n))).scalar_one() or 0
    if n == 0:
        return office.tables.calendar, 0
    imported = {
        date.fromisoformat(row.day): DayKind(row.kind)
        for row in connection.execute(select(workday.c.day, workday.c.kind))
    }
    years = {day.year for day in imported}
    own = {day: kind for day, kind in office.tables.calendar.exceptions.items() if day.year not in years}
    return WorkCalendar({**own, **imported}), n


def calendar_of(office: Office) -> WorkCalendar:
    """`calendar_now` for whoever has no transaction of her own."""
    with office.database.read() as connection:
        return calendar_now(office, connection)[0]


def read_days(path: Path) -> dict[date, DayKind]:
    """From a file with the columns date and kind, tabs or commas between them.

    :raises CalendarError: a line that is no day, stands twice, or contradicts itself. :raises OSError:
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as cause:
        raise CalendarError(f"{path.name} is not UTF-8 text: save it as UTF-8") from cause
    lines = text.splitlines()
    delimiter = "\t" if lines and "\t" in lines[0] else ","
    try:
        return days_of(csv.DictReader(lines, delimiter=delimiter, strict=True))
    except csv.Error as cause:
        raise CalendarError(f"{path.name} is no table: {cause}") from cause


def days_of(rows: Iterable[Mapping[str, str | None]]) -> dict[date, DayKind]:
    """:raises CalendarError: a line that is no day, stands twice, or contradicts itself."""
    days: dict[date, DayKind] = {}
    for line, row in enumerate(rows, start=2):
        try:
            day, kind = date.fromisoformat(row.get("date") or ""), DayKind(row.get("kind") or "")
        except (ValueError, TypeError) as cause:
            kinds = " or ".join(DayKind)
            raise CalendarError(f"line {line}: needs `date` (YYYY-MM-DD) and `kind` ({kinds})") from cause
        if day in days:
            raise CalendarError(f"line {line}: {day} stands twice")
        if kind is DayKind.WORKDAY and day.isoweekday() <= 5:
            raise CalendarError(f"line {line}: {day} is worked anyway; only a weekend day that is worked is listed")
        days[day] = kind
        if len(days) > MAX_DAYS:
            raise CalendarError(f"more than {MAX_DAYS} days: this is no notice about holidays")
    for year in sorted({day.year for day in days}):
        if not any(kind is DayKind.HOLIDAY and day.year == year for day, kind in days.items()):
            raise CalendarError(f"{year} has no holiday: a year is imported as a whole")
    if not days:
        raise CalendarError("the file names no day")
    return days


def import_days(office: Office, days: Mapping[date, DayKind], source: str) -> int:
    """Put these years in force; the number of the import. Limits are derived again by `limits.recompute`."""

    def work(connection: Connection) -> int:
        n = int(connection.execute(select(func.max(workday_import.c.n))).scalar_one() or 0) + 1
        now = iso(office.clock.now())
        connection.execute(insert(workday_import).values(n=n, source=source[:80], imported_at=now))
        for year in {day.year for day in days}:
            connection.execute(delete(workday).where(workday.c.day.between(f"{year}-01-01", f"{year}-12-31")))
        rows = [{"day": day.isoformat(), "kind": kind.value, "import_n": n} for day, kind in sorted(days.items())]
        connection.execute(insert(workday), rows)
        return n

    return office.database.transact(work)
