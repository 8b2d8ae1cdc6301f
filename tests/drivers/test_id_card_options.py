"""SAM_V's options over the wire: fingerprints, the module's identity, and a reader set to another speed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers import faults, registry
from drivers.api import DeviceError, DeviceState, IdCardReader, Identified
from drivers.codec import sam_v
from drivers.codec.sam_v import FrameParser, Reply, decode_reply, encode_reply
from drivers.codec.sam_v_text import decode_base_fp, encode_base
from drivers.settings import SettingsError
from drivers.sim.id_card import FINGERPRINT

READ_S = 8.0
A_KIM = "陈阿金"


@pytest.fixture(scope="module")
def twin(start_twin: Callable[..., Any], residents_file: Path) -> Any:
    return start_twin("id_card", residents_file=str(residents_file), radio_time_percent=25)


def _reader(twin: Any, **table: object) -> IdCardReader:
    driver = registry.create("id_card", "sam_v", {"port": str(twin.link), **table})
    assert isinstance(driver, IdCardReader)
    return driver


@pytest.mark.parametrize(("fingers", "wire_bytes"), [(0, 1297), (1, 1809), (2, 2321)])
def test_a_card_is_read_with_as_many_fingerprints_as_it_has(
    twin: Any, fingers: int, wire_bytes: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    reader = _reader(twin, fingerprints=True)
    reader.open()
    twin.ctl("present", resident="a_kim", fingers=fingers)
    before = twin.ctl("status")["bytes_out"]
    card = reader.read(READ_S)
    assert (card.name, card.fingerprints) == (A_KIM, FINGERPRINT * fingers)
    assert len(card.photo_wlt) == 1024
    assert twin.ctl("status")["bytes_out"] - before == 15 + 19 + wire_bytes + 11
    assert FINGERPRINT[:4].hex() not in repr(card) + caplog.text.lower()
    assert repr(FINGERPRINT[:4])[2:-1] not in repr(card) + caplog.text
    reader.close()


def test_fingerprints_are_not_read_unless_asked_for(twin: Any) -> None:
    reader = _reader(twin)
    reader.open()
    twin.ctl("present", resident="a_kim", fingers=2)
    before = twin.ctl("status")["read_fp"]
    assert reader.read(READ_S).fingerprints == b""
    assert twin.ctl("status")["read_fp"] == before
    reader.close()


@pytest.mark.parametrize("fault", [{"name": "garble", "at": 1500}, {"name": "half"}, {"name": "sw3:41"}], ids=str)
def test_a_spoiled_reading_with_fingerprints_is_repeated_silently(twin: Any, fault: dict[str, Any]) -> None:
    reader = _reader(twin, fingerprints=True)
    reader.open()
    twin.ctl("present", resident="a_kim", fingers=2)
    twin.ctl("fault", on="read_fp", **fault)
    assert reader.read(READ_S).fingerprints == FINGERPRINT * 2
    reader.close()


def test_an_answer_with_fingerprints_is_not_taken_for_one_without_and_the_other_way_round() -> None:
    text, photo = b"\x00\x02" * 128, bytes(1024)
    plain = Reply(0, 0, 0x90, encode_base(text, photo))
    for prints in (b"", bytes(512), bytes(1024)):
        with_them = Reply(0, 0, 0x90, encode_base(text, photo, prints))
        assert sam_v.answers(sam_v.READ_BASE_FP, with_them) and not sam_v.answers(sam_v.READ_BASE, with_them)
    assert sam_v.answers(sam_v.READ_BASE, plain) and not sam_v.answers(sam_v.READ_BASE_FP, plain)


@pytest.mark.parametrize(
    ("prints", "head"),
    [(bytes(1024), "090a000090010004000400"), (b"", "050a000090010004000000"), (bytes(512), "070a000090010004000200")],
)
def test_frames_with_fingerprints_have_the_known_heads_and_come_back(prints: bytes, head: str) -> None:
    text, photo = bytes(256), bytes(range(256)) * 4
    frame = encode_reply(Reply(0, 0, 0x90, encode_base(text, photo, prints)))
    assert len(frame) == 1297 + len(prints)
    (body,) = FrameParser().feed(frame)
    assert decode_base_fp(decode_reply(body).data) == (text, photo, prints)
    assert frame[5:16].hex() == head


@pytest.mark.parametrize("cut", [1, 512, 1000])
def test_inner_lengths_that_do_not_add_up_are_bad_card_data(cut: int) -> None:
    data = encode_base(bytes(256), bytes(1024), bytes(1024))
    with pytest.raises(DeviceError) as caught:
        decode_base_fp(data[:-cut])
    assert caught.value.fault is faults.CRD_DATA


def test_the_module_tells_its_version_and_number(twin: Any) -> None:
    reader = _reader(twin)
    reader.open()
    assert isinstance(reader, Identified)
    identity = reader.identity()
    assert f"{identity.firmware}-{identity.serial}" == "05.03-20120315-0001234567-0987654321"
    reader.close()


@pytest.mark.parametrize(
    ("baud", "request_hex"),
    [(115200, "600063"), (57600, "600162"), (38400, "600261"), (19200, "600360"), (9600, "600467")],
)
def test_the_speed_commands_are_the_known_bytes(baud: int, request_hex: str) -> None:
    assert sam_v.encode_request(sam_v.set_baud(baud)).hex() == "aaaaaa96690003" + request_hex


@pytest.mark.parametrize(("device_baud", "wanted"), [(9600, 115200), (57600, 115200), (115200, 19200)])
def test_a_reader_at_another_speed_is_found_set_and_proved(
    start_twin: Callable[..., Any], residents_file: Path, device_baud: int, wanted: int, quickest: Any
) -> None:
    def seconds_of_finding() -> float:
        nonlocal other
        other = start_twin("id_card", baud=device_baud, residents_file=str(residents_file), radio_time_percent=25)
        reader = _reader(other, baud=wanted, find_speed=True)
        began_s = time.monotonic()
        reader.open()
        took_s = time.monotonic() - began_s
        assert reader.status().state is DeviceState.ONLINE
        reader.close()
        return took_s

    other: Any = None
    assert quickest(seconds_of_finding, 5.0) < 5.0
    plain = _reader(other, baud=wanted)
    plain.open()  # it stays at that speed: no looking for it the next time
    other.ctl("present", resident="a_kim")
    assert plain.read(READ_S).name == A_KIM
    plain.close()


def test_a_reader_that_does_not_take_the_speed_is_named_with_the_speed_it_has(
    start_twin: Callable[..., Any],
) -> None:
    stubborn = start_twin("id_card", baud=38400)
    stubborn.ctl("fault", name="keeps_speed", count=-1)
    with pytest.raises(DeviceError, match="answers at 38400, not at 115200") as caught:
        _reader(stubborn, find_speed=True).open()
    assert caught.value.fault is faults.CRD_SPEED


def test_a_silent_reader_stays_silent_at_every_speed_and_within_five_seconds(twin: Any, quickest: Any) -> None:
    """Looking at every speed is the longest that opening may take."""
    twin.ctl("fault", name="mute", count=-1)
    reader = _reader(twin, find_speed=True)

    def seconds_of_opening() -> float:
        began_s = time.monotonic()
        with pytest.raises(DeviceError) as caught:
            reader.open()
        assert caught.value.fault is faults.DEV_SILENT
        return time.monotonic() - began_s

    assert quickest(seconds_of_opening, 5.0) < 5.0
    twin.ctl("clear")
    reader.open()
    assert reader.status().state is DeviceState.ONLINE
    reader.close()


@pytest.mark.parametrize("table", [{"find_speed": True, "baud": 4800}, {"fingerprints": "yes"}, {"find_speed": 1}])
def test_options_that_make_no_sense_are_refused_by_name(table: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=r"baud|fingerprints|find_speed"):
        registry.create("id_card", "sam_v", {"port": "/dev/kiosk/id_card", **table})
