"""`terminal.toml` and `devices.toml`, parsed once into frozen values. An unknown key refuses to start."""

from __future__ import annotations

import ipaddress
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from kiosk.adapters.paths import default_state_dir
from kiosk.domain.timing import EAR_PAUSE_S, EAR_UNASKED_S, IDLE_WARN_S


class ConfigError(Exception):
    """A configuration file cannot be used; the text names the file, the line and what is allowed."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Who and where this terminal is."""

    device: str
    site: str
    """12-digit division code of the village."""
    site_no: str
    """Three digits in the case number."""
    village: str
    place: str
    division: str = "350213"


@dataclass(frozen=True, slots=True)
class Screen:
    diagonal_inch: float = 21.5
    width_px: int = 1080
    height_px: int = 1920
    orientation: str = "portrait"
    mount_height_mm: int = 1250
    """Floor to the screen's upper edge."""
    fullscreen: bool = True


@dataclass(frozen=True, slots=True)
class BackOfficeLink:
    url: str
    key_file: str
    ca_file: str = ""
    """Certificates (PEM) of the authority that the back office's own comes from; empty: those of the public ones."""
    profile: str = "hmac-sm3"
    """Signature profile; hmac-sha256 only where both sides declare it."""


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    sink: str = "alsa"
    data_dir: str = ""
    accent: str = "tongan"


@dataclass(frozen=True, slots=True)
class SiteSettings:
    night: str = "20:00-07:00"
    """The terminal says nothing of its own accord; empty: it may at any hour."""


@dataclass(frozen=True, slots=True)
class Paths:
    state_dir: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How patient this terminal is."""

    idle_warn_s: float = IDLE_WARN_S
    """Before somebody is asked whether she is still there."""
    ear_pause_s: float = EAR_PAUSE_S
    """Between two choices that are named."""
    ear_unasked_s: float = EAR_UNASKED_S
    """Without a touch for so long, the choices are named unasked; 0 = never."""
    staff_may_wait: bool = True
    """Staff may switch the question off while they sit beside somebody."""


@dataclass(frozen=True, slots=True)
class Control:
    """Ways for assistive technology, and a socket for a steered clock; an empty path is no socket."""

    observer_socket: str = ""
    clock_socket: str = ""
    screen_reader: bool = False
    """What is shown is told to screen readers on the session's AT-SPI bus, which may press buttons."""


@dataclass(frozen=True, slots=True)
class AidSettings:
    speech_to_text: str = ""
    """Name of an engine that writes down what is said to a deaf resident; none has passed a test here yet."""


@dataclass(frozen=True, slots=True)
class TerminalConfig:
    terminal: Terminal
    backoffice: BackOfficeLink
    screen: Screen = field(default_factory=Screen)
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    site: SiteSettings = field(default_factory=SiteSettings)
    paths: Paths = field(default_factory=Paths)
    waiting: Waiting = field(default_factory=Waiting)
    control: Control = field(default_factory=Control)
    aid: AidSettings = field(default_factory=AidSettings)


ORIENTATIONS = ("portrait", "landscape")
ACCENTS = ("tongan", "xiamen")
"""Those that `python -m voices build` makes."""

DeviceTables = Mapping[str, Mapping[str, object]]

_T = TypeVar("_T")
_SECTIONS: dict[str, type[Any]] = {
    "terminal": Terminal,
    "backoffice": BackOfficeLink,
    "screen": Screen,
    "voice": VoiceSettings,
    "site": SiteSettings,
    "paths": Paths,
    "waiting": Waiting,
    "control": Control,
    "aid": AidSettings,
}


ENROLLED = "enrolled.toml"
"""In the state folder: what `kiosk enrol` was told. It outranks terminal.toml, which stays as its owner wrote it."""
_ENROLLED_KEYS = {"terminal": ("device", "site", "site_no"), "backoffice": ("url", "ca_file", "key_file")}

Layer = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the values stand, for messages."""

    path: Path
    text: str
    layer_path: Path
    layer_text: str = ""
    layer_keys: frozenset[str] = frozenset()

    def place(self, key: str) -> str:
        if key in self.layer_keys:
            return f"{self.layer_path}:{_line(self.layer_text, key)}"
        return f"{self.path}:{_line(self.text, key)}"


def load_terminal(path: Path, enrolled: Layer | None = None) -> TerminalConfig:
    """What terminal.toml says, and above it what the enrolment left in the state folder.

    :param enrolled: in place of what the state folder holds, to see whether it could be used.
    :raises ConfigError: unreadable, not TOML, unknown or missing key, wrong type.
    """
    text, data = _read(path)
    for section in data:
        if section not in _SECTIONS:
            raise ConfigError(
                f"{path}:{_line(text, section)}: unknown table [{section}]; allowed: {', '.join(_SECTIONS)}"
            )
    layer_path = _state_dir_of(data) / ENROLLED
    if enrolled is not None:
        layer_text, layer = "", enrolled
    else:
        layer_text, layer = _read_layer(layer_path)
    keys = frozenset(key for table in layer.values() for key in table)
    source = _Source(path, text, layer_path, layer_text, keys)
    for section, table in layer.items():
        if isinstance(data.get(section, {}), dict):
            data[section] = {**data.get(section, {}), **table}
    parts = {name: _fill(kind, data.get(name, {}), source, name) for name, kind in _SECTIONS.items()}
    config = TerminalConfig(**parts)
    _check(config, source)
    return config


def state_dir_of(config: TerminalConfig) -> Path:
    return Path(config.paths.state_dir) if config.paths.state_dir else default_state_dir()


def _state_dir_of(data: Mapping[str, Any]) -> Path:
    table = data.get("paths", {})
    named = table.get("state_dir") if isinstance(table, dict) else None
    return Path(named) if named and isinstance(named, str) else default_state_dir()


def _read_layer(path: Path) -> tuple[str, Layer]:
    """:raises ConfigError: it is there and holds anything but what an enrolment writes."""
    if not path.is_file():
        return "", {}
    text, data = _read(path)
    for section, table in data.items():
        allowed = _ENROLLED_KEYS.get(section, ())
        if not isinstance(table, dict) or not all(key in allowed and isinstance(table[key], str) for key in table):
            raise ConfigError(
                f"{path}:{_line(text, section)}: [{section}] is none of an enrolment: ask an operator for a code "
                "and run `kiosk enrol CODE`, which writes this file anew"
            )
    return text, data


def load_devices(path: Path) -> DeviceTables:
    """One table per device class; what a table may hold is the driver's matter. :raises ConfigError:"""
    text, data = _read(path)
    for name, table in data.items():
        if not isinstance(table, dict) or not isinstance(table.get("model"), str):
            raise ConfigError(f'{path}:{_line(text, name)}: [{name}] needs model = "…"')
    return data


def wrong_address(url: str) -> str:
    """What is wrong with a back office's address; empty when nothing is.

    Without TLS whoever sits on the line reads and changes everything: only this machine itself is asked so.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "is no address: scheme, host and port, such as https://office.example:8443"
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or parts.username is not None:
        return "must be https:// with a host, and no user, query or fragment"
    if parts.scheme == "http" and not _is_loopback(host):
        return f"must begin with https://: plain http is only for this machine itself, not for {host}"
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def place_of(path: Path, key: str) -> str:
    """`path:line` of the first line that names a key or a table, for messages."""
    try:
        return f"{path}:{_line(path.read_text(encoding='utf-8'), key)}"
    except (OSError, UnicodeDecodeError):
        return str(path)


def place_in_table(path: Path, table: str, complaint: str) -> str:
    """`path:line` of the key that a complaint begins with or names as unknown, in its table; else of the table."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return str(path)
    head = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]")
    begin = next((at for at, line in enumerate(lines) if head.match(line)), None)
    if begin is None:
        return str(path)
    key = re.match(r"(?:unknown key )?(\w+)", complaint)
    for at in range(begin + 1, len(lines)):
        if lines[at].lstrip().startswith("["):
            break
        if key and re.match(rf"\s*{re.escape(key[1])}\s*=", lines[at]):
            return f"{path}:{at + 1}"
    return f"{path}:{begin + 1}"


def read_toml(path: Path) -> Mapping[str, object]:
    """:raises ConfigError: unreadable or not TOML."""
    return _read(path)[1]


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error


def _line(text: str, key: str) -> int:
    """The first line that names the key, for the message only."""
    match = re.search(rf"^[ \t]*\[?[ \t]*{re.escape(key)}\s*[\]=]", text, re.MULTILINE)
    return text[: match.start()].count("\n") + 1 if match else 1


def _fill(kind: type[_T], table: object, source: _Source, section: str) -> _T:
    if not isinstance(table, dict):
        raise ConfigError(f"{source.place(section)}: [{section}] must be a table")
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]  # kind is always a dataclass of _SECTIONS
    for key in table:
        if key not in known:
            raise ConfigError(f"{source.place(key)}: unknown key {key} in [{section}]; allowed: {', '.join(known)}")
    for name, spec in known.items():
        if name not in table and spec.default is MISSING and spec.default_factory is MISSING:
            raise ConfigError(f"{source.path}: [{section}] needs {name}")
    values = {
        key: _typed(value, str(known[key].type), f"{source.place(key)}: {section}.{key}")
        for key, value in table.items()
    }
    return kind(**values)


_IN_WORDS = {
    "str": 'a text in quotes ("...")',
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a table",
}


def _typed(value: object, wanted: str, where: str) -> object:
    if wanted == "float" and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    found = type(value).__name__
    if found != wanted:
        raise ConfigError(f"{where} must be {_IN_WORDS.get(wanted, wanted)}, not {_IN_WORDS.get(found, found)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{where} must be a number, not {value}")
    return value


def _check(config: TerminalConfig, source: _Source) -> None:
    def refuse(key: str, why: str) -> None:
        raise ConfigError(f"{source.place(key)}: {key} {why}")

    if config.aid.speech_to_text:
        refuse("speech_to_text", "must be empty: no engine of any name has passed its own test on this machine")
    if not re.fullmatch(r"\d{3}", config.terminal.site_no):
        refuse("site_no", "must be three digits")
    if not re.fullmatch(r"\d{12}", config.terminal.site):
        refuse("site", "must be the village's 12-digit code")
    if not 10 <= config.screen.diagonal_inch <= 60:
        refuse("diagonal_inch", "must be 10 to 60")
    if not 120 <= config.waiting.idle_warn_s <= 300:
        refuse("idle_warn_s", "must be 120 to 300 seconds")
    if not 1 <= config.waiting.ear_pause_s <= 20:
        refuse("ear_pause_s", "must be 1 to 20 seconds")
    if config.waiting.ear_unasked_s != 0 and not 5 <= config.waiting.ear_unasked_s <= 60:
        refuse("ear_unasked_s", "must be 5 to 60 seconds, or 0 for never")
    for key, value, allowed in (
        ("orientation", config.screen.orientation, ORIENTATIONS),
        ("accent", config.voice.accent, ACCENTS),
    ):
        if value not in allowed:
            refuse(key, f"must be {' or '.join(allowed)}, not {value!r}")
    for key, pixels in (("width_px", config.screen.width_px), ("height_px", config.screen.height_px)):
        if not 480 <= pixels <= 8192:
            refuse(key, "must be 480 to 8192")
    upright = config.screen.height_px >= config.screen.width_px
    if upright != (config.screen.orientation == "portrait"):
        refuse("orientation", f"must be {ORIENTATIONS[not upright]}: width_px and height_px say so")
    if not 300 <= config.screen.mount_height_mm <= 2500:
        refuse("mount_height_mm", "must be 300 to 2500")
    if config.backoffice.profile not in ("hmac-sm3", "hmac-sha256"):
        refuse("profile", "must be hmac-sm3 or hmac-sha256")
    if wrong := wrong_address(config.backoffice.url):
        refuse("url", wrong)
