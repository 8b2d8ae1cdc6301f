"""Loading a made-up district: guides, lists, accounts, transfers, and a year of cases. It says what it is."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice, product
from random import Random

from sqlalchemy import Connection, func, insert, select, update

from backoffice.casework.refusals import NOT_GRANTED, Proposal, reasons
from backoffice.clock import iso
from backoffice.district.bulk import History, write_histories
from backoffice.district.channels import Channel
from backoffice.district.demo_cases import Year, channel_counts, device_of, people
from backoffice.district.demo_guides import Guides, make_guides
from backoffice.district.demo_packages import bind_cases, put_counted
from backoffice.district.demo_words import Words, read_words
from backoffice.district.responsible import transfer
from backoffice.domain.divisions import Divisions, Level
from backoffice.geography.stored import read_stored_divisions
from backoffice.identity.devices import KEY_BYTES, add_device
from backoffice.office import Office
from backoffice.store import audit
from backoffice.store.failures import DatabaseBusy
from backoffice.store.tables import district as district
from backoffice.store.tables import tables
from backoffice.store.tables.casework import refusal

BATCH = 1000
"""Cases of one commit."""
FEWEST_PEOPLE, MOST_PEOPLE, CASES_A_PERSON = 200, 3000, 10

_COUNTED = (
    *(district.department, district.guide_account, district.guide, district.responsibility),
    *(district.guide_list, district.walkthrough, district.walkthrough_item),
)
"""Parents first."""

Told = Callable[[str], None]


class AlreadyThere(ValueError):
    """A made-up district is loaded into an empty database only, and once."""


@dataclass(frozen=True, slots=True)
class Loaded:
    guides: int
    cases: int
    first_day: date
    last_day: date


def load_district(office: Office, seed: int, scale: Decimal, tell: Told = lambda _: None) -> Loaded:
    """Load it. The same seed and scale give the same figures and cases.

    :param tell: is told how far it is.
    :raises AlreadyThere: there are guides or cases in this database.
    :raises ValueError: the scale is not between 0 and 1.
    """
    if not 0 < scale <= 1:
        raise ValueError(f"scale {scale}: above 0 and at most 1")
    words, chance = read_words(), Random(seed)
    with office.database.read() as connection:
        divisions = read_stored_divisions(connection)
    counts = channel_counts(scale)
    total = counts.total()
    with office.database.write_alone() as connection:
        _refuse_a_second(connection)
        _begin(office, connection, words, seed, scale, total)
        guides = _put_guides(office, connection, divisions, words, chance)
        units = [row["unit"] for row in guides.accounts]
        put_counted(connection, list(office.release.items.values()), units, words, seed)
        _prepare_chains(connection, divisions)
    tell(f"{len(guides.guides)} guides, {len(guides.lists)} places on lists, {len(guides.accounts)} accounts")
    _devices(office, divisions, words)
    residents = people(seed, min(MOST_PEOPLE, max(FEWEST_PEOPLE, total // CASES_A_PERSON)))
    days = (words.first_day, words.last_day)
    year = Year(office.release, divisions, office.tables.calendar, days, chance, residents, _refusals(words))
    _put_cases(office, year.cases(counts), seed, total, tell)
    with office.database.write() as connection:
        bind_cases(connection, office.digest, words)
    _measure(office, tell)
    return Loaded(len(guides.guides), total, *days)


def _refusals(words: Words) -> list[Proposal]:
    """One a reason for which something is not granted."""
    return [
        Proposal(reason.code, reason.basis, words.refusal_authority, words.refusal_words)
        for reason in reasons().values()
        if reason.kind == NOT_GRANTED
    ]


def _refuse_a_second(connection: Connection) -> None:
    for table, what in (
        (district.synthetic_set, "a made-up district"),
        (district.guide, "guides"),
        (tables.service_case, "cases"),
    ):
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise AlreadyThere(f"this database holds {what} already: give an empty data folder or database")


def _begin(office: Office, connection: Connection, words: Words, seed: int, scale: Decimal, total: int) -> None:
    """First of all, so that a load that was cut short is known for what it is."""
    connection.execute(
        insert(district.synthetic_set).values(
            seed=seed,
            scale=str(scale),
            cases=total,
            loaded_cases=0,
            first_day=words.first_day.isoformat(),
            last_day=words.last_day.isoformat(),
            loaded_at=iso(office.clock.now()),
        )
    )


def _put_guides(office: Office, connection: Connection, divisions: Divisions, words: Words, chance: Random) -> Guides:
    towns = [row.name for row in divisions.of_level(Level.TOWN, words.last_day)]
    made = make_guides(office.release, towns, words, chance)
    rows = (made.departments, made.accounts, made.guides, made.responsibilities)
    for table, values in zip(_COUNTED, (*rows, made.lists, made.walkthroughs, made.walked), strict=True):
        connection.execute(insert(table), values)
    for before, guide_nos in made.transferred.items():
        transfer(connection, guide_nos, before, words.transfer_to, words.transfer_day, words.transfer_basis)
    return made


def _prepare_chains(connection: Connection, divisions: Divisions) -> None:
    audit.prepare(connection, {row.code for row in divisions.rows() if len(row.code) == 9})


def _devices(office: Office, divisions: Divisions, words: Words) -> None:
    """Doors of the past: registered, because each case names one; their keys are known to nobody."""
    towns = {
        row.code
        for level, day in product((Level.TOWN, Level.FARM), (words.first_day, words.last_day))
        for row in divisions.of_level(level, day)
    }
    for channel, town in product(Channel, sorted(towns)):
        add_device(office, device_of(channel, town), secrets.token_bytes(KEY_BYTES), None)


def _put_cases(office: Office, cases: Iterable[History], seed: int, total: int, tell: Told) -> None:
    done, table, left = 0, district.synthetic_set, iter(cases)
    while batch := list(islice(left, BATCH)):
        done += len(batch)
        with office.database.write() as connection:
            write_histories(office, connection, batch)
            connection.execute(update(table).where(table.c.seed == seed).values(loaded_cases=done))
        tell(f"{done} of {total} cases")


def _measure(office: Office, tell: Told) -> None:
    """After this much at once a database knows its own sizes only when it is told to look. Only speed depends on it."""
    for table in (tables.service_case, tables.case_event, tables.rating, refusal, *_COUNTED):
        try:
            with office.database.write() as connection:
                connection.exec_driver_sql(f"ANALYZE {table.name}")
        except DatabaseBusy as problem:
            tell(f"{table.name} was not measured ({problem}); figures may take longer until the database does it")
