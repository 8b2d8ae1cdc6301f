"""libespeak-ng through ctypes: one library start a process, synchronous, interruptible every 40 ms.

Loaded only inside the speech worker process; nothing of the kiosk links with it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BUFFER_MS = 40
_LIBRARIES = ("libespeak-ng.so.1", "libespeak-ng.so", "libespeak-ng.dylib", "libespeak-ng.dll")

# Values of espeak-ng/speak_lib.h
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_CHARS_UTF8, _PHONEMES_OFF, _END_PAUSE_OFF = 1, 0, 0
_RATE, _PITCH = 1, 3
_POSITION_CHARACTER = 1
_PHONEME_NAMES = 0
_PHONEME_EVENTS = 1
_NO_MORE_EVENTS = 0
WORD_EVENT, PHONEME_EVENT = 1, 7

SLOWEST, FASTEST = 80, 450
"""Words a minute that the engine really renders; below the slowest the length no longer changes."""


class _EventRecord(ctypes.Structure):
    """espeak_EVENT of espeak-ng/speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("message", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("name", ctypes.c_char * 8),
    )


_Events = ctypes.POINTER(_EventRecord)
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, _Events)
OnSound = Callable[[bytes], bool]
"""Gets 16-bit mono samples; returns False to stop the synthesis."""


@dataclass(frozen=True, slots=True)
class Event:
    """A word (WORD_EVENT) or a phoneme (PHONEME_EVENT, `name` its mnemonic) begins at `sample`."""

    kind: int
    sample: int
    name: str
    position: int = 0
    """Of a word: its first character in the text, from 1."""
    length: int = 0
    """Of a word: how many characters it has."""


OnEvent = Callable[[Event], None]


class EngineError(RuntimeError):
    """The engine or one of its voices is not there."""


class Espeak:
    """The engine. Not thread-safe: one thread speaks."""

    def __init__(self, data_parent: Path | None, phoneme_events: bool = False) -> None:
        """:param data_parent: folder that holds `espeak-ng-data`; None for the installed one.
        :param phoneme_events: tell `on_event` of phonemes too; of words it always hears.
        :raises EngineError: no library or no data.
        """
        self._lib = _load()
        path = str(data_parent).encode() if data_parent else None
        rate = self._lib.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, BUFFER_MS, path, _PHONEME_EVENTS * phoneme_events)
        if rate <= 0:
            raise EngineError("the speech engine does not start: its data was not found")
        self.sample_rate = int(rate)
        self._on_sound: OnSound | None = None
        self._on_event: OnEvent | None = None
        # The library keeps only the address: the object must live as long as it.
        self._callback = _Callback(self._sound)
        self._lib.espeak_SetSynthCallback(self._callback)

    def _sound(self, samples: object, count: int, events: ctypes._Pointer[_EventRecord]) -> int:
        if self._on_event is not None:
            _tell(events, self._on_event)
        if count <= 0 or self._on_sound is None:
            return 0
        going_on = self._on_sound(ctypes.string_at(samples, 2 * count))  # type: ignore[arg-type]  # a pointer
        return 0 if going_on else 1

    def set_voice(self, name: str) -> None:
        """:raises EngineError: no such voice in the data."""
        if self._lib.espeak_SetVoiceByName(name.encode()) != 0:
            raise EngineError(f"no voice {name}")

    def set_rate(self, words_a_minute: int) -> None:
        self._lib.espeak_SetParameter(_RATE, min(max(words_a_minute, SLOWEST), FASTEST), 0)

    def set_pitch(self, level: int) -> None:
        """:param level: 0 to 100; 50 is the voice's own pitch."""
        self._lib.espeak_SetParameter(_PITCH, level, 0)

    def synthesise(self, text: str, on_sound: OnSound, on_event: OnEvent | None = None) -> None:
        """Render `text` with the chosen voice; `on_sound` gets the samples, at most 40 ms a call."""
        raw = text.encode()
        self._on_sound, self._on_event = on_sound, on_event
        try:
            self._lib.espeak_Synth(raw, len(raw) + 1, 0, _POSITION_CHARACTER, 0, _CHARS_UTF8, None, None)
        finally:
            self._on_sound = self._on_event = None

    def phonemes(self, text: str) -> str:
        """The engine's phoneme names for a text, to prove that nothing is spelled."""
        raw = ctypes.c_char_p(text.encode())
        pointer = ctypes.cast(ctypes.pointer(raw), ctypes.POINTER(ctypes.c_void_p))
        parts: list[str] = []
        while pointer.contents.value:
            found = self._lib.espeak_TextToPhonemes(pointer, _CHARS_UTF8, _PHONEME_NAMES)
            parts.append((found or b"").decode())
        return " ".join(part for part in parts if part)


def _tell(events: ctypes._Pointer[_EventRecord], on_event: OnEvent) -> None:
    at = 0
    while events and events[at].type != _NO_MORE_EVENTS:
        if events[at].type in (WORD_EVENT, PHONEME_EVENT):
            name = events[at].name.decode("utf-8", "replace") if events[at].type == PHONEME_EVENT else ""
            record = events[at]
            on_event(Event(record.type, record.sample, name, record.text_position, record.length))
        at += 1


def _load() -> ctypes.CDLL:
    for name in _LIBRARIES:
        try:
            lib = ctypes.CDLL(name)
        except OSError:
            continue
        lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        lib.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
        lib.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]
        return lib
    raise EngineError("libespeak-ng is not installed")
