"""The ways to look at one frame, from the cheapest to the last resort. Each is a preparation and a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.vision.codes import preparing
from drivers.vision.codes.readers import Found, read_zbar, read_zxing
from drivers.vision.frames import Picture

Reader = Callable[[Picture], list[Found]]


@dataclass(frozen=True, slots=True)
class Step:
    """`name` also says who confirms whom: two different steps are two sightings."""

    name: str
    prepare: Callable[[Picture], Picture]
    read: Reader

    @property
    def is_strict(self) -> bool:
        """ZBar takes a blur for bars, with the check digit right, and does so in every picture of it."""
        return self.read is not read_zbar

    def __call__(self, gray: Picture) -> list[Found]:
        return self.read(self.prepare(gray))


FIRST = Step("zxing", preparing.as_it_is, read_zxing)
"""Every frame that is looked at begins with this one."""
CYCLE: tuple[Step, ...] = (
    Step("straight", preparing.straightened, read_zxing),
    Step("close evened", preparing.close_evened, read_zxing),
    Step("straight inverted", preparing.straightened_inverted, read_zxing),
    Step("sharpened inverted", preparing.sharpened_inverted, read_zxing),
    Step("straight sharpened", preparing.straightened_sharpened, read_zxing),
    Step("uncurled down", preparing.uncurled_down, read_zxing),
    Step("zbar halved", preparing.halved, read_zbar),
    Step("close blurred", preparing.close_blurred, read_zxing),
    Step("uncurled up", preparing.uncurled_up, read_zxing),
    Step("straight zbar", preparing.straightened, read_zbar),
    Step("close sharpened", preparing.close_sharpened, read_zxing),
    Step("refocused", preparing.refocused, read_zxing),
    Step("zbar", preparing.as_it_is, read_zbar),
)
"""One of these a frame, in turn, while something lies there that is not read: by what each reads that those before
it do not, for its time.
"""
