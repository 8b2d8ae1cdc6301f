"""An approval has an effect, once; the same is not approved twice; what is told keeps the two apart."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from backoffice.casework import consequence_notes
from backoffice.catalogue.consequences import read_consequences
from backoffice.catalogue.release import CatalogueError, read_release
from backoffice.consequences.carrier import Carrier
from backoffice.domain.consequences import Note, Period, bars, with_notes
from backoffice.domain.facts.base import Lookup, LookupState
from backoffice.office import Office
from backoffice.paths import catalogue_dir
from backoffice.store.tables import tables
from backoffice.store.tables.consequences import register_note

Body = Callable[..., dict[str, Any]]
PHOTO = "ab" * 32
FORMS: dict[str, dict[str, str]] = {
    "XA002": {"living_where": "here", "photo": PHOTO},
    "XA010": {"social_card_no": "D12608821", "photo": PHOTO},
    "XA011": {"social_card_no": "D12608821", "loss_kind": "formal", "photo": PHOTO},
    "XA032": {"account": "yes"},
}


@pytest.fixture
def asked_for(terminal: Any, submission: Body) -> Callable[..., dict[str, Any]]:
    """Ask for an item and get the answer with its decision."""

    def post(item_id: str, serial: int, who: str = "a_kim", **form: str) -> dict[str, Any]:
        body = submission(who, serial, item_id=item_id, form={**FORMS[item_id], **form})
        answer = terminal.post_case(body)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        assert told["decision"] is not None
        return told

    return post


@pytest.fixture(autouse=True)
def known_by_face(simulator: Any, residents: dict[str, Any]) -> Iterator[None]:
    """The face register has pictures of the two who come in person."""
    people = [simulator.registers.residents[residents[who]["number"]] for who in ("a_kim", "ninety_four")]
    for person in people:
        person["registers"]["L02"] = {"photo_ref": "picture", "score": 950}
    yield
    for person in people:
        del person["registers"]["L02"]


@pytest.fixture
def effects(office: Office) -> Carrier:
    """The carrier in the test's own hands: it is called, and never waited for."""
    return Carrier(office)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's own thread does nothing."""
    monkeypatch.setattr(Carrier, "start", lambda self: None)


def keys(case: dict[str, Any]) -> list[str]:
    return [reason["key"] for reason in case["decision"]["reasons"]]


def events(office: Office, case_no: str) -> list[str]:
    table = tables.case_event.c
    with office.database.read() as connection:
        return list(connection.execute(select(table.event).where(table.case_no == case_no).order_by(table.n)).scalars())


def progress(terminal: Any, case: dict[str, Any]) -> str:
    answer = terminal.call("GET", f"/v1/progress?q={case['case_no']}&code={case['query_code']}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["key"])


# ---- the same is not approved twice ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("still")
def test_what_was_approved_once_is_not_approved_again(terminal: Any, asked_for: Any, office: Office) -> None:
    first = asked_for("XA032", 1)
    assert first["decision"]["outcome"] == "approved"
    again, third = asked_for("XA032", 2), asked_for("XA032", 3)
    for told in (again, third):
        assert (told["decision"]["outcome"], keys(told)) == (
            "notice",
            ["reason.repeat.granted", "reason.repeat.number"],
        )
        granted, number = told["decision"]["reasons"]
        assert granted["args"]["date"] == {"kind": "date", "value": "2026-11-24"}
        assert number["args"]["number"] == {"kind": "digits", "value": first["case_no"][-16:]}
        assert told["decision"]["next"]["key"] == "next.repeat"
        assert progress(terminal, told) == "progress.repeated"
    assert events(office, again["case_no"]) == ["accepted", "repeated"]
    assert asked_for("XA032", 2)["decision"] == again["decision"], "the same request is answered the same"


@pytest.mark.usefixtures("still")
def test_what_is_under_way_is_told_with_its_number(terminal: Any, asked_for: Any, simulator: Any) -> None:
    simulator.fault("L08", "error")
    first = asked_for("XA032", 1)
    assert first["decision"]["outcome"] == "pending"
    again = asked_for("XA032", 2)
    assert keys(again) == ["reason.repeat.open", "reason.repeat.number"]
    assert again["decision"]["reasons"][1]["args"]["number"]["value"] == first["case_no"][-16:]
    assert asked_for("XA032", 3, "dated_card")["decision"]["outcome"] == "pending", "another person's is no repeat"


@pytest.mark.usefixtures("still")
def test_what_the_machine_found_missing_may_be_asked_for_anew(asked_for: Any) -> None:
    first = asked_for("XA032", 1, account="none")
    assert (first["decision"]["outcome"], keys(first)) == ("notice", ["reason.XA032.account_choice"])
    assert asked_for("XA032", 2)["decision"]["outcome"] == "approved"


@pytest.mark.parametrize(
    ("period", "decided", "is_done", "barred"),
    [
        (Period.ONCE, "2020-01-01", True, True),
        (Period.YEAR, "2026-01-02", True, True),
        (Period.YEAR, "2025-12-31", True, False),
        (Period.MONTH, "2026-11-01", True, True),
        (Period.MONTH, "2025-11-24", True, False),
        (Period.IN_FORCE, "2026-11-23", False, True),
        (Period.IN_FORCE, "2026-11-23", True, False),
        (Period.OPEN, "2026-11-24", False, False),
    ],
)
def test_periods(period: Period, decided: str, is_done: bool, barred: bool) -> None:
    assert bars(period, date.fromisoformat(decided), date(2026, 11, 24), is_done=is_done) is barred


# ---- effects --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("still")
def test_a_card_reported_lost_gets_no_new_password(terminal: Any, asked_for: Any, effects: Carrier) -> None:
    lost = asked_for("XA011", 1)
    assert lost["decision"]["outcome"] == "approved"
    assert progress(terminal, lost) == "progress.approved.now", "approved, and not in force yet"
    assert effects.carry() == 1
    assert progress(terminal, lost) == "progress.approved.done"
    refused = asked_for("XA010", 2)
    assert (refused["decision"]["outcome"], keys(refused)) == ("notice", ["reason.social_card"])


@pytest.mark.usefixtures("still")
def test_a_temporary_loss_ends_with_its_week(clock: Any, asked_for: Any, effects: Carrier) -> None:
    asked_for("XA011", 1, loss_kind="temporary")
    effects.carry()
    clock.advance(days=7)
    assert keys(asked_for("XA010", 2)) == ["reason.social_card"]
    clock.advance(days=1)
    told = asked_for("XA010", 3)
    assert told["decision"]["outcome"] == "approved"
    assert told["decision"]["next"]["key"] == "result.approved.XA010", "it says where the new password is set"


@pytest.mark.usefixtures("still")
def test_who_was_certified_is_not_told_to_come_again(
    terminal: Any, asked_for: Any, effects: Carrier, applicant: Any, residents: Any, clock: Any
) -> None:
    person = {name: applicant("ninety_four")[name] for name in ("document", "name", "number")}
    body = {"item_id": "", "applicant": person}

    def dues() -> list[str]:
        answer = terminal.call("POST", "/v1/prefills", body)
        assert answer.status_code == 200, answer.text
        assert all(set(one["items"]) <= set(answer.json()["dues"]) for one in answer.json()["entitlements"])
        return list(answer.json()["dues"])

    assert "XA002" in dues()
    assert asked_for("XA002", 1, "ninety_four")["decision"]["outcome"] == "approved"
    assert "XA002" not in dues(), "it is approved, though no register knows it yet"
    effects.carry()
    clock.advance(days=60)
    assert "XA002" not in dues(), "in the new year the noted day holds"
    clock.advance(days=260)
    assert "XA002" in dues(), "within sixty days of it she is told again"


@pytest.mark.usefixtures("still")
def test_an_effect_is_done_once_though_its_carrier_dies_in_between(
    office: Office, clock: Any, asked_for: Any, effects: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = asked_for("XA011", 1)
    claimed = effects.claim()  # And now this one dies.
    assert [one.case_no for one in claimed] == [case["case_no"]]
    heir = Carrier(office)
    assert heir.carry() == 0, "it is in the other's hands until its lease ends"
    clock.advance(seconds=61)

    class PowerCut(BaseException):
        pass

    with monkeypatch.context() as patch:

        def cut(*_: Any, **__: Any) -> None:
            raise PowerCut

        patch.setattr("backoffice.consequences.carrier.append_event", cut)
        with pytest.raises(PowerCut):
            heir.carry()
    with office.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(register_note)).scalar_one() == 0
    clock.advance(seconds=61)
    assert Carrier(office).carry() == 1
    assert not effects.deliver(claimed[0]), "who comes back after all finds it done"
    assert Carrier(office).carry() == 0
    assert events(office, case["case_no"]) == ["accepted", "decided", "effect_done"]


@pytest.mark.usefixtures("still")
def test_an_effect_that_fails_comes_again_and_keeps_nobody(
    office: Office, clock: Any, asked_for: Any, effects: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = asked_for("XA011", 1)["case_no"], asked_for("XA032", 2, "dated_card")["case_no"]
    write = consequence_notes.write

    def failing(office: Office, connection: Any, case: Any, effect: Any) -> bool:
        if case.case_no == bad:
            raise ValueError
        return write(office, connection, case, effect)

    monkeypatch.setattr(consequence_notes, "write", failing)
    assert effects.carry() == 1
    assert "effect_done" in events(office, good) and "effect_done" not in events(office, bad)
    monkeypatch.undo()
    clock.advance(seconds=31)
    assert effects.carry() == 1
    assert "effect_done" in events(office, bad)


@pytest.mark.usefixtures("still")
def test_an_approval_that_was_taken_back_has_no_effect(office: Office, asked_for: Any, effects: Carrier) -> None:
    case_no = asked_for("XA011", 1)["case_no"]
    effects.carry()
    row, waiting = tables.service_case, tables.outbox

    def reopened(connection: Any) -> None:
        connection.execute(update(row).where(row.c.case_no == case_no).values(state="under_review"))
        news = {"topic": "case.reopened", "case_no": case_no, "body": "{}", "created_at": "2026-11-24T10:00:00+08:00"}
        connection.execute(waiting.insert().values(**news))

    office.database.transact(reopened)
    assert effects.carry() == 1
    assert events(office, case_no)[-1] == "effect_ended"


def test_the_application_carries_effects_by_itself(
    office: Office, start: Any, submission: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered, deliver = threading.Event(), Carrier.deliver

    def told(self: Carrier, claimed: Any) -> bool:
        done = deliver(self, claimed)
        if done:
            delivered.set()
        return done

    monkeypatch.setattr(Carrier, "deliver", told)
    body = submission("a_kim", 1, item_id="XA011", form=FORMS["XA011"])
    assert start().post_case(body).status_code == 201
    assert delivered.wait(20)
    assert events(office, body["case_no"])[-1] == "effect_done"


def test_a_silent_register_is_not_answered_for() -> None:
    note = Note("L16", {"state": "lost"}, creates=True)
    silent = {"L16": Lookup("L16", LookupState.TIMEOUT, {}, "e", "")}
    assert with_notes(silent, [note]) == silent and with_notes({}, [note]) == {}
    absent = {"L12": Lookup("L12", LookupState.NOT_FOUND, {}, "e", "")}
    made = with_notes(absent, [Note("L12", {"since": "2026-12", "amount_fen": "10000"}, creates=True)])["L12"]
    assert (made.state, made.values) == (LookupState.ANSWERED, {"since": "2026-12", "amount_fen": 10000})
    newer = {"L14": Lookup("L14", LookupState.ANSWERED, {"certify_by": "2028-01-01"}, "e", "")}
    assert with_notes(newer, [Note("L14", {"certify_by": "2027-11-24"}, creates=False)]) == newer


# ---- the catalogue's table ------------------------------------------------------------------------------------------


def test_the_table_names_items_and_fields_that_there_are() -> None:
    release = read_release(catalogue_dir())
    for item_id, one in read_consequences(catalogue_dir() / "consequences.toml").of_item.items():
        form = release.items[item_id].form
        assert form is not None
        fields = {field.key for field in form.fields}
        assert set(one.per) <= fields
        if one.effect is not None and one.effect.days_of is not None:
            name, by_answer = one.effect.days_of
            assert name in fields and set(by_answer) <= set(release.fields[name].options)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "XA011", "period": "weekly"},
        {"id": "XA011", "perhaps": "once"},
        {"id": "XA011", "effect": {"register": "L99", "set": {"state": "lost"}}},
        {"id": "XA011", "effect": {"register": "L16", "set": {"colour": "red"}}},
    ],
)
def test_a_wrong_row_is_told_with_its_place(tmp_path: Path, row: dict[str, Any]) -> None:
    def text(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{name} = {text(one)}" for name, one in value.items()) + "}"
        return f'"{value}"'

    file = tmp_path / "consequences.toml"
    file.write_text("[[item]]\n" + "".join(f"{name} = {text(value)}\n" for name, value in row.items()))
    assert tomllib.loads(file.read_text())
    with pytest.raises(CatalogueError, match=r"consequences\.toml"):
        read_consequences(file)
