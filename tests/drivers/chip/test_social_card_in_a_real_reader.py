"""Social security cards through the real pcscd and its virtual reader, with everything that cards do wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from drivers import faults, registry
from drivers.api import (
    ChipCardReader,
    CompletionCode,
    DeviceError,
    DeviceState,
    HolderLock,
    MediaState,
    SocialCard,
)
from drivers.codec.wire import Sign
from drivers.sim.chip_card import ChipCardTwin
from drivers.sim.client import ControlError
from drivers.transport import tap
from drivers.transport.pcsc_library import SHARE_EXCLUSIVE, Context

pytestmark = pytest.mark.proof

READ_S = 10.0
PATIENCE_S = 20.0
A_KIM = "陈阿金"


def _fault_of(call: Callable[[], object]) -> faults.Fault:
    with pytest.raises(DeviceError) as caught:
        call()
    return caught.value.fault


def _read(card: Any, reader: ChipCardReader, resident: str = "a_kim") -> SocialCard:
    card.ctl("present", resident=resident)
    assert reader.wait_card(PATIENCE_S) is True
    return reader.read(READ_S)


def test_a_card_is_read_whole_and_its_repr_shows_nothing(card: Any, reader: ChipCardReader) -> None:
    social = _read(card, reader)
    assert (social.card_number, social.region, social.version) == ("D12608821", "350200", "3.00")
    assert (social.issued_on, social.valid_until, social.lock) == (date(2012, 6, 1), None, HolderLock.OPEN)
    assert social.holder is not None
    holder = social.holder
    assert (holder.name, holder.number, holder.sex) == (A_KIM, "350221194403150021", "2")
    assert (holder.nation, holder.birthplace, holder.birth) == ("01", "350221", date(1944, 3, 15))
    told = f"{social!r} {social} {holder!r} {[social]}"
    assert not any(secret in told for secret in (A_KIM, "D12608821", "3502", "1944"))
    assert card.ctl("status")["verify"] == 0


@pytest.mark.parametrize(("resident", "name"), [("rare_name", "郑𠮷嬷"), ("hmt", "王美玉"), ("seventy_nine", "林水木")])
def test_every_residents_name_is_read_as_it_is(card: Any, reader: ChipCardReader, resident: str, name: str) -> None:
    holder = _read(card, reader, resident).holder
    assert holder is not None and holder.name == name


def test_a_name_too_long_for_its_record_goes_on_in_the_next_one_in_the_middle_of_a_character(
    card: Any, reader: ChipCardReader
) -> None:
    name = "A" + "𠮷" * 9
    card.ctl("present", resident="a_kim", card={"name": name})
    assert reader.wait_card(PATIENCE_S) is True
    holder = reader.read(READ_S).holder
    assert holder is not None and holder.name == name


# What the driver must make of each fault: a named fault, or None when the card must be read in spite of it.
FAULT_CASES: list[tuple[dict[str, Any], faults.Fault | None]] = [
    ({"name": "dialect_61", "count": -1}, None),
    ({"name": "dialect_6c", "count": -1}, None),
    ({"name": "exact_le", "count": -1}, None),
    ({"name": "by_number_only", "count": -1}, None),
    ({"name": "by_tag_only", "count": -1}, None),
    ({"name": "select_p1_00", "count": -1}, None),
    ({"name": "aid_unknown", "count": -1}, None),
    ({"name": "holder_locked", "word": "6982", "count": -1}, None),
    ({"name": "select_p1_00", "word": "6982", "count": -1}, None),
    ({"name": "all_locked", "count": -1}, faults.CHP_LOCKED),
    ({"name": "sw", "on": "read", "word": "6F00", "count": -1}, faults.CHP_UNKNOWN),
    ({"name": "bad_name", "count": -1}, faults.CHP_DATA),
    ({"name": "bad_name", "count": 1}, None),
    ({"name": "bad_digit", "count": -1}, faults.CHP_DATA),
    ({"name": "endless", "count": -1}, faults.CHP_DATA),
    ({"name": "short", "on": "read", "count": 2}, faults.CHP_DATA),
    ({"name": "short", "on": "read", "at": 5, "count": 1}, None),
    ({"name": "late", "on": "read", "delay_s": 0.4}, None),
    ({"name": "pulled", "on": "select"}, faults.CHP_LIFTED),
    ({"name": "pulled", "on": "read", "skip": 9}, faults.CHP_LIFTED),
    ({"name": "wrong_atr", "count": -1}, faults.CHP_MUTE),
    ({"name": "mute", "on": "read", "skip": 3}, faults.CHP_MUTE),
]  # fmt: skip


SEEN_S = 20.0
PUT_IN_AGAIN = ("pulled", "mute", "wrong_atr")
"""What only a hand can mend; after everything else the same card is read where it is."""


@pytest.mark.parametrize(("fault", "expected"), FAULT_CASES, ids=lambda v: str(v) if isinstance(v, dict) else "")
def test_each_fault_is_named_or_overcome_and_never_a_wrong_name(
    card: Any, reader: ChipCardReader, fault: dict[str, Any], expected: faults.Fault | None
) -> None:
    card.ctl("fault", **fault)
    began_s = time.monotonic()
    if expected is None:
        social = _read(card, reader)
        assert social.card_number == "D12608821"
        assert social.holder is None or social.holder.name == A_KIM
    else:
        assert _fault_of(lambda: _read(card, reader)) is expected
    assert time.monotonic() - began_s < 20.0, "it hangs"
    assert card.ctl("status")["verify"] == 0
    card.ctl("clear")
    if fault["name"] in PUT_IN_AGAIN:
        card.ctl("lift")
        assert reader.wait_removed(PATIENCE_S)
        card.ctl("present", resident="a_kim")
        assert reader.wait_card(PATIENCE_S)
    after = reader.read(READ_S)
    assert after.holder is not None and after.holder.name == A_KIM


def test_every_fault_the_twin_knows_has_a_case() -> None:
    assert {fault["name"] for fault, _ in FAULT_CASES} == {*ChipCardTwin.own_faults, "mute", "late"}


@pytest.mark.parametrize(
    ("word", "lock"),
    [
        ("6982", HolderLock.NEEDS_PIN_OR_MODULE),
        ("6985", HolderLock.NEEDS_PIN_OR_MODULE),
        ("63C3", HolderLock.NEEDS_PIN_OR_MODULE),
        ("63C0", HolderLock.PIN_BLOCKED),
        ("6983", HolderLock.PIN_BLOCKED),
    ],
)
def test_a_card_that_wants_a_pin_is_read_without_its_holder_and_no_pin_is_tried(
    card: Any, reader: ChipCardReader, word: str, lock: HolderLock
) -> None:
    card.ctl("fault", name="holder_locked", word=word, count=-1)
    social = _read(card, reader)
    assert (social.card_number, social.holder, social.lock) == ("D12608821", None, lock)
    assert card.ctl("status")["verify"] == 0


def test_another_kind_of_card_is_seen_and_named(card: Any, reader: ChipCardReader) -> None:
    card.ctl("present", unknown_kind=True)
    assert reader.wait_card(PATIENCE_S) is True
    assert _fault_of(lambda: reader.read(READ_S)) is faults.CHP_UNKNOWN


def test_reading_an_empty_slot_says_so(reader: ChipCardReader) -> None:
    assert _fault_of(lambda: reader.read(READ_S)) is faults.CHP_NO_CARD


def test_putting_in_and_taking_out_is_seen_as_it_happens(card: Any, reader: ChipCardReader) -> None:
    assert reader.wait_card(0.3) is False
    assert (reader.status().state, reader.status().media) == (DeviceState.ONLINE, MediaState.NOT_PRESENT)
    card.ctl("present", resident="a_kim")
    began_s = time.monotonic()
    assert reader.wait_card(SEEN_S) is True
    assert time.monotonic() - began_s < SEEN_S / 2, "it was seen at the end of the wait alone"
    assert reader.status().media is MediaState.PRESENT
    assert reader.wait_removed(0.3) is False
    assert reader.read(READ_S).card_number == "D12608821"
    assert reader.read(READ_S).card_number == "D12608821"
    card.ctl("lift")
    began_s = time.monotonic()
    assert reader.wait_removed(SEEN_S) is True
    assert time.monotonic() - began_s < SEEN_S / 2


def test_a_mute_chip_shows_in_the_status(card: Any, reader: ChipCardReader) -> None:
    card.ctl("fault", name="wrong_atr", count=-1)
    card.ctl("present", resident="a_kim")
    assert reader.wait_card(PATIENCE_S) is True
    assert _fault_of(lambda: reader.read(READ_S)) is faults.CHP_MUTE
    assert reader.status().state is DeviceState.ONLINE


def _in_thread(call: Callable[[], object], ended: list[DeviceError]) -> threading.Thread:
    def run() -> None:
        try:
            call()
        except DeviceError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("during", ["wait", "read"])
def test_cancel_from_another_thread_ends_a_command_within_100_ms(
    card: Any, reader: ChipCardReader, during: str
) -> None:
    times_s = []
    for _ in range(3):  # the best of three: the machine may be busy, the driver may not
        ended: list[DeviceError] = []
        if during == "read":
            card.ctl("fault", name="mute", on="read")
            card.ctl("present", resident="a_kim")
            assert reader.wait_card(PATIENCE_S)
            before = card.ctl("status")["read"]
            running = _in_thread(lambda: reader.read(READ_S), ended)
            card.ctl("wait", key="read", at_least=before + 1)
        else:
            running = _in_thread(lambda: reader.wait_card(30.0), ended)
            busy_by_s = time.monotonic() + PATIENCE_S
            while reader.status().state is not DeviceState.DEVICE_BUSY:
                assert time.monotonic() < busy_by_s, "reader never became busy"
        began_s = time.monotonic()
        reader.cancel()
        running.join(PATIENCE_S)
        times_s.append(time.monotonic() - began_s)
        assert [(e.fault, e.completion) for e in ended] == [(faults.DEV_CANCELLED, CompletionCode.CANCELED)]
        card.ctl("clear")
        card.ctl("lift")
        assert reader.wait_removed(PATIENCE_S)
    assert min(times_s) < 0.1
    assert reader.status().state is DeviceState.ONLINE
    assert _read(card, reader).card_number == "D12608821"


def test_closing_from_another_thread_ends_the_command_and_refuses_the_next(reader: ChipCardReader) -> None:
    ended: list[DeviceError] = []
    waiting = _in_thread(lambda: reader.wait_card(30.0), ended)
    busy_by_s = time.monotonic() + PATIENCE_S
    while reader.status().state is not DeviceState.DEVICE_BUSY:
        assert time.monotonic() < busy_by_s, "reader never became busy"
    reader.close()
    waiting.join(PATIENCE_S)
    assert [error.fault for error in ended] == [faults.DEV_CANCELLED]
    assert _fault_of(lambda: reader.read(1.0)) is faults.DEV_CANCELLED
    reader.open()
    assert reader.status().state is DeviceState.ONLINE


def test_the_reader_is_chosen_by_name_and_slot_and_a_wrong_name_lists_what_there_is(
    card: Any, reader: ChipCardReader, make_reader: Callable[..., ChipCardReader]
) -> None:
    with pytest.raises(DeviceError, match="Virtual PCD 00 01") as caught:
        make_reader("Gemalto").open()
    assert caught.value.fault is faults.DEV_NOT_FOUND
    assert _fault_of(make_reader("virtual pcd", slot=7).open) is faults.DEV_NOT_FOUND
    second = make_reader("virtual pcd", slot=1)
    second.open()
    card.ctl("present", resident="a_kim")
    assert reader.wait_card(PATIENCE_S) is True
    assert second.wait_card(0.3) is False
    assert _fault_of(lambda: second.read(1.0)) is faults.CHP_NO_CARD


def test_a_program_that_shares_the_reader_does_not_disturb(
    card: Any, reader: ChipCardReader, make_reader: Callable[..., ChipCardReader]
) -> None:
    other = make_reader()
    other.open()
    card.ctl("present", resident="a_kim")
    assert other.wait_card(PATIENCE_S) and reader.wait_card(PATIENCE_S)
    assert other.read(READ_S) == reader.read(READ_S)


def test_a_program_that_keeps_the_card_to_itself_is_named_and_read_after(card: Any, reader: ChipCardReader) -> None:
    card.ctl("present", resident="a_kim")
    assert reader.wait_card(PATIENCE_S)
    greedy = Context()
    held = greedy.connect(greedy.readers()[0], SHARE_EXCLUSIVE)
    assert _fault_of(lambda: reader.read(READ_S)) is faults.CHP_REFUSED
    greedy.disconnect(held)
    greedy.release()
    assert reader.read(READ_S).card_number == "D12608821"


def test_the_trace_names_every_command_and_hides_every_value(card: Any, reader: ChipCardReader) -> None:
    card.ctl("present", resident="a_kim")
    assert reader.wait_card(PATIENCE_S)
    with tap.recording() as recording:
        reader.read(READ_S)
        lines = registry.describer("chip_card", "pcsc_social")(recording.passages())
    told = "\n".join(f"{line.shown} {line.meaning}" for line in lines)
    assert [line.sign for line in lines[:2]] == [Sign.QUESTION, Sign.ANSWER]
    assert "read record P1 08 P2 00" in told and "9000 done" in told
    assert b"D12608821".hex(" ").upper() not in told and A_KIM.encode("gb18030").hex(" ").upper() not in told


@pytest.mark.parametrize(
    ("request_fields", "reason"),
    [
        ({"op": "present", "resident": "nobody"}, "nobody"),
        ({"op": "present"}, "needs"),
        ({"op": "present", "card": {"name": "x"}}, "made"),
        ({"op": "present", "resident": "a_kim", "card": {"name": "字" * 26}}, "made"),
        ({"op": "fault", "name": "sw", "word": "9"}, "four hex"),
        ({"op": "fault", "name": "garble"}, "unknown fault"),
    ],
)
def test_a_wrong_control_request_is_answered_and_the_card_lives_on(
    card: Any, request_fields: Mapping[str, Any], reason: str
) -> None:
    with pytest.raises(ControlError, match=reason):
        card.ctl(**request_fields)
    assert card.ctl("status")["card"] is False


@pytest.mark.parametrize("slot", [-1, "0", True])
def test_a_wrong_slot_is_refused_by_name(slot: object) -> None:
    with pytest.raises(ValueError, match="slot"):
        registry.create("chip_card", "pcsc_social", {"port": "x", "slot": slot})
