"""The programs as they are run: orders that break, a server killed while it pays, and a night's reconciliation."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from office_support import programs
from sqlalchemy import select

from backoffice.clock import CHINA, SystemClock
from backoffice.office import open_office
from backoffice.simulators.population import generate
from backoffice.store.audit import verify
from backoffice.store.tables import payments as rows

ROOT = Path(__file__).resolve().parents[3]
SITE = "350213007007"
KILLS, PAYMENTS = 12, 60
FAULTS = ("timeout_before", "timeout_after", "duplicate", "wrong_amount", "refuse", "late")


def owed_meters() -> Iterator[tuple[dict[str, Any], str, str]]:
    """(resident, meter, item) of everybody in the made-up population who owes something for water or power."""
    for resident in generate(7, 900).residents:
        for meter, entry in resident.get("meters", {}).items():
            if entry["owed_fen"]:
                yield resident, meter, "XA101" if entry["kind"] == "water" else "XA102"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "shared.key"
    file.write_text(bytes(range(32)).hex(), "ascii")
    return file


def applicant_of(resident: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    return {**like, "name": resident["name"], "number": resident["number"]}


class Server:
    """`backoffice serve`, killed and started again on the same folder."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self.process, self.url = programs.start_program(*arguments)

    def kill(self) -> None:
        programs.end(self.process, signal.SIGKILL)
        self.process, self.url = programs.start_program(*self._arguments)


@pytest.mark.proof
def test_kills_and_faults_leave_exactly_what_is_paid(
    tmp_path: Path,
    keys: Path,
    terminal_at: Callable[..., Any],
    submission: Callable[..., dict[str, Any]],
    case_no: Callable[..., str],
) -> None:
    chance, data, today = random.Random(11), tmp_path / "data", datetime.now(CHINA)
    programs.run("device", "add", "K1", "--key-file", str(keys), "--data", str(data))
    side = programs.program(
        *("simulate", "payments", "--ledger", str(tmp_path / "books.jsonl"), "--key-file", str(keys), "--port", "0")
    )
    registers = programs.program("simulate", "lookups", "--population", "7:900", "--port", "0")
    told: Counter[str] = Counter()
    with side as bank, registers as lookups:
        where = ("--payments", bank, "--payments-key-file", str(keys))
        server = Server("serve", "--data", str(data), "--port", "0", "--lookups", lookups, *where)
        seq = None
        meters = list(owed_meters())
        assert len(meters) >= PAYMENTS
        kills = set(chance.sample(range(PAYMENTS), KILLS))
        for n, (resident, meter, item_id) in enumerate(meters[:PAYMENTS], start=1):
            terminal = terminal_at(server.url, SystemClock(), seq)
            seq = terminal.seq
            body = submission("a_kim", n, item_id=item_id, form={}, site=SITE)
            body["case_no"] = case_no(n, day=f"{today:%y%m%d}")
            body["applicant"] = applicant_of(resident, body["applicant"])
            body["created_at"] = today.isoformat()
            body["item_version"] = next(
                item["version"]
                for item in terminal.call("GET", "/v1/catalogue").json()["items"]
                if item["item_id"] == item_id
            )
            person = {name: body["applicant"][name] for name in ("document", "name", "number")}
            asked = {"item_id": item_id, "site": SITE, "applicant": person, "codes": [meter], "family": False}
            bill = terminal.call("POST", "/v1/bills", asked, key=f"bill-{n}").json()
            if chance.random() < 0.5:
                command = {"kind": chance.choice(FAULTS), "count": 1}
                httpx.post(f"{bank}/sim/faults", json=command, trust_env=False)
            sent = {
                "submission": body,
                "bill_no": bill["bill_no"],
                "means": {"way": "code", "code": "134567890123456789"},
            }
            if n - 1 in kills:
                _killed_while_paying(server, terminal, sent)
                terminal = terminal_at(server.url, SystemClock(), seq)
            answer = terminal.call("POST", "/v1/payments", sent, key=body["case_no"])
            told[answer.json()["payment"]["state"]] += 1
            terminal.http.close()
        httpx.delete(f"{bank}/sim/faults", trust_env=False)
        httpx.post(f"{bank}/sim/deliver", trust_env=False)
        assert programs.end(server.process) == 0
        command = ("payments", "reconcile", "--data", str(data), "--day", today.date().isoformat(), *where)
        runs = [_reconcile(*command) for _ in range(2)]
        taken = httpx.get(f"{bank}/sim/taken", trust_env=False).json()["taken_fen"]
    office = open_office(data, SystemClock())
    with office.database.read() as connection:
        bills = connection.execute(select(rows.bill)).all()
        payments = connection.execute(select(rows.payment)).all()
        assert verify(connection, office.chain_key)[1] == []
    office.close()
    paid = [bill for bill in bills if bill.state == "paid"]
    assert taken == sum(bill.total_fen for bill in paid)
    assert {payment.state for payment in payments} <= {"booked", "refused", "reversed"}
    assert runs[-1]["unclear"] == 0 and runs[-1]["statement"]
    out = ROOT / "out" / "proof"
    out.mkdir(parents=True, exist_ok=True)
    result = {
        "payments": PAYMENTS,
        "server_kills": KILLS,
        "told_at_once": dict(told),
        "ended": dict(Counter(payment.state for payment in payments)),
        "taken_fen": taken,
        "bills_paid_fen": sum(bill.total_fen for bill in paid),
        "differences": dict(Counter(found["kind"] for run in runs for found in run["differences"])),
    }
    (out / "payments_process.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def _killed_while_paying(server: Server, terminal: Any, sent: dict[str, Any]) -> None:
    """Send and do not wait: the server dies with the order under way."""
    with pytest.raises(httpx.HTTPError):
        terminal.http.timeout = httpx.Timeout(0.05)
        terminal.call("POST", "/v1/payments", sent, key=sent["submission"]["case_no"])
        raise httpx.ReadTimeout("answered before it could be killed: that is a kill too")
    server.kill()
    terminal.http.close()


def _reconcile(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "backoffice", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == bool(report["differences"] or report["unclear"] or not report["statement"])
    return report
