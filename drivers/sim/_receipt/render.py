"""A receipt printer's brain: ESC/POS bytes in, strips of dots out, command by command.

Written from the Epson ESC/POS command reference alone; it shares nothing with any encoder. It does
what a printer with a GBK font does: 24 dot characters enlarged by repeating dots, a line buffer that
wraps at the paper's edge, pictures, native QR codes. What it does not know (`lacks`: what one kind of
printer has no command for) it records in `errors`, and then prints the rest as text, as a real one would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from drivers.sim._receipt.glyphs import CELL, HALF, Rom
from drivers.sim._receipt.qr import QrStore

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D
DEFAULT_SPACING = 30
"""Dots; 1/6 inch at 203 dpi is 34, makers ship 30."""
TAB_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Strip:
    """Rows to print; printing them feeds the paper by their number."""

    picture: Image.Image


@dataclass(frozen=True, slots=True)
class Cut:
    partial: bool


@dataclass(frozen=True, slots=True)
class AskPaper:
    """GS r n, or ESC v, came up in the queue: answer it now."""

    n: int


@dataclass(frozen=True, slots=True)
class AskIdentity:
    """GS I n came up in the queue."""

    n: int


@dataclass(frozen=True, slots=True)
class AutoStatus:
    """GS a n: which status changes are reported unasked; None after ESC @: as the printer's switches say."""

    mask: int | None


Op = Strip | Cut | AskPaper | AskIdentity | AutoStatus


class _More(Exception):
    """The command is not complete yet."""


@dataclass(slots=True)
class _Style:
    wide: int = 1
    high: int = 1
    bold: bool = False
    underline: int = 0
    reverse: bool = False
    align: int = 0
    spacing: int = DEFAULT_SPACING
    chinese: bool = False


@dataclass(slots=True)
class _LineBuffer:
    pictures: list[Image.Image] = field(default_factory=list)
    width: int = 0
    height: int = 0


class Interpreter:
    """Feed bytes, take operations. One command at a time, so that a stop between two is a real stop."""

    def __init__(self, width_dots: int, rom: Rom, lacks: frozenset[bytes] = frozenset()) -> None:
        self._width = width_dots
        self._lacks = lacks
        self._rom = rom
        self.errors: list[str] = []
        self.text: list[str] = []
        """Text lines printed from the ROM font, for the log of a bench; pictures are not in it."""
        self._buffer = bytearray()
        self._at = 0
        self._consumed = 0
        self._ready: list[Op] = []
        self._reset()
        self._handlers: dict[int, Callable[[], None]] = {
            0x0A: self._line_feed,
            0x0D: lambda: None,
            0x09: self._tab,
            0x18: self._cancel_line,
            DLE: self._real_time,
            ESC: self._esc,
            FS: self._fs,
            GS: self._gs,
        }

    def _reset(self) -> None:
        self._style = _Style()
        self._line = _LineBuffer()
        self._line_text = ""
        self._qr = QrStore()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    @property
    def waiting_bytes(self) -> int:
        return len(self._buffer)

    @property
    def idle(self) -> bool:
        """Nothing is waiting to be printed."""
        return not (self._buffer or self._ready or self._line.pictures)

    def clear(self) -> None:
        """Forget everything received and not yet printed (DLE ENQ 2)."""
        self._buffer.clear()
        self._ready.clear()
        self._reset()

    def step(self) -> Op | None:
        """The next operation; None when more bytes are needed."""
        while not self._ready:
            if not self._buffer:
                return None
            self._at = 0
            try:
                self._command()
            except _More:
                return None
            self._consumed += self._at
            del self._buffer[: self._at]
        return self._ready.pop(0)

    # --- reading bytes ---

    def _byte(self) -> int:
        if self._at >= len(self._buffer):
            raise _More
        self._at += 1
        return self._buffer[self._at - 1]

    def _take(self, count: int) -> bytes:
        if self._at + count > len(self._buffer):
            raise _More
        self._at += count
        return bytes(self._buffer[self._at - count : self._at])

    def _number(self) -> int:
        return int.from_bytes(self._take(2), "little")

    def _complain(self, what: str) -> None:
        if len(self.errors) < 200:
            self.errors.append(f"byte {self._consumed}: {what}")

    # --- commands ---

    def _command(self) -> None:
        first = self._byte()
        handler = self._handlers.get(first)
        if handler is not None:
            handler()
        elif first < 0x20:
            self._complain(f"control byte 0x{first:02X}")
        else:
            self._character(first)

    def _character(self, first: int) -> None:
        if first < 0x80:
            self._put(chr(first), HALF)
        elif not self._style.chinese:
            self._put(bytes((first,)).decode("cp437"), HALF)
        else:
            second = self._byte()
            try:
                self._put(bytes((first, second)).decode("gbk"), CELL)
            except UnicodeDecodeError:
                self._complain(f"no character {first:02X}{second:02X} in the ROM")
                self._put("", CELL)

    def _put(self, char: str, cell: int) -> None:
        style = self._style
        wide = cell * style.wide
        if self._line.width + wide > self._width:
            self._print_line()
        picture = self._rom.glyph(char, cell, style.bold, bool(style.underline), style.reverse)
        if style.wide > 1 or style.high > 1:
            picture = picture.resize((wide, CELL * style.high), Image.Resampling.NEAREST)
        self._line.pictures.append(picture)
        self._line.width += wide
        self._line.height = max(self._line.height, picture.height)
        self._line_text += char or "?"

    def _line_feed(self) -> None:
        self._print_line()

    def _print_line(self) -> None:
        """Print the line buffer, standing on one ground, and feed at least the line spacing."""
        line, spacing = self._line, self._style.spacing
        strip = Image.new("1", (self._width, max(line.height, spacing)), 0)
        x = self._left(line.width)
        for picture in line.pictures:
            strip.paste(picture, (x, line.height - picture.height))
            x += picture.width
        self._ready.append(Strip(strip))
        if self._line_text:
            self.text.append(self._line_text)
        self._line, self._line_text = _LineBuffer(), ""

    def _left(self, width: int) -> int:
        free = max(0, self._width - width)
        return {0: 0, 1: free // 2, 2: free}[self._style.align]

    def _flush_line(self) -> None:
        if self._line.pictures:
            self._print_line()

    def _tab(self) -> None:
        step = TAB_COLUMNS * HALF
        for _ in range((step - self._line.width % step) // HALF or TAB_COLUMNS):
            self._put(" ", HALF)

    def _cancel_line(self) -> None:
        self._line, self._line_text = _LineBuffer(), ""

    def _blank(self, rows: int) -> None:
        if rows:
            self._ready.append(Strip(Image.new("1", (self._width, rows), 0)))

    def _real_time(self) -> None:
        """Already obeyed when it was received; here it only has to be skipped."""
        kind = self._byte()
        if kind in (0x04, 0x05):
            self._byte()
        elif kind == 0x14:
            self._take(3)
        else:
            self._complain(f"DLE 0x{kind:02X}")

    def _esc(self) -> None:
        code = self._byte()
        style = self._style
        if bytes((ESC, code)) in self._lacks:
            self._complain(f"ESC 0x{code:02X}")
        elif code == 0x40:
            self._reset()
            self._ready.append(AutoStatus(None))
        elif code == 0x61:
            self._align(self._byte())
        elif code == 0x45 or code == 0x47:
            style.bold = bool(self._byte() & 1)
        elif code == 0x21:
            mode = self._byte()
            style.bold, style.underline = bool(mode & 0x08), int(bool(mode & 0x80))
            style.high, style.wide = (2 if mode & 0x10 else 1), (2 if mode & 0x20 else 1)
        elif code == 0x2D:
            style.underline = self._byte() & 3
        elif code == 0x32:
            style.spacing = DEFAULT_SPACING
        elif code == 0x33:
            style.spacing = self._byte()
        elif code == 0x4A:
            rows = self._byte()
            self._flush_line()
            self._blank(rows)
        elif code == 0x64:
            lines = self._byte()
            self._flush_line()
            self._blank(lines * style.spacing)
        elif code in (0x74, 0x52, 0x4D, 0x7B, 0x20):
            if self._byte():
                self._complain(f"ESC 0x{code:02X} other than 0 is not built in")
        elif code == 0x42:
            self._take(2)
        elif code in (0x69, 0x6D):
            self._flush_line()
            self._ready.append(Cut(partial=code == 0x6D))
        elif code == 0x76:
            self._ready.append(AskPaper(1))
        else:
            self._complain(f"ESC 0x{code:02X}")

    def _align(self, value: int) -> None:
        if value & 0x0F > 2:
            self._complain(f"ESC a {value}")
        else:
            self._style.align = value & 0x0F

    def _fs(self) -> None:
        code = self._byte()
        if code == 0x26:
            self._style.chinese = True
        elif code == 0x2E:
            self._style.chinese = False
        elif code == 0x21:
            mode = self._byte()
            self._style.wide, self._style.high = (2 if mode & 0x04 else 1), (2 if mode & 0x08 else 1)
        elif code == 0x53:
            self._take(2)
        else:
            self._complain(f"FS 0x{code:02X}")

    def _gs(self) -> None:
        code = self._byte()
        if bytes((GS, code)) in self._lacks:
            self._complain(f"GS 0x{code:02X}")
        elif code == 0x21:
            size = self._byte()
            self._style.wide, self._style.high = (size >> 4 & 7) + 1, (size & 7) + 1
        elif code == 0x42:
            self._style.reverse = bool(self._byte() & 1)
        elif code == 0x76:
            self._picture()
        elif code == 0x28:
            self._function(self._byte())
        elif code == 0x56:
            self._cut()
        elif code == 0x72:
            self._ready.append(AskPaper(self._byte()))
        elif code == 0x61:
            self._ready.append(AutoStatus(self._byte()))
        elif code == 0x49:
            self._ready.append(AskIdentity(self._byte()))
        else:
            self._complain(f"GS 0x{code:02X}")

    def _picture(self) -> None:
        """GS v 0 m xL xH yL yH data."""
        zero, mode = self._byte(), self._byte()
        across, rows = self._number(), self._number()
        data = self._take(across * rows)
        if zero != 0x30 or mode & 0x0F > 3:
            self._complain(f"GS v {zero:02X} {mode:02X}")
            return
        self._flush_line()
        picture = Image.frombytes("1", (across * 8, rows), data)
        twice = (2 if mode & 1 else 1, 2 if mode & 2 else 1)
        picture = picture.resize((picture.width * twice[0], picture.height * twice[1]), Image.Resampling.NEAREST)
        self._strip_with(picture)

    def _strip_with(self, picture: Image.Image) -> None:
        if picture.width > self._width and picture.crop((self._width, 0, picture.width, picture.height)).getbbox():
            self._complain(f"a picture of {picture.width} dots is wider than the paper")
        strip = Image.new("1", (self._width, picture.height), 0)
        strip.paste(picture, (self._left(picture.width), 0))
        self._ready.append(Strip(strip))

    def _cut(self) -> None:
        mode = self._byte()
        if mode in (0x41, 0x42, 0x61, 0x62, 0x67, 0x68):
            extra = self._byte()
            self._flush_line()
            # The printer adds the way from the head to the cutter by itself.
            self._blank(self._rom.cutter_distance_dots + extra)
        elif mode in (0, 1, 0x30, 0x31):
            self._flush_line()
        else:
            self._complain(f"GS V 0x{mode:02X}")
            return
        self._ready.append(Cut(partial=mode in (1, 0x31, 0x42, 0x62, 0x68)))

    def _function(self, letter: int) -> None:
        """GS ( x: every function carries its own length."""
        body = self._take(self._number())
        if letter != 0x6B or body[:1] != b"1" or len(body) < 3:
            self._complain(f"GS ( {chr(letter)} {body[:2].hex()}")
            return
        done = self._qr.function(body[1], body[2:])
        if isinstance(done, str):
            self._complain(done)
        elif done is not None:
            self._flush_line()
            self._strip_with(done)
