"""Whatever a query or a print item asks changes what it tells: two answers, two results."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from backoffice.catalogue.release import read_release
from backoffice.documents import making
from backoffice.domain.items.answer_checks import uscc_check_digit
from backoffice.domain.items.form import FormField, Source
from backoffice.domain.items.item import Item, Mode
from backoffice.gateways.lookups import HttpLookups
from backoffice.office import Office, open_office
from backoffice.paths import catalogue_dir
from backoffice.simulators.lookups import build_server

RELEASE = read_release(catalogue_dir())
HERE, NEXT, TOWN, CITY = "350213007007", "350213007008", "350213004008", "350206001001"
SHOPS = tuple(code + uscc_check_digit(code) for code in ("92350213MA0000011", "92350213MA0000022"))
RECEIPTS = ("3502130261109000021", "3502130261109000039")
PHOTO = "photo-00000001"
RICH, HOMELESS = ("陈阿金", "350221194403150021"), ("林水木", "350221194703050014")
AGREED = [{"purpose": f"register.{code}", "text_version": "v1"} for code in ("L03", "L22")]
WHO = {"XA076": HOMELESS}
"""Who has no home is told so; everybody else asks about what she has."""


def payments(*months: str) -> list[dict[str, Any]]:
    return [{"month": month, "amount_fen": 23050, "paid_on": f"{month}-05"} for month in months]


def world() -> list[dict[str, Any]]:
    """Months and years on both sides of every question's bounds, homes near and far, work of each kind."""
    months, years = ("2026-03", "2026-02", "2026-01", "2025-12", "2025-11", "2025-10"), (2026, 2025, 2024)
    at = {"birth": "1944-03-15", "household": HERE, "alive": True}
    member = {"number": HOMELESS[1], "name": HOMELESS[0], "relation": "spouse", "alive": True}
    home = {"certificate": "XA0000001", "division": HERE, "area_m2": 120}
    bill = {"kind": "medical", "due_fen": 40000, "paid_fen": 40000}
    paper = {"state": "making", "since": "2026-11-10"}
    work = {"monthly_fen": 320000, "wanted": 2, "phone": "05920000131", "posted_on": "2026-11-01"}
    registers: dict[str, Any] = {
        "L01": at,
        "L02": {"photo_ref": PHOTO, "score": 930},
        "L03": {
            "head": True,
            "household_no": "000017",
            "members": [member],
            "former_names": [{"name": "陈金", "until": "1960-01-01"}],
            "cancelled": [{"name": "陈大", "on": "2001-02-03", "why": "died"}],
        },
        "L10": {"state": "married", "since": "1970-01-01"},
        "L11": {"category": "low_income", "since": "2024-03", "valid_until": "2027-02-28"},
        "L12": {"since": "2025-10", "amount_fen": 10000, "last_paid": "2026-03", "payments": payments(*months)},
        "L13": {"class": "visual", "level": 1, "valid_until": "2030-06-30"},
        "L14": {
            "scheme": "resident",
            "state": "drawing",
            "monthly_fen": 23050,
            "payments": payments(*months),
            "contributions": [{"year": year, "own_fen": 20000, "aided_fen": 7000} for year in years],
        },
        "L16": {"state": "active", "bank": "农商银行", "last4": "6821", "account_ref": "a", "account_matches": True},
        "L17": {
            "pool": "350200",
            "scheme": "employee",
            "state": "paid",
            "year": 2026,
            "balance_fen": 1234,
            "contributions": [{"year": year, "paid_fen": 40000} for year in years],
            "spendings": [{"on": f"{month}-12", "place": "药店", "amount_fen": 3580} for month in months],
        },
        "L19": {"cleared": True, "bills": [{**bill, "year": year} for year in years]},
        "L20": {"uscc": SHOPS[0], "name": "后村小吃店", "state": "open", "operator": RICH[0], "scope": "小吃店"},
        "L21": {
            "state": "active",
            "monthly_fen": 50000,
            "balance_fen": 900000,
            "deposits": [{"month": month, "amount_fen": 50000} for month in months],
        },
        "L22": {"homes": [home, {**home, "certificate": "XA0000002", "division": CITY}]},
        "L23": {
            "plots": [{"plot": "000017-01", "area_m2": 1200, "subsidy_fen": 18000}],
            "subsidies": [{"year": year, "amount_fen": 18000, "paid_on": f"{year}-06-20"} for year in years],
        },
        "L29": {"business_licence": {"certificate_no": "YY000000001", "issued_on": "2020-01-01"}},
        "L32": {"papers": [{**paper, "kind": "id_card", "receipt_no": number} for number in RECEIPTS]},
    }
    openings = [
        {**work, "work": kind, "division": place, "employer": f"{kind} {place}"}
        for kind in ("factory", "service", "building", "other")
        for place in (HERE, NEXT, TOWN, CITY)
    ]
    rich = {"name": RICH[0], "number": RICH[1], "registers": registers, "openings": openings}
    bare = {"L01": {**at, "birth": "1947-03-05"}, "L02": registers["L02"]}
    return [rich, {"name": HOMELESS[0], "number": HOMELESS[1], "registers": bare}]


ANSWERS: dict[str, tuple[str, ...]] = {
    "month_from": ("2025-11", "2026-01"),
    "month_to": ("2026-02", "2025-12"),
    "month": ("2025-11", "2026-02"),
    "record_year": ("2025", "2024"),
    "receipt_no": RECEIPTS,
    "company": SHOPS,
}
"""Of questions without options: the first is given where another question is asked about."""


def answers_of(asked: FormField) -> tuple[str, ...]:
    return asked.spec.options or ANSWERS[asked.key]


def questions() -> list[tuple[Item, FormField]]:
    """Of every item that is looked up or printed, what she is asked or shown to confirm."""
    return [
        (item, asked)
        for item in RELEASE.items.values()
        if item.mode in (Mode.QUERY, Mode.PRINT) and item.form is not None
        for asked in item.form.fields
        if asked.source is not Source.CARD and not asked.beside
    ]


@dataclass
class Hall:
    """A terminal of this office, and what its papers were given to say."""

    at: Any
    submission: Callable[..., dict[str, Any]]
    sheets: list[dict[str, Any]] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    serial: int = 0

    def shown(self, item: Item, form: Mapping[str, str]) -> str:
        answer = self.asked("queries", item, form)
        if answer.get("case"):
            self.cases.append(answer["case"]["case_no"])
        return str(answer["lines"] if "lines" in answer else answer["reasons"])

    def printed(self, item: Item, form: Mapping[str, str]) -> str:
        """What stands on her paper, but for its number."""
        assert "document" in self.asked("prints", item, form)
        return str(self.sheets[-1])

    def asked(self, route: str, item: Item, form: Mapping[str, str]) -> dict[str, Any]:
        self.serial += 1
        name, number = WHO.get(item.item_id, RICH)
        body = self.submission(
            serial=self.serial, item_id=item.item_id, item_version=item.version, form=dict(form), consents=AGREED
        )
        body["applicant"] = {**body["applicant"], "name": name, "number": number}
        answer: dict[str, Any] = self.at.call("POST", f"/v1/{route}", body, key=body["case_no"]).json()
        return answer


@pytest.fixture(scope="module")
def registers() -> Iterator[str]:
    server, knowledge = build_server(world(), 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    knowledge.stopping.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def office(data: Any, clock: Any) -> Iterator[Office]:
    """One database is enough: what is told comes from the registers."""
    opened = open_office(data, clock)
    yield opened
    opened.close()


@pytest.fixture
def hall(
    start: Callable[..., Any],
    registers: str,
    clock: Any,
    submission: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> Hall:
    hall = Hall(start(HttpLookups(registers, clock, timeout_s=2.0)), submission)

    def press(template: str, data: Mapping[str, Any], made_at: datetime) -> bytes:
        """Typesetting takes its time and is tried elsewhere: here counts what the template is given."""
        own = ("case_groups", "code", "digest", "qr", "watermark")
        hall.sheets.append({name: value for name, value in data.items() if name not in own})
        return b"%PDF-1.7"

    monkeypatch.setattr(making, "press", press)
    return hall


def test_two_answers_give_two_results(subtests: Any, hall: Hall) -> None:
    for item, asked in questions():
        with subtests.test(item=item.item_id, question=asked.key):
            assert item.form is not None
            form = {
                other.key: answers_of(other)[0]
                for other in item.form.fields
                if other.source is not Source.CARD and not other.beside
            }
            if item.form.field("photo") is not None:
                form["photo"] = PHOTO
            possible = answers_of(asked)
            if item.item_id == "XA106":
                possible = tuple(hall.cases[:2])
            forms = [{**form, asked.key: answer} for answer in possible]
            results = [hall.shown(item, each) for each in forms]
            assert "row." in results[0] or item.mode is Mode.PRINT, f"nothing is told: {results[0]}"
            if item.mode is Mode.PRINT and len(set(results)) < len(results):
                results = [hall.printed(item, each) for each in forms]
            assert len(results) > 1 and len(set(results)) == len(results), results
