"""Recordings that were made elsewhere: WAVE files as recorders and telephones write them, brought to 48 kHz mono."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import soxr

from voices.packs.errors import PackError
from voices.packs.wav import Samples

RATE = 48_000
LEAST_RATE = 44_100
LONGEST_S = 60.0


def read(path: Path) -> Samples:
    """16-bit PCM with one or two channels, at least 44.1 kHz; comes back as mono at 48 kHz.

    :raises PackError: another kind of file; the message says how to export it.
    """
    try:
        with wave.open(str(path)) as file:
            channels, width, rate, count = file.getparams()[:4]
            if width != 2 or channels not in (1, 2) or not LEAST_RATE <= rate <= 192_000:
                found = f"{channels} 声道, {8 * width} 位, {rate} Hz"
                raise PackError(f"{path.name}: {found}。请导出为 16 位、单声道、48000 Hz 的 WAV。")
            if count > LONGEST_S * rate:
                raise PackError(f"{path.name}: 超过 {LONGEST_S:.0f} 秒。请一句一个文件。")
            frames = file.readframes(count)
    except (wave.Error, EOFError, OSError) as error:
        raise PackError(f"{path.name}: 不是能读的 WAV 文件({error})。请重新导出。") from error
    whole = np.frombuffer(frames[: len(frames) // (2 * channels) * 2 * channels], dtype="<i2").reshape(-1, channels)
    mono = whole[:, 0] if channels == 1 else np.round(whole.mean(axis=1)).astype(np.int16)
    if rate == RATE:
        return mono.astype(np.int16)
    return np.asarray(soxr.resample(mono.astype(np.int16), rate, RATE, quality="HQ"), dtype=np.int16)
