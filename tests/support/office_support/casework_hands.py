"""Hands for the life of a case: people of one town, cases that the machine has handed over, one move after another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from backoffice.calls.once import Call
from backoffice.casework import notices, ordinary, refusals
from backoffice.casework.events import case_row
from backoffice.casework.moving import Order, take
from backoffice.casework.supplements import Brought, at_counter
from backoffice.domain.cases.case import Actor, Move, Role
from backoffice.domain.cases.notice import Point
from backoffice.domain.person import Applicant
from backoffice.intake import taking_in
from backoffice.intake.accepting import accept
from backoffice.office import Office
from backoffice.store.tables import tables
from backoffice.store.tables.casework import timer
from backoffice.upkeep.due_timers import Ringer

TOWN = "350213007"
ITEM = "XA032"


def people(town: str | None = TOWN) -> Mapping[Role, Actor]:
    roles = (Role.INTAKE, Role.REVIEWER, Role.TECHNICAL_REVIEWER, Role.DECIDER, Role.SUPERIOR)
    return {role: Actor(f"{role.value[:4]}-{town or 'all'}", frozenset((role,)), town) for role in roles}


@dataclass(slots=True)
class Life:
    office: Office
    clock: Any
    submission: Callable[..., dict[str, Any]]
    people: Mapping[Role, Actor] = field(default_factory=people)

    def accept(self, serial: int = 1, who: str = "a_kim", **changes: Any) -> str:
        """Taken in at kiosk K1; the machine has not looked."""
        body = self.submission(who, serial, **changes)
        case = taking_in.Submission(
            **{
                **body,
                "applicant": Applicant(**body["applicant"]),
                "consents": tuple(tuple(one.values()) for one in body["consents"]),
            }
        )
        accept(self.office, Call("K1", case.case_no, f"body {serial}"), case)
        return case.case_no

    def handed_over(self, serial: int = 1, who: str = "a_kim", **changes: Any) -> str:
        case_no = self.accept(serial, who, **changes)
        self.hand_over(case_no)
        return case_no

    def hand_over(self, case_no: str) -> None:
        """The machine could not decide."""

        def work(connection: Any) -> None:
            row = case_row(connection, case_no, lock=True)
            take(self.office, connection, row, Move.HAND_OVER, Role.RULE_ENGINE, "rules:test")

        self.office.database.transact(work)

    def row(self, case_no: str) -> Any:
        with self.office.database.read() as connection:
            return case_row(connection, case_no)

    def state(self, case_no: str) -> str:
        return str(self.row(case_no).state)

    def order(self, case_no: str, role: Role) -> Order:
        return Order(self.people[role], role, case_no, self.row(case_no).row_version)

    def move(self, case_no: str, *moves: tuple[Role, Move]) -> str:
        for role, wanted in moves:
            ordinary.move_case(self.office, self.order(case_no, role), wanted, "so it is")
        return self.state(case_no)

    def admitted(self, serial: int = 1) -> str:
        case_no = self.handed_over(serial)
        self.move(case_no, (Role.INTAKE, Move.ADMIT))
        return case_no

    def under_review(self, serial: int = 1) -> str:
        case_no = self.admitted(serial)
        self.move(case_no, (Role.REVIEWER, Move.BEGIN_REVIEW))
        return case_no

    def points(self, *what: str, unusable: bool = False) -> tuple[Point, ...]:
        names = what or (self.office.release.items[ITEM].materials[0].name,)
        return tuple(Point(name, "it is not there", "the guide", "bring it to any counter", unusable) for name in names)

    def notice(self, case_no: str, role: Role = Role.REVIEWER, days: int = 30, **changes: Any) -> int:
        until: date = self.clock.now().date() + timedelta(days=days)
        values = {"points": self.points(), "until": until, "helper": "the counter of the town", **changes}
        return notices.issue(self.office, self.order(case_no, role), notices.Notice(**values))

    def supplement(self, case_no: str) -> int:
        return at_counter(self.office, self.order(case_no, Role.INTAKE), [Brought("paper", "")])

    def propose(self, case_no: str, role: Role = Role.REVIEWER, code: str = "condition_not_met") -> int:
        proposal = refusals.Proposal(code, "the law", "the town's counter", "in words")
        return refusals.propose(self.office, self.order(case_no, role), proposal)

    def review(self, case_no: str, *, confirm: bool) -> int:
        order = self.order(case_no, Role.SUPERIOR)
        return refusals.second_review(self.office, order, confirm=confirm, words="I have looked")

    def wait_for(self, state: Callable[[], bool]) -> None:
        """What a thread of the server does in its own time."""
        pause = threading.Event()
        for _ in range(400):
            if state():
                return
            pause.wait(0.05)
        raise AssertionError("it never came to that")

    def ring(self) -> int:
        return Ringer(self.office).ring()

    def timers(self, case_no: str) -> dict[str, str]:
        """Kind and number of those that have not rung -> when they do."""
        query = select(timer).where(timer.c.subject == case_no, timer.c.done_at.is_(None))
        with self.office.database.read() as connection:
            return {f"{row.kind}/{row.n}": row.due_at for row in connection.execute(query)}

    def events(self, case_no: str) -> list[str]:
        table = tables.case_event
        query = select(table.c.event).where(table.c.case_no == case_no).order_by(table.c.n)
        with self.office.database.read() as connection:
            return list(connection.execute(query).scalars())
