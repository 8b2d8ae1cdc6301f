"""What a cheap camera makes of a flat thing held before it. Pure: arrays and a seeded generator in, an array out.

Every function takes and returns 8-bit pictures. `shoot` is the whole way from a drawn thing to a frame without
noise; `sensor_noise` is what differs from frame to frame, so that a stream is one `shoot` and many noises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]
Rng = np.random.Generator
WHITE = 255
NOISE_STEPS = 64
"""In both directions: white noise that is moved by one pixel has nothing in common with itself."""
NOISE_SEED = 1


def _bytes(values: NDArray[np.floating]) -> Picture:
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def _rows_and_columns(height: int, width: int) -> tuple[Floats, Floats]:
    """The places of a picture's pixels, as a column and a row that numpy spreads over the picture."""
    return np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None, :]


# --- what the light and the lens do ---


def defocus(picture: Picture, radius_px: float) -> Picture:
    """A disc of confusion."""
    reach = int(np.ceil(radius_px)) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius_px + 0.5 - np.hypot(x, y), 0.0, 1.0).astype(np.float32)
    return np.asarray(cv2.filter2D(picture, -1, disc / disc.sum()), dtype=np.uint8)


def motion(picture: Picture, length_px: float, angle_rad: float) -> Picture:
    """A hand that moves during the exposure."""
    size = int(np.ceil(length_px)) * 2 + 3
    kernel = np.zeros((size, size), np.float32)
    half = np.array([np.cos(angle_rad), np.sin(angle_rad)]) * length_px / 2
    middle = size // 2
    begin, end = (np.rint((np.array([middle, middle]) + way * half) * 16).astype(int) for way in (-1, 1))
    cv2.line(kernel, begin.tolist(), end.tolist(), 1.0, 1, cv2.LINE_AA, 4)
    return np.asarray(cv2.filter2D(picture, -1, kernel / max(float(kernel.sum()), 1e-6)), dtype=np.uint8)


def light(picture: Picture, gain: float, offset: float, slope: float, angle_rad: float) -> Picture:
    """Brightness, haze, and a light that falls off to one side by `slope` (0 to 1)."""
    height, width = picture.shape[:2]
    y, x = _rows_and_columns(height, width)
    along = (x / width - 0.5) * np.cos(angle_rad) + (y / height - 0.5) * np.sin(angle_rad)
    field = (gain * (1.0 + slope * along)).astype(np.float32)
    return _bytes(picture * (field if picture.ndim == 2 else field[..., None]) + offset)


def glare(picture: Picture, centre_xy: tuple[float, float], radius_px: float, strength: float) -> Picture:
    """A lamp's reflection: white in the middle, fading outwards."""
    height, width = picture.shape[:2]
    y, x = _rows_and_columns(height, width)
    lamp = strength * np.exp(-(((x - centre_xy[0]) ** 2 + (y - centre_xy[1]) ** 2) / (2 * radius_px**2)))
    spot: Floats = (lamp if picture.ndim == 2 else lamp[..., None]).astype(np.float32)
    return _bytes(picture + (WHITE - picture.astype(np.float32)) * np.clip(spot, 0, 1) + 40 * np.clip(spot - 1, 0, 1))


def moire(picture: Picture, period_px: float, depth: float, angle_rad: float) -> Picture:
    """A phone's pixel grid against the sensor's: two gratings, light between the dark lines."""
    height, width = picture.shape[:2]
    y, x = _rows_and_columns(height, width)
    turned = x * np.cos(angle_rad) + y * np.sin(angle_rad), -x * np.sin(angle_rad) + y * np.cos(angle_rad)
    waves = [np.sin(2 * np.pi * way / period_px) for way in (turned[0], turned[1] * 0.97)]
    field = (1.0 + depth * (waves[0] + waves[1]) / 2).astype(np.float32)
    return _bytes(picture * (field if picture.ndim == 2 else field[..., None]))


def sensor_noise(picture: Picture, rng: Rng, sigma: float) -> Picture:
    """Read noise and shot noise, the latter growing with brightness."""
    down, right = rng.integers(NOISE_STEPS, size=2)
    height, width = picture.shape[:2]
    noise = _white_noise(picture.shape)[down : down + height, right : right + width]
    scale = sigma * np.sqrt(0.4 + 0.6 * np.arange(256, dtype=np.float32) / 128.0)
    strength = np.asarray(cv2.LUT(picture, scale))
    return np.asarray(cv2.add(picture, np.multiply(noise, strength, out=strength), dtype=cv2.CV_8U), dtype=np.uint8)


@lru_cache(maxsize=2)
def _white_noise(shape: tuple[int, ...]) -> Floats:
    """One field for all frames of a size, each of which takes another part: drawing it anew would take most of the
    time of a frame.
    """
    field = (shape[0] + NOISE_STEPS, shape[1] + NOISE_STEPS, *shape[2:])
    return np.random.default_rng(NOISE_SEED).standard_normal(field, dtype=np.float32)


def shifted(picture: Picture, dx_px: float, dy_px: float) -> Picture:
    """A hand's tremor from one frame to the next."""
    way = np.array([[1, 0, dx_px], [0, 1, dy_px]], np.float32)
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.warpAffine(picture, way, size, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


# --- where the thing is ---


def curl(picture: Picture, bend: float, lift: float = 0.25) -> Picture:
    """Paper around a cylinder with an upright axis: `bend` is the half angle in radians. `lift` is how much of the
    curl's depth is seen as a bow: the sine of the angle from which the camera looks, from above or below.
    """
    height, width = picture.shape[:2]
    across = np.linspace(-np.sin(bend), np.sin(bend), width)
    source_x = (np.arcsin(across) / bend + 1) / 2 * (width - 1)
    sag = (np.cos(np.arcsin(across)) - np.cos(bend)) * width / (2 * np.sin(bend)) * lift
    y = np.arange(height)[:, None] + (sag - (sag.max() + sag.min()) / 2)[None, :]
    maps = np.broadcast_to(source_x, (height, width)).astype(np.float32), y.astype(np.float32)
    return np.asarray(
        cv2.remap(picture, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


@dataclass(frozen=True, slots=True)
class Pose:
    """How a flat thing is held. Angles in radians; `width_px` is its width in the frame when held straight."""

    width_px: float
    roll: float = 0.0
    pitch: float = 0.0
    yaw: float = 0.0
    centre: tuple[float, float] = (0.5, 0.5)
    """Parts of the frame's width and height."""
    distance: float = 2.2
    """Of the lens, in widths of the thing: near is steep."""


def corners(aspect: float, pose: Pose, frame_size: tuple[int, int]) -> Floats:
    """Where the thing's corners fall in the frame: 4 x 2, clockwise from its upper left."""
    flat = np.array([(-1, -aspect), (1, -aspect), (1, aspect), (-1, aspect)], float) / 2
    (cr, cp, cy), (sr, sp, sy) = (np.array([f(pose.roll), f(pose.pitch), f(pose.yaw)]) for f in (np.cos, np.sin))
    x, y = flat[:, 0] * cr - flat[:, 1] * sr, flat[:, 0] * sr + flat[:, 1] * cr
    y, z = y * cp, y * sp
    x, z = x * cy + z * sy, -x * sy + z * cy
    scale = pose.distance / (pose.distance + z) * pose.width_px
    middle = np.array(pose.centre) * np.array(frame_size)
    return np.stack([x * scale + middle[0], y * scale + middle[1]], axis=1).astype(np.float32)


def place(thing: Picture, desk: Picture, pose: Pose) -> Picture:
    """The thing lies on (or is held over) the desk, seen in perspective. Both grey or both coloured."""
    height, width = thing.shape[:2]
    size = (desk.shape[1], desk.shape[0])
    target = corners(height / width, pose, size)
    # Shrinking by more than two needs a softened original, or thin bars alias as they would on no sensor.
    shrink = width / max(float(np.linalg.norm(target[1] - target[0])), 1.0)
    if shrink > 2:
        thing = np.asarray(
            cv2.resize(thing, None, fx=2 / shrink, fy=2 / shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
        height, width = thing.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    way = cv2.getPerspectiveTransform(source, target)
    seen = cv2.warpPerspective(thing, way, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full(thing.shape[:2], 255, np.uint8), way, size).astype(np.float32) / 255
    mask = mask if desk.ndim == 2 else mask[..., None]
    return _bytes(desk * (1 - mask) + seen * mask)


def desk(size: tuple[int, int], rng: Rng, colour: bool = False, tone: float = 95.0) -> Picture:
    """A table top with soft grain; `size` is width, height."""
    coarse = rng.standard_normal((size[1] // 16 + 2, size[0] // 48 + 2)).astype(np.float32)
    grain = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC) * 9
    flat = np.full((size[1], size[0]), tone, np.float32) + grain
    return _bytes(np.stack([flat * 0.82, flat * 0.95, flat * 1.08], axis=2) if colour else flat)


# --- the eleven conditions ---


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame without noise, and the noise that each real frame of it has."""

    still: Picture
    noise_sigma: float
    jpeg_quality: int = 85
    tremor_px: float = 0.7

    def frame(self, rng: Rng) -> Picture:
        """One frame of the stream: tremor, noise, compression."""
        flags = cv2.IMREAD_GRAYSCALE if self.still.ndim == 2 else cv2.IMREAD_COLOR
        return np.asarray(cv2.imdecode(np.frombuffer(self.compressed(rng), np.uint8), flags), dtype=np.uint8)

    def compressed(self, rng: Rng) -> bytes:
        """The same as the camera sends it."""
        dx, dy = rng.normal(0.0, self.tremor_px, 2)
        seen = sensor_noise(shifted(self.still, float(dx), float(dy)), rng, self.noise_sigma)
        return bytes(cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, self.jpeg_quality])[1].tobytes())


@dataclass(frozen=True, slots=True)
class Condition:
    """How one kind of difficulty is drawn. `width` and the rest are ranges, drawn evenly."""

    width: tuple[float, float] = (0.22, 0.34)
    """Of the frame's width."""
    tilt: tuple[float, float] = (0.0, 0.15)
    roll: tuple[float, float] = (-0.3, 0.3)
    noise: tuple[float, float] = (2.0, 4.0)
    frame_size: tuple[int, int] = (1280, 720)
    before: Callable[[Picture, Rng], Picture] | None = None
    """Done to the thing itself."""
    after: Callable[[Picture, Rng, Floats], Picture] | None = None
    """Done to the frame, knowing where the thing lies."""
    inside_px: tuple[float, float] | None = None
    """The thing lies so far from one of the picture's edges, instead of near the middle."""
    desk_tone: tuple[float, float] = (95.0, 95.0)


def _even(rng: Rng, low_high: tuple[float, float]) -> float:
    return float(rng.uniform(*low_high))


def _glare_on_it(picture: Picture, rng: Rng, where: Floats) -> Picture:
    span = float(np.linalg.norm(where[1] - where[0]))
    at = where.mean(axis=0) + rng.normal(0, 0.22, 2) * span
    return glare(picture, (float(at[0]), float(at[1])), span * _even(rng, (0.16, 0.26)), _even(rng, (1.0, 1.6)))


def _curled(picture: Picture, rng: Rng) -> Picture:
    lift = _even(rng, (0.05, 0.35)) * (1 if rng.integers(2) else -1)
    return curl(picture, _even(rng, (0.7, 1.15)), lift)


def _phone(picture: Picture, rng: Rng, _where: Floats) -> Picture:
    screen = moire(picture, _even(rng, (3.2, 6.5)), _even(rng, (0.45, 0.8)), _even(rng, (0.0, 0.6)))
    return light(screen, _even(rng, (0.8, 1.0)), 15, 0.2, _even(rng, (0, 6.28)))


def _dim(picture: Picture, rng: Rng, _where: Floats) -> Picture:
    return light(picture, _even(rng, (0.12, 0.24)), 6, 0.6, _even(rng, (0, 6.28)))


def _everything(picture: Picture, rng: Rng, where: Floats) -> Picture:
    soft = defocus(picture, _even(rng, (1.2, 2.4)))
    soft = motion(soft, _even(rng, (2.0, 6.0)), _even(rng, (0, 3.14)))
    return light(soft, _even(rng, (0.35, 0.7)), 12, 0.6, _even(rng, (0, 6.28)))


CONDITIONS: Mapping[str, Condition] = {
    "clean": Condition(),
    "perspective": Condition(tilt=(0.75, 1.1), roll=(-0.6, 0.6)),
    "defocus": Condition(after=lambda p, rng, _w: defocus(p, _even(rng, (3.0, 5.5)))),
    "motion": Condition(after=lambda p, rng, _w: motion(p, _even(rng, (7, 16)), _even(rng, (0, 3.14)))),
    "low_light": Condition(noise=(7.0, 13.0), after=_dim),
    "phone_moire": Condition(after=_phone),
    "inverted": Condition(before=lambda p, _rng: np.asarray(WHITE - p, dtype=np.uint8)),
    "small": Condition(width=(0.055, 0.085), frame_size=(1920, 1080)),
    "glare": Condition(after=_glare_on_it),
    "curl": Condition(before=_curled),
    "combo": Condition(tilt=(0.3, 0.6), noise=(5.0, 8.0), after=_everything),
}
"""Name -> how it is drawn. Widths are for square things; `shoot` may scale them for wide ones."""


def _beside_an_edge(pose: Pose, aspect: float, size: tuple[int, int], inside_px: float, rng: Rng) -> Pose:
    where = corners(aspect, pose, size)
    low, high = where.min(axis=0), where.max(axis=0)
    moves = (
        (inside_px - low[0], 0.0),
        (0.0, inside_px - low[1]),
        (size[0] - 1 - inside_px - high[0], 0.0),
        (0.0, size[1] - 1 - inside_px - high[1]),
    )
    dx, dy = moves[int(rng.integers(4))]
    return replace(pose, centre=(pose.centre[0] + float(dx) / size[0], pose.centre[1] + float(dy) / size[1]))


def shoot(
    thing: Picture,
    condition: Condition,
    rng: Rng,
    width_factor: float = 1.0,
    frame_size: tuple[int, int] | None = None,
) -> Shot:
    """Hold a drawn thing before the camera under one condition. A coloured thing makes a coloured frame.

    :param frame_size: width, height; None for the condition's own.
    """
    size = frame_size or condition.frame_size
    if condition.before is not None:
        thing = condition.before(thing, rng)
    tilt, lean = _even(rng, condition.tilt), _even(rng, (0, 6.28))
    pose = Pose(
        width_px=_even(rng, condition.width) * width_factor * size[0],
        roll=_even(rng, condition.roll),
        pitch=tilt * float(np.sin(lean)),
        yaw=tilt * float(np.cos(lean)),
        centre=(_even(rng, (0.42, 0.58)), _even(rng, (0.42, 0.58))),
    )
    if condition.inside_px is not None:
        pose = _beside_an_edge(pose, thing.shape[0] / thing.shape[1], size, _even(rng, condition.inside_px), rng)
    low, high = condition.desk_tone
    tone = low if low == high else _even(rng, (low, high))
    frame = place(thing, desk(size, rng, thing.ndim == 3, tone), pose)
    if condition.after is not None:
        frame = condition.after(frame, rng, corners(thing.shape[0] / thing.shape[1], pose, size))
    return Shot(frame, _even(rng, condition.noise), jpeg_quality=int(rng.integers(60, 93)))
