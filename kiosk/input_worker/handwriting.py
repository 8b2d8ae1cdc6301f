"""One drawn character: libzinnia with the model for simplified Chinese of tegaki.

The recogniser looks at strokes, their order and direction; ten suggestions hide most slips of a hand that writes
strokes in an order of its own. Functions as in zinnia.h 0.06 (C interface).
"""

from __future__ import annotations

import ctypes
from pathlib import Path

from kiosk.input_worker.library import Missing, open_library
from kiosk.input_worker.request import SIDE, Ink

MODEL = Path("/usr/share/tegaki/models/zinnia/handwriting-zh_CN.model")
MOST_SUGGESTIONS = 12

_Handle = ctypes.c_void_p
_FUNCTIONS: dict[str, tuple[object, tuple[object, ...]]] = {
    "zinnia_recognizer_new": (_Handle, ()),
    "zinnia_recognizer_open": (ctypes.c_int, (_Handle, ctypes.c_char_p)),
    "zinnia_recognizer_classify": (_Handle, (_Handle, _Handle, ctypes.c_size_t)),
    "zinnia_character_new": (_Handle, ()),
    "zinnia_character_clear": (None, (_Handle,)),
    "zinnia_character_set_width": (None, (_Handle, ctypes.c_size_t)),
    "zinnia_character_set_height": (None, (_Handle, ctypes.c_size_t)),
    "zinnia_character_add": (ctypes.c_int, (_Handle, ctypes.c_size_t, ctypes.c_int, ctypes.c_int)),
    "zinnia_result_size": (ctypes.c_size_t, (_Handle,)),
    "zinnia_result_value": (ctypes.c_char_p, (_Handle, ctypes.c_size_t)),
    "zinnia_result_destroy": (None, (_Handle,)),
}


class Handwriting:
    def __init__(self, model: Path = MODEL) -> None:
        """:raises Missing: library or model is not there."""
        self._zinnia = open_library("libzinnia.so.0", "libzinnia0")
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(self._zinnia, name)
            function.restype, function.argtypes = result, arguments
        self._recogniser = self._zinnia.zinnia_recognizer_new()
        if not self._zinnia.zinnia_recognizer_open(self._recogniser, str(model).encode()):
            raise Missing(f"{model.name} cannot be read; it comes with the package tegaki-zinnia-simplified-chinese")
        self._character = self._zinnia.zinnia_character_new()

    def suggest(self, ink: Ink) -> list[str]:
        """The likely character first; nothing of the drawing is kept."""
        zinnia, character = self._zinnia, self._character
        zinnia.zinnia_character_clear(character)
        zinnia.zinnia_character_set_width(character, SIDE)
        zinnia.zinnia_character_set_height(character, SIDE)
        for at, stroke in enumerate(ink):
            for x, y in stroke:
                zinnia.zinnia_character_add(character, at, x, y)
        result = zinnia.zinnia_recognizer_classify(self._recogniser, character, MOST_SUGGESTIONS)
        zinnia.zinnia_character_clear(character)
        if not result:
            return []
        found = [zinnia.zinnia_result_value(result, at).decode() for at in range(zinnia.zinnia_result_size(result))]
        zinnia.zinnia_result_destroy(result)
        return found
