"""Somebody else's client, written from the published document, carries one case of each mode to its end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from office_support import contract_client

from drivers.sim.lifetime import ends_with_us

ROOT = Path(__file__).resolve().parents[3]
PEOPLE = "7:400"
CHINA = timezone(timedelta(hours=8))
SITE = "350213002007"


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "backoffice", *arguments]


@contextmanager
def _program(*arguments: str) -> Iterator[str]:
    """The address of a program of its own, once it says that it is ready."""
    process = subprocess.Popen(ends_with_us(_command(*arguments)), cwd=ROOT, text=True, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()


def _run(*arguments: str) -> str:
    done = subprocess.run(_command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def resident(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One over eighty who has a card, a pension, health insurance and an unpaid water bill, and claims nothing yet."""
    file = tmp_path_factory.mktemp("people") / "people.jsonl"
    seed, count = PEOPLE.split(":")
    _run("simulate", "residents", "--seed", seed, "--count", count, "--out", str(file))
    people = [json.loads(line) for line in file.read_text("utf-8").splitlines()[1:]]
    return next(person for person in people if _fits(person))


def _fits(person: dict[str, Any]) -> bool:
    registers = person["registers"]
    return bool(
        registers.get("L01", {}).get("alive")
        and person["birth"] < "1946"
        and {"L14", "L16", "L17"} <= set(registers)
        and "L12" not in registers
        and registers["L16"]["account_matches"]
        and _owing(person)
    )


def _owing(person: dict[str, Any]) -> str:
    """Number of a water meter with money owed, or nothing."""
    return next((no for no, meter in person["meters"].items() if meter["kind"] == "water" and meter["owed_fen"]), "")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("office")
    key = folder / "payments.key"
    key.write_text("5a" * 32, "ascii")
    data = str(folder / "data")
    code = _run("device", "code", "F1", "--site", SITE, "--site-no", "031", "--data", data).split()[0]
    with ExitStack() as programs:
        lookups = programs.enter_context(_program("simulate", "lookups", "--population", PEOPLE, "--port", "0"))
        ledger = ("--ledger", str(folder / "ledger.jsonl"), "--key-file", str(key), "--port", "0")
        payments = programs.enter_context(_program("simulate", "payments", *ledger))
        side = ("--lookups", lookups, "--payments", payments, "--payments-key-file", str(key))
        url = programs.enter_context(_program("serve", "--data", data, "--port", "0", *side))
        document = json.loads((ROOT / "config" / "schema" / "openapi.json").read_text("utf-8"))
        made = contract_client.Client(document, url)
        programs.callback(made.close)
        made.enrol(code)
        yield made


@pytest.fixture(scope="module")
def catalogue(client: Any) -> dict[str, Any]:
    document: dict[str, Any] = client.call("get_catalogue")
    return document


@pytest.fixture(scope="module")
def items(catalogue: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["item_id"]: item for item in catalogue["items"]}


def _answer(field: dict[str, Any], catalogue: dict[str, Any]) -> str:
    """Some answer of the form that the contract gives for the field's type."""
    if field["options"]:
        return str(field["options"][0])
    if field["type"] == "table":
        return str(catalogue["lists"][field["table"]][0]["code"])
    return {"month": "2026-01", "year": "2026", "date": "2026-01-05", "place": SITE}[field["type"]]


@pytest.fixture
def visit(
    client: Any, catalogue: dict[str, Any], items: dict[str, dict[str, Any]], resident: dict[str, Any]
) -> Callable[..., dict[str, Any]]:
    """A visit about an item, its form answered as its fields ask."""

    def of(item_id: str, **form: str) -> dict[str, Any]:
        item, now = items[item_id], datetime.now(CHINA)
        asked = [field for field in item["form"] if field["source"] != "card" and not field["optional"]]
        must = [field for field in asked if not (field["beside"] or field["when"] or field["key"] in form)]
        return {
            "case_no": client.number(now.strftime("%y%m%d")),
            "item_id": item_id,
            "item_version": item["version"],
            "consent_version": item["consent_version"],
            "applicant": {
                **_person(resident),
                "sex": str(resident["sex"]),
                "birth": resident["birth"],
                "address": resident["address"],
                "valid_until": "",
                "source": "chip",
            },
            "form": {**form, **{field["key"]: _answer(field, catalogue) for field in must}},
            "commitment": item["commitment"] or None,
            "consents": [
                *({"purpose": f"register.{code}", "text_version": "v1"} for code in item["consents"]),
                *([{"purpose": "sign.by_key", "text_version": "v1"}] if item["commitment"] else []),
            ],
            "created_at": now.isoformat(),
            "site": client.site,
            "lang": "nan",
            "boot_id": "boot-1",
            "monotonic_s": 12.5,
        }

    return of


def _person(resident: dict[str, Any]) -> dict[str, str]:
    return {"document": "resident", "name": resident["name"], "number": resident["number"]}


def _ends_well(client: Any, case: dict[str, Any], outcome: str) -> None:
    """Decided, found again by its slip, and rated once."""
    assert case["state"] == "decided" and case["decision"]["outcome"] == outcome, case
    slip = {"q": case["case_no"][-16:], "code": case["query_code"]}
    assert client.call("get_progress", query=slip)["state"]
    rating = {"visit_token": case["visit_token"], "level": 5, "labels": [], "rated_at": datetime.now(CHINA).isoformat()}
    where = {"case_no": case["case_no"]}
    client.call("post_rating", rating, path=where, key=case["case_no"] + "/rating")
    assert client.send("post_rating", rating, path=where, key=case["case_no"] + "/again").status_code == 409


def test_the_catalogue_has_items_of_six_modes(items: dict[str, dict[str, Any]]) -> None:
    assert {item["mode"] for item in items.values()} == {"apply", "query", "print", "pay", "book", "guide"}
    assert sum(item["transact"] for item in items.values()) == 84


def test_an_application_is_decided_at_once(client: Any, visit: Callable[..., Any], resident: dict[str, Any]) -> None:
    known = client.call("prefill", {"item_id": "XA032", "applicant": _person(resident)})
    assert known["known"]["account"]["last4"] == resident["registers"]["L16"]["last4"] and "XA032" in known["dues"]
    body = visit("XA032", account="yes")
    case = client.call("post_case", body, key=body["case_no"])
    assert client.call("post_case", body, key=body["case_no"]) == case
    _ends_well(client, case, "approved")


def test_a_query_is_answered_with_what_the_register_says_and_as_of_when(
    client: Any, visit: Callable[..., Any], resident: dict[str, Any]
) -> None:
    body = visit("XA031")
    answer = client.call("post_query", body, key=body["case_no"])
    said = {arg["value"] for line in answer["lines"] for arg in line["args"].values()}
    assert str(resident["registers"]["L17"]["balance_fen"]) in said
    assert all(register["state"] == "answered" for register in answer["registers"])
    _ends_well(client, answer["case"], "done")


def test_a_certificate_is_made_fetched_and_counted(client: Any, visit: Callable[..., Any]) -> None:
    body = visit("XA025")
    printed = client.call("post_print", body, key=body["case_no"])
    document = {"document_id": printed["document"]["document_id"]}
    assert client.call("get_document", path=document)[:5] == b"%PDF-"
    _ends_well(client, printed["case"], "done")


def test_a_bill_is_paid_with_a_helpers_code_and_once(
    client: Any, visit: Callable[..., Any], resident: dict[str, Any]
) -> None:
    meter = _owing(resident)
    asked = {"item_id": "XA101", "site": client.site, "applicant": _person(resident), "codes": [meter], "family": False}
    bill = client.call("post_bill", asked, key="bill-1")
    assert bill["total_fen"] == resident["meters"][meter]["owed_fen"]
    body = visit("XA101", water_no=meter)
    means = {"way": "code", "code": "134567890123456789"}
    paid = client.call(
        "post_payment", {"submission": body, "bill_no": bill["bill_no"], "means": means}, key=body["case_no"]
    )
    assert (paid["payment"]["state"], paid["payment"]["amount_fen"]) == ("booked", bill["total_fen"])
    assert paid["payment"]["receipt_no"]
    _ends_well(client, {name: value for name, value in paid.items() if name != "payment"}, "done")
    again = client.call("post_bill", asked, key="bill-2")
    assert again["total_fen"] == 0, "what has been paid is not asked for again"


def test_an_appointment_is_booked_and_is_itself_the_ticket(client: Any, visit: Callable[..., Any]) -> None:
    slots = client.call("get_slots", query={"item_id": "XA054", "site": client.site})["slots"]
    free = next(slot for slot in slots if slot["free"])
    body = visit("XA054")
    booked = client.call(
        "post_appointment", {"submission": body, "day": free["day"], "start": free["start"]}, key=body["case_no"]
    )
    assert booked["appointment"]["ticket"] and booked["appointment"]["state"] == "booked"
    _ends_well(client, {name: value for name, value in booked.items() if name != "appointment"}, "done")


def test_who_is_only_guided_is_told_where_and_has_a_number_too(client: Any, items: dict[str, dict[str, Any]]) -> None:
    item_id = next(item["item_id"] for item in items.values() if item["guide"])
    told = client.call("get_guide", path={"item_id": item_id}, query={"site": client.site})
    assert told
    now = datetime.now(CHINA)
    body = {
        "case_no": client.number(now.strftime("%y%m%d")),
        "item_id": item_id,
        "item_version": items[item_id]["version"],
        "created_at": now.isoformat(),
        "site": client.site,
        "lang": "cmn",
        "boot_id": "boot-1",
        "monotonic_s": 3.0,
    }
    _ends_well(client, client.call("post_guidance", body, key=body["case_no"]), "done")
