"""Sizes in millimetres and colours as tokens. No toolkit in here: tests and the site check-list use it, too.

A screen never names a pixel or a colour: it asks `Look` for `mm(…)`, `em(…)` and a token.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot

from kiosk.domain.technician.calibration import Calibration, TouchFix

Rgb = tuple[float, float, float]
Rgba = tuple[float, float, float, float]


_AS_TOLD = TouchFix()


@dataclass(frozen=True, slots=True)
class ScreenConfig:
    """The panel as it hangs there. `font_dir` and `assets_dir`: empty = the defaults of `fonts` and the checkout."""

    diagonal_inch: float = 21.5
    width_px: int = 1080
    height_px: int = 1920
    fullscreen: bool = True
    mount_height_mm: int = 1250
    """Floor to the screen's upper edge."""
    touch: TouchFix = _AS_TOLD
    """Where a finger really is."""
    font_dir: str = ""
    assets_dir: str = ""

    @property
    def px_per_mm(self) -> float:
        return hypot(self.width_px, self.height_px) / (25.4 * self.diagonal_inch)


def calibrated(factory: ScreenConfig, measured: Calibration) -> ScreenConfig:
    """The panel as a technician measured it."""
    return replace(
        factory,
        diagonal_inch=measured.diagonal_inch or factory.diagonal_inch,
        mount_height_mm=measured.mount_height_mm or factory.mount_height_mm,
        touch=measured.touch or TouchFix(),
    )


def rgb(code: str) -> Rgb:
    """`#RRGGBB` -> three floats of 0..1."""
    return (int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255)


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """`share` of b in a."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


@dataclass(frozen=True, slots=True)
class Tokens:
    """One set of colours; every edge is >= 3:1, words as `TEXT_RATIO` says."""

    ground: Rgb
    bar: Rgb
    """Ground of the top and bottom bar."""
    rule: Rgb
    """The line between the top bar and the sheet."""
    card: Rgb
    card_edge: Rgb
    ink: Rgb
    ink_soft: Rgb
    fill: Rgb
    """The likely answer."""
    on_fill: Rgb
    edge: Rgb
    """Outline and words of the other answers."""
    alarm: Rgb
    """The red 办不成 bar and 叫人."""
    on_alarm: Rgb
    alarm_card: Rgb
    """Ground of a red button that is not filled."""
    alarm_ink: Rgb
    good: Rgb
    """Words of good news, on `good_card`."""
    good_card: Rgb
    chosen: Rgb
    """Ground of the language half that is on."""
    spoken: Rgb
    """Band under the clause that is being said."""
    mark: Rgb
    """Sound mark, picture accents."""
    track: Rgb
    """Steps still to come."""
    focus: Rgb
    press: Rgb
    """A pressed button moves towards this colour."""


DAY = Tokens(
    ground=rgb("#FBF7F0"),
    bar=rgb("#F1E7D8"),
    rule=rgb("#74200F"),
    card=rgb("#FFFDF9"),
    card_edge=rgb("#8A7657"),
    ink=rgb("#1D1A17"),
    ink_soft=rgb("#3A342E"),
    fill=rgb("#083A46"),
    on_fill=rgb("#FFFFFF"),
    edge=rgb("#083A46"),
    alarm=rgb("#74200F"),
    on_alarm=rgb("#FFFFFF"),
    alarm_card=rgb("#FFF8F4"),
    alarm_ink=rgb("#6B1D0D"),
    good=rgb("#243C14"),
    good_card=rgb("#E9F0E2"),
    chosen=rgb("#E6F0F0"),
    spoken=rgb("#F9E8B8"),
    mark=rgb("#74200F"),
    track=rgb("#A08C6C"),
    focus=rgb("#B0410E"),
    press=rgb("#000000"),
)
LIGHT = Tokens(
    ground=rgb("#FFFFFF"),
    bar=rgb("#FFFFFF"),
    rule=rgb("#000000"),
    card=rgb("#FFFFFF"),
    card_edge=rgb("#000000"),
    ink=rgb("#000000"),
    ink_soft=rgb("#000000"),
    fill=rgb("#000000"),
    on_fill=rgb("#FFFFFF"),
    edge=rgb("#000000"),
    alarm=rgb("#000000"),
    on_alarm=rgb("#FFFFFF"),
    alarm_card=rgb("#FFFFFF"),
    alarm_ink=rgb("#000000"),
    good=rgb("#000000"),
    good_card=rgb("#FFFFFF"),
    chosen=rgb("#FFFFFF"),
    spoken=rgb("#FFF0A0"),
    mark=rgb("#000000"),
    track=rgb("#767676"),
    focus=rgb("#B0410E"),
    press=rgb("#808080"),
)
DARK = Tokens(
    ground=rgb("#000000"),
    bar=rgb("#000000"),
    rule=rgb("#FFE24A"),
    card=rgb("#000000"),
    card_edge=rgb("#FFFFFF"),
    ink=rgb("#FFFFFF"),
    ink_soft=rgb("#FFFFFF"),
    fill=rgb("#FFFFFF"),
    on_fill=rgb("#000000"),
    edge=rgb("#FFFFFF"),
    alarm=rgb("#FFFFFF"),
    on_alarm=rgb("#000000"),
    alarm_card=rgb("#000000"),
    alarm_ink=rgb("#FFFFFF"),
    good=rgb("#FFFFFF"),
    good_card=rgb("#000000"),
    chosen=rgb("#000000"),
    spoken=rgb("#3A3300"),
    mark=rgb("#FFE24A"),
    track=rgb("#8C8C8C"),
    focus=rgb("#FFE24A"),
    press=rgb("#808080"),
)
GLARE = Tokens(
    ground=rgb("#C9C2B4"),
    bar=rgb("#BDB5A5"),
    rule=rgb("#4A2A20"),
    card=rgb("#D1CABC"),
    card_edge=rgb("#5E5442"),
    ink=rgb("#221E1A"),
    ink_soft=rgb("#2E2924"),
    fill=rgb("#24454C"),
    on_fill=rgb("#DAD4C8"),
    edge=rgb("#24454C"),
    alarm=rgb("#5A261B"),
    on_alarm=rgb("#DAD4C8"),
    alarm_card=rgb("#D1C2B8"),
    alarm_ink=rgb("#4E1E14"),
    good=rgb("#2B3D20"),
    good_card=rgb("#BFC6AF"),
    chosen=rgb("#B9C6C4"),
    spoken=rgb("#D9C28A"),
    mark=rgb("#5A261B"),
    track=rgb("#7D7565"),
    focus=rgb("#6A2C0C"),
    press=rgb("#000000"),
)
THEMES: dict[str, Tokens] = {"day": DAY, "light": LIGHT, "dark": DARK, "glare": GLARE}
"""By day, high contrast on white and on black, low glare: a new set is a row here and changes no screen."""

TEXT_RATIO: dict[str, float] = {"day": 10.0, "light": 20.0, "dark": 20.0, "glare": 4.5}
"""Theme -> contrast of every text on its ground, at least (VVSG 2.0 7.1-C and 7.1-D)."""
LIT_RATIO: dict[str, float] = {"day": 10.0, "light": 10.0, "dark": 10.0, "glare": 4.5}
"""The same while a clause is said and lit."""

EM_MM: tuple[float, ...] = (14.0, 18.0, 22.0, 28.0)
"""标准 大 特大 巨."""
FRAME_EM_MAX_MM = 18.0
"""The frame's words grow with the text to here: five keys and two languages must stand side by side."""

# Font sizes in ems of the chosen text size.
QUESTION = 1.4
TITLE = 1.22
"""Words of an answer."""
CARD_TITLE = 1.1
BODY = 1.0
BIG = 2.1
"""A value to be compared by eye."""
LINE = 1.34
"""Line distance in ems."""

MARGIN_MM = 10.0
GAP_MM = 6.0
GAP_TIGHT_MM = 4.0
RADIUS_MM = 8.0
EDGE_MM = 1.0
SINK_MM = 1.0
ICON_MM = 20.0
LIST_ICON_MM = 26.0
ANSWER_MM = 50.0
ANSWER_MIN_MM = 30.0
TARGET_MM = 20.0
GAP_MIN_MM = 3.2


@dataclass(frozen=True, slots=True)
class Look:
    """How everything looks for one visit's access mode on one panel."""

    screen: ScreenConfig
    theme: str = "day"
    size: int = 0

    @property
    def colour(self) -> Tokens:
        return THEMES[self.theme]

    def mm(self, length_mm: float) -> int:
        """Millimetres -> whole pixels."""
        return round(length_mm * self.screen.px_per_mm)

    def em(self, ems: float = 1.0) -> int:
        """Font size in pixels for `ems` of the chosen text size; rounded up, so the smallest is never too small."""
        return int(EM_MM[self.size] * ems * self.screen.px_per_mm + 0.999)

    def framed(self, ems: float = 1.0) -> float:
        """Ems of the chosen text size for words of the frame around every screen."""
        return ems * min(1.0, FRAME_EM_MAX_MM / EM_MM[self.size])


def luminance(colour: Rgb) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: Rgb, b: Rgb) -> float:
    """Contrast ratio 1..21, WCAG 2.2."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)
