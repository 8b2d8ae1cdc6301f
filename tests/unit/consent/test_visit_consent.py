"""Registers that only her own word opens: asked once, first of all, on a screen that says which, why, and that she may
say no; a no leads on by paper."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.app import contract
from kiosk.app.papers import contract as papers_contract
from kiosk.domain.catalogue import Catalogue, FieldSource, FieldType, FormField, Mode, ServiceItem
from kiosk.domain.papers.state import ASK_BY_KEY, ASK_REGISTERS, Papers, Signed
from kiosk.domain.screens.compose import view
from kiosk.domain.speech import ArgKind, Lang
from kiosk.domain.visit.machine import Ev, Event, Resident, Step, VisitState, advance
from kiosk.domain.visit.plan import ActionKind, plan

KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "后村1号")
PURPOSE = FormField("purpose", FieldSource.ASK, ("loan", "school"), type=FieldType.CHOICE)
PRINTED = ServiceItem(
    "XA076", 1, "housing", "无房证明打印", "无厝证明", Mode.PRINT, True, (PURPOSE,), consents=("L22",)
)
APPLIED = replace(PRINTED, item_id="XA074", mode=Mode.APPLY, commitment="commitment.XA016", promised="无房承诺")
CATALOGUE = Catalogue(1, ("housing",), ("XA076",), (PRINTED, APPLIED))


def begun(item: ServiceItem) -> VisitState:
    return VisitState(
        step=Step.CONSENT, item_id=item.item_id, item_version=1, resident=KIM, plan=plan(item, {}), case_no="1" * 22
    )


def version(lang: Lang, key: str) -> str:
    return f"{lang.value}-{key}"


@pytest.mark.parametrize("item", [PRINTED, APPLIED], ids=["print", "apply"])
def test_nothing_is_asked_of_her_or_of_a_register_before_her_word(item: ServiceItem) -> None:
    first, *others = plan(item, {})
    assert (first.kind, first.subject) == (ActionKind.CONSENT, "L22")
    assert not [one for one in others if one.kind is ActionKind.CONSENT], "one screen for all of them"
    assert plan(replace(item, consents=()), {}) == tuple(others)


def test_the_screen_shows_and_says_which_register_why_and_that_she_may_say_no() -> None:
    shown = view(begun(PRINTED), CATALOGUE)
    assert (shown.question.key, shown.question.args["register"].kind) == (ASK_REGISTERS, ArgKind.KEY)
    assert shown.question.args["register"].value == "register.L22"
    said = [one.line.key for one in shown.say]
    assert said[:3] == [ASK_REGISTERS, f"{ASK_REGISTERS}.why", f"{ASK_REGISTERS}.free"]
    assert [one.event.kind for one in shown.choices] == [Ev.YES, Ev.NO]
    both = replace(begun(PRINTED), plan=plan(replace(PRINTED, consents=("L03", "L22")), {}))
    named = [line.args["register"].value for line in (view(both, CATALOGUE).question, *view(both, CATALOGUE).body[:1])]
    assert named == ["register.L03", "register.L22"]


def test_her_yes_goes_with_the_request_with_the_version_of_the_words_she_heard() -> None:
    agreed, _ = advance(begun(PRINTED), Event(Ev.YES))
    assert agreed.step is Step.ASK
    body = contract.case_body(agreed, "350213007007", "now", "boot", 1.0, version)
    assert body["consents"] == [{"purpose": "register.L22", "text_version": "nan-consent.look_up"}]
    assert list(papers_contract.consents(agreed, "now", version)) == [], "it is told once"
    unasked = contract.case_body(begun(PRINTED), "350213007007", "now", "boot", 1.0, version)
    assert unasked["consents"] == []


def test_a_no_to_a_certificate_leads_to_paper_and_a_slip_before_any_work_of_hers() -> None:
    refused, effects = advance(begun(PRINTED), Event(Ev.NO))
    assert (refused.step, refused.answers) == (Step.FOUND, {}) and "LOOK_UP" not in [one.name for one in effects]
    shown = view(refused, CATALOGUE)
    assert shown.question.key == "reason.no_consent"
    assert "next.no_consent" in [line.key for line in shown.body]
    kinds = [one.event.kind for one in shown.choices]
    assert Ev.SHOW_WAY in kinds and Ev.TRY_AGAIN not in kinds
    assert advance(refused, Event(Ev.SHOW_WAY))[0].step is Step.GUIDE


def test_a_no_to_a_request_goes_on_and_people_look_at_her_paper() -> None:
    refused, _ = advance(begun(APPLIED), Event(Ev.NO))
    assert (refused.step, refused.note) == (Step.ASK, "consent.refused")
    assert contract.case_body(refused, "350213007007", "now", "boot", 1.0, version)["consents"] == []
    back, _ = advance(refused, Event(Ev.BACK))
    assert back.step is Step.CONSENT
    again, _ = advance(back, Event(Ev.YES))
    assert (again.papers.consents, again.papers.refused) == ((ASK_REGISTERS,), ())


def test_a_promise_that_was_agreed_to_aloud_says_so_with_the_request() -> None:
    state = replace(begun(APPLIED), papers=Papers(signed=Signed.BY_KEY, consents=(ASK_BY_KEY,)))
    body = contract.case_body(state, "350213007007", "now", "boot", 1.0, version)
    assert body["commitment"] == APPLIED.commitment
    assert body["consents"] == [{"purpose": "sign.by_key", "text_version": "nan-sign.by_key"}]
