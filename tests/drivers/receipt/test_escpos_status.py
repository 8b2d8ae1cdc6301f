"""Status bytes: bits, never equality; noise is never a state."""

from __future__ import annotations

import pytest

from drivers.codec.escpos.status import ByteKind, PrinterBits, decode, decode_queued, kind_of

HEALTHY = {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x12}


def test_every_byte_has_one_kind_and_flow_control_is_told_apart() -> None:
    kinds = [kind_of(byte) for byte in range(256)]
    assert kinds[0x11] is kinds[0x13] is ByteKind.FLOW
    assert sum(kind is ByteKind.REAL_TIME for kind in kinds) == 16
    assert sum(kind is ByteKind.QUEUED for kind in kinds) == 64
    assert all(kinds[byte] is ByteKind.NOISE for byte in range(0x80, 0x100))


def test_a_healthy_printer_has_no_flag_set_whatever_its_drawer_says() -> None:
    assert decode(HEALTHY) == decode({**HEALTHY, 1: 0x16}) == PrinterBits()


@pytest.mark.parametrize(
    ("query", "byte", "flag"),
    [
        (1, 0x1A, "offline"),
        (2, 0x16, "cover_open"),
        (2, 0x1A, "feeding_by_button"),
        (2, 0x32, "stopped_by_paper_end"),
        (2, 0x52, "error"),
        (3, 0x16, "recoverable_error"),
        (3, 0x1A, "cutter_error"),
        (3, 0x32, "unrecoverable_error"),
        (3, 0x52, "head_hot"),
        (4, 0x1E, "paper_low"),
        (4, 0x16, "paper_low"),
        (4, 0x1A, "paper_low"),
        (4, 0x72, "paper_out"),
        (4, 0x32, "paper_out"),
        (4, 0x52, "paper_out"),
    ],
)
def test_one_bit_sets_one_flag_and_no_other(query: int, byte: int, flag: str) -> None:
    assert decode({**HEALTHY, query: byte}) == PrinterBits(**{flag: True})


def test_paper_out_and_near_end_may_both_be_set() -> None:
    state = decode({**HEALTHY, 4: 0x7E})
    assert state.paper_low
    assert state.paper_out


@pytest.mark.parametrize("byte", [0x00, 0x11, 0x13, 0x92, 0xFF, 0x02, 0x10])
def test_a_byte_that_does_not_fit_the_mask_is_refused(byte: int) -> None:
    with pytest.raises(ValueError):
        decode({**HEALTHY, 4: byte})


def test_the_queued_answer_has_its_own_bits() -> None:
    assert (decode_queued(0x00).low, decode_queued(0x00).out) == (False, False)
    assert decode_queued(0x01).low
    assert decode_queued(0x02).low
    assert decode_queued(0x04).out
    assert decode_queued(0x0C).out
    for byte in (0x12, 0x11, 0x80):
        with pytest.raises(ValueError):
            decode_queued(byte)
