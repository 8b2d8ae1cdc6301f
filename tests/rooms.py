"""What `make test` plays, by room: every piece can run beside every other."""

from __future__ import annotations

from collections.abc import Mapping

from beside import Piece

BUDGET_S: Mapping[str, int] = {
    "operations": 40,
    "line": 180,
    "devices": 125,
    "voice": 50,
    "access": 115,
    "back office": 175,
}
"""Room: what it may take of the time of the whole run on 2 cores (beside.shares_s)."""
WHOLE_S = sum(BUDGET_S.values())


def _check(name: str, minutes: float, *arguments: str) -> Piece:
    return Piece("operations", name, ("-m", *arguments), minutes, 1.0)


def _tests(room: str, name: str, minutes: float, cores: float, *tests: str, **settings: str) -> Piece:
    arguments = ("-m", "pytest", "-m", "not proof", "--durations=3", *tests)
    return Piece(room, name, arguments, minutes, cores, settings)


def _files(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"tests/{folder}/test_{name}.py" for name in names)


def _others(folder: str, *elsewhere: str) -> tuple[str, ...]:
    return (folder, *(f"--ignore={path}" for path in elsewhere))


_TWELVE, _SHUT_IN = _files("journeys", "twelve"), _files("journeys", "escapes", "residue")

_SCANNERS = _files("drivers", "scanner_families", "code_scanner", "headphone")
_RECEIPT, _MANY_FAULTS = (
    ("tests/drivers/receipt",),
    ("tests/drivers/matrix", "tests/drivers/fuzz", "tests/drivers/soak"),
)
_AIDS_AND_CARDS = ("tests/drivers/aids", "tests/drivers/chip")
_SEEING = ("tests/drivers/vision", "tests/drivers/vision_faces", "tests/drivers/vision_papers")
_STARTING = _files("technician", "start")
"""Starts that wait for a catalogue which does not come."""

_SPEAKING = _files(
    "voice",
    *("driver", "worker", "speech_alsa", "speech_headphone", "speech_layers", "speech_order", "speech_pace"),
    *("speech_pipe", "speech_queue", "speech_say"),
)
_LAYOUT, _TEXT = "tests/ui/test_layout.py", "tests/ui/test_text.py"
_LARGEST = "21.5-3"
"""The largest words on the narrowest panel: a third of all layout, for they need the most pages."""

_STORING = tuple(f"tests/backoffice/{room}" for room in ("store", "intake", "files", "commands"))
_ASKING = tuple(f"tests/backoffice/{room}" for room in ("gateways", "simulators", "casework", "identity"))
_SERVING = tuple(f"tests/backoffice/{room}" for room in ("decisions", "visits", "district", "domain", "commitments"))

PIECES = (
    _check("ruff", 0.1, "ruff", "check", "."),
    _check("format", 0.1, "ruff", "format", "--check", "."),
    _check("types", 0.5, "mypy"),
    _tests("operations", "architecture", 0.8, 1.0, "tests/architecture", "tests/access", "tests/effort"),
    # Journeys wait for paper, wire and voice.
    _tests("line", "twelve journeys", 3, 1.0, *_TWELVE),
    _tests("line", "other journeys", 0.8, 0.8, *_others("tests/journeys", *_TWELVE, *_SHUT_IN)),
    _tests("line", "unit", 1.2, 0.7, "tests/unit"),
    _tests("line", "contract", 1.3, 0.5, "tests/contract", "tests/faults"),
    # Wires wait for their bytes, strangers to see what comes of it.
    _tests("devices", "receipts", 1.5, 0.1, *_RECEIPT),
    _tests("devices", "scanners", 1.6, 0.1, *_SCANNERS),
    _tests("devices", "many faults", 1, 0.6, *_MANY_FAULTS),
    _tests("devices", "aids and cards", 0.6, 0.1, *_AIDS_AND_CARDS),
    _tests("devices", "seeing", 1.4, 1.0, *_SEEING),
    _tests(
        "devices",
        "others",
        1.9,
        0.3,
        *_others("tests/drivers", *_RECEIPT, *_SCANNERS, *_MANY_FAULTS, *_AIDS_AND_CARDS, *_SEEING),
    ),
    _tests("devices", "starting", 1, 0.2, *_STARTING),
    _tests("devices", "technician", 0.8, 0.7, *_others("tests/technician", *_STARTING)),
    _tests("devices", "shut in", 0.9, 0.4, *_SHUT_IN),
    # A voice takes its time to be heard.
    _tests("voice", "speaking", 1.1, 0.4, *_SPEAKING),
    _tests("voice", "other", 1.1, 1.0, *_others("tests/voice", *_SPEAKING)),
    # Layout is arithmetic over every screen, the rest draws.
    _tests("access", "largest layout", 0.5, 1.0, _LAYOUT, "-k", _LARGEST),
    _tests("access", "other layout", 1.4, 1.0, _LAYOUT, _TEXT, "-k", f"not {_LARGEST}"),
    _tests("access", "drawn", 3.5, 0.9, *_others("tests/ui", _LAYOUT, _TEXT)),
    # Every test of a database runs on both; each piece has a PostgreSQL server of its own.
    _tests("back office", "storing", 2, 0.9, *_STORING),
    _tests("back office", "asking", 0.9, 0.8, *_ASKING),
    _tests("back office", "serving", 0.7, 1.0, *_SERVING),
    _tests("back office", "others", 3.4, 0.7, *_others("tests/backoffice", *_STORING, *_ASKING, *_SERVING)),
)
