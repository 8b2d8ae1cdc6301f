"""The back office at work on SQLite, to be watched by strace: every line on stdout acknowledges what had returned.

python office_child.py FOLDER ROUNDS FULL|NORMAL
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from backoffice.calls.once import Call
from backoffice.casework.events import answer_of
from backoffice.clock import CHINA
from backoffice.domain.cases.case_number import check_digit
from backoffice.domain.person import Applicant
from backoffice.identity.devices import add_device
from backoffice.intake import taking_in
from backoffice.intake.accepting import accept
from backoffice.office import Office, open_office
from backoffice.visits import feedback

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 11, 24, 10, tzinfo=CHINA)
DEVICE = "K1"


class StandingClock:
    """A second later at each look: the proof is about the disk, not about the day."""

    def __init__(self) -> None:
        self._seconds = 0

    def now(self) -> datetime:
        self._seconds += 1
        return START + timedelta(seconds=self._seconds)


def case_no(serial: int) -> str:
    digits = f"3502130078261124{serial:05d}"
    return digits + check_digit(digits)


def submission(serial: int, towns: list[str]) -> taking_in.Submission:
    with (ROOT / "config" / "demo" / "residents.toml").open("rb") as file:
        resident = tomllib.load(file)["a_kim"]
    names = ("document", "name", "number", "birth", "address", "valid_until")
    return taking_in.Submission(
        case_no=case_no(serial),
        item_id="XA032",
        item_version=1,
        consent_version="2026-1",
        applicant=Applicant(**{name: resident[name] for name in names}),
        form={"account": "yes"},
        commitment=None,
        created_at=START.isoformat(),
        site=towns[serial % len(towns)] + "001",
        lang="nan",
        boot_id="boot-1",
        monotonic_s=float(serial),
    )


def opened(folder: Path, synchronous: str) -> Office:
    office = open_office(folder, StandingClock())
    if synchronous != "FULL":
        # The office offers no such setting; the counter-proof reaches in and weakens it.
        writer = office.database._store.writer

        def weaken(connection: Any, record: Any, proxy: Any) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}")

        event.listen(writer, "checkout", weaken)
    return office


def main() -> None:
    folder, rounds, synchronous = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    office = opened(folder, synchronous)
    add_device(office, DEVICE, bytes(32), "007")
    towns = sorted(office.tables.towns)[:9]
    for serial in range(1, rounds + 1):
        case = submission(serial, towns)
        accept(office, Call(DEVICE, case.case_no, f"body {serial}"), case)
        _acknowledge(case=case.case_no)
        if serial % 3 == 0:
            _rate(office, case.case_no)
            _acknowledge(rated=case.case_no)
        if serial % 40 == 0:
            office.close()
            office = opened(folder, synchronous)
    # No close at the end: the power fails while the office is at work.
    os._exit(0)


def _rate(office: Office, number: str) -> None:
    with office.database.read() as connection:
        token = answer_of(office, connection, number)["visit_token"]
    rating = feedback.Rating(token, 5, (), START.isoformat())
    feedback.rate(office, DEVICE, Call(DEVICE, f"{number}/rating", "rating"), number, rating)


def _acknowledge(**what: str) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
