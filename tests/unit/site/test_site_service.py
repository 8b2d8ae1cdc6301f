"""The site by the back office: kept without a network, told when it changes; and this terminal's own report."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drivers.faults import CATALOGUE as FAULTS
from drivers.faults import Fault
from kiosk.adapters.clock_socket import SteeredClock
from kiosk.adapters.settings.config import ConfigError
from kiosk.adapters.settings.site_files import SiteCopy, load_notices, parse_span
from kiosk.app.capabilities import _DEVICES
from kiosk.app.site.service import SiteRules, SiteService
from kiosk.app.site.state import CLASSES, SiteStateReport
from kiosk.app.visit.attract import AttractClock
from kiosk.domain.ports import Reply
from kiosk.domain.site.state import Nearest, Notice
from kiosk.domain.timing import ATTRACT_S, HEARTBEAT_S, NEAREST_KEPT_S
from kiosk.domain.visit.machine import Ev, Event, Overlay, Step, VisitState
from kiosk.wiring.terminal_figures import TerminalFigures

CODE, WAIT_S = "350213007007", 20.0
Answer = Callable[[str], Reply]


class Office:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = lambda target: Reply(0, {})
        self.posted: queue.Queue[Mapping[str, object]] = queue.Queue()
        self.keys: list[str] = []
        self.hears = True

    def get(self, target: str) -> Reply:
        return self.answer(target)

    def post(self, target: str, body: Mapping[str, object], key: str = "") -> Reply:
        self.keys.append(key)
        reply = Reply(201, {"changed": True}) if self.hears else Reply(0, {})
        self.posted.put(body)
        return reply


@pytest.fixture
def clock() -> Iterator[SteeredClock]:
    made = SteeredClock()
    yield made
    made.close()


def sites(clock: SteeredClock, *spans: str) -> Reply:
    day = clock.wall().date().isoformat()
    week = [{"date": day, "open": list(spans)}]
    return Reply(200, {"sites": [{"site": "0", "phone": "", "week": []}, {"site": CODE, "phone": "1", "week": week}]})


def service(office: Office, clock: SteeredClock, folder: Path) -> SiteService:
    return SiteService(SiteRules(CODE), cast(Any, office), clock, SiteCopy(folder))


def test_the_hours_come_are_told_and_are_still_known_without_a_network(clock: SteeredClock, tmp_path: Path) -> None:
    office, changed = Office(), threading.Event()
    office.answer = lambda target: sites(clock, "00:00-24:00")
    first = service(office, clock, tmp_path)
    assert not first.today().is_known
    first.start(changed.set)
    assert changed.wait(WAIT_S) and first.today().is_open
    first.stop()
    again = service(Office(), clock, tmp_path)
    assert again.today().is_open and again.today().spans == (("00:00", "24:00"),)


def test_an_answer_that_cannot_be_read_replaces_nothing(clock: SteeredClock, tmp_path: Path) -> None:
    office = Office()
    office.answer = lambda target: sites(clock, "00:00-24:00")
    site = service(office, clock, tmp_path)
    assert site._fetch() and site.today().is_open
    for bad in ({}, {"sites": []}, {"sites": [{"site": CODE, "phone": "1", "week": [{"date": "x", "open": ["8-9"]}]}]}):
        office.answer = partial(lambda body, target: Reply(200, body), bad)
        assert not site._fetch() and site.today().is_open


def test_who_is_nearest_is_the_last_answer_where_none_comes(clock: SteeredClock, tmp_path: Path) -> None:
    office = Office()
    site = service(office, clock, tmp_path)
    with pytest.raises(OSError, match="nearest"):
        site.nearest("XA001")
    office.answer = lambda target: Reply(200, {"item_id": "XA001", "now": None, "later": None})
    assert site.nearest("XA001") == Nearest("XA001")
    office.answer = lambda target: Reply(0, {})
    clock.advance(NEAREST_KEPT_S - 1)
    assert site.nearest("XA001") == Nearest("XA001")
    clock.advance(2)
    with pytest.raises(OSError, match="nearest"):
        site.nearest("XA001")


class Worker(SimpleNamespace):
    is_open: bool
    fault: Fault | None


def worker(fault: str = "", *, is_open: bool = True) -> Worker:
    found = next((one for one in FAULTS.values() if one.name == fault), None)
    return Worker(is_open=is_open, fault=found, health=SimpleNamespace(ratio=1.0))


def test_what_works_is_told_at_once_when_it_changes_and_every_minute(clock: SteeredClock, tmp_path: Path) -> None:
    office, beats = Office(), queue.Queue[Any]()
    workers = {"receipt_printer": worker("paper_low"), "id_card": worker(is_open=False), "lights": worker()}
    figures = TerminalFigures(tmp_path, cast(Any, workers), lambda: 3)
    report = SiteStateReport(
        CODE, cast(Any, workers), cast(Any, office), clock, figures, lambda kind, facts: beats.put((kind, facts))
    )
    report.start()
    try:
        told = cast(Any, office.posted.get(timeout=WAIT_S))
        assert told["devices"] == {
            **dict.fromkeys(CLASSES, "not_fitted"),
            "receipt_printer": "warning",
            "id_card": "fault",
            "lights": "ok",
        }
        assert "print_slip" in told["capabilities"] and "read_id_card" not in told["capabilities"]
        kind, facts = beats.get(timeout=WAIT_S)
        assert kind == "heartbeat" and len(facts["figures"]) >= 30 and facts["figures"]["outbox_waiting"] == 3
        workers["receipt_printer"].fault = None
        report.device_changed(cast(Any, None))
        assert cast(Any, office.posted.get(timeout=WAIT_S))["devices"]["receipt_printer"] == "ok"
        clock.advance(HEARTBEAT_S)
        office.posted.get(timeout=WAIT_S)
        assert beats.get(timeout=WAIT_S)[0] == "heartbeat" and len(set(office.keys)) == 3
    finally:
        report.stop()


def test_what_goes_beside_a_heartbeat_goes_with_each_one_that_was_heard(clock: SteeredClock, tmp_path: Path) -> None:
    office, beside = Office(), queue.Queue[str]()
    workers = {"lights": worker()}
    report = SiteStateReport(
        CODE,
        cast(Any, workers),
        cast(Any, office),
        clock,
        dict,
        lambda kind, facts: None,
        beside=lambda: beside.put("told"),
    )
    report.start()
    try:
        office.posted.get(timeout=WAIT_S)
        assert beside.get(timeout=WAIT_S) == "told"
        workers["lights"] = worker("paper_low")
        report.changed()
        office.posted.get(timeout=WAIT_S)
        office.hears = False
        clock.advance(HEARTBEAT_S)
        office.posted.get(timeout=WAIT_S)
        assert beside.empty(), "neither with a change nor with what nobody heard"
        office.hears = True
        clock.advance(HEARTBEAT_S)
        office.posted.get(timeout=WAIT_S)
        assert beside.get(timeout=WAIT_S) == "told" and beside.empty()
    finally:
        report.stop()


def test_every_device_that_gives_a_capability_is_told() -> None:
    assert set(CLASSES) == {name for names in _DEVICES.values() for name in names}


class Visit:
    def __init__(self) -> None:
        self.posted: queue.Queue[Event] = queue.Queue()

    def post(self, event: Event) -> None:
        self.posted.put(event)

    def subscribe(self, subscriber: Callable[..., None]) -> None:
        self.show = lambda state: subscriber(state, None)

    def on_touch(self, listener: Callable[[], None]) -> None:
        self.touch = listener


def test_two_minutes_without_anybody_bring_the_screen_that_waits(clock: SteeredClock) -> None:
    visit = Visit()
    AttractClock(clock, cast(Any, visit))
    visit.show(VisitState())
    clock.advance(ATTRACT_S - 10)
    visit.touch()
    clock.advance(20.0)
    visit.show(VisitState(step=Step.CHOOSE, case_no="1"))
    clock.advance(ATTRACT_S * 2)
    assert visit.posted.empty(), "somebody was here"
    visit.show(VisitState())
    clock.advance(ATTRACT_S + 1)
    assert visit.posted.get(timeout=WAIT_S).kind is Ev.ATTRACT
    visit.show(VisitState(overlay=Overlay.ATTRACT))
    clock.advance(ATTRACT_S * 2)
    assert visit.posted.empty(), "it is there already"


def test_notices_are_read_and_a_bad_one_is_named(tmp_path: Path) -> None:
    assert load_notices(tmp_path) == ()
    path = tmp_path / "notices.toml"
    path.write_text('[[notice]]\ntext = "28日停水"\nfrom = 2026-11-24\nto = 2026-11-28\n', encoding="utf-8")
    assert load_notices(tmp_path) == (Notice("28日停水", "2026-11-24", "2026-11-28"),)
    for bad in (
        '[[notice]]\ntext = "x"\nfrom = 2026-11-24\n',
        '[[notice]]\ntext = ""\nfrom = 2026-11-24\nto = 2026-11-28\n',
        f'[[notice]]\ntext = "{"长" * 25}"\nfrom = 2026-11-24\nto = 2026-11-28\n',
        '[[notice]]\ntext = "x"\nfrom = 2026-11-24\nto = 2026-11-23\n',
        '[[notice]]\ntext = "x"\nfrom = "2026-11-24"\nto = 2026-11-28\n',
        "notice = 3\n",
        "other = 3\n",
    ):
        path.write_text(bad, encoding="utf-8")
        with pytest.raises(ConfigError, match=r"notices\.toml"):
            load_notices(tmp_path)


def test_hours_of_silence_are_two_times_or_none() -> None:
    assert parse_span("20:00-07:00", "x") == ("20:00", "07:00") and parse_span("", "x") is None
    for bad in ("20-7", "20:00", "25:00-07:00", "20:00-"):
        with pytest.raises(ConfigError, match="21:00-07:00"):
            parse_span(bad, "x")
