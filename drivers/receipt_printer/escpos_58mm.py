"""58 mm ESC/POS receipt printers: 384 dots, a GBK font, no automatic status, no GS r, no native QR codes.

Such a printer proves a slip all the same: ESC v waits in the receive buffer behind the cut, so its answer says that
everything before it was processed. One that leaves ESC v unanswered gets `queued_status = false`: then it prints,
and what it printed stays "unknown" for ever.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers.codec.escpos import jobs, wire
from drivers.receipt_printer._escpos_printer import EscposPrinter
from drivers.receipt_printer._make import Make

CUTTER_WAY_DOTS = 88

MAKE = Make(
    width_dots=384,
    end_of_slip=jobs.feed(CUTTER_WAY_DOTS) + jobs.PARTIAL_CUT,
    cutter_way_dots=CUTTER_WAY_DOTS,
    queued_question=jobs.QUEUED_PAPER_STATUS_OLD,
    native_qr=False,
    band_rows=48,
    buffer_bytes=4096,
)


def DRIVER(table: Mapping[str, object]) -> EscposPrinter:
    """Make the driver from its devices.toml table. :raises ValueError: an unknown or unusable setting."""
    return EscposPrinter(table, MAKE)


DESCRIBE = wire.describe
