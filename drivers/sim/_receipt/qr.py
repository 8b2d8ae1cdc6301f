"""A simulated printer's own QR codes: GS ( k with cn = 49, function by function."""

from __future__ import annotations

from PIL import Image

from drivers.sim._receipt.glyphs import qr_picture

MAX_BYTES = 1500
_LEVELS = {0x30: "l", 0x31: "m", 0x32: "q", 0x33: "h"}


class QrStore:
    """What was set and stored so far; ESC @ makes a new one."""

    def __init__(self) -> None:
        self._module = 3
        self._level = "l"
        self._data = b""

    def function(self, number: int, values: bytes) -> Image.Image | str | None:
        """Carry out one function: the code when it is to be printed, a complaint, or None."""
        if number == 0x41:
            return "QR model other than 2" if values[0] != 0x32 else None
        if number == 0x43 and 1 <= values[0] <= 16:
            self._module = values[0]
        elif number == 0x45:
            self._level = _LEVELS.get(values[0], "l")
        elif number == 0x50:
            self._data = values[1 : 1 + MAX_BYTES]
        elif number == 0x51:
            return self._picture()
        else:
            return f"QR function 0x{number:02X}"
        return None

    def _picture(self) -> Image.Image | str:
        if not self._data:
            return "QR without data"
        try:
            return qr_picture(self._data, self._level, self._module)
        except ValueError as error:
            return f"QR: {error}"
