"""Waits for a card and prints a slip: `python docs/examples/read_and_print.py READER_PORT PRINTER_PORT`."""

import sys
from typing import cast

from drivers import registry
from drivers.api import DeviceError, IdCardReader, PrintProof, ReceiptPrinter, TextRow

reader = cast(IdCardReader, registry.create("id_card", "sam_v", {"port": sys.argv[1]}))
printer = cast(ReceiptPrinter, registry.create("receipt_printer", "escpos_58mm", {"port": sys.argv[2]}))
try:
    reader.open()
    printer.open()
    card = reader.read(5.0) if reader.wait_card(10.0) else None
    number = "nobody" if card is None else f"***{card.number[-4:]}"
    result = printer.print_receipt([TextRow(number, scale=2, align="center")])
    proved = "printed" if result.proof is PrintProof.PROVED else f"not proved: {result.fault}"
    sys.stdout.write(f"{printer.status().paper} {proved}\n")
except DeviceError as error:
    sys.exit(f"{error.fault.code}: {error.fault.cause} {error.fault.remedy}")
finally:
    reader.close()
    printer.close()
