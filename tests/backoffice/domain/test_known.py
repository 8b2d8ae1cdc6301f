"""What a register answers to a form's own question is offered for the resident to confirm, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backoffice.catalogue.release import read_release
from backoffice.domain.facts.base import Lookup, LookupState
from backoffice.domain.facts.known import known_answers, lookups_of
from backoffice.gateways.answers import SPECS
from backoffice.paths import catalogue_dir

NOBODY = {"number": "350213196001011231", "name": "陈示例", "relation": "child", "alive": True}
LABELS = {"places": {"350200": "厦门市"}, "banks": {"rural": "农村商业银行"}}


def answered(lookup: str, **values: Any) -> dict[str, Lookup]:
    return {lookup: Lookup(lookup, LookupState.ANSWERED, values, "1", "2026-11-24T10:00:00+08:00")}


def test_one_child_is_known_and_of_two_somebody_says_which() -> None:
    one = known_answers(["child"], answered("L03", members=(NOBODY,)), LABELS)
    assert (one["child"].value, one["child"].label) == ("350213196001011231 陈示例", "陈示例")
    assert known_answers(["child"], answered("L03", members=(NOBODY, NOBODY)), LABELS) == {}
    assert known_answers(["child"], answered("L03", members=({**NOBODY, "alive": False},)), LABELS) == {}
    both = known_answers(["family_members"], answered("L03", members=(NOBODY, NOBODY)), LABELS)
    assert both["family_members"].value.count(";") == 1


def test_a_place_and_a_list_entry_read_as_people_say_them() -> None:
    place = known_answers(["household_place"], answered("L01", matches=True, household="350213"), LABELS)
    assert (place["household_place"].value, place["household_place"].label) == ("350213", "厦门市")
    assert known_answers(["household_place"], answered("L01", matches=False, household="350213"), LABELS) == {}
    bank = known_answers(["bank"], answered("L16", bank="农村商业银行"), LABELS)
    assert bank["bank"].value == "rural"
    assert known_answers(["bank"], answered("L16", bank="unknown to the list"), LABELS) == {}
    assert known_answers(["bank", "no_such_field"], {}, LABELS) == {}, "a silent register answers nothing"


def test_every_field_that_can_be_known_is_one_of_the_dictionary() -> None:
    keys = read_release(catalogue_dir()).fields
    assert lookups_of(keys) <= set(SPECS) and "L03" in lookups_of(["spouse"])


def test_registers_that_need_consent_are_asked_only_with_it(terminal: Any, applicant: Any, simulator: Any) -> None:
    simulator.fault("L03", "error")
    person = {name: applicant("a_kim")[name] for name in ("document", "name", "number")}
    item = next(
        item
        for item in terminal.call("GET", "/v1/catalogue").json()["items"]
        if any(field["key"] == "family_members" for field in item["form"])
    )

    def asked(**more: str) -> Mapping[str, Any]:
        body = {"item_id": item["item_id"], "applicant": person, **more}
        answer = terminal.call("POST", "/v1/prefills", body)
        assert answer.status_code == 200, answer.text
        found: Mapping[str, Any] = answer.json()
        return found

    assert "L03" not in asked()["unanswered"]
    assert "L03" in asked(consent_version=item["consent_version"])["unanswered"]
    body = {"item_id": item["item_id"], "applicant": person, "consent_version": "another"}
    refused = terminal.call("POST", "/v1/prefills", body)
    assert refused.json()["code"] == "consent_version"
