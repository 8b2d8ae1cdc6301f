"""`calibration.toml` in the state folder: read strictly, replaced whole; a damaged one is set aside and told.

diagonal_inch = 21.7
loudness_db = -3
mount_height_mm = 1280
[touch]
scale_x = 1.002
…
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

from kiosk.adapters.settings.durable import write_durably
from kiosk.domain.technician.calibration import Calibration, CameraBox, OutOfRange, TouchFix, check

log = logging.getLogger(__name__)

FILE = "calibration.toml"
DAMAGED = "calibration.damaged"
"""Code of the fault, a row of `kiosk.domain.faults`."""
T = TypeVar("T", TouchFix, CameraBox)


class CalibrationError(ValueError):
    """A file that is not exactly a calibration; the text says why."""


class CalibrationFile:
    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE

    def read(self) -> tuple[Calibration, str]:
        """The values and an empty string; or the factory's and `DAMAGED`, the file set aside."""
        try:
            return parse(self._path.read_text(encoding="utf-8")), ""
        except FileNotFoundError:
            return Calibration(), ""
        except (OSError, UnicodeDecodeError, CalibrationError) as error:
            log.error("%s cannot be used, the factory's values count: %s", self._path.name, error)
            self._set_aside()
            return Calibration(), DAMAGED

    def _set_aside(self) -> None:
        try:
            self._path.replace(self._path.with_suffix(".damaged"))
        except OSError as error:
            log.error("%s cannot be set aside: %s", self._path.name, error)

    def keep(self, calibration: Calibration) -> None:
        """Durable when it returns. :raises OSError, OutOfRange:"""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(self._path, spell(check(calibration)).encode(), 0o600)


def spell(calibration: Calibration) -> str:
    """TOML with what differs from the factory, and nothing else."""
    plain, tables = [], []
    for name, value in asdict(calibration).items():
        if isinstance(value, dict):
            tables += ["", f"[{name}]", *(f"{key} = {number!r}" for key, number in value.items())]
        elif value is not None:
            plain.append(f"{name} = {value!r}")
    return "\n".join(["# Written by technician mode.", *plain, *tables]) + "\n"


def parse(text: str) -> Calibration:
    """:raises CalibrationError: not TOML, an unknown key, another type, a value that no terminal has."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CalibrationError(f"not TOML: {error}") from error
    known = {field.name for field in fields(Calibration)}
    if unknown := sorted(set(document) - known):
        raise CalibrationError(f"unknown key {unknown[0]}")
    made = Calibration(
        touch=_table(document, "touch", TouchFix, float),
        diagonal_inch=_number(document, "diagonal_inch", float),
        loudness_db=_number(document, "loudness_db", int),
        camera=_table(document, "camera", CameraBox, int),
        mount_height_mm=_number(document, "mount_height_mm", int),
    )
    try:
        return check(made)
    except OutOfRange as error:
        raise CalibrationError(str(error)) from error


def _number(table: Mapping[str, Any], name: str, kind: type) -> Any:
    """None when it is not there; whole numbers are taken for real ones, nothing else is."""
    if name not in table:
        return None
    value = table[name]
    if type(value) not in ((int, float) if kind is float else (int,)):
        raise CalibrationError(f"{name} must be {kind.__name__}")
    try:
        return kind(value)
    except OverflowError as error:
        raise CalibrationError(f"{name} is too large") from error


def _table(document: Mapping[str, Any], name: str, kind: type[T], number: type) -> T | None:
    if name not in document:
        return None
    table = document[name]
    wanted = {field.name for field in fields(kind)}
    if not isinstance(table, dict) or set(table) != wanted:
        raise CalibrationError(f"[{name}] needs exactly {', '.join(sorted(wanted))}")
    return kind(**{key: _number(table, key, number) for key in wanted})
