"""Running the figures: on a day, on this database, each with the query that was run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, literal, select, text

from backoffice.district.figures import FIGURES, Figure, Shape
from backoffice.domain.rounding import RULE, mean, percent
from backoffice.office import Office
from backoffice.store.metadata import metadata
from backoffice.store.tables.district import synthetic_set

OWN = "this office's own guides and cases"


@dataclass(frozen=True, slots=True)
class Counted:
    name: str
    numerator: int
    denominator: int | None
    rounded: str
    rounding: str
    query: str

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Statistics:
    on: date
    about: str
    """Whose figures they are."""
    figures: tuple[Counted, ...]
    absent: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        return {
            "on": self.on.isoformat(),
            "year_from": _year_from(self.on),
            "set": self.about,
            "figures": [figure.to_json() for figure in self.figures],
            "absent": [{"name": name, "reason": reason} for name, reason in self.absent.items()],
        }


def statistics(office: Office, on: date | None = None) -> Statistics:
    """:param on: without one it is today, or the last day of a made-up district."""
    with office.database.read() as connection:
        return statistics_of(connection, on, office.clock.now().date())


def statistics_of(connection: Connection, on: date | None, today: date) -> Statistics:
    """In the caller's transaction."""
    made_up = connection.execute(select(synthetic_set)).first()
    day = on or (date.fromisoformat(made_up.last_day) if made_up else today)
    empty = {name for name in {figure.needs for figure in FIGURES} if not _has_rows(connection, name)}
    figures: list[Counted] = []
    absent: dict[str, str] = {}
    for figure in FIGURES:
        counted = None if figure.needs in empty else _count(connection, figure, day)
        if counted is not None:
            figures.append(counted)
        elif figure.needs in empty:
            absent[figure.name] = f"there is no row of {figure.needs} in this database"
        else:
            absent[figure.name] = f"nothing to divide by: no row counts on {day}"
    return Statistics(day, _about(made_up), tuple(figures), absent)


def _about(made_up: Any) -> str:
    if made_up is None:
        return OWN
    whole = made_up.loaded_cases == made_up.cases
    loaded = f"{made_up.cases} cases" if whole else f"INCOMPLETE, {made_up.loaded_cases} of {made_up.cases} cases"
    return f"synthetic: a made-up district, seed {made_up.seed}, scale {made_up.scale}, {loaded}; nobody's real figures"


def _has_rows(connection: Connection, name: str) -> bool:
    table = metadata.tables[name]
    return connection.execute(select(literal(1)).select_from(table).limit(1)).first() is not None


def _count(connection: Connection, figure: Figure, day: date) -> Counted | None:
    days = {"on": day.isoformat(), "year_from": _year_from(day), "day_after": (day + timedelta(days=1)).isoformat()}
    used = {name: value for name, value in days.items() if f":{name}" in figure.query}
    row = connection.execute(text(figure.query), used).one()
    numerator, denominator = int(row[0] or 0), None if row[1] is None else int(row[1])
    if figure.shape is Shape.COUNT:
        return Counted(figure.name, numerator, None, str(numerator), "none", figure.query)
    if not denominator:
        return None
    share = percent if figure.shape is Shape.PERCENT else mean
    rounded = share(numerator, denominator, figure.places)
    unit = "per cent, " if figure.shape is Shape.PERCENT else ""
    rounding = f"{unit}{figure.places} places, {RULE}"
    return Counted(figure.name, numerator, denominator, str(rounded), rounding, figure.query)


def _year_from(day: date) -> str:
    return f"{day.year:04d}-01-01"
