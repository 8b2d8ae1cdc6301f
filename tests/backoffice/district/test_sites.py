"""Sites: what each can do now, the nearest that can, the guide of an item, and the visit that was told where to go."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from backoffice.__main__ import main
from backoffice.api import models_district
from backoffice.clock import CHINA
from backoffice.district.handing_over import hand_over, history, read_numbers
from backoffice.district.responsible import responsible, transfer
from backoffice.district.sites import STATE_MOST_AGE_S
from backoffice.domain.divisions import Period
from backoffice.domain.items.item import Mode, SelfService
from backoffice.domain.items.terms import PlaceKind
from backoffice.domain.sites import CAPABILITIES, DEVICE_CLASSES, Hindrance, Position, Site, SiteKind, distance_m
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.audit import DISTRICT, verify
from backoffice.store.tables import tables
from backoffice.store.tables.district import responsibility, site_state
from kiosk.app.capabilities import _DEVICES
from kiosk.domain.visit.readiness import Capability

VILLAGE, TOWN = "350213007007", "350213007000"
OLD_CODE = "350213104025"
OPEN, NOON, SUNDAY = "10:00", "13:00", "2026-11-29"
EVERYTHING = sorted(CAPABILITIES)

Guidances = Callable[..., dict[str, Any]]


@pytest.fixture
def report() -> Callable[..., dict[str, Any]]:
    def of(**changes: Any) -> dict[str, Any]:
        body = {
            "site": VILLAGE,
            "devices": {"id_card": "ok", "receipt_printer": "ok"},
            "capabilities": EVERYTHING,
            "observed_at": "2026-11-24T10:00:00+08:00",
        }
        return {**body, **changes}

    return of


def test_a_site_tells_a_week_of_hours_with_its_holidays(terminal: Any) -> None:
    """A terminal reckons from it for days without a network."""
    told = terminal.call("GET", "/v1/sites").json()["sites"]
    week = next(one for one in told if one["site"] == VILLAGE)["week"]
    assert len(week) == 8 and week[0]["date"] < week[-1]["date"]
    assert all(day["open"] == (["08:00-12:00", "14:30-17:30"] if at_work(day["date"]) else []) for day in week)


def at_work(day: str) -> bool:
    return date.fromisoformat(day).isoweekday() <= 5


def state(terminal: Any, body: Mapping[str, Any], key: str) -> dict[str, Any]:
    answer = terminal.call("POST", "/v1/site-state", body, key=key)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def rows(office: Office) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(site_state)).scalar_one())


def get(terminal: Any, target: str) -> Any:
    answer = terminal.call("GET", target)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: Any) -> str:
    assert answer.status_code >= 400
    code: str = answer.json()["code"]
    return code


def test_a_state_is_kept_only_when_something_is_different(
    terminal: Any, office: Office, report: Callable[..., dict[str, Any]]
) -> None:
    assert state(terminal, report(), "s1")["changed"]
    assert not state(terminal, report(observed_at="2026-11-24T10:05:00+08:00"), "s2")["changed"]
    broken = report(devices={"id_card": "fault"}, observed_at="2026-11-24T10:06:00+08:00")
    first = state(terminal, broken, "s3")
    assert first["changed"] and state(terminal, broken, "s3") == first
    late = report(observed_at="2026-11-24T09:00:00+08:00", devices={"id_card": "warning"})
    assert not state(terminal, late, "s4")["changed"]
    assert rows(office) == 2
    assert refused(terminal.call("POST", "/v1/site-state", late, key="s3")) == "idempotency_mismatch"


def test_a_state_that_cannot_be_is_refused(
    subtests: Any, terminal: Any, office: Office, report: Callable[..., dict[str, Any]]
) -> None:
    for changes in [
        {"site": "350213007999"},
        {"devices": {"toaster": "ok"}},
        {"devices": {"id_card": "fine"}},
        {"capabilities": ["fly"]},
        {"capabilities": ["keypad", "keypad"]},
        {"observed_at": "yesterday"},
    ]:
        with subtests.test(changes=repr(changes)):
            code = refused(terminal.call("POST", "/v1/site-state", report(**changes), key="s1"))
            assert code == ("site_not_own" if "site" in changes else "invalid_request") and rows(office) == 0


def test_what_a_site_can_do_follows_devices_and_hours(
    terminal: Any, clock: Any, report: Callable[..., dict[str, Any]]
) -> None:
    def hindrances(item: str) -> str | None:
        items = get(terminal, f"/v1/sites/{VILLAGE}/items")["items"]
        found: str | None = next(row["hindrance"] for row in items if row["item_id"] == item)
        return found

    assert hindrances("XA032") == "state_unknown"
    state(terminal, report(), "s1")
    assert hindrances("XA032") is None and hindrances("XA067") == "not_by_terminal"
    blind = report(capabilities=["print_slip"], observed_at="2026-11-24T10:01:00+08:00")
    state(terminal, blind, "s2")
    assert hindrances("XA032") == "no_card_reader"
    clock.moment = datetime.fromisoformat(f"{SUNDAY}T{OPEN}+08:00")
    assert hindrances("XA032") == "closed"


def test_the_list_says_who_is_open_and_what_each_terminal_told(
    terminal: Any, clock: Any, report: Callable[..., dict[str, Any]]
) -> None:
    state(terminal, report(devices={"id_card": "warning"}), "s1")
    sites = {site["site"]: site for site in get(terminal, "/v1/sites")["sites"]}
    assert len(sites) == 137 and all(site["demo"] for site in sites.values())
    assert sites[VILLAGE]["open"] and sites[VILLAGE]["terminals"][0]["devices"] == {"id_card": "warning"}
    clock.moment = datetime.fromisoformat(f"2026-11-24T{NOON}:00+08:00")
    sites = {site["site"]: site for site in get(terminal, "/v1/sites")["sites"]}
    assert not sites[VILLAGE]["open"] and sites[VILLAGE]["opens_at"] == "2026-11-24T14:30:00.000+08:00"
    assert sites[TOWN]["open"]


def test_the_nearest_that_can_do_it_now_is_found_and_says_that_its_distance_is_made_up(
    terminal: Any, clock: Any, report: Callable[..., dict[str, Any]]
) -> None:
    target = f"/v1/sites/nearest?item_id=XA032&site={OLD_CODE}"
    found = get(terminal, target)
    assert found["from_site"] == VILLAGE
    assert found["now"]["kind"] == "town_centre" and found["now"]["distance_m"] > 0
    state(terminal, report(), "s1")
    found = get(terminal, target)
    assert found["now"]["site"] == VILLAGE and found["now"]["distance_m"] == 0 and found["now"]["distance_is_demo"]
    clock.moment = datetime.fromisoformat(f"2026-11-24T{NOON}:00+08:00")
    state(terminal, report(observed_at=f"2026-11-24T{NOON}:00+08:00"), "s2")
    found = get(terminal, target)
    assert found["now"]["kind"] == "town_centre" and found["later"]["site"] == VILLAGE
    clock.moment = datetime.fromisoformat("2026-11-24T23:00:00+08:00")
    found = get(terminal, target)
    assert found["now"] is None and found["later"]["opens_at"] == "2026-11-25T08:00:00.000+08:00"


def test_a_terminal_that_fell_silent_is_not_counted_on(
    terminal: Any, clock: Any, report: Callable[..., dict[str, Any]], office: Office
) -> None:
    target = f"/v1/sites/nearest?item_id=XA032&site={VILLAGE}"

    def is_here() -> bool:
        return bool(get(terminal, target)["now"]["site"] == VILLAGE)

    state(terminal, report(), "s1")
    clock.advance(seconds=STATE_MOST_AGE_S)
    assert is_here()
    clock.advance(seconds=1)
    assert not is_here()
    assert not state(terminal, report(observed_at="2026-11-24T10:05:00+08:00"), "s2")["changed"]
    assert is_here() and rows(office) == 1, "that it says the same again is enough, and costs no row"
    clock.advance(seconds=STATE_MOST_AGE_S + 1)
    state(terminal, report(observed_at="2026-11-24T09:00:00+08:00"), "s3")
    assert not is_here(), "what was observed before says nothing of now"


def test_unknown_places_and_items_are_named_as_such(subtests: Any, terminal: Any) -> None:
    for target, code in [
        ("/v1/sites/nearest?item_id=XA999&site=350213007007", "item_unknown"),
        ("/v1/sites/nearest?item_id=XA032&site=350213999999", "site_unknown"),
        ("/v1/sites/nearest?item_id=XA032&site=nowhere", "invalid_request"),
        ("/v1/sites/350213999999/items", "site_unknown"),
        ("/v1/guides/XA999?site=350213007007", "item_unknown"),
        ("/v1/guides/XA067?site=350213102000", "site_unknown"),
        ("/v1/guides/XA067", "invalid_request"),
    ]:
        with subtests.test(target=repr(target), code=repr(code)):
            assert refused(terminal.call("GET", target)) == code


def test_every_item_has_a_guide_and_one_that_no_terminal_carries_says_where_to_go(
    terminal: Any, office: Office
) -> None:
    for item in office.release.items.values():
        if item.self_service is not SelfService.NO:
            continue
        guide = get(terminal, f"/v1/guides/{item.item_id}?site={VILLAGE}")
        assert guide["department"] == item.department and guide["version"] == item.version
        assert guide["where"]["phone"] and guide["where"]["address"] and guide["when"]["opens_at"]
        assert guide["bring"] == [material.name for material in item.materials if material.to_bring]
        assert guide["effective_from"] == office.release.effective_from and not guide["here_now"]
        assert guide["where"]["site"] in (TOWN, VILLAGE)
    assert {item.self_service for item in office.release.items.values()} == set(SelfService)
    assert sum(item.self_service is SelfService.NO for item in office.release.items.values()) == 22
    carried = get(terminal, f"/v1/guides/XA032?site={VILLAGE}")
    assert carried["hindrance"] == "state_unknown"


def test_a_guide_knows_by_whose_hours_the_place_is_open(terminal: Any, office: Office, clock: Any) -> None:
    clock.moment = datetime.fromisoformat(f"2026-11-24T{NOON}:00+08:00")
    guide = get(terminal, f"/v1/guides/XA067?site={VILLAGE}")
    assert guide["where"]["place"] == PlaceKind.SPECIAL_MACHINE.value and guide["when"]["open"]
    clock.moment = datetime(2028, 1, 4, 23, 0, tzinfo=CHINA)
    assert get(terminal, f"/v1/guides/XA067?site={VILLAGE}")["when"]["provisional"]


@pytest.fixture
def visit(case_no: Callable[..., str]) -> Guidances:
    def of(serial: int = 1, **changes: Any) -> dict[str, Any]:
        body = {
            "case_no": case_no(serial),
            "item_id": "XA067",
            "item_version": 1,
            "created_at": "2026-11-24T10:00:00+08:00",
            "site": VILLAGE,
            "lang": "nan",
            "boot_id": "boot-1",
            "monotonic_s": 12.5,
        }
        return {**body, **changes}

    return of


def ask_the_way(terminal: Any, body: Mapping[str, Any]) -> Any:
    return terminal.call("POST", "/v1/guidances", body, key=body["case_no"])


def test_a_visit_that_was_told_where_to_go_has_its_number_and_can_be_rated(
    terminal: Any, office: Office, visit: Guidances
) -> None:
    body = visit()
    first = ask_the_way(terminal, body)
    assert first.status_code == 201, first.text
    told = first.json()
    assert told["case_no"] == body["case_no"] and told["decision"]["outcome"] == "done"
    assert ask_the_way(terminal, body).json() == told
    rating = {
        "visit_token": told["visit_token"],
        "level": 5,
        "labels": [],
        "rated_at": "2026-11-24T10:05:00+08:00",
    }
    assert terminal.call("POST", f"/v1/cases/{told['case_no']}/rating", rating).status_code == 201
    with office.database.read() as connection:
        events = connection.execute(select(tables.case_event.c.event).order_by(tables.case_event.c.n)).scalars()
        assert list(events) == ["accepted", "guided", "rated"]
        sealed = connection.execute(select(tables.service_case.c.applicant_sealed)).scalar_one()
    assert office.vault.open_json(f"case.applicant:{told['case_no']}", sealed)["number"] == ""


def test_who_was_refused_by_a_register_has_a_number_with_cause_and_basis(
    terminal: Any, office: Office, visit: Guidances, submission: Callable[..., dict[str, Any]]
) -> None:
    """The look-up itself opened nothing: the number on the slip is the guidance's."""
    claim = submission("a_kim", 1, item_id="XA024", form={"record_year": "2025"})
    claim["applicant"]["name"] = "别人"
    assert refused(terminal.call("POST", "/v1/queries", claim, key=claim["case_no"])) == "identity_mismatch"
    body = visit(item_id="XA024", because={"cause": "refused", "reasons": ["reason.print.identity"]})
    told = ask_the_way(terminal, body)
    assert told.status_code == 201, told.text
    assert ask_the_way(terminal, body).json() == told.json()
    decision = told.json()["decision"]
    assert decision["outcome"] == "done" and [line["key"] for line in decision["reasons"]] == ["reason.print.identity"]
    assert decision["facts"]["cause"] == "refused" and decision["facts"]["basis"]
    with office.database.read() as connection:
        entries = connection.execute(select(tables.audit.c.entry).order_by(tables.audit.c.n)).scalars()
        last = json.loads(list(entries)[-1])
    assert (last["event"], last["cause"], last["reasons"]) == ("guided", "refused", "reason.print.identity")
    assert last["basis"] == decision["facts"]["basis"]


def test_a_way_that_is_shown_instead_of_a_service_says_why(terminal: Any, office: Office, visit: Guidances) -> None:
    """The basis is that of the rule which said no."""
    for serial, because in enumerate(
        ({"cause": "no_printer"}, {"cause": "offline", "reasons": []}, {"cause": "silent"}, {"cause": "broken"}), 1
    ):
        told = ask_the_way(terminal, visit(serial, item_id="XA032", because=because))
        assert told.status_code == 201 and told.json()["decision"]["facts"]["cause"] == because["cause"]
    of_rule = {"cause": "refused", "reasons": ["reason.owns_home"]}
    version = office.release.items["XA076"].version
    answer = ask_the_way(terminal, visit(9, item_id="XA076", item_version=version, because=of_rule))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["decision"]["facts"]["basis"] == "不动产登记暂行条例第二十七条;不动产登记资料查询暂行办法"
    for serial, (because, code) in enumerate(
        (
            ({"cause": "refused", "reasons": []}, "cause_unknown"),
            ({"cause": "refused", "reasons": ["reason.made_up"]}, "cause_unknown"),
            ({"cause": "mood"}, "invalid_request"),
        ),
        11,
    ):
        assert refused(ask_the_way(terminal, visit(serial, item_id="XA032", because=because))) == code
    assert refused(ask_the_way(terminal, visit(21, item_id="XA067", because=of_rule))) == "item_mode"


def test_nobody_is_sent_away_whom_a_terminal_serves(subtests: Any, terminal: Any, visit: Guidances) -> None:
    for changes, code in [
        ({"item_id": "XA032"}, "item_mode"),
        ({"item_id": "XA999"}, "item_unknown"),
        ({"item_version": 7}, "item_unknown"),
        ({"site": "350214001001"}, "site_unknown"),
        ({"applicant": {}}, "invalid_request"),
    ]:
        with subtests.test(changes=repr(changes), code=repr(code)):
            assert refused(ask_the_way(terminal, visit(**changes))) == code


def test_who_answers_for_an_item_follows_the_day(office: Office) -> None:
    day, later = date(2021, 11, 8), date(2021, 11, 9)
    with office.database.write() as connection:
        connection.execute(
            responsibility.insert().values(
                guide_no="XA096", department="甲局", effective_from="2021-01-01", effective_to=None, basis="test"
            )
        )
        transfer(connection, ["XA096"], "甲局", "审批局", later, "test")
        assert responsible(office, connection, "XA096", day) == "甲局"
        assert responsible(office, connection, "XA096", later) == "审批局"
        own = office.release.items["XA032"].department
        assert responsible(office, connection, "XA032", later) == own
        assert responsible(office, connection, "XA096", date(2020, 1, 1)) == office.release.items["XA096"].department
        with pytest.raises(ValueError, match="was not with"):
            transfer(connection, ["XA096"], "甲局", "乙局", date(2022, 1, 1), "test")
        with pytest.raises(Problem):
            responsible(office, connection, "XA999", day)


def test_a_terminal_and_the_office_use_the_same_names() -> None:
    assert {one.value for one in Capability} == CAPABILITIES == set(get_args(models_district.Capability))
    classes = {name for names in _DEVICES.values() for name in names}
    assert classes == DEVICE_CLASSES == set(get_args(models_district.DeviceClass))
    assert {one.value for one in Hindrance} == set(get_args(models_district.HindranceName))
    assert {one.value for one in PlaceKind} == set(get_args(models_district.PlaceName))


def a_site(latitude_deg: float, longitude_deg: float) -> Site:
    texts = ("name", "address", "phone", "agent", "who.town_desk")
    period = Period(date(2020, 1, 1), None)
    where = (latitude_deg, longitude_deg, Position.SURVEYED, period, "test")
    return Site("350213001000", SiteKind.TOWN_CENTRE, "350213001", *texts, *where)


_PLACES = st.builds(a_site, st.floats(-90, 90), st.floats(-180, 180))


@given(one=_PLACES, other=_PLACES)
def test_a_distance_is_the_same_in_both_directions_and_never_more_than_half_around(one: Site, other: Site) -> None:
    assert distance_m(one, other) == pytest.approx(distance_m(other, one), abs=1e-3)
    assert 0 <= distance_m(one, other) <= 20_015_100
    assert distance_m(one, one) == 0


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    here = a_site(24.5, 118.2)
    assert distance_m(here, replace(here, latitude_deg=25.5)) == pytest.approx(111_195, rel=1e-4)


def test_modes_that_a_terminal_carries_need_a_form(office: Office) -> None:
    assert all(not item.transact for item in office.release.items.values() if item.mode is Mode.GUIDE)


def test_a_list_of_items_is_handed_over_as_a_whole_with_its_history(place: Any, office: Office, tmp_path: Any) -> None:
    before, day = office.release.items["XA096"].department, date(2026, 12, 1)
    second = next(one for one, item in office.release.items.items() if item.department == before and one != "XA096")
    listed = tmp_path / "items.txt"
    listed.write_text(f"# 划转事项\nXA096 一项\n{second}\n\n", "utf-8")
    numbers = read_numbers(listed.read_text("utf-8").splitlines())
    assert hand_over(office, [*numbers, "XA096"], before, "接收局", day, "划转文件") == 2
    assert [(term.department, term.effective_to) for term in history(office, "XA096")] == [
        (before, "2026-12-01"),
        ("接收局", None),
    ]
    other = office.release.items["XA032"].department
    with pytest.raises(ValueError, match="XA032 was not with"):
        hand_over(office, [second, "XA032"], "接收局", "另一局", date(2027, 1, 1), "文件")
    assert len(history(office, second)) == 2 and [term.department for term in history(office, "XA032")] == [other]
    with office.database.read() as connection:
        chain = tables.audit.c.town == DISTRICT
        entries = [json.loads(row) for row in connection.execute(select(tables.audit.c.entry).where(chain)).scalars()]
        assert [(one["event"], one["items"]) for one in entries] == [("responsibility_transferred", f"XA096 {second}")]
        assert verify(connection, office.chain_key)[1] == []


def test_the_command_hands_over_and_tells_the_history(
    data: Any, office: Office, place: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    before = office.release.items["XA096"].department
    names = ("--from", before, "--to", "接收局", "--on", "2026-12-01", "--basis", "划转文件")
    assert main(["responsibility", "transfer", "XA096", *names, *place.arguments]) == 0
    assert main(["responsibility", "history", "XA096", *place.arguments]) == 0
    told = capsys.readouterr().out
    assert "1 items are with 接收局" in told and f"to 2026-12-01  {before}" in told
    assert main(["responsibility", "transfer", "XA096", *names, *place.arguments]) == 1
    assert "Nothing was handed over" in capsys.readouterr().err
