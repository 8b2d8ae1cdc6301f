"""From what registers answered to lines that can be shown, said to one person, or printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.clock import iso
from backoffice.domain.facts.base import Lookup, Lookups, LookupState, rows
from backoffice.domain.text import Arg, Line
from backoffice.queries.views import FLAGS, KINDS, Row, Slot, View, area_around

PlaceName = Callable[[str], str]
"""What a division's code is called, towns and villages alike."""
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How one register answered, and what that is worth."""

    register: str
    state: LookupState
    asked_at: str
    as_of: str | None
    """When the register's own data were current; None when it gave none."""

    @property
    def line(self) -> Line:
        register = Arg("key", f"register.{self.register}")
        if self.state is LookupState.NOT_FOUND:
            return Line("query.not_found", {"register": register})
        if self.state is LookupState.STALE:
            return Line("query.stale", {"register": register})
        if self.as_of is None:
            return Line("query.silent", {"register": register})
        moment = datetime.fromisoformat(self.as_of)
        return Line(
            "query.as_of",
            {"date": Arg("date", moment.date().isoformat()), "time": Arg("time", f"{moment:%H:%M}")},
        )


def freshness_of(view: View, lookups: Lookups, asked_at: datetime) -> tuple[Freshness, ...]:
    """In the order of the view; a register that could not be asked at all is one that does not answer."""
    return tuple(_freshness(code, lookups.get(code), asked_at) for code in view.registers)


def _freshness(code: str, answer: Lookup | None, asked_at: datetime) -> Freshness:
    if answer is None:
        return Freshness(code, LookupState.NOT_ASKED, iso(asked_at), None)
    as_of = None
    if answer.state.answered:
        as_of = iso(datetime.fromisoformat(answer.answered_at) - timedelta(hours=answer.age_hours))
    return Freshness(code, answer.state, answer.answered_at, as_of)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked, and where: a row is told of those entries alone that it names."""

    form: Mapping[str, str]
    site: str
    """12 digits, where the terminal stands."""

    def tells(self, row: Row) -> bool:
        return all(self.form.get(key) == answer for key, answer in row.when.items())

    def names(self, row: Row, entry: Fields) -> bool:
        only = self.form.get(row.only, "")
        if only and entry[row.only] != only:
            return False
        if row.inside is not None and self.form.get(row.inside[1]):
            division, how_far = row.inside
            return str(entry[division]).startswith(area_around(self.site, self.form[how_far]))
        return not row.period or self._in_period(str(entry[row.period]))

    def _in_period(self, when: str) -> bool:
        """A year is asked about when one of its months is."""
        first, last = self._months()
        return (not first or first[: len(when)] <= when[: len(first)]) and (not last or when[: len(last)] <= last)

    def _months(self) -> tuple[str, str]:
        """The first and the last month (or the year) that was asked about; nothing where none was."""
        one = self.form.get("month") or self.form.get("record_year", "")
        return self.form.get("month_from", one), self.form.get("month_to", one)


def lines_of(view: View, lookups: Lookups, place: PlaceName, wanted: Wanted) -> tuple[tuple[str, Line], ...]:
    """(register, line) of everything that was answered, in the order of the view."""
    return tuple(
        (row.register, line)
        for row in view.rows
        if wanted.tells(row)
        for line in _lines(row, lookups.get(row.register), place, wanted)
    )


def unlisted(view: View, lookups: Lookups, wanted: Wanted) -> tuple[str, ...]:
    """The registers that answered without the rows that were asked about."""
    found = (row.register for row in view.rows if wanted.tells(row) and _unlisted(row, lookups.get(row.register)))
    return tuple(dict.fromkeys(found))


def _unlisted(row: Row, answer: Lookup | None) -> bool:
    answered = answer is not None and answer.state is LookupState.ANSWERED
    return answered and answer is not None and bool(row.each) and row.each not in answer.values


def _lines(row: Row, answer: Lookup | None, place: PlaceName, wanted: Wanted) -> Iterator[Line]:
    if answer is None or answer.state is not LookupState.ANSWERED:
        return
    if _unlisted(row, answer):
        yield Line("query.unlisted", {"register": Arg("key", f"register.{row.register}")})
        return
    entries: tuple[Fields, ...] = rows(answer.values, row.each) if row.each else (answer.values,)
    entries = tuple(entry for entry in entries if wanted.names(row, entry))
    if row.none and not entries:
        yield Line(row.none)
    for fields in entries:
        # A field that the register left out says nothing: its line is not made up.
        if all(slot.field in fields for slot in row.slots):
            yield Line(row.key, dict(_args(row, fields, place)))


def _args(row: Row, fields: Fields, place: PlaceName) -> Iterator[tuple[str, Arg]]:
    for slot in row.slots:
        value = fields[slot.field]
        if slot.kind == "month":
            year, month = str(value).split("-")
            yield "year", Arg("digits", year)
            yield "month", Arg("count", str(int(month)))
        else:
            yield slot.name, Arg(KINDS[slot.kind], _text(row, slot, value, place))


def _text(row: Row, slot: Slot, value: object, place: PlaceName) -> str:
    if slot.kind == "word":
        return f"{row.key}.{value}"
    if slot.kind == "flag":
        return FLAGS[value is True]
    if slot.kind == "place":
        return place(str(value))
    return str(value)
