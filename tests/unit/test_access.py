"""Louder, faster, silent: one step a press, the ends hold, and the next person finds it as it was."""

from __future__ import annotations

from pathlib import Path

from kiosk.app.keys.generate import read_catalogue
from kiosk.domain.ear.state import Ear
from kiosk.domain.screens.compose import View, view
from kiosk.domain.speech import RATES, VOLUME_DEFAULT, VOLUME_STEPS
from kiosk.domain.view.parts import Choice, Scale
from kiosk.domain.visit.machine import Access, Ev, Event, Overlay, Step, VisitState, advance

CATALOGUE = read_catalogue(Path(__file__).resolve().parents[2] / "config" / "catalogue")


HEARD = 1
"""The page of the settings for the ear."""


def shown(access: Access) -> View:
    ear = Ear(panel=HEARD)
    return view(VisitState(step=Step.CHOOSE, overlay=Overlay.ACCESS, access=access, case_no="1", ear=ear), CATALOGUE)


def pressed(access: Access, key: str) -> Access:
    choices = (choice for scale in shown(access).scales for choice in (scale.less, scale.more))
    return after(next(choice for choice in choices if choice.line.key == key), access)


def after(choice: Choice, access: Access) -> Access:
    state = VisitState(step=Step.CHOOSE, overlay=Overlay.ACCESS, access=access, case_no="1")
    return advance(state, choice.event)[0].access


def scale(access: Access, key: str) -> Scale:
    return next(scale for scale in shown(access).scales if scale.line.key == key)


def test_each_press_is_one_step_of_the_volume_and_the_ends_hold() -> None:
    assert scale(Access(), "access.volume").at == VOLUME_DEFAULT
    access, seen = Access(), []
    for key in ["access.softer"] * (VOLUME_STEPS + 2) + ["access.louder"] * (VOLUME_STEPS + 2):
        before, access = access, pressed(access, key)
        seen.append(scale(access, "access.volume").at)
        assert abs(access.volume_step - before.volume_step) <= 1
    assert min(seen) == 0
    assert seen[-1] == max(seen) == scale(access, "access.volume").steps == VOLUME_STEPS


def test_all_seven_rates_are_reached_from_slowest_to_fastest() -> None:
    access = Access()
    for _ in RATES:
        access = pressed(access, "access.slower")
    reached = [access.rate_percent]
    for _ in RATES:
        access = pressed(access, "access.faster")
        reached.append(access.rate_percent)
    assert reached == [*RATES, RATES[-1]]
    assert scale(access, "access.rate").at == len(RATES)


def test_below_the_softest_nothing_is_said_and_louder_is_heard_again() -> None:
    silent = Access(volume_step=1).louder(-1)
    assert not silent.voice
    assert scale(silent, "access.volume").at == 0
    assert pressed(silent, "access.softer") == silent
    again = pressed(silent, "access.louder")
    assert again.voice and again.volume_step == 1


def test_the_next_person_finds_it_as_it_was() -> None:
    changed = Access(size=1, theme="dark", rate_percent=50, volume_step=1, voice=False)
    state = VisitState(step=Step.WIPE, access=changed, case_no="1")
    assert advance(state, Event(Ev.WIPED))[0].access == Access()
