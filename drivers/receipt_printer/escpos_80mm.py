"""80 mm ESC/POS receipt printers: 576 dots, native QR codes, GS r in its turn, GS V feeds to the cutter itself."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.codec.escpos import jobs, wire
from drivers.receipt_printer._escpos_printer import EscposPrinter
from drivers.receipt_printer._make import Make

MAKE = Make(
    width_dots=576,
    end_of_slip=jobs.FEED_AND_CUT,
    cutter_way_dots=96,
    queued_question=jobs.QUEUED_PAPER_STATUS,
    reports_unasked=True,
    tells_who_it_is=True,
)


def DRIVER(table: Mapping[str, object]) -> EscposPrinter:
    """Make the driver from its devices.toml table. :raises ValueError: an unknown or unusable setting."""
    return EscposPrinter(table, MAKE)


DESCRIBE = wire.describe
