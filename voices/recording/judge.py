"""Whether a take can go into a pack: measured, and when not, what the speaker has to do, in her own words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from voices.packs import levels
from voices.packs.errors import PackError
from voices.packs.inspection import clipped
from voices.packs.wav import Samples

SNR_DB = 40.0
"""Speech over room; below it the room is heard."""
_FRAME_S = 0.02
_EDGE_FRAMES = 5
_SPEECH_OVER_ROOM_DB = 12.0
_SPEECH_RANGE_DB = 35.0
"""Between the loudest syllable and the softest consonant that is kept."""
_BEFORE_S, _AFTER_S = 0.06, 0.1
"""What is left around the speech; a pack's clips begin within 0.08 s."""
_SOFTEST_LUFS, _LOUDEST_LUFS = -45.0, -9.0
_LEAST_SYLLABLE_S, _MOST_SYLLABLE_S, _PAUSES_S = 0.09, 0.6, 1.0
_QUIETEST_DB = -96.0


class Fault(Enum):
    """Why a take is not kept; the value is what the speaker is told."""

    SILENT = "没有录到声音。请检查话筒有没有插好、是不是选对了设备(--device),再录一次。"
    CLIPPED = "声音太大,录破了。请离话筒远一点(一个手掌),或把录音音量调小一点,再录一次。"
    SOFT = "声音太小。请靠近话筒一点,或把录音音量调大一点,再录一次。"
    LOUD = "声音太大。请离话筒远一点(一个手掌),再录一次。"
    NOISY = "四周太吵。请关好门窗、关掉风扇和空调,等安静了再录一次。"
    SHORT = "好像没读完,或读得太快。请看着字慢慢读完,再录一次。"
    LONG = "录得太长,可能多读了字,或中间停太久。请一口气读完这一句,再录一次。"
    CUT = "开头或结尾被切掉了。请等屏幕上出现「请读」再开口,读完停一下再按回车。"
    KNOCK = "中间有碰撞声或喷气声。请不要碰桌子和话筒,嘴巴稍微偏一点,再录一次。"


@dataclass(frozen=True, slots=True)
class Measured:
    """A take in figures. `speech`: first sample and the one after the last that are speech."""

    lufs: float
    peak_dbtp: float
    snr_db: float
    speech: tuple[int, int]
    rate: int

    @property
    def speech_s(self) -> float:
        return (self.speech[1] - self.speech[0]) / self.rate


@dataclass(frozen=True, slots=True)
class Judged:
    """`clip`: trimmed and levelled, None when a fault was found."""

    clip: Samples | None
    fault: Fault | None
    measured: Measured | None


def judge(raw: Samples, rate: int, syllables: int) -> Judged:
    """:param raw: 16-bit mono as it came from the microphone, with some of the room before and after.
    :param syllables: how many are to be heard.
    """
    measured = measure(raw, rate)
    if measured is None:
        return Judged(None, Fault.SILENT, None)
    fault = _fault(raw, measured, syllables)
    if fault:
        return Judged(None, fault, measured)
    first, last = measured.speech
    kept = raw[max(first - int(_BEFORE_S * rate), 0) : last + int(_AFTER_S * rate)]
    try:
        return Judged(levels.normalise(kept, rate), None, measured)
    except PackError:
        return Judged(None, Fault.KNOCK, measured)


def measure(raw: Samples, rate: int) -> Measured | None:
    """None when there is nothing to hear."""
    frames = _frames_db(raw, rate)
    if len(frames) < 2 * _EDGE_FRAMES or frames.max() < -60:
        return None
    room_db = float(np.sort(frames)[: max(len(frames) // 10, _EDGE_FRAMES)].mean())
    over = max(room_db + _SPEECH_OVER_ROOM_DB, float(frames.max()) - _SPEECH_RANGE_DB)
    loud = np.flatnonzero(frames > over)
    if not len(loud):
        # Everything is equally loud: a fan, or speech from the first to the last moment.
        loud = np.arange(len(frames))
    step = int(_FRAME_S * rate)
    first, last = int(loud[0]) * step, min((int(loud[-1]) + 1) * step, len(raw))
    level = levels.measure(raw[first:last], rate)
    power = 10 ** (frames[loud[0] : loud[-1] + 1] / 10)
    snr_db = 10 * float(np.log10(power.mean())) - room_db
    return Measured(level.lufs, level.peak_dbtp, round(snr_db, 1), (first, last), rate)


def _fault(raw: Samples, measured: Measured, syllables: int) -> Fault | None:
    first, last = measured.speech
    edge = int(_FRAME_S * measured.rate)
    cut = first < edge or last > len(raw) - edge
    tests = (
        (clipped(raw), Fault.CLIPPED),
        (measured.lufs > _LOUDEST_LUFS, Fault.LOUD),
        (measured.lufs < _SOFTEST_LUFS, Fault.SOFT),
        (measured.snr_db < SNR_DB, Fault.CUT if cut and measured.snr_db < 6 else Fault.NOISY),
        (cut, Fault.CUT),
        (measured.speech_s < _LEAST_SYLLABLE_S * syllables, Fault.SHORT),
        (measured.speech_s > _MOST_SYLLABLE_S * syllables + _PAUSES_S, Fault.LONG),
    )
    return next((fault for found, fault in tests if found), None)


def _frames_db(raw: Samples, rate: int) -> npt.NDArray[np.float64]:
    """RMS of each frame of 20 ms in dB below full scale."""
    step = int(_FRAME_S * rate)
    whole = raw[: len(raw) // step * step].astype(np.float64).reshape(-1, step) / 32768
    power = np.mean((whole - whole.mean(axis=1, keepdims=True)) ** 2, axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (_QUIETEST_DB / 10))))
