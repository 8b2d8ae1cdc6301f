"""Long runs about the life of cases: random walks of people, timers and calendars on both databases, with crashes.

Writes out/proof/casework.json, one entry a database.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from office_support import limits_by_hand
from sqlalchemy import func, select

from backoffice.casework import delivery, ordinary, queue, timers, transfers
from backoffice.casework.calendar import calendar_now, import_days
from backoffice.casework.delivery import Handed, Shown, Way
from backoffice.casework.limits import limits_of
from backoffice.casework.moving import standing_of
from backoffice.domain.cases.case import ENDED, TABLE, CaseState, Move, Role
from backoffice.domain.cases.limits import StopReason, due
from backoffice.domain.cases.standing import possible
from backoffice.domain.days import DayKind
from backoffice.problems.problem import Problem
from backoffice.store.audit import verify
from backoffice.store.tables import tables
from backoffice.store.tables.casework import timer
from backoffice.upkeep.due_timers import Ringer, recompute
from backoffice.upkeep.timer_effects import EFFECTS

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1500)]
OUT = Path(__file__).resolve().parents[3] / "out" / "proof" / "casework.json"
CASES, STEPS, SEED = 60, 25, 20261127
REACHED = frozenset((state, row.to) for (state, _), row in TABLE.items())
"""Every step that the table knows, by whomever."""


def written(name: str, figures: dict[str, Any]) -> None:
    OUT.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(OUT.read_text()) if OUT.exists() else {}
    OUT.write_text(json.dumps({**known, name: figures}, indent=1, sort_keys=True) + "\n")


def kind_of(office: Any) -> str:
    return str(office.database.url.get_backend_name())


WITH_EXPERT = {"item_id": "XA047", "form": {"aid_kind": "crutch", "use_place": "both"}}
"""Of an item that nobody decides without an expert."""


class Walk:
    """One random step after another: people, residents, days that pass, servers that die."""

    def __init__(self, life: Any, seed: int) -> None:
        self.life, self.chance = life, random.Random(seed)
        self.taken: Counter[str] = Counter()

    def step(self, case_no: str) -> None:
        life = self.life
        with life.office.database.read() as connection:
            standing = standing_of(connection, case_no)
        able = [
            (role, wanted)
            for role, actor in life.people.items()
            for wanted in possible(standing, frozenset((role,)), actor.login)
            if wanted is not Move.WITHDRAW or self.chance.random() < 0.05
        ]
        if not able or self.chance.random() < 0.25:
            self.days_pass()
            return
        role, wanted = self.chance.choice(able)
        self.taken[wanted.value] += 1
        self.take(case_no, role, wanted)

    def days_pass(self) -> None:
        self.life.clock.advance(days=self.chance.choice((0, 0, 0, 1)), minutes=self.chance.randrange(300))
        if self.chance.random() < 0.3:
            self.killed()
        self.taken["rung"] += self.life.ring()

    def killed(self) -> None:
        """A server claims and dies; another one waits for the lease to end."""

        class Killed(BaseException):
            pass

        def die(*_: Any) -> None:
            raise Killed

        try:
            Ringer(self.life.office, dict.fromkeys(EFFECTS, die)).ring()
        except Killed:
            self.taken["killed"] += 1
        self.life.clock.advance(seconds=timers.LEASE_S + 1)

    def take(self, case_no: str, role: Role, wanted: Move) -> None:
        life = self.life
        if life.state(case_no) == CaseState.REFUSAL_PROPOSED and role is Role.SUPERIOR:
            life.review(case_no, confirm=wanted is Move.REFUSE)
        elif life.state(case_no) == CaseState.TRANSFERRED and role in (Role.SUPERIOR, Role.INTAKE):
            transfers.answer(life.office, life.order(case_no, role), transfers.RETURNED)
        elif wanted is Move.TRANSFER:
            transfers.send(life.office, life.order(case_no, role), "440305", "that place", "other_place")
        elif wanted in ordinary.ORDINARY:
            life.move(case_no, (role, wanted))
        elif wanted in (Move.NOTICE, Move.NOTICE_AGAIN):
            named = life.office.release.items[life.row(case_no).item_id].materials[0].name
            life.notice(case_no, role, points=life.points(named, unusable=True), why_again="again")
        elif wanted is Move.SUPPLEMENT:
            life.supplement(case_no)
        elif wanted is Move.PROPOSE_REFUSAL:
            with life.office.database.read() as connection:
                admitted = standing_of(connection, case_no).admitted
            life.propose(case_no, role, "condition_not_met" if admitted else "not_needed")
        elif wanted is Move.STOP_CLOCK:
            ordinary.stop_clock(life.office, life.order(case_no, role), StopReason.APPRAISAL, "")
        elif wanted is Move.RESUME_CLOCK:
            ordinary.resume_clock(life.office, life.order(case_no, role), "")
        elif wanted is Move.ISSUE:
            way = self.chance.choice((Way.SLIP, Way.COUNTER, Way.COLLECT))
            _, n = delivery.prepare(life.office, life.order(case_no, role), way, None)
            self.days_pass()
            handed = Handed(collector="somebody", relation="kin", shown=Shown.RESIDENT, signed=True)
            delivery.hand_over(life.office, life.order(case_no, role), n, handed)
        else:
            self.taken[f"left out: {wanted.value}"] += 1


def check_case(life: Any, case_no: str) -> int:
    """Row, events, limits and timers of one case agree; how many events."""
    table = tables.case_event
    with life.office.database.read() as connection:
        standing = standing_of(connection, case_no)
        rows = connection.execute(select(table).where(table.c.case_no == case_no).order_by(table.c.n)).all()
        running = list(limits_of(connection, case_no))
        calendar, _ = calendar_now(life.office, connection)
        left = select(timer.c.kind).where(timer.c.subject == case_no, timer.c.done_at.is_(None))
        waiting = set(connection.execute(left).scalars())
    assert standing.state == life.state(case_no)
    assert [row.n for row in rows] == list(range(1, len(rows) + 1))
    before: str | None = None
    for row in rows:
        assert row.from_state == before
        step = (CaseState(row.from_state), CaseState(row.to_state)) if row.from_state else None
        assert step is None or step[0] is step[1] or step in REACHED, step
        before = row.to_state
    for one, other in ((Role.REVIEWER, Role.DECIDER), (Role.INTAKE, Role.REVIEWER)):
        people = [{row.actor for row in rows if row.role == role.value} for role in (one, other)]
        assert not people[0] & people[1]
    if standing.state in ENDED:
        assert running == [] and waiting == set()
    for limit in running:
        if not limit.term.stopped:
            assert due(limit.term, calendar, life.clock.now()).at == limit.due_at
    assert [row.event for row in rows].count("deemed_accepted") <= 1
    return len(rows)


def test_thousands_of_random_steps_with_crashes_leave_every_case_as_its_events_say(life: Any) -> None:
    walk = Walk(life, SEED)
    cases = [life.handed_over(serial, **(WITH_EXPERT if serial % 2 else {})) for serial in range(1, CASES + 1)]
    for n in range(CASES * STEPS):
        walk.step(cases[n % CASES])
        if n == CASES * STEPS // 2:
            today = life.clock.now().date()
            free = {today + timedelta(days=day): DayKind.HOLIDAY for day in range(1, 8)}
            import_days(life.office, free, "made up")
            walk.taken["deadlines moved"] += recompute(life.office)
    events = sum(check_case(life, case_no) for case_no in cases)
    with life.office.database.read() as connection:
        links, broken = verify(connection, life.office.chain_key)
        messages = connection.execute(select(func.count()).select_from(tables.outbox)).scalar_one()
    assert broken == [] and messages == events
    assert walk.taken["killed"] > 0 and walk.taken["rung"] > 0 and walk.taken["deadlines moved"] > 0
    assert walk.taken[Move.REPORT.value] > 0
    assert not any(name.startswith("left out") for name in walk.taken)
    ended = Counter(life.state(case_no) for case_no in cases)
    written(
        f"random walks on {kind_of(life.office)}",
        {
            "seed": SEED,
            "cases": CASES,
            "steps": CASES * STEPS,
            "events": events,
            "audit links": links,
            "broken links": len(broken),
            "taken": dict(walk.taken),
            "states at the end": dict(ended),
        },
    )


def test_many_people_at_once_move_each_case_once_a_version(life: Any) -> None:
    cases = [life.handed_over(serial) for serial in range(1, 21)]
    orders = {case_no: life.order(case_no, Role.INTAKE) for case_no in cases}
    begin = threading.Barrier(12, timeout=60)

    def work(thread: int) -> Counter[str]:
        answers: Counter[str] = Counter()
        begin.wait()
        for case_no in cases if thread % 2 else reversed(cases):
            try:
                ordinary.move_case(life.office, orders[case_no], Move.ADMIT, "")
                answers["moved"] += 1
            except Problem as problem:
                answers[problem.code] += 1
        return answers

    with ThreadPoolExecutor(12) as pool:
        answers = sum(pool.map(work, range(12)), Counter())
    assert answers == {"moved": 20, "version_stale": 220}
    written(f"concurrent moves on {kind_of(life.office)}", {"threads": 12, "answers": dict(answers)})


def test_many_ringers_ring_each_timer_once(life: Any) -> None:
    """Four servers over one database; people move the same cases meanwhile."""
    cases = [life.handed_over(serial) for serial in range(1, 41)]
    life.clock.advance(days=30)
    begin = threading.Barrier(5, timeout=60)

    def ring(_: int) -> int:
        begin.wait()
        return sum(Ringer(life.office).ring() for _ in range(6))

    def people(_: int) -> int:
        begin.wait()
        moved = 0
        for case_no in cases:
            try:
                life.move(case_no, (Role.INTAKE, Move.ADMIT))
                moved += 1
            except Problem as problem:
                assert problem.code in ("version_stale", "move_not_allowed")
        return moved

    with ThreadPoolExecutor(5) as pool:
        ringing = [pool.submit(ring, n) for n in range(4)]
        by_people = pool.submit(people, 0).result()
        rung = [one.result() for one in ringing]
    admitted = Counter(
        event for case_no in cases for event in life.events(case_no) if event in ("admitted", "deemed_accepted")
    )
    assert sum(admitted.values()) == len(cases) and admitted["admitted"] == by_people
    written(f"ringers on {kind_of(life.office)}", {"rung": rung, "by people": by_people, "admitted": dict(admitted)})


def test_a_queue_of_many_pages_shows_each_case_once(life: Any) -> None:
    for serial in range(1, 151):
        life.handed_over(serial)
        if serial % 10 == 0:
            life.clock.advance(days=1)
    seen: list[str] = []
    after = None
    while True:
        page = queue.work_queue(life.office, life.people[Role.INTAKE], queue.Filters(), after, 20)
        seen += [entry["case_no"] for entry in page.entries]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 150
    days = [entry["by"] for entry in queue.work_queue(life.office, life.people[Role.INTAKE], queue.Filters()).entries]
    assert days == sorted(days)
    written(f"queue on {kind_of(life.office)}", {"cases": 150, "pages": 8})


def test_limits_equal_a_calendar_counted_by_hand_thousands_of_times() -> None:
    tried = 0

    @settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(limits_by_hand.terms(), limits_by_hand.calendars())
    def equal(drawn: Any, calendar: Any) -> None:
        nonlocal tried
        tried += 1
        term, now = drawn
        assert due(term, calendar, now).at == limits_by_hand.by_hand(term, calendar, now)

    equal()
    written("limits by brute force", {"examples": tried})
