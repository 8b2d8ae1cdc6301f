"""A simulated code scanner on a serial line.

Settings: `baud`, `suffix` = cr (default), crlf, none; `stx_etx` and `aim` = true or false.
Control: `show {"text", "symbology"?: "qr", "encoding"?: "utf-8" | "gb18030"}` or `show {"hex"}`.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers.sim.core import BadRequest, Twin

SUFFIXES = {"cr": b"\r", "crlf": b"\r\n", "none": b""}
AIM_PREFIXES = {"qr": b"]Q1", "code128": b"]C0", "ean": b"]E0", "pdf417": b"]L0", "datamatrix": b"]d1"}
ENCODINGS = ("utf-8", "gb18030")


class CodeScannerTwin(Twin):
    """See the module."""

    models = ("serial_line",)
    default_baud = 9600

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        suffix = str(settings.get("suffix", "cr"))
        if suffix not in SUFFIXES:
            raise BadRequest(f"suffix {suffix!r}; known: {', '.join(SUFFIXES)}")
        self._suffix = SUFFIXES[suffix]
        self._framed = settings.get("stx_etx", False) is True
        self._aim = settings.get("aim", False) is True
        self._shown = 0
        self.ops["show"] = self._op_show

    def on_bytes(self, data: bytes) -> None:
        """In this mode the scanner obeys nothing that comes over the wire."""

    def status(self) -> dict[str, object]:
        return {**super().status(), "shown": self._shown}

    def _op_show(self, request: Mapping[str, object]) -> Mapping[str, object]:
        payload = self._payload(request)
        if self._aim:
            payload = AIM_PREFIXES.get(str(request.get("symbology", "qr")), b"]X0") + payload
        if self._framed:
            payload = b"\x02" + payload + b"\x03"
        self._shown += 1
        self.send(payload + self._suffix)
        return {}

    def _payload(self, request: Mapping[str, object]) -> bytes:
        encoding = str(request.get("encoding", "utf-8")).lower()
        if encoding not in ENCODINGS:
            raise BadRequest(f"encoding {encoding!r}; known: {', '.join(ENCODINGS)}")
        try:
            if "hex" in request:
                return bytes.fromhex(str(request["hex"]))
            return str(request["text"]).encode(encoding)
        except (KeyError, ValueError) as error:
            raise BadRequest("show needs text, or hex") from error


TWIN = CodeScannerTwin
