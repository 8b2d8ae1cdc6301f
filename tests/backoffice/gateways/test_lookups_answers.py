"""What may count as an answer, for each of the registers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.domain.items.answer_checks import id_check_digit, uscc_check_digit
from backoffice.gateways.answers import SPECS, Garbage, Needs, Stale, read_answer, read_specs

ME = "350221194403150021"


def answer(**fields: Any) -> dict[str, Any]:
    return {"subject": ME, "age_hours": 0, "found": True, **fields}


L01 = answer(matches=True, birth="1944-03-15", household="350213007007", alive=True)
L03_MEMBER = {"number": "350213200501010012", "name": "陈嘉豪", "relation": "grandchild", "alive": True}
L13 = answer(**{"class": "physical", "level": 2, "valid_until": "2030-01-01"})


def test_all_registers_are_in_the_table() -> None:
    assert list(SPECS) == [f"L{number:02d}" for number in range(1, 34)]
    assert all(spec.owner and spec.title and spec.answers for spec in SPECS.values())
    # Ours are shown and decide nothing.
    assert [code for code, spec in SPECS.items() if not spec.feeds] == ["L32", "L33"]
    assert all(0 < spec.timeout_s <= 5 and 0 <= spec.retries <= 2 for spec in SPECS.values())
    assert [code for code, spec in SPECS.items() if spec.needs is Needs.STATUTE] == ["L26"]
    assert [code for code, spec in SPECS.items() if spec.needs is Needs.CONSENT] == ["L03", "L05", "L22"]


@pytest.mark.parametrize(
    ("lookup", "data", "field"),
    [
        ("L01", answer(), "matches"),
        ("L01", {**L01, "found": "yes"}, "found"),
        ("L01", [], "found"),
        ("L01", None, "found"),
        ("L01", {**L01, "matches": 1}, "matches"),
        ("L01", {**L01, "birth": "15.3.1944"}, "birth"),
        ("L01", {**L01, "birth": "19440315"}, "birth"),
        ("L01", {**L01, "birth": "1944-02-30"}, "birth"),
        ("L01", {**L01, "household": "350213"}, "household"),
        ("L01", {**L01, "household": "３５０２１３００７００７"}, "household"),
        ("L01", {**L01, "subject": "350212194606270019"}, "subject"),
        ("L01", {key: value for key, value in L01.items() if key != "subject"}, "subject"),
        ("L01", {**L01, "age_hours": True}, "age_hours"),
        ("L01", {**L01, "age_hours": -1}, "age_hours"),
        ("L01", {**L01, "also": "350212194606270019"}, "not agreed"),
        ("L01", {**L01, "found": False}, "has fields"),
        ("L03", answer(head=True, household_no="1", members=[{**L03_MEMBER, "number": ME[:-1] + "3"}]), "members"),
        ("L03", answer(head=True, household_no="1", members=[{**L03_MEMBER, "relation": "cousin"}]), "members"),
        ("L03", answer(head=True, household_no="1", members=[{**L03_MEMBER, "phone": "1"}]), "members"),
        ("L03", answer(head=True, household_no="1", members=[L03_MEMBER] * 65), "members"),
        ("L03", answer(head=True, household_no="1", members=L03_MEMBER), "members"),
        ("L12", answer(since="2021-13"), "since"),
        ("L13", {**L13, "level": 5}, "level"),
        ("L13", {**L13, "level": True}, "level"),
        ("L13", {**L13, "class": "other"}, "class"),
        ("L16", answer(state="active", bank="b", last4="12a4", account_ref="r"), "last4"),
        ("L28", answer(matches=None), "matches"),
        ("L31", answer(due_fen=-1, state="open"), "subject|due_fen"),
    ],
)
def test_an_answer_of_another_form_is_garbage_and_its_value_is_not_repeated(
    lookup: str, data: object, field: str
) -> None:
    with pytest.raises(Garbage, match=field) as problem:
        read_answer(lookup, data, ME)
    told = str(problem.value) + repr(problem.value.__cause__)
    assert "1944" not in told and "3502" not in told and "陈" not in told


def test_an_old_answer_is_worth_nothing() -> None:
    assert read_answer("L01", {**L01, "age_hours": SPECS["L01"].fresh_hours}, ME)
    with pytest.raises(Stale):
        read_answer("L01", {**L01, "age_hours": SPECS["L01"].fresh_hours + 1}, ME)


def test_a_field_that_may_be_missing_stays_missing() -> None:
    assert read_answer("L12", answer(since="2021-08"), ME) == {"since": "2021-08"}


def test_no_entry_is_an_answer() -> None:
    assert read_answer("L13", {"subject": ME, "age_hours": 0, "found": False}, ME) is None


@pytest.mark.parametrize("number", ["35022119410315002X", "350213200501010012", "350212196207080030"])
def test_the_check_digit_of_a_citizens_number(number: str) -> None:
    assert id_check_digit(number[:17]) == number[17]


@pytest.mark.parametrize("code", ["11330105002500287C", "11430000006122244L"])
def test_the_check_digit_of_a_credit_code(code: str) -> None:
    assert uscc_check_digit(code[:17]) == code[17]


@pytest.mark.parametrize(
    "row",
    ["asks = []", "kept = true", 'needs = "mood"', 'answers = {a = "furlong"}', "answers = 3"],
)
def test_a_table_that_says_something_unknown_is_refused_with_its_place(tmp_path: Any, row: str) -> None:
    whole = {
        "owner": 'owner = "o"',
        "title": 'title = "t"',
        "asks": 'asks = ["number"]',
        "needs": 'needs = ""',
        "timeout_s": "timeout_s = 1.0",
        "retries": "retries = 1",
        "fresh_hours": "fresh_hours = 1",
        "feeds": "feeds = []",
        "answers": 'answers = {a = "flag"}',
    }
    whole[row.split(" ")[0]] = row
    file = tmp_path / "registers.toml"
    file.write_text("[L99]\n" + "\n".join(whole.values()), encoding="utf-8")
    with pytest.raises(ValueError, match=r"L99|mood"):
        read_specs(file)


def test_only_what_is_said_of_nobody_is_kept() -> None:
    assert [code for code, spec in SPECS.items() if spec.kept] == ["L33"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(ME),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text() | st.sampled_from(["found", "subject", "age_hours", "birth", "members"]), inner)
    ),
    max_leaves=12,
)


@given(st.sampled_from(list(SPECS)), JSON)
def test_no_answer_at_all_can_break_the_reader(lookup: str, data: object) -> None:
    _read(lookup, data)


def _read(lookup: str, data: object) -> None:
    try:
        values = read_answer(lookup, data, ME)
    except (Garbage, Stale):
        return
    spec = SPECS[lookup]
    assert values is None or set(spec.answers) - spec.optional <= set(values) <= set(spec.answers)


@given(st.sampled_from([("L01", L01), ("L13", L13)]), st.data())
def test_an_honest_answer_with_any_place_replaced_is_read_or_refused(
    honest: tuple[str, dict[str, Any]], data: st.DataObject
) -> None:
    lookup, whole = honest
    place = data.draw(st.sampled_from(sorted(whole)))
    _read(lookup, {**whole, place: data.draw(JSON)})


@given(st.sampled_from([L01, L13]), st.integers(0, 200), st.characters())
def test_one_character_changed_on_the_wire(whole: dict[str, Any], place: int, character: str) -> None:
    text = json.dumps(whole)
    place %= len(text)
    try:
        data = json.loads(text[:place] + character + text[place + 1 :])
    except ValueError:
        return
    _read("L01" if whole is L01 else "L13", data)
