"""What a technician measures: the arithmetic, and a file that is either exactly right or set aside."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.adapters.settings.calibration_file import DAMAGED, CalibrationError, CalibrationFile, parse, spell
from kiosk.domain.faults import HOUSE_FAULTS
from kiosk.domain.technician.calibration import (
    DIAGONAL_INCH,
    LOUDNESS_DB,
    MOUNT_HEIGHT_MM,
    TARGETS,
    Calibration,
    CameraBox,
    OutOfRange,
    TouchFix,
    box_fits,
    check,
    diagonal_from,
    fit_touch,
    fix_fits,
)

SMALL = st.floats(-0.05, 0.05)
CALIBRATIONS = st.builds(
    Calibration,
    touch=st.none() | st.builds(TouchFix, st.floats(0.95, 1.05), SMALL, st.floats(0.95, 1.05), SMALL),
    diagonal_inch=st.none() | st.floats(*DIAGONAL_INCH),
    loudness_db=st.none() | st.integers(*LOUDNESS_DB),
    camera=st.none()
    | st.builds(CameraBox, st.integers(0, 40), st.integers(0, 40), st.integers(10, 60), st.integers(10, 60)),
    mount_height_mm=st.none() | st.integers(*MOUNT_HEIGHT_MM),
)


@settings(max_examples=300, deadline=None)
@given(CALIBRATIONS)
def test_what_is_written_is_read_again_as_it_was(calibration: Calibration) -> None:
    assert parse(spell(calibration)) == calibration


@settings(max_examples=500, deadline=None)
@given(CALIBRATIONS, st.data())
def test_a_damaged_file_is_refused_or_still_means_something_possible(
    calibration: Calibration, data: st.DataObject
) -> None:
    """Cut, flipped or overwritten anywhere: never a crash, never a value that no terminal has."""
    raw = bytearray(spell(calibration).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=4))
        if not raw:
            break
    try:
        read = parse(raw.decode("utf-8", "strict"))
    except (CalibrationError, UnicodeDecodeError):
        return
    assert check(read) == read


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_calibration_or_an_error(text: str) -> None:
    try:
        check(parse(text))
    except CalibrationError:
        return


@pytest.mark.parametrize(
    "text",
    [
        "diagonal = 21.5", "diagonal_inch = 500.0", "diagonal_inch = nan", "diagonal_inch = '21.5'",
        "loudness_db = 1.5", "loudness_db = 40", "mount_height_mm = true", "[touch]\nscale_x = 1.0",
        "[touch]\nscale_x = 3.0\nshift_x = 0.0\nscale_y = 1.0\nshift_y = 0.0", "touch = 1",
        "[camera]\nleft = 90\ntop = 0\nwidth = 20\nheight = 20", "diagonal_inch = 1" + "0" * 400,
    ],
)  # fmt: skip
def test_a_value_that_no_terminal_has_is_refused(text: str) -> None:
    with pytest.raises(CalibrationError):
        parse(text)


def test_a_damaged_file_is_set_aside_told_and_the_factory_counts(tmp_path: Path) -> None:
    (tmp_path / "calibration.toml").write_text("diagonal_inch = 2")
    file = CalibrationFile(tmp_path)
    assert file.read() == (Calibration(), DAMAGED)
    assert (tmp_path / "calibration.damaged").read_text() == "diagonal_inch = 2"
    assert file.read() == (Calibration(), ""), "told once"
    assert HOUSE_FAULTS[DAMAGED].remedy


def test_nothing_impossible_is_written(tmp_path: Path) -> None:
    file = CalibrationFile(tmp_path / "state")
    file.keep(Calibration(loudness_db=-3))
    with pytest.raises(OutOfRange):
        file.keep(Calibration(loudness_db=90))
    assert file.read() == (Calibration(loudness_db=-3), "")


@settings(max_examples=300, deadline=None)
@given(
    st.floats(0.96, 1.04), st.floats(-0.03, 0.03), st.floats(0.96, 1.04), st.floats(-0.03, 0.03), st.randoms()
)  # fmt: skip
def test_a_panel_that_is_off_is_corrected_to_a_millimetre_or_two_in_spite_of_a_trembling_hand(
    scale_x: float, shift_x: float, scale_y: float, shift_y: float, chance: random.Random
) -> None:
    tremble = 0.003
    told = [
        (
            (x - shift_x) / scale_x + chance.uniform(-tremble, tremble),
            (y - shift_y) / scale_y + chance.uniform(-tremble, tremble),
        )
        for x, y in TARGETS
    ]
    fix = fit_touch(told)
    assert fix is not None
    for x, y in ((0.05, 0.05), (0.95, 0.95), (0.3, 0.6)):
        seen = fix.true_place((x - shift_x) / scale_x, (y - shift_y) / scale_y)
        assert seen == pytest.approx((x, y), abs=2.5 * tremble)


def test_one_touch_far_from_its_target_spoils_the_five() -> None:
    for wrong in range(5):
        told = [(x + 0.06 * (at == wrong), y) for at, (x, y) in enumerate(TARGETS)]
        assert fit_touch(told) is None, wrong
    assert fit_touch([(0.5, 0.5)] * 5) is None
    assert fit_touch([]) is None


def test_a_line_that_measures_more_stands_on_a_larger_panel() -> None:
    assert diagonal_from(21.5, 100) == 21.5
    assert diagonal_from(21.5, 111) == pytest.approx(23.865)


@given(st.integers(-200, 200), st.sampled_from(["left", "right", "top", "bottom"]))
def test_a_box_that_is_moved_still_fits(by: int, edge: str) -> None:
    assert box_fits(CameraBox().moved(edge, by))


def test_no_correction_is_the_correction_of_a_panel_that_is_right() -> None:
    assert fit_touch(TARGETS) == TouchFix() and fix_fits(TouchFix())
