"""What an answer must be: each named check by example, and every check against whatever is thrown at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.catalogue.release import read_release
from backoffice.domain.items.answer_checks import AnswerError, Around
from backoffice.domain.items.fields import CHECKS, CHECKS_OF_TYPE, FieldSpec, FieldType, check_answer
from backoffice.domain.items.form import Form, FormError, FormField, Source, When, check_form
from backoffice.domain.items.item import Release
from backoffice.domain.person import Applicant
from backoffice.paths import catalogue_dir

TODAY = date(2026, 11, 24)
AROUND = Around(TODAY)
KIM = Applicant("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处1号")
RELEASE: Release = read_release(catalogue_dir())
FIELDS: Mapping[str, FieldSpec] = RELEASE.fields

GOOD: dict[str, tuple[str, ...]] = {
    "spouse": ("350221194403150021 陈阿金", "830000199001010012 王·小明", "35022119410315002X 阿𠮷"),
    "family_members": ("350221194403150021 陈阿金", "350221194403150021 陈阿金;350212196207080030 李四"),
    "company": ("91350100M000100Y43", "11350213MB9990012T"),
    "phone": ("13800138000", "05927889900", "01062345678"),
    "account_no": ("6222020000000000000", "4111111111111111"),
    "account": ("yes", "other", "none"),
    "purpose": ("work", "other"),
    "bank": ("rural",),
    "arrived_on": ("2026-11-24", "1999-12-31"),
    "date_from": ("2030-02-28",),
    "month": ("2026-11", "1990-01"),
    "record_year": ("2026", "1990"),
    "pay_year": ("2026", "2027"),
    "amount_needed": ("100", "10000000"),
    "birth_order": ("1", "15"),
    "area_mu": ("3.5", "0.01", "10000"),
    "village": ("350213007007",),
    "region_care": ("310000", "350213007", "440305"),
    "plate": ("闽D12345", "闽DD12345"),
    "water_no": ("123456", "1234567890123456"),
    "social_card_no": ("A12345678", "123456789"),
    "land_plot": ("P-1", "P1;P2;P3"),
    "photo": ("a" * 64,),
    "policy_no": ("PDZA202635020000",),
    "receipt_no": ("3502130078261124000016",),
    "landlord": ("欧阳·娜娜", "O'Neil Ann"),
    "case_story": ("他欠我工钱三个月,不给。",),
    "slot": ("2026-11-24T09:30", "2027-01-04T15:00"),
}
BAD: dict[str, tuple[str, ...]] = {
    "spouse": (
        "350221194403150022 陈阿金",
        "350221194403150021",
        "350221194402300021 陈",
        "350221194403150021 ",
        "陈阿金",
    ),
    "family_members": ("", ";", "350221194403150021 陈;350221194403150021 陈"),
    "company": ("91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43", "91350100m000100y43"),
    "phone": ("12800138000", "1380013800", "+8613800138000", "0592-7889900"),
    "account_no": ("6222020000000000001", "62220", "62220200000000000000", "六二二二"),
    "account": ("maybe", "", "yes "),
    "purpose": ("travel", "Work"),
    "bank": ("nobody", "rural;local"),
    "arrived_on": ("2026-11-25", "2026-02-30", "26-11-24", "1849-12-31", "2026-11-24T00:00"),
    "date_from": ("2030-02-29", "tomorrow"),
    "month": ("2026-12", "2026-13", "1989-12", "202611"),
    "record_year": ("2027", "1989", "26"),
    "pay_year": ("2025", "2028", "next"),
    "amount_needed": ("99", "10000001", "100.5", "-100", "0100", "1e3"),
    "birth_order": ("0", "16", "1.0", "一"),
    "area_mu": ("0", "0.001", "10000.01", "3,5", "NaN", "1e9"),
    "village": ("35021300700", "350213", "350213007007 "),
    "region_care": ("990000", "3502", "35021300"),
    "plate": ("闽DI2345", "D12345", "闽D1234", "X12345A", "闽D1234567"),
    "water_no": ("12345", "12345678901234567", "12a456"),
    "social_card_no": ("12345678", "a12345678"),
    "land_plot": ("", "P1;P1", "P 1", "P1;", "x" * 41),
    "photo": ("", "a" * 129, "../x"),
    "policy_no": ("abc", "PDZA", "P" * 31),
    "receipt_no": ("1234567", "1" * 23, "12 345678"),
    "landlord": ("", " ", "张三 ", "张3", "a\x00b", "名" * 31),
    "case_story": ("短", "多" * 501, "一行\n两行很长", "私\ue000用区的字"),
    "slot": ("2026-11-23T09:30", "2027-12-01T09:30", "2026-11-24T09:31", "2026-11-24T25:00", "2026-11-24"),
}


def around() -> Around:
    return Around(TODAY, {name: frozenset(entries) for name, entries in RELEASE.lists.items()})


@pytest.mark.parametrize("key", sorted(GOOD))
def test_what_fits_is_taken(key: str) -> None:
    for answer in GOOD[key]:
        check_answer(FIELDS[key], answer, around())


@pytest.mark.parametrize("key", sorted(BAD))
def test_what_does_not_fit_is_refused_by_a_rule_that_never_repeats_the_answer(key: str) -> None:
    for answer in BAD[key]:
        with pytest.raises(AnswerError) as refused:
            check_answer(FIELDS[key], answer, around())
        assert str(refused.value)
        assert len(answer) < 5 or answer not in str(refused.value)


def test_every_check_and_every_type_has_a_good_and_a_bad_example() -> None:
    assert set(GOOD) == set(BAD)
    types = {FIELDS[key].type for key in GOOD}
    assert {FIELDS[key].check for key in GOOD} == {spec.check for spec in FIELDS.values()}
    assert types == {spec.type for spec in FIELDS.values()} - {FieldType.YES_NO}
    assert set().union(*CHECKS_OF_TYPE.values()) == set(CHECKS) and set(CHECKS_OF_TYPE) == set(FieldType)


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=80) | st.text("0123456789-:;T. Xx", max_size=40))
def test_whatever_is_thrown_at_a_field_is_taken_or_refused_by_name(key: str, answer: str) -> None:
    try:
        check_answer(FIELDS[key], answer, AROUND, {"month_from": answer, "date_from": "2026-01-01"})
    except AnswerError as refused:
        assert str(refused)


@given(st.sampled_from(sorted(FIELDS)))
def test_an_answer_that_is_far_too_long_is_refused_whatever_it_is(key: str) -> None:
    with pytest.raises(AnswerError):
        check_answer(FIELDS[key], "1" * 1001, AROUND)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_a_person_number_is_noticed(at: int, change: int) -> None:
    number = "350221194403150021"
    wrong = number[:at] + str((int(number[at]) + change) % 10) + number[at + 1 :]
    with pytest.raises(AnswerError):
        check_answer(FIELDS["spouse"], f"{wrong} 陈阿金", AROUND)


def test_the_end_does_not_come_before_the_beginning() -> None:
    end = FIELDS["left_on"]
    check_answer(end, "1980-01-01", AROUND, {"joined_on": "1980-01-01"})
    with pytest.raises(AnswerError, match="not before joined_on"):
        check_answer(end, "1979-12-31", AROUND, {"joined_on": "1980-01-01"})


ACCOUNT = FormField("account", Source.LOOK_UP, FIELDS["account"], confirm=True)
NUMBER = FormField("account_no", Source.ASK, FIELDS["account_no"], when=When("account", "other"))
FORM = Form(
    "2026-1",
    "",
    (
        FormField("applicant", Source.CARD, FIELDS["applicant"]),
        ACCOUNT,
        NUMBER,
        FormField("phone", Source.ASK, FIELDS["phone"], optional=True),
        FormField("village", Source.LOOK_UP, FIELDS["village"]),
        FormField("slot", Source.ASK, FIELDS["slot"], beside=True),
    ),
)


@pytest.mark.parametrize(
    "answers",
    [
        {"account": "yes"},
        {"account": "yes", "phone": "13800138000", "village": "350213007007", "slot": "2026-12-01T09:00"},
        {"account": "other", "account_no": "4111111111111111"},
        {"account": "none", "applicant": "350221194403150021 陈阿金"},
        {"account": "yes", "agent": "350221197003150018 陈大弟"},
    ],
)
def test_a_form_may_leave_out_what_is_optional_known_or_travels_elsewhere(answers: dict[str, str]) -> None:
    check_form(FORM, answers, KIM, AROUND)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({}, "account: missing"),
        ({"account": "other"}, "account_no: missing"),
        ({"account": "yes", "account_no": "4111111111111111"}, "account_no: only where account is other"),
        ({"account": "yes", "shoe": "42"}, "fields: one of account"),
        ({"account": "yes", "phone": "42"}, "phone: phone number"),
        ({"account": "other", "account_no": "4111111111111112"}, "account_no: check digit"),
        ({"account": "yes", "applicant": "350221194403150021 别人"}, "applicant: as the card says"),
        ({"account": "yes", "village": "350213"}, "village: 12 digits"),
        ({"account": "yes", "agent": "350221197003150010 陈大弟"}, "agent: "),
    ],
)
def test_a_form_that_does_not_fit_names_field_and_rule(answers: dict[str, str], told: str) -> None:
    with pytest.raises(FormError) as refused:
        check_form(FORM, answers, KIM, AROUND)
    assert str(refused.value).startswith(told)
    assert "411111" not in str(refused.value)


def test_every_form_of_the_release_can_be_filled() -> None:
    """Whatever the forms ask, there is an answer that passes; and without any one of them it does not."""
    examples = {
        **{key: answers[0] for key, answers in GOOD.items()},
        **{key: spec.options[0] for key, spec in FIELDS.items() if spec.options},
        **{key: sorted(RELEASE.lists[spec.table])[0] for key, spec in FIELDS.items() if spec.table in RELEASE.lists},
    }
    by_check = {FIELDS[key].check: answer for key, answer in examples.items()}
    for item in RELEASE.items.values():
        if item.form is None:
            continue
        answers: dict[str, str] = {}
        for field in item.form.fields:
            if field.must_be_answered(answers):
                answers[field.key] = examples.get(field.key, by_check[field.spec.check])
        check_form(item.form, answers, KIM, around())
        for key in answers:
            rest = {name: answer for name, answer in answers.items() if name != key}
            with pytest.raises(FormError):
                check_form(item.form, rest, KIM, around())
