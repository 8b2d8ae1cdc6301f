"""Clips as files: RIFF WAVE, 16-bit mono, 24 or 48 kHz. Nothing else is a clip."""

from __future__ import annotations

import io
import wave

import numpy as np
import numpy.typing as npt

from voices.packs.errors import PackError

Samples = npt.NDArray[np.int16]
RATES = (24_000, 48_000)
LONGEST_S = 30.0
"""A clause has at most 18 characters; what is longer than this is no clause."""


def read(raw: bytes, name: str) -> tuple[Samples, int]:
    """The samples and their rate in Hz.

    :param name: how messages call the file.
    :raises PackError: no 16-bit mono WAVE file, a rate that packs do not have, or shorter than its header says.
    """
    try:
        with wave.open(io.BytesIO(raw)) as file:
            shape = (file.getnchannels(), file.getsampwidth())
            rate, count = file.getframerate(), file.getnframes()
            frames = file.readframes(count)
    except (wave.Error, EOFError, OSError, ValueError) as error:
        raise PackError(f"{name} is no WAVE file ({error}); make it anew") from error
    if shape != (1, 2):
        raise PackError(f"{name} has {shape[0]} channels of {8 * shape[1]} bits; clips are mono with 16 bits")
    if rate not in RATES:
        raise PackError(f"{name} has {rate} Hz; clips have 24000 or 48000 Hz")
    if len(frames) != 2 * count or not count:
        raise PackError(f"{name} is cut short: {len(frames)} bytes of {2 * count}; copy it again")
    if count > LONGEST_S * rate:
        raise PackError(f"{name} lasts {count / rate:.0f} s; a clause lasts at most {LONGEST_S:.0f} s")
    return np.frombuffer(frames, dtype="<i2").astype(np.int16, copy=False), rate


def write(samples: Samples, rate: int) -> bytes:
    """The file's bytes."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()
