"""Waits for a card and prints a slip: `python docs/examples/read_and_print.py READER_PORT PRINTER_PORT`."""

import sys
from typing import cast

from drivers import registry
from drivers.api import DeviceError, IdCardReader, PrintProof, ReceiptPrinter, TextRow

reader_port, printer_port = sys.argv[1:] if len(sys.argv) == 3 else sys.exit(__doc__)
reader = cast(IdCardReader, registry.create("id_card", "sam_v", {"port": reader_port}))
printer = cast(ReceiptPrinter, registry.create("receipt_printer", "escpos_58mm", {"port": printer_port}))
try:
    reader.open()
    printer.open()
    card = reader.read(5.0) if reader.wait_card(10.0) else None
    result = printer.print_receipt([TextRow(f"***{card.number[-4:]}" if card else "nobody", scale=2)])
    proved = "printed" if result.proof is PrintProof.PROVED else f"not proved: {result.fault}"
    sys.stdout.write(f"{printer.status().paper} {proved}\n")
except DeviceError as error:
    sys.exit(f"{error.fault.code}: {error.fault.cause} {error.fault.remedy}")
finally:
    reader.close()
    printer.close()
