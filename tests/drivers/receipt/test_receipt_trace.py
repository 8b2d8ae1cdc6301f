"""What a technician is told of a printer's line: its own words in clear, a resident's slip as a length."""

from __future__ import annotations

from drivers.codec.escpos import jobs, wire
from drivers.codec.wire import Direction, Passage, Sign
from drivers.receipt_printer import escpos_58mm

OUT, IN = Direction.TO_DEVICE, Direction.FROM_DEVICE


def told(*passages: tuple[Direction, bytes]) -> list[tuple[str, str, Sign]]:
    lines = wire.describe([Passage(0.1 * n, way, data) for n, (way, data) in enumerate(passages)])
    return [(line.shown, line.meaning, line.sign) for line in lines]


def test_model_firmware_and_serial_number_are_told_in_clear() -> None:
    asked, answered = told((OUT, jobs.who_are_you(jobs.MODEL_NAME)), (IN, b"_TWIN"), (IN, b"-80\0"))
    assert asked == ("1D 49 43", "which model? (GS I 67)", Sign.COMMAND)
    assert answered == ("5F 54 57 49 4E 2D 38 30 00", "TWIN-80", Sign.EVENT)


def test_a_printer_that_leaves_who_are_you_unanswered_leaves_no_question_open() -> None:
    lines = told((OUT, jobs.who_are_you(jobs.MODEL_NAME)), (OUT, jobs.status_query(1)), (IN, b"\x12"))
    assert [line[2] for line in lines] == [Sign.COMMAND, Sign.QUESTION, Sign.ANSWER]


def test_bytes_that_are_no_such_answer_are_counted_and_not_shown() -> None:
    slip = "陈阿金 350221194403150021".encode("gbk")
    lines = told((OUT, jobs.who_are_you(jobs.MODEL_NAME)), (IN, slip + b"_\0"))
    assert lines[1] == (f"<{len(slip) + 2} bytes hidden>", "fits no message", Sign.STRAY)


def test_the_small_printers_question_and_cut_have_their_meaning() -> None:
    lines = told(
        (OUT, "办好了".encode("gbk")),
        (OUT, escpos_58mm.MAKE.end_of_slip),
        (OUT, jobs.QUEUED_PAPER_STATUS_OLD),
        (IN, b"\x03"),
    )
    assert [line[1] for line in lines] == [
        "part of a slip",
        "feed and cut (ESC J, ESC m)",
        "paper, after everything before it? (ESC v)",
        "paper low",
    ]
