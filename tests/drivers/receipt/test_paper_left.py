"""How many slips the roll still holds: bounds that are never too hopeful."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import faults
from drivers.api import PaperForecast, PaperSupply, ReceiptRow, SlipsLeft, TextRow
from drivers.codec.escpos import jobs
from drivers.codec.escpos.length import DOTS_PER_MM, paper_dots
from drivers.receipt_printer._paper_left import PaperLeft
from drivers.receipt_printer.escpos_80mm import DRIVER
from drivers.sim._receipt.glyphs import Rom
from drivers.sim._receipt.render import Interpreter, Strip

Rows = Sequence[ReceiptRow]
FULL, LOW, OUT = PaperSupply.FULL, PaperSupply.LOW, PaperSupply.OUT
SLIP = 150 * DOTS_PER_MM


def roll(*seen: PaperSupply) -> PaperLeft:
    left = PaperLeft(1000, 4000)
    for paper in seen:
        left.saw(paper)
    return left


def test_while_the_sensor_says_nothing_nobody_can_know() -> None:
    assert roll().slips() is None
    assert roll(FULL).slips() is None


def test_the_switch_was_seen_so_both_bounds_are_known_and_every_slip_takes_from_them() -> None:
    left = roll(FULL, LOW)
    assert left.slips() == SlipsLeft(5, 20)  # of 200 mm, the longest that the kiosk lays out
    left.used(SLIP)
    assert left.slips() == SlipsLeft(4, 19)


def test_what_was_printed_since_the_last_full_reading_counts_for_the_lower_bound_alone() -> None:
    left = roll(FULL)
    left.used(SLIP)
    left.saw(LOW)
    assert left.slips() == SlipsLeft(4, 20)


def test_a_sensor_that_nobody_saw_switch_promises_nothing() -> None:
    assert roll(LOW).slips() == SlipsLeft(0, 20)


def test_a_longer_slip_is_what_is_counted_in_from_then_on() -> None:
    left = roll(FULL, LOW)
    left.used(400 * DOTS_PER_MM)
    assert left.slips() == SlipsLeft(1, 9)


def test_a_sensor_that_wavers_does_not_start_the_count_again() -> None:
    left = roll(FULL, LOW)
    left.used(3 * SLIP)
    left.saw(FULL)
    left.saw(LOW)
    assert left.slips() == SlipsLeft(int(550 / 450), int(3550 / 450))


@pytest.mark.parametrize("how", ["cover", "out"])
def test_a_new_roll_starts_the_count_again(how: str) -> None:
    left = roll(FULL, LOW)
    left.used(SLIP)
    left.saw(OUT) if how == "out" else left.saw(LOW, cover_open=True)
    if how == "out":
        assert left.slips() == SlipsLeft(0, 0)
    left.saw(FULL)
    assert left.slips() is None
    left.saw(LOW)
    assert left.slips() == SlipsLeft(5, 20)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.sampled_from([FULL, LOW, OUT]), st.integers(0, 4000)), max_size=30))
def test_the_bounds_never_cross_and_never_go_below_nothing(happened: list[PaperSupply | int]) -> None:
    left = roll()
    for event in happened:
        left.used(event) if isinstance(event, int) else left.saw(event)
        slips = left.slips()
        assert slips is None or 0 <= slips.least <= slips.most


def test_bounds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="near_end_least_mm"):
        DRIVER({"port": "/dev/x", "near_end_least_mm": 9000})


@pytest.mark.parametrize("native_qr", [True, False])
def test_the_length_of_a_job_is_what_the_printer_feeds(short_rows: Rows, long_rows: Rows, native_qr: bool) -> None:
    options = jobs.EscposOptions(native_qr=native_qr)
    job = jobs.encode([*short_rows, *long_rows, TextRow("郑𠮷嬷"), TextRow("大", scale=3)], options)
    brain = Interpreter(576, Rom({}, cutter_distance_dots=96))
    brain.feed(b"".join(job))
    fed = 0
    while (op := brain.step()) is not None:
        fed += op.picture.height if isinstance(op, Strip) else 0
    assert paper_dots(job) == fed


def test_the_driver_counts_from_the_switch_and_forgets_at_a_refill(bench, short_rows: Rows) -> None:
    driver = DRIVER({"port": str(bench.port), "near_end_least_mm": 1000, "near_end_most_mm": 4000})
    bench.driver.close()
    driver.open()
    try:
        assert isinstance(driver, PaperForecast)
        assert driver.status().pages_left is None
        bench.hands("paper", state="low")
        status = driver.status()
        assert (status.pages_left, status.faults) == (5, {faults.PRN_PAPER_LOW.code})
        before = bench.hands("status")["fed_rows"]
        driver.print_receipt(short_rows)
        fed_mm = (bench.hands("status")["fed_rows"] - before) / DOTS_PER_MM
        assert driver.status().pages_left == int((1000 - fed_mm) / 200)
        assert driver.slips_left() == SlipsLeft(int((1000 - fed_mm) / 200), int((4000 - fed_mm) / 200))
        bench.hands("cover", open=True)
        driver.status()
        bench.hands("paper", state="ok")
        bench.hands("cover", open=False)
        assert driver.status().pages_left is None
        bench.hands("paper", state="low")
        assert driver.status().pages_left == 5
    finally:
        driver.close()
