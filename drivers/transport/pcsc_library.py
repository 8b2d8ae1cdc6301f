"""The PC/SC client library (pcsc-lite), spoken to directly: the one file that loads it.

Only the calls that a card dialogue needs. Types follow pcsc-lite's wintypes.h, where DWORD and LONG have the
machine's word size; other systems' PC/SC differ there. A call releases the interpreter while it waits.
"""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass
from enum import IntEnum, IntFlag

LIBRARY = "libpcsclite.so.1"
SCOPE_SYSTEM = 2
SHARE_EXCLUSIVE = 1
SHARE_SHARED = 2
PROTOCOL_T0 = 1
PROTOCOL_T1 = 2
UNPOWER_CARD = 2
ATR_BYTES = 33
LONGEST_REPLY_BYTES = 65538
"""Extended length data and the status word."""


class Code(IntEnum):
    """Return codes of PC/SC (pcsclite.h) that mean something of their own here."""

    SUCCESS = 0
    TIMEOUT = 0x8010000A
    UNKNOWN_READER = 0x80100009
    SHARING_VIOLATION = 0x8010000B
    NO_SMARTCARD = 0x8010000C
    PROTO_MISMATCH = 0x8010000F
    COMM_ERROR = 0x80100013
    NOT_TRANSACTED = 0x80100016
    READER_UNAVAILABLE = 0x80100017
    NO_SERVICE = 0x8010001D
    SERVICE_STOPPED = 0x8010001E
    NO_READERS = 0x8010002E
    UNSUPPORTED_CARD = 0x80100065
    UNRESPONSIVE_CARD = 0x80100066
    UNPOWERED_CARD = 0x80100067
    RESET_CARD = 0x80100068
    REMOVED_CARD = 0x80100069
    SECURITY_VIOLATION = 0x8010006A


class SlotState(IntFlag):
    """What `SCardGetStatusChange` tells of a reader."""

    UNAWARE = 0
    IGNORE = 1
    CHANGED = 2
    UNKNOWN = 4
    UNAVAILABLE = 8
    EMPTY = 0x10
    PRESENT = 0x20
    ATRMATCH = 0x40
    EXCLUSIVE = 0x80
    INUSE = 0x100
    MUTE = 0x200
    UNPOWERED = 0x400


class PcscError(Exception):
    """A PC/SC call failed. `code` is the library's, unsigned."""

    def __init__(self, call: str, code: int) -> None:
        super().__init__(f"{call}: 0x{code:08X}")
        self.code = code


class LibraryMissing(Exception):
    """pcsc-lite's client library is not installed."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A card under power."""

    handle: int
    protocol: int


class _ReaderState(ctypes.Structure):
    _fields_ = (
        ("szReader", ctypes.c_char_p),
        ("pvUserData", ctypes.c_void_p),
        ("dwCurrentState", ctypes.c_ulong),
        ("dwEventState", ctypes.c_ulong),
        ("cbAtr", ctypes.c_ulong),
        ("rgbAtr", ctypes.c_ubyte * ATR_BYTES),
    )


class _IoRequest(ctypes.Structure):
    _fields_ = (("dwProtocol", ctypes.c_ulong), ("cbPciLength", ctypes.c_ulong))


@functools.cache
def _library() -> ctypes.CDLL:
    """:raises LibraryMissing:"""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise LibraryMissing(f"{LIBRARY} is not installed") from error
    long, dword, out = ctypes.c_long, ctypes.c_ulong, ctypes.c_void_p
    library.SCardEstablishContext.argtypes = (dword, out, out, out)
    library.SCardReleaseContext.argtypes = (long,)
    library.SCardListReaders.argtypes = (long, ctypes.c_char_p, ctypes.c_char_p, out)
    library.SCardGetStatusChange.argtypes = (long, dword, out, dword)
    library.SCardConnect.argtypes = (long, ctypes.c_char_p, dword, dword, out, out)
    library.SCardDisconnect.argtypes = (long, dword)
    library.SCardTransmit.argtypes = (long, out, ctypes.c_char_p, dword, out, ctypes.c_char_p, out)
    return library


def _call(name: str, *arguments: object) -> None:
    """:raises PcscError: for any return code but success."""
    code = int(getattr(_library(), name)(*arguments)) & 0xFFFFFFFF
    if code != Code.SUCCESS:
        raise PcscError(name, code)


class Context:
    """A session with the smart-card service. Its calls block; one thread uses it."""

    def __init__(self) -> None:
        """:raises PcscError: when no service answers. :raises LibraryMissing:"""
        context = ctypes.c_long()
        _call("SCardEstablishContext", SCOPE_SYSTEM, None, None, ctypes.byref(context))
        self._context = context.value

    def release(self) -> None:
        """:raises PcscError: when the service has gone."""
        _call("SCardReleaseContext", self._context)

    def readers(self) -> tuple[str, ...]:
        """The names of all slots; empty when there is none. :raises PcscError:"""
        length = ctypes.c_ulong()
        try:
            _call("SCardListReaders", self._context, None, None, ctypes.byref(length))
            names = ctypes.create_string_buffer(length.value)
            _call("SCardListReaders", self._context, None, names, ctypes.byref(length))
        except PcscError as error:
            if error.code == Code.NO_READERS:
                return ()
            raise
        return tuple(name.decode("utf-8", "replace") for name in names.raw[: length.value].split(b"\0") if name)

    def await_change(self, reader: str, known: SlotState, timeout_s: float) -> SlotState:
        """The slot's state as soon as it is another than `known` (UNAWARE: at once), or at the time-out.

        :raises PcscError: UNKNOWN_READER when the reader has gone, or a service error.
        """
        state = _ReaderState(szReader=reader.encode(), dwCurrentState=int(known))
        try:
            timeout_ms = max(0, round(timeout_s * 1000))
            _call("SCardGetStatusChange", self._context, timeout_ms, ctypes.byref(state), 1)
        except PcscError as error:
            if error.code != Code.TIMEOUT:
                raise
        # The upper half counts insertions and removals; it is no state.
        return SlotState(state.dwEventState & 0xFFFF)

    def connect(self, reader: str, share: int = SHARE_SHARED) -> Connection:
        """Power the card up and share it, or keep others from it. :raises PcscError:"""
        handle, protocol = ctypes.c_long(), ctypes.c_ulong()
        arguments = (share, PROTOCOL_T0 | PROTOCOL_T1, ctypes.byref(handle), ctypes.byref(protocol))
        _call("SCardConnect", self._context, reader.encode(), *arguments)
        return Connection(handle.value, protocol.value)

    def transmit(self, connection: Connection, apdu: bytes) -> bytes:
        """One command and its answer with the status word. :raises PcscError:"""
        request = _IoRequest(connection.protocol, ctypes.sizeof(_IoRequest))
        reply = ctypes.create_string_buffer(LONGEST_REPLY_BYTES)
        length = ctypes.c_ulong(len(reply))
        sent = (ctypes.byref(request), apdu, len(apdu))
        _call("SCardTransmit", connection.handle, *sent, None, reply, ctypes.byref(length))
        return reply.raw[: length.value]

    def disconnect(self, connection: Connection) -> None:
        """Switch the card off, so that the next session begins anew. :raises PcscError:"""
        _call("SCardDisconnect", connection.handle, UNPOWER_CARD)
