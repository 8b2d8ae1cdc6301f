"""What the kiosk says on which screen, and when it knows that nobody speaks any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.app.keys.generate import read_catalogue
from kiosk.app.speech.queue import SpeechQueue
from kiosk.domain.ports import VoiceEvent
from kiosk.domain.screens.compose import view
from kiosk.domain.speech import Lang, Line, Utterance
from kiosk.domain.visit.machine import Access, Overlay, Step, VisitState

from .conftest import ROOT


class FakeVoice:
    """Writes down what it is asked; the test plays the speech process."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.tell: Callable[[VoiceEvent], None] = lambda event: None

    def speak(self, generation: int, utterances: Sequence[Utterance], lang: Lang) -> None:
        self.calls.append(("speak", generation, tuple(u.line.key for u in utterances), lang))

    def stop(self, generation: int) -> None:
        self.calls.append(("stop", generation))

    def pause(self, on: bool) -> None:
        self.calls.append(("pause", on))

    def skip(self, generation: int) -> None:
        self.calls.append(("skip", generation))

    def set_rate(self, percent: int) -> None:
        self.calls.append(("rate", percent))

    def set_volume(self, step: int) -> None:
        self.calls.append(("volume", step))

    def click(self) -> None:
        self.calls.append(("click",))

    def set_headphone(self, plugged: bool) -> None:
        self.calls.append(("headphone", plugged))

    def listen(self, on_event: Callable[[VoiceEvent], None]) -> None:
        self.tell = on_event

    def close(self) -> None:
        return

    @property
    def spoken(self) -> list[tuple[object, ...]]:
        return [call for call in self.calls if call[0] == "speak"]


CATALOGUE = read_catalogue(Path(ROOT) / "config" / "catalogue")


class Room:
    def __init__(self) -> None:
        self.voice = FakeVoice()
        self.queue = SpeechQueue(self.voice)
        self.state = VisitState(step=Step.CHOOSE)
        self.clauses: list[tuple[str | None, int]] = []
        self.speaking: list[bool] = []
        self.queue.on_clause(lambda key, index: self.clauses.append((key, index)))
        self.queue.on_speaking(self.speaking.append)

    def show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]  # fields of the state
        self.queue.show(self.state, view(self.state, CATALOGUE))

    def finish(self, kind: str = "done") -> None:
        _, generation, keys, _ = self.voice.spoken[-1]
        assert isinstance(generation, int)
        assert isinstance(keys, tuple)
        for key in keys:
            self.voice.tell(VoiceEvent(kind, generation, key))


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_new_screen_is_said_whole_in_the_chosen_language(room: Room) -> None:
    room.show()
    assert room.voice.spoken == [("speak", 1, ("choose.question", "choose.card_hint"), Lang.NAN)]
    room.show(step=Step.IDENTIFY, item_id="XA032")
    assert room.voice.spoken[-1][1:3] == (2, ("identify.lay_card", "identify.lay_card.how", "identify.or_social"))


def test_the_same_words_are_not_begun_again(room: Room) -> None:
    room.show()
    room.show(case_no="3502130018261124000010")
    assert len(room.voice.spoken) == 1


def test_again_says_the_screen_from_its_beginning_also_after_a_single_choice(room: Room) -> None:
    room.show()
    room.queue.say(Line("item.XA032.name"))
    assert room.voice.spoken[-1][2] == ("item.XA032.name",)
    room.queue.again()
    assert room.voice.spoken[-1][1:3] == (3, ("choose.question", "choose.card_hint"))


def test_the_other_language_says_the_screen_again(room: Room) -> None:
    room.show()
    room.show(lang=Lang.CMN)
    assert room.voice.spoken[-1][1:] == (2, ("choose.question", "choose.card_hint"), Lang.CMN)


def test_speech_has_ended_when_every_text_was_reported(room: Room) -> None:
    room.show()
    assert room.queue.is_speaking
    room.voice.tell(VoiceEvent("done", 1, "choose.question"))
    assert room.queue.is_speaking
    room.voice.tell(VoiceEvent("done", 1, "choose.card_hint"))
    assert not room.queue.is_speaking
    assert room.speaking == [True, False]
    assert room.clauses[-1] == (None, 0)


@pytest.mark.parametrize("kind", ["withheld", "unspoken", "skipped"])
def test_what_is_not_said_does_not_hold_the_clock(room: Room, kind: str) -> None:
    room.show()
    room.finish(kind)
    assert not room.queue.is_speaking


def test_reports_of_an_older_screen_change_nothing(room: Room) -> None:
    room.show()
    room.show(step=Step.IDENTIFY, item_id="XA032")
    room.voice.tell(VoiceEvent("done", 1, "choose.question"))
    room.voice.tell(VoiceEvent("done", 1, "choose.card_hint"))
    room.voice.tell(VoiceEvent("clause", 1, "choose.question", 0))
    assert room.queue.is_speaking
    assert room.clauses == []


def test_the_clause_that_begins_is_told(room: Room) -> None:
    room.show()
    room.voice.tell(VoiceEvent("clause", 1, "choose.question", 1))
    assert room.clauses == [("choose.question", 1)]


def test_without_voice_nothing_is_said_and_with_it_again_the_screen_is(room: Room) -> None:
    room.show()
    room.show(access=Access(voice=False))
    assert room.voice.calls[-1] == ("stop", 2)
    assert not room.queue.is_speaking
    room.show(step=Step.IDENTIFY, item_id="XA032")
    assert len(room.voice.spoken) == 1
    room.show(access=Access(voice=True))
    assert room.voice.spoken[-1][2] == ("identify.lay_card", "identify.lay_card.how", "identify.or_social")


def test_another_rate_or_volume_is_heard_at_once(room: Room) -> None:
    room.show(overlay=Overlay.ACCESS)
    room.show(access=Access(rate_percent=80))
    room.show(access=Access(rate_percent=80, volume_step=6))
    settings = [call for call in room.voice.calls if call[0] in ("rate", "volume")]
    assert settings == [("rate", 80), ("volume", 6)]
    assert len(room.voice.spoken) == 3


def test_a_dead_speech_process_is_no_speech_and_the_next_one_says_it_again(room: Room) -> None:
    room.show()
    room.voice.tell(VoiceEvent("lost", 1))
    assert not room.queue.is_speaking
    room.voice.tell(VoiceEvent("ready"))
    assert room.queue.is_speaking
    assert room.voice.spoken[-1][1:3] == (2, ("choose.question", "choose.card_hint"))


def test_a_process_that_died_in_silence_says_nothing_when_it_is_back(room: Room) -> None:
    room.show()
    room.finish()
    room.voice.tell(VoiceEvent("lost", 1))
    room.voice.tell(VoiceEvent("ready"))
    assert len(room.voice.spoken) == 1


def test_a_pause_holds_the_voice_and_lets_the_clock_run(room: Room) -> None:
    room.queue.pause(True)
    assert room.voice.calls == [], "nothing is said that could be held"
    room.show()
    room.voice.tell(VoiceEvent("clause", 1, "choose.question", 0))
    room.queue.pause(True)
    room.queue.pause(True)
    assert not room.queue.is_speaking
    assert room.clauses == [("choose.question", 0)], "what is lit stays lit"
    room.queue.pause(False)
    assert room.queue.is_speaking
    assert room.speaking == [True, False, True]
    assert [call for call in room.voice.calls if call[0] == "pause"] == [("pause", True), ("pause", False)]


def test_a_new_screen_and_the_next_text_end_a_pause(room: Room) -> None:
    room.show()
    room.queue.pause(True)
    room.show(step=Step.IDENTIFY, item_id="XA032")
    assert room.queue.is_speaking
    room.queue.pause(True)
    room.queue.skip()
    assert room.queue.is_speaking
    assert room.voice.calls[-2:] == [("pause", False), ("skip", 2)]
    assert room.speaking == [True, False, True, False, True]


def test_words_that_end_the_speech_process_again_and_again_are_given_up_until_they_are_asked_for(room: Room) -> None:
    room.show()
    for _ in range(5):
        room.voice.tell(VoiceEvent("lost", len(room.voice.spoken)))
        room.voice.tell(VoiceEvent("ready"))
    assert len(room.voice.spoken) == 3
    assert not room.queue.is_speaking
    room.queue.again()
    assert len(room.voice.spoken) == 4
