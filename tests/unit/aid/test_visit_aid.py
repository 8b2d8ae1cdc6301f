"""The communication aid, typing, what could not be done, the rating: pure rows and screens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.aid.state import Aid, CallStage, CallTold, Card, Cause, Held, SlipTold, Taken
from kiosk.domain.aid.view_cannot import causes
from kiosk.domain.catalogue import Catalogue, Mode, ServiceItem
from kiosk.domain.deputy.rows import wanted_number
from kiosk.domain.screens.compose import view
from kiosk.domain.slip.blocks import SlipKind, kind_of
from kiosk.domain.speech import Line, Privacy
from kiosk.domain.typing.rows import thinned, typing_over
from kiosk.domain.typing.state import MOST_POINTS, MOST_STROKES, Suggestion, Suggestions, TextKind, Wanted, Writing
from kiosk.domain.visit.machine import (
    Decision,
    DecisionKind,
    Do,
    Ev,
    Event,
    Overlay,
    Printed,
    Printing,
    Step,
    VisitState,
    advance,
)

ITEM = ServiceItem("XA032", 1, "welfare", "高龄津贴申领", "领长寿钱", Mode.APPLY, True)
CATALOGUE = Catalogue(
    1, ("welfare",), ("XA032",), (ITEM,), rating_labels=(("510", 5), ("512", 5), ("108", 1), ("109", 1))
)
NAME = Wanted(Line("aid.write.question"), Ev.ANSWER, TextKind.NAME, 4)
ASKED = VisitState(step=Step.ASK, item_id="XA032", case_no="3502130018261124000010")


def walk(state: VisitState, *events: Event) -> tuple[VisitState, list[Do]]:
    effects: list[Do] = []
    for event in events:
        state, done = advance(state, event)
        effects += done
    return state, effects


def test_a_drawn_character_goes_from_the_finger_into_the_text() -> None:
    drawn, effects = walk(ASKED, Event(Ev.TYPE, NAME), Event(Ev.DRAWN, ((100, 100), (900, 120))))
    assert effects == [Do.SUGGEST] and drawn.aid.typing is not None
    found = Suggestions(drawn.aid.typing.serial, (Suggestion("陈"), Suggestion("东")))
    taken, _ = walk(drawn, Event(Ev.SUGGESTED, found), Event(Ev.TYPE_TAKE, Suggestion("陈")))
    assert taken.aid.typing is not None
    assert (taken.aid.typing.text, taken.aid.typing.ink) == ("陈", ())
    done = next(choice for choice in view(taken, CATALOGUE).choices if choice.likely)
    assert done.event == Event(Ev.ANSWER, "陈")
    assert typing_over(taken).overlay is Overlay.NONE


def test_a_word_that_takes_a_part_of_the_keys_leaves_the_rest() -> None:
    state, _ = walk(ASKED, Event(Ev.TYPE, NAME), Event(Ev.TYPE_WAY, Writing.PINYIN))
    for key in "243663":
        state, _ = advance(state, Event(Ev.TYPE_KEY, key))
    assert state.aid.typing is not None
    one = Suggestion("陈", "63")
    state, _ = walk(state, Event(Ev.SUGGESTED, Suggestions(state.aid.typing.serial, (one,))))
    state, effects = walk(state, Event(Ev.TYPE_TAKE, one))
    assert state.aid.typing is not None
    assert (state.aid.typing.text, state.aid.typing.code, effects) == ("陈", "63", [Do.SUGGEST])


def test_an_answer_to_an_older_question_is_dropped() -> None:
    state, _ = walk(ASKED, Event(Ev.TYPE, NAME), Event(Ev.DRAWN, ((1, 1),)), Event(Ev.DRAWN, ((9, 9),)))
    assert state.aid.typing is not None
    late = Suggestions(state.aid.typing.serial - 1, (Suggestion("一"),))
    assert advance(state, Event(Ev.SUGGESTED, late))[0] == state


def test_a_text_is_never_longer_than_wanted_and_a_name_has_no_digits() -> None:
    full, _ = walk(ASKED, Event(Ev.TYPE, replace(NAME, text="欧阳修文")), Event(Ev.DRAWN, ((1, 1),)))
    assert full.aid.typing is not None
    one = Suggestion("一")
    after, _ = walk(full, Event(Ev.SUGGESTED, Suggestions(full.aid.typing.serial, (one,))), Event(Ev.TYPE_TAKE, one))
    assert after.aid.typing is not None and after.aid.typing.text == "欧阳修文"
    assert advance(full, Event(Ev.TYPE_WAY, Writing.DIGITS))[0] == full
    with pytest.raises(ValueError, match="1 to"):
        Wanted(Line("x"), Ev.ANSWER, most=61)


@given(st.lists(st.tuples(st.integers(-9, 1200), st.integers(-9, 1200)), min_size=1, max_size=300).map(tuple))
def test_a_stroke_stays_within_the_square_and_keeps_its_ends(stroke: tuple[tuple[int, int], ...]) -> None:
    kept = thinned(stroke)
    assert 0 < len(kept) <= MOST_POINTS and all(0 <= x <= 1000 and 0 <= y <= 1000 for x, y in kept)
    assert (kept[0], kept[-1]) == (thinned(stroke[:1])[0], thinned(stroke[-1:])[0])


def test_more_strokes_than_any_character_has_are_not_taken() -> None:
    state, _ = walk(ASKED, Event(Ev.TYPE, NAME), *[Event(Ev.DRAWN, ((1, 1),))] * (MOST_STROKES + 3))
    assert state.aid.typing is not None and len(state.aid.typing.ink) == MOST_STROKES


def test_erasing_takes_the_last_stroke_then_the_last_character() -> None:
    state, _ = walk(ASKED, Event(Ev.TYPE, replace(NAME, text="陈")), Event(Ev.DRAWN, ((1, 1),)))
    once, _ = walk(state, Event(Ev.TYPE_ERASE))
    twice, _ = walk(once, Event(Ev.TYPE_ERASE))
    assert once.aid.typing is not None and twice.aid.typing is not None
    assert (once.aid.typing.ink, once.aid.typing.text, twice.aid.typing.text) == ((), "陈", "")


def test_a_number_is_covered_while_it_is_typed_and_looked_over_only_when_she_asks() -> None:
    state, _ = walk(ASKED, Event(Ev.TYPE, wanted_number("")), *(Event(Ev.TYPE_KEY, key) for key in "35022119440"))

    def shown(state: VisitState) -> str:
        huge = view(state, CATALOGUE).huge
        assert huge is not None
        return huge.args["text"].value

    assert shown(state) == "350* **** **0"
    look = next(choice.event for choice in view(state, CATALOGUE).choices if choice.line.key == "type.look")
    looked, _ = walk(state, look)
    assert shown(looked) == "3502 2119 440"
    assert shown(walk(looked, look)[0]) == shown(state)
    assert shown(walk(looked, Event(Ev.TYPE_KEY, "3"))[0]) == "350* **** ***3"
    assert shown(walk(looked, Event(Ev.TYPE_ERASE))[0]) == "350* **** *4"


@pytest.mark.parametrize(("kind", "hint"), [(TextKind.TEXT, "type.no_worker"), (TextKind.NAME, "type.no_way")])
def test_without_the_worker_the_screen_says_so_and_offers_a_way_on(kind: TextKind, hint: str) -> None:
    """Digits need no worker, but a name has none."""
    state, _ = walk(ASKED, Event(Ev.TYPE, replace(NAME, kind=kind)), Event(Ev.DRAWN, ((1, 1),)))
    assert state.aid.typing is not None
    away, _ = walk(state, Event(Ev.SUGGESTED, Suggestions(state.aid.typing.serial, (), worker=False)))
    shown = view(away, CATALOGUE)
    assert shown.body == (Line(hint),) and shown.choices


@pytest.mark.parametrize("card", [card for card in Card if card not in (Card.YES_NO, Card.WRITE, Card.FAMILY)])
def test_a_card_is_held_up_large_and_said_at_once(card: Card) -> None:
    state, _ = walk(ASKED, Event(Ev.HELP), Event(Ev.AID), Event(Ev.AID_CARD, card))
    shown = view(state, CATALOGUE)
    assert shown.huge == Line(f"aid.held.{card.value}")
    assert [utterance.line for utterance in shown.say] == [shown.huge]


def test_own_words_are_said_because_they_were_asked_for_and_are_gone_with_the_visit() -> None:
    begun, _ = walk(ASKED, Event(Ev.AID), Event(Ev.AID_CARD, Card.WRITE), Event(Ev.AID_TEXT, "陈美丽"))
    shown = view(begun, CATALOGUE)
    assert shown.huge is not None and shown.huge.args["text"].value == "陈美丽"
    assert [utterance.privacy for utterance in shown.say] == [Privacy.ASKED]
    ended, _ = walk(begun, Event(Ev.IDLE_END))
    assert ended.aid == Aid() and "陈美丽" not in repr(begun)


def test_yes_and_no_follow_each_other_without_leaving_the_screen() -> None:
    state, _ = walk(ASKED, Event(Ev.AID), Event(Ev.AID_CARD, Card.YES_NO), Event(Ev.AID_HOLD, Held.YES))
    assert view(state, CATALOGUE).huge == Line("aid.held.yes")
    other, _ = walk(state, Event(Ev.AID_HOLD, Held.NO))
    assert view(other, CATALOGUE).huge == Line("aid.held.no")
    assert advance(other, Event(Ev.BACK))[0].overlay is Overlay.AID


def test_every_screen_reaches_the_aid_in_two_touches_and_comes_back_to_where_it_was() -> None:
    for step in Step:
        if step is Step.WIPE:
            continue
        state = VisitState(step=step, item_id="XA032", case_no=ASKED.case_no)
        helped, _ = advance(state, Event(Ev.HELP))
        offered = [choice.event for choice in view(helped, CATALOGUE).choices]
        assert Event(Ev.AID) in offered, step
        back, _ = walk(helped, Event(Ev.AID), Event(Ev.CLOSE))
        assert back == state


# ---- what could not be done


NOTICE = Decision(DecisionKind.NOTICE, (Line("reason.XA032.account"),), Line("next.XA032.notice"))


def _red_screens() -> list[VisitState]:
    """Every step whose screen has the red bar, with a refusal where there can be one."""
    found = []
    for step in Step:
        for decision in (None, NOTICE):
            for printing in Printing:
                state = replace(ASKED, step=step, decision=decision, printing=printing)
                if view(state, CATALOGUE).red_bar:
                    found.append(state)
    return found


def test_no_screen_only_says_no() -> None:
    """Cause, what is missing, who can help, a slip: from every red bar, and from every refusal."""
    states = _red_screens()
    assert {Step.CHOOSE, Step.RESULT, Step.PRINT} <= {state.step for state in states}
    for state in (*states, replace(ASKED, step=Step.RESULT, decision=NOTICE, stored=True)):
        asked, _ = advance(state, Event(Ev.CANNOT))
        shown = view(asked, CATALOGUE)
        assert 0 < len(shown.cards) <= 4 and len(shown.body) >= 2, state.step
        assert Event(Ev.REGISTER, Cause.OTHER) in [choice.event for choice in shown.choices]
        registered, effects = advance(asked, shown.cards[0].event)
        assert Do.STORE_COMPLAINT in effects
        told, _ = advance(registered, Event(Ev.REGISTERED, Taken()))
        said = view(told, CATALOGUE)
        assert Event(Ev.PRINT_HELP) in [choice.event for choice in said.choices]
        assert Event(Ev.CALL) in [choice.event for choice in said.choices]
        assert kind_of(told) is SlipKind.COMPLAINT


def test_the_refusal_of_the_office_is_said_again_with_its_own_reasons() -> None:
    refused = replace(ASKED, step=Step.RESULT, decision=NOTICE, stored=True)
    shown = view(advance(refused, Event(Ev.CANNOT))[0], CATALOGUE)
    assert NOTICE.reasons[0] in shown.body and causes(refused)[0] is Cause.MISSING


def test_the_offices_number_replaces_what_was_told_and_nothing_replaces_it() -> None:
    state, _ = walk(ASKED, Event(Ev.CANNOT), Event(Ev.REGISTER, Cause.DEVICE), Event(Ev.REGISTERED, Taken()))
    known, _ = advance(state, Event(Ev.REGISTERED, Taken("261124001001")))
    assert known.aid.taken == Taken("261124001001")
    assert advance(known, Event(Ev.REGISTERED, Taken()))[0] == known


def test_a_call_is_printed_once_and_again_only_where_nothing_came_out() -> None:
    called = replace(ASKED, overlay=Overlay.CALLED, call_answer=Line("help.queued"))
    busy, effects = advance(called, Event(Ev.PRINT_HELP))
    assert effects == (Do.PRINT_HELP,) and kind_of(called) is SlipKind.CALL
    assert advance(busy, Event(Ev.PRINT_HELP)) == (busy, ())
    out, _ = advance(busy, Event(Ev.HELP_PRINTED, Printed(Printing.PROVED)))
    assert out.aid.slip is SlipTold.OUT and advance(out, Event(Ev.PRINT_HELP)) == (out, ())
    failed, _ = advance(busy, Event(Ev.HELP_PRINTED, Printed(Printing.FAILED)))
    assert Do.PRINT_HELP in advance(failed, Event(Ev.PRINT_HELP))[1]


# ---- the rating


def test_one_touch_of_a_face_counts_however_she_leaves() -> None:
    rating = replace(ASKED, step=Step.RATE, stored=True)
    for last in (Event(Ev.RATING_DONE), Event(Ev.IDLE_END), Event(Ev.LEAVE_SURE)):
        ended, effects = walk(rating, Event(Ev.RATED, 4), last)
        assert (ended.step, effects.count(Do.STORE_RATING), ended.aid.level) == (Step.WIPE, 1, 4)
    assert Do.STORE_RATING not in walk(rating, Event(Ev.SKIP))[1]


def test_nothing_is_chosen_beforehand_and_labels_belong_to_their_level() -> None:
    good, _ = advance(replace(ASKED, step=Step.RATE), Event(Ev.RATED, 5))
    shown = view(good, CATALOGUE)
    assert [card.event.value for card in shown.cards] == ["510", "512"] and not any(c.chosen for c in shown.cards)
    both, _ = walk(good, Event(Ev.LABEL, "510"), Event(Ev.LABEL, "512"))
    one, _ = advance(both, Event(Ev.LABEL, "510"))
    assert (both.aid.labels, one.aid.labels) == (("510", "512"), ("512",))
    assert advance(one, Event(Ev.RATED, 1))[0].aid.labels == ()


def test_only_a_low_rating_offers_to_register_what_was_wrong() -> None:
    for level in (1, 2, 3, 4, 5):
        shown = view(advance(replace(ASKED, step=Step.RATE), Event(Ev.RATED, level))[0], CATALOGUE)
        assert shown.red_bar is (level <= 2)


def test_what_the_office_has_answered_is_not_taken_back_by_the_time_that_it_took() -> None:
    called, _ = advance(ASKED, Event(Ev.CALL))
    queued = CallTold(1, CallStage.QUEUED, Line("help.queued"))
    waiting, _ = advance(called, Event(Ev.CALL_ANSWERED, queued))
    assert waiting.call_answer == Line("help.queued")
    answered, _ = advance(waiting, Event(Ev.CALL_ANSWERED, CallTold(1, CallStage.SENT, Line("help.sent"))))
    assert answered.call_answer == Line("help.sent")
    late, _ = advance(answered, Event(Ev.CALL_ANSWERED, queued))
    assert late.call_answer == Line("help.sent")
