"""The made-up district: it counts what the district of 2021 counted, and each figure moves with its rows and no other.

Built once a database, small; every change is undone with its transaction.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_support import district_changes, district_recount
from sqlalchemy import Connection, delete, func, insert, select, update

from backoffice.__main__ import main
from backoffice.casework.refusals import Proposal
from backoffice.clock import CHINA
from backoffice.district.bulk import History, Step, write_histories
from backoffice.district.channels import NOT_FACE_TO_FACE, Channel
from backoffice.district.demo import AlreadyThere, load_district
from backoffice.district.demo_cases import channel_counts
from backoffice.district.figures import FIGURES
from backoffice.district.statistics import OWN, statistics, statistics_of
from backoffice.domain.cases.case import ENDED, CaseState, Move, NotAllowed, Role
from backoffice.domain.cases.case_number import check_digit
from backoffice.domain.cases.standing import Event, rebuild
from backoffice.domain.person import Applicant
from backoffice.domain.rating import Satisfaction
from backoffice.domain.rounding import mean, percent
from backoffice.office import KEY_FILE, Office, open_office
from backoffice.problems.problem import Problem
from backoffice.store import audit
from backoffice.store.metadata import metadata
from backoffice.store.tables import district as district
from backoffice.store.tables import tables
from backoffice.store.tables.casework import refusal

SCALE = Decimal("0.001")
DAY = date(2021, 12, 31)
Pairs = dict[str, tuple[int, int | None]]
Moved = dict[str, tuple[int, int]]
Change = Callable[[Connection], Moved]


class Undo(Exception):
    """Ends a transaction without keeping anything of it."""


class Still:
    """The clock of whoever opens a made-up district."""

    def now(self) -> datetime:
        return datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def small(
    request: pytest.FixtureRequest, fresh_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """A thousandth of the year, loaded once; a test that changes it undoes that."""
    folder = tmp_path_factory.mktemp("district") / "data"
    db = None
    if request.param == "sqlite":
        shutil.copytree(fresh_data, folder)
    else:
        cluster = request.getfixturevalue("cluster")
        folder.mkdir()
        shutil.copy(fresh_data / KEY_FILE, folder)
        db = cluster.url(cluster.clone())
    office = open_office(folder, Still(), db=db)
    load_district(office, 1, SCALE)
    yield office
    office.close()


@pytest.fixture(scope="module")
def at_first(small: Office) -> Pairs:
    with small.database.read() as connection:
        return pairs(connection)


def pairs(connection: Connection, day: date = DAY) -> Pairs:
    counted = statistics_of(connection, day, day).figures
    return {figure.name: (figure.numerator, figure.denominator) for figure in counted}


def moved(office: Office, before: Pairs, change: Change) -> tuple[Moved, Moved]:
    """What a change should move, and what it does move; nothing of it is kept."""
    expected: Moved = {}
    after: Pairs = {}
    try:
        with office.database.write() as connection:
            expected.update(change(connection))
            after.update(pairs(connection))
            raise Undo
    except Undo:
        pass
    assert set(before) == set(after)
    found = {
        name: (after[name][0] - before[name][0], (after[name][1] or 0) - (before[name][1] or 0)) for name in before
    }
    return expected, {name: by for name, by in found.items() if by != (0, 0)}


def a_guide(connection: Connection, **wanted: Any) -> Any:
    """One that is on no list, was never transferred, and that nobody walked through."""
    table = district.guide
    listed = select(district.guide_list.c.guide_no).union_all(select(district.walkthrough_item.c.guide_no))
    moved_once = select(district.responsibility.c.guide_no).where(district.responsibility.c.effective_to.is_not(None))
    query = select(table).where(table.c.guide_no.not_in(listed), table.c.guide_no.not_in(moved_once))
    for name, value in {"tier": "district", "case_type": "instant_counter", **wanted}.items():
        query = query.where(table.c[name] == value)
    return connection.execute(query.where(table.c.directory_code.is_not(None)).order_by(table.c.guide_no)).first()


def set_guide(connection: Connection, guide_no: str, **values: Any) -> None:
    connection.execute(update(district.guide).where(district.guide.c.guide_no == guide_no).values(**values))


def a_guide_goes(connection: Connection) -> Moved:
    row = a_guide(connection, kind="service")
    table = district.responsibility
    connection.execute(delete(table).where(table.c.guide_no == row.guide_no))
    connection.execute(delete(district.guide).where(district.guide.c.guide_no == row.guide_no))
    return _one_guide_less(row)


def a_guide_ends(connection: Connection) -> Moved:
    row = a_guide(connection, kind="service")
    set_guide(connection, row.guide_no, effective_to="2021-12-31")
    return _one_guide_less(row)


def _one_guide_less(row: Any) -> Moved:
    one = (-1, -1)
    return {
        "guides_district": (-1, 0),
        "directory_bound": one,
        "directory_accounted_for": one,
        "instant_counter": one,
        "fully_online": one,
        "materials_average": (-row.materials, -1),
        "promised_of_legal": (-row.promised_workdays, -row.legal_workdays),
    }


def a_grassroots_guide_ends(connection: Connection) -> Moved:
    row = a_guide(connection, tier="grassroots")
    set_guide(connection, row.guide_no, effective_to="2021-12-31")
    return {"guides_grassroots": (-1, 0)}


def a_guide_is_unbound(connection: Connection) -> Moved:
    row = a_guide(connection)
    set_guide(connection, row.guide_no, directory_code=None, unbound_reason="test")
    return {"directory_bound": (-1, 0)}


def a_guide_is_unbound_without_a_reason(connection: Connection) -> Moved:
    row = a_guide(connection)
    set_guide(connection, row.guide_no, directory_code=None)
    return {"directory_bound": (-1, 0), "directory_accounted_for": (-1, 0)}


def a_guide_needs_one_paper_more(connection: Connection) -> Moved:
    row = a_guide(connection)
    set_guide(connection, row.guide_no, materials=row.materials + 1)
    return {"materials_average": (1, 0)}


def a_guide_takes_three_days_more(connection: Connection) -> Moved:
    row = a_guide(connection)
    set_guide(connection, row.guide_no, promised_workdays=row.promised_workdays + 3)
    return {"promised_of_legal": (3, 0)}


def a_guide_is_no_longer_done_at_once(connection: Connection) -> Moved:
    set_guide(connection, a_guide(connection).guide_no, case_type="promised")
    return {"instant_counter": (-1, 0)}


def a_guide_leaves_the_net(connection: Connection) -> Moved:
    set_guide(connection, a_guide(connection).guide_no, online=False)
    return {"fully_online": (-1, 0)}


def a_permit_needs_two_visits(connection: Connection) -> Moved:
    table = district.guide
    permit = select(table.c.guide_no).where(table.c.kind == "permit", table.c.tier == "district").limit(1)
    set_guide(connection, connection.execute(permit).scalar_one(), scene_visits=2)
    return {"one_trip": (-1, 0)}


def _off_list(name: str, figure: str) -> Change:
    def change(connection: Connection) -> Moved:
        table = district.guide_list
        others = select(table.c.guide_no).where(table.c.list == "commitment")
        query = select(table.c.guide_no).where(table.c.list == name)
        # Of the intelligent ones: without a commitment, which is counted elsewhere; its department has others.
        if name == "intelligent":
            query = query.where(table.c.guide_no.not_in(others))
        if name == "commitment":
            intelligent = select(table.c.guide_no).where(table.c.list == "intelligent")
            query = query.where(table.c.guide_no.in_(intelligent))
        guide_no = connection.execute(query.order_by(table.c.guide_no).limit(1)).scalar_one()
        where = (table.c.list == name) & (table.c.guide_no == guide_no)
        connection.execute(update(table).where(where).values(effective_to="2021-12-31"))
        return {figure: (-1, 0)}

    return change


LISTS = {
    "handheld": "list_handheld",
    "self_service": "list_self_service",
    "instant": "list_instant",
    "intelligent": "list_intelligent",
    "commitment": "intelligent_with_commitment",
    "one_trip": "one_trip",
    "cross_province": "cross_province",
    "in_province": "in_province",
    "neighbour_cities": "neighbour_cities",
}


def a_department_ends(connection: Connection) -> Moved:
    """One of the five."""
    responsible, on_list, table = district.responsibility, district.guide_list, district.department
    query = select(responsible.c.department).join(on_list, on_list.c.guide_no == responsible.c.guide_no)
    name = connection.execute(query.where(on_list.c.list == "intelligent").limit(1)).scalar_one()
    connection.execute(update(table).where(table.c.name == name).values(effective_to="2021-12-01"))
    return {"intelligent_departments": (-1, 0)}


def an_account_ends(connection: Connection) -> Moved:
    table = district.guide_account
    connection.execute(update(table).where(table.c.account == "guides-01").values(effective_to="2021-12-01"))
    return {"guide_accounts": (-1, 0)}


def a_town_ends(connection: Connection) -> Moved:
    table = district.division
    connection.execute(update(table).where(table.c.code == "350213111").values(effective_to="2021-12-01"))
    return {"town_centres": (-1, -1)}


def a_new_town_ends(connection: Connection) -> Moved:
    table = district.division
    connection.execute(update(table).where(table.c.code == "350213007").values(effective_to="2021-12-01"))
    return {"town_centres": (-1, -1), "new_town_centres": (-1, 0)}


def a_village_ends(connection: Connection) -> Moved:
    table = district.division
    connection.execute(update(table).where(table.c.code == "350213007007").values(effective_to="2021-12-01"))
    return {"village_points": (-1, -1)}


def _closes(site: str, figure: str) -> Change:
    def change(connection: Connection) -> Moved:
        table = district.site
        connection.execute(update(table).where(table.c.code == site).values(effective_to="2021-12-01"))
        return {figure: (-1, 0)}

    return change


def _cases_move(count: int, channel: Channel, by: int) -> Change:
    def change(connection: Connection) -> Moved:
        table = tables.service_case
        source = Channel.NET if channel is Channel.WINDOW else Channel.WINDOW
        of_source = func.substr(table.c.case_no, 10, 1) == source.value
        rows = connection.execute(select(table).where(of_source).order_by(table.c.case_no).limit(count)).all()
        assert len(rows) == count
        for row in rows:
            _renumber(connection, row, channel)
        return {"not_face_to_face": (by * count, 0)}

    return change


def _renumber(connection: Connection, row: Any, channel: Channel) -> None:
    """The number says the channel: a case that came in through another door has another number everywhere."""
    digits = f"{row.case_no[:6]}9{row.case_no[7:9]}{channel.value}{row.case_no[10:21]}"
    new = digits + check_digit(digits)
    table = tables.service_case
    connection.execute(insert(table).values({**row._mapping, "case_no": new, "shown_no": new[-16:]}))
    for other in metadata.sorted_tables:
        if "case_no" in other.c and other is not table:
            connection.execute(update(other).where(other.c.case_no == row.case_no).values(case_no=new))
    connection.execute(delete(table).where(table.c.case_no == row.case_no))


def a_case_was_of_another_year(connection: Connection) -> Moved:
    case_no = _a_case(connection, Channel.KIOSK)
    table = tables.service_case
    connection.execute(
        update(table).where(table.c.case_no == case_no).values(accepted_at="2020-12-31T23:59:59.000+08:00")
    )
    return {"not_face_to_face": (-1, -1)}


def a_visit_was_only_told_where_to_go(connection: Connection) -> Moved:
    case_no = _a_case(connection, Channel.KIOSK)
    table = tables.case_event
    where = (table.c.case_no == case_no) & (table.c.n == 2)
    connection.execute(update(table).where(where).values(event="guided"))
    return {"not_face_to_face": (-1, -1)}


def _a_case(connection: Connection, channel: Channel) -> str:
    column = tables.service_case.c.case_no
    query = select(column).where(func.substr(column, 10, 1) == channel.value).order_by(column).limit(1)
    case_no: str = connection.execute(query).scalar_one()
    return case_no


def an_old_person_is_less_content(connection: Connection) -> Moved:
    table = tables.rating
    connection.execute(
        update(table).where(table.c.case_no == _an_elder_rating(connection)).values(satisfaction="satisfied")
    )
    return {"elder_ratings_best": (-1, 0)}


def an_old_person_did_not_rate(connection: Connection) -> Moved:
    connection.execute(delete(tables.rating).where(tables.rating.c.case_no == _an_elder_rating(connection)))
    return {"elder_ratings_best": (-1, -1)}


def _an_elder_rating(connection: Connection) -> str:
    case, guide, rated = tables.service_case, district.guide, tables.rating
    query = select(rated.c.case_no).join(case, case.c.case_no == rated.c.case_no)
    query = query.join(guide, guide.c.guide_no == case.c.item_id).where(guide.c.elder).order_by(rated.c.case_no)
    case_no: str = connection.execute(query.limit(1)).scalar_one()
    return case_no


def a_walk_was_not_so_good(connection: Connection) -> Moved:
    connection.execute(
        update(district.walkthrough).where(district.walkthrough.c.no == 1).values(satisfaction="satisfied")
    )
    return {"walkthrough_ratings_best": (-1, 0)}


def a_walk_did_not_take_place(connection: Connection) -> Moved:
    items = delete(district.walkthrough_item).where(district.walkthrough_item.c.no == 103)
    gone = connection.execute(items).rowcount
    connection.execute(delete(district.walkthrough).where(district.walkthrough.c.no == 103))
    return {"walkthroughs": (-1, 0), "walkthrough_items": (-gone, 0), "walkthrough_ratings_best": (-1, -1)}


def a_department_was_not_walked_with(connection: Connection) -> Moved:
    walks, items = district.walkthrough, district.walkthrough_item
    name = connection.execute(select(walks.c.department).where(walks.c.no == 1)).scalar_one()
    of_it = list(connection.execute(select(walks.c.no).where(walks.c.department == name)).scalars())
    gone = connection.execute(delete(items).where(items.c.no.in_(of_it))).rowcount
    connection.execute(delete(walks).where(walks.c.no.in_(of_it)))
    count = len(of_it)
    return {
        "walkthroughs": (-count, 0),
        "walkthrough_items": (-gone, 0),
        "walkthrough_departments": (-1, 0),
        "walkthrough_ratings_best": (-count, -count),
    }


def a_transfer_is_undone(connection: Connection) -> Moved:
    table = district.responsibility
    guide_no = connection.execute(
        select(table.c.guide_no).where(table.c.effective_to.is_not(None)).order_by(table.c.guide_no).limit(1)
    ).scalar_one()
    later = (table.c.guide_no == guide_no) & (table.c.effective_from == "2021-11-09")
    connection.execute(delete(table).where(later))
    return {"transferred_items": (-1, 0)}


def a_department_kept_its_items(connection: Connection) -> Moved:
    table = district.responsibility
    left = select(table.c.department).where(table.c.effective_to.is_not(None)).limit(1)
    name = connection.execute(left).scalar_one()
    kept = connection.execute(
        select(table.c.guide_no).where(table.c.effective_to.is_not(None), table.c.department == name)
    ).scalars()
    numbers = list(kept)
    later = table.c.guide_no.in_(numbers) & (table.c.effective_from == "2021-11-09")
    connection.execute(delete(table).where(later))
    return {"transferred_items": (-len(numbers), 0), "transferred_departments": (-1, 0)}


def a_refusal_is_proposed(connection: Connection) -> Moved:
    needed = [column for column in refusal.c if not column.nullable]
    values = {column.name: {int: 1, bytes: b"", bool: False}.get(column.type.python_type, "test") for column in needed}
    values |= {"case_no": _a_case(connection, Channel.WINDOW), "proposed_at": "2021-06-01T10:00:00.000+08:00"}
    values["town"] = "350213007"
    connection.execute(insert(refusal).values(values))
    return {"refusal_ledger": (1, 0)}


def a_refusal_was_looked_at_by_one_person(connection: Connection) -> Moved:
    case_no = connection.execute(select(refusal.c.case_no).order_by(refusal.c.case_no).limit(1)).scalar_one()
    connection.execute(update(refusal).where(refusal.c.case_no == case_no).values(reviewed_by=refusal.c.proposed_by))
    return {"refused_by_two_persons": (-1, 0)}


CHANGES: Mapping[str, Change] = {
    change.__name__: change
    for change in (
        *(a_guide_goes, a_guide_ends, a_grassroots_guide_ends, a_guide_is_unbound),
        *(a_guide_is_unbound_without_a_reason, a_guide_needs_one_paper_more, a_guide_takes_three_days_more),
        *(a_guide_is_no_longer_done_at_once, a_guide_leaves_the_net, a_permit_needs_two_visits, a_department_ends),
        *(an_account_ends, a_town_ends, a_new_town_ends, a_village_ends, a_case_was_of_another_year),
        *(a_visit_was_only_told_where_to_go, an_old_person_is_less_content, an_old_person_did_not_rate),
        *(a_walk_was_not_so_good, a_walk_did_not_take_place, a_transfer_is_undone, a_department_kept_its_items),
        *(a_department_was_not_walked_with, a_refusal_is_proposed),
        a_refusal_was_looked_at_by_one_person,
    )
} | {
    **{f"off_the_list_{name}": _off_list(name, figure) for name, figure in LISTS.items()},
    "a_centre_closes": _closes("350213111000", "town_centres"),
    "a_point_closes": _closes("350213007007", "village_points"),
    "seven_cases_go_to_the_counter": _cases_move(7, Channel.WINDOW, -1),
    "five_cases_go_to_the_net": _cases_move(5, Channel.NET, 1),
    "three_cases_go_to_a_kiosk": _cases_move(3, Channel.KIOSK, 1),
}


def test_a_change_moves_its_figures_by_exactly_that_and_no_other(small: Office, at_first: Pairs) -> None:
    touched: set[str] = set()
    for name, change in {**CHANGES, **district_changes.CHANGES}.items():
        expected, found = moved(small, at_first, change)
        assert expected and found == expected, name
        touched |= set(expected)
    assert touched == {figure.name for figure in FIGURES}
    with small.database.read() as connection:
        assert pairs(connection) == at_first


@pytest.mark.parametrize("how_many", [2, pytest.param(None, marks=pytest.mark.proof)], ids=["some", "every"])
def test_each_figure_is_what_a_count_of_the_rows_by_hand_gives_also_after_a_change(
    how_many: int | None, small: Office
) -> None:
    recounted = district_recount.recounted
    changes = [("nothing", lambda _: {}), *CHANGES.items(), *district_changes.CHANGES.items()]
    kept: dict[str, tuple[Pairs, Pairs]] = {}
    for name, change in changes[:how_many]:
        with contextlib.suppress(Undo), small.database.write() as connection:
            change(connection)
            kept[name] = (recounted(connection), pairs(connection))
            raise Undo
    assert len(kept) == len(changes[:how_many])
    for name, (by_hand, counted) in kept.items():
        assert by_hand == {figure: counted[figure] for figure in by_hand}, name
    assert len(by_hand) >= len(FIGURES) - 3


def test_the_figures_are_rounded_as_told_and_each_is_there(small: Office) -> None:
    found = statistics(small)
    counted = {figure.name: (figure.numerator, figure.denominator, figure.rounded) for figure in found.figures}
    for name, (numerator, denominator, rounded) in counted.items():
        if denominator is not None:
            times, places = (1, "0.01") if name == "materials_average" else (100, "0.1")
            exact = Decimal(numerator * times) / Decimal(denominator)
            assert rounded == str(exact.quantize(Decimal(places), ROUND_HALF_UP)), name
    elder, legal = counted["elder_ratings_best"], counted["promised_of_legal"]
    assert elder[0] == elder[1] and elder[2] == "100.0" and legal[1]
    assert 10 * legal[0] <= legal[1]
    refused, ledger = counted["refused_by_two_persons"], counted["refusal_ledger"]
    assert refused[0] == refused[1] == ledger[0] > 0
    assert set(counted) == {figure.name for figure in FIGURES}
    assert dict(found.absent) == {}
    assert found.on == DAY and found.about.startswith("synthetic") and "548 cases" in found.about


def test_what_cannot_be_counted_is_absent_with_a_reason_and_never_zero(office: Office) -> None:
    found = statistics(office, date(2026, 11, 24))
    places = ["town_centres", "village_points", "new_town_centres"]
    drafts = ["packages", "one_licence_industries", "one_licence_own_industries"]
    assert [figure.name for figure in found.figures] == [*places, *drafts]
    assert found.about == OWN
    assert {figure.name for figure in FIGURES} - set(found.absent) == {figure.name for figure in found.figures}
    assert all(found.absent.values())


def test_figures_follow_the_day(small: Office) -> None:
    with small.database.read() as connection:
        before, on = pairs(connection, date(2021, 11, 8)), pairs(connection, date(2021, 11, 9))
        spring, next_year = pairs(connection, date(2021, 6, 30)), pairs(connection, date(2022, 1, 1))
    assert before["transferred_items"] == (0, None) and on["transferred_items"] == (283, None)
    assert (spring["town_centres"], spring["village_points"]) == ((5, 5), (120, 120))
    assert spring["new_town_centres"] == (0, None)
    assert "not_face_to_face" not in next_year and next_year["guides_district"] == (1250, None)
    cases = spring["not_face_to_face"][1]
    assert cases is not None and 0 < cases < 548


def test_the_query_that_is_shown_is_the_one_that_was_run(small: Office) -> None:
    for figure in statistics(small).figures:
        days = {"on": "'2021-12-31'", "year_from": "'2021-01-01'", "day_after": "'2022-01-01'"}
        written = figure.query
        for name, value in sorted(days.items(), reverse=True):
            written = written.replace(f":{name}", value)
        with small.database.read() as connection:
            row = connection.exec_driver_sql(written).one()
        assert (row[0] or 0, row[1]) == (figure.numerator, figure.denominator)


def test_the_chains_hold_and_every_history_leads_to_the_state_of_its_case(small: Office) -> None:
    with small.database.read() as connection:
        count, broken = audit.verify(connection, small.chain_key)
        cases = connection.execute(select(tables.service_case)).all()
        events = connection.execute(select(tables.case_event).order_by(tables.case_event.c.n)).all()
    assert broken == [] and count >= len(events)
    by_case: dict[str, list[Event]] = {}
    for row in events:
        event = Event(row.event, CaseState(row.to_state), Role(row.role), row.actor)
        by_case.setdefault(row.case_no, []).append(event)
    assert len(cases) == 548
    for case in cases:
        assert rebuild(by_case[case.case_no]).state.value == case.state
        assert CaseState(case.state) in ENDED
    opened = small.vault.open_json(f"case.applicant:{cases[0].case_no}", cases[0].applicant_sealed)
    assert opened["number"] and small.vault.index(opened["number"]) == cases[0].applicant_index


def test_a_second_district_is_refused(small: Office) -> None:
    with pytest.raises(AlreadyThere, match="made-up district"):
        load_district(small, 2, SCALE)


def test_a_district_is_not_mixed_with_real_cases(office: Office) -> None:
    with office.database.write() as connection:
        write_histories(office, connection, [a_history("K1")])
    with pytest.raises(AlreadyThere, match="cases"):
        load_district(office, 1, SCALE)


def a_history(device: str, **changes: Any) -> History:
    at = datetime(2021, 12, 1, 9, 0, tzinfo=CHINA)
    digits = "350213007821120100001"
    given = Step(Move.COMPLETE, "guided", Role.RULE_ENGINE, "item:XA067/1", at + timedelta(seconds=5))
    history = History(
        case_no=digits + check_digit(digits),
        device=device,
        site="350213007007",
        item_id="XA067",
        item_version=1,
        consent_version="",
        lang="nan",
        applicant=Applicant("none", "", ""),
        accepted_at=at,
        steps=(given,),
    )
    return replace(history, **changes)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"case_no": "3502130078211201000011"}, Problem),
        ({"item_id": "XA999"}, Problem),
        ({"steps": ()}, ValueError),
        ({"refused": Proposal("x", "x", "x", "x")}, ValueError),
        ({"steps": (Step(Move.ISSUE, "issued", Role.INTAKE, "x", datetime(2021, 12, 1, tzinfo=CHINA)),)}, NotAllowed),
    ],
)
def test_a_past_that_could_not_have_been_is_refused(
    office: Office, changes: dict[str, Any], problem: type[Exception]
) -> None:
    with pytest.raises(problem), office.database.write() as connection:
        write_histories(office, connection, [a_history("K1", **changes)])
    with office.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.service_case)).scalar_one() == 0


def test_a_case_written_with_many_is_the_same_rows_as_one_that_was_sent(
    terminal: Any, office: Office, case_no: Callable[..., str], clock: Any
) -> None:
    sent = {
        "case_no": case_no(1),
        "item_id": "XA067",
        "item_version": 1,
        "created_at": "2026-11-24T10:00:00+08:00",
        "site": "350213007007",
        "lang": "nan",
        "boot_id": "boot-1",
        "monotonic_s": 12.5,
    }
    token = terminal.call("POST", "/v1/guidances", sent, key=sent["case_no"]).json()["visit_token"]
    rating = {"visit_token": token, "level": 5, "labels": [], "rated_at": "2026-11-24T10:05:00+08:00"}
    assert terminal.call("POST", f"/v1/cases/{sent['case_no']}/rating", rating).status_code == 201
    given = Step(Move.COMPLETE, "guided", Role.RULE_ENGINE, "item:XA067/1", clock.now(), {"item": "XA067"})
    history = a_history(
        "K1",
        case_no=case_no(2),
        accepted_at=clock.now(),
        steps=(given,),
        rated=Satisfaction.VERY_SATISFIED,
        rated_at=clock.now(),
    )
    with office.database.write() as connection:
        write_histories(office, connection, [history])
    with office.database.read() as connection:
        for table in (tables.service_case, tables.case_event, tables.outbox, tables.rating):
            one, other = (_rows(connection, table, number) for number in (sent["case_no"], history.case_no))
            assert one == other and one
        entries = [json.loads(text) for text in connection.execute(select(tables.audit.c.entry)).scalars()]
    kept = {number: [entry for entry in entries if entry.get("case_no") == number] for number in case_numbers(entries)}
    one, other = (kept[number] for number in (sent["case_no"], history.case_no))
    assert [_without(entry, "case_no") for entry in one] == [_without(entry, "case_no") for entry in other]


def case_numbers(entries: list[dict[str, str]]) -> set[str]:
    return {entry["case_no"] for entry in entries if "case_no" in entry}


OWN_TO_EACH = ("case_no", "shown_no", "boot_id", "monotonic_s", "created_at", "id", "delivered_at", "rated_at")


def _rows(connection: Connection, table: Any, number: str) -> list[dict[str, Any]]:
    found = connection.execute(select(table).where(table.c.case_no == number)).mappings()
    rows = [_without(dict(row), *OWN_TO_EACH) for row in found]
    return [{name: value for name, value in row.items() if not name.endswith("_sealed")} for row in rows]


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


@given(st.integers(1, 1000))
def test_at_every_scale_the_doors_add_up_to_the_scaled_counts(thousandths: int) -> None:
    scale = Decimal(thousandths) / 1000
    counts = channel_counts(scale)
    remote = sum(counts[channel] for channel in NOT_FACE_TO_FACE)
    assert abs(counts.total() - 548_200 * scale) <= Decimal("0.5")
    assert abs(remote - 354_400 * scale) <= Decimal("0.5")
    assert all(count >= 0 for count in counts.values())


def test_a_tenth_of_the_year_rounds_as_the_report_does() -> None:
    counts = channel_counts(Decimal("0.1"))
    assert counts.total() == 54_820
    assert str(percent(54_820 - counts[Channel.WINDOW], 54_820)) == "64.6"
    assert str(percent(35_440, 54_820, 3)) == "64.648"


@pytest.mark.parametrize(
    ("numerator", "denominator", "places", "shown"),
    [(1, 2000, 1, "0.1"), (1, 2001, 1, "0.0"), (0, 7, 1, "0.0"), (7, 7, 0, "100"), (2, 3, 2, "66.67")],
)
def test_shares_are_rounded_half_up_once(numerator: int, denominator: int, places: int, shown: str) -> None:
    assert str(percent(numerator, denominator, places)) == shown


def test_a_share_of_nothing_is_none() -> None:
    with pytest.raises(ZeroDivisionError):
        mean(1, 0)


def test_the_commands_load_a_district_and_tell_its_figures(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--data", str(data)]
    assert main(["demo", "--district", "--scale", "0.00001", *where]) == 0
    told = capsys.readouterr()
    assert "3391 guides" in told.out and "cases" in told.err
    assert main(["demo", "--district", *where]) == 1
    assert "already" in capsys.readouterr().err
    assert main(["stats", "--json", *where]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["on"] == "2021-12-31" and found["set"].startswith("synthetic")
    by_name = {figure["name"]: figure for figure in found["figures"]}
    assert set(by_name["one_trip"]) == {"name", "numerator", "denominator", "rounded", "rounding", "query"}
    assert by_name["guides_district"]["denominator"] is None
    assert set(by_name) | {absent["name"] for absent in found["absent"]} == {figure.name for figure in FIGURES}
    assert main(["stats", *where, "--on", "2021-06-30"]) == 0
    assert "5/5" in capsys.readouterr().out


def test_auditors_and_superiors_are_served_the_same_figures(
    start: Callable[..., Any], office: Office, clock: Any, staff_hands: Callable[..., Any]
) -> None:
    http = start().http
    for role, status in (("auditor", 200), ("superior", 200), ("clerk", 403)):
        hands = staff_hands(office, http, clock, role, role)
        answer = hands.call("GET", "/staff/v1/statistics?on=2021-06-30")
        assert answer.status_code == status, answer.text
        if status == 200:
            assert answer.json() == statistics(office, date(2021, 6, 30)).to_json()
    for no_day in ("soon", "0.0", "0", "2021-6-30", "2021-02-30", "20210630"):
        assert hands.call("GET", f"/staff/v1/statistics?on={no_day}").status_code == 422, no_day
    assert http.request("GET", "/staff/v1/statistics").status_code == 401


@pytest.mark.parametrize("scale", ["0", "2", "-1", "much", "NaN"])
def test_a_scale_that_cannot_be_is_refused(data: Path, scale: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--district", "--data", str(data), "--scale", scale])
    assert "scale" in capsys.readouterr().err


@pytest.mark.proof
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_tenth_of_the_districts_year(
    kind: str, request: pytest.FixtureRequest, fresh_data: Path, tmp_path: Path
) -> None:
    """54,820 cases: how long it took, and every figure with its query, in out/proof/district.json."""
    folder = Path(shutil.copytree(fresh_data, tmp_path / "data"))
    db = None
    if kind == "postgresql":
        cluster = request.getfixturevalue("cluster")
        db = cluster.url(cluster.clone())
        for file in folder.glob("backoffice.sqlite*"):
            file.unlink()
        shutil.copy(request.getfixturevalue("fresh_data") / KEY_FILE, folder)
    office = open_office(folder, Still(), db=db)
    try:
        begun, used = time.monotonic(), time.process_time()
        loaded = load_district(office, 1, Decimal("0.1"))
        took = {"load_s": time.monotonic() - begun, "load_processor_s": time.process_time() - used}
        begun = time.monotonic()
        found = statistics(office)
        took["statistics_s"] = time.monotonic() - begun
        with office.database.read() as connection:
            links, broken = audit.verify(connection, office.chain_key)
            by_hand = district_recount.recounted(connection)
    finally:
        office.close()
    counted = {figure.name: (figure.numerator, figure.denominator) for figure in found.figures}
    assert by_hand == {name: counted[name] for name in by_hand} and by_hand["not_face_to_face"] == (35_440, 54_820)
    assert loaded.cases == 54_820 and broken == [] and links > 2 * loaded.cases
    _keep(kind, {**{name: round(value, 1) for name, value in took.items()}, "links": links, **found.to_json()})


def _keep(kind: str, result: Mapping[str, Any]) -> None:
    path = Path(__file__).resolve().parents[3] / "out" / "proof" / "district.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    path.write_text(json.dumps({**known, kind: result}, ensure_ascii=False, indent=1) + "\n", "utf-8")
