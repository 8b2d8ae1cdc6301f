"""What `make proof` plays, by the name of its target; every piece can run beside every other."""

from __future__ import annotations

import sys

from beside import Piece

LONGEST_TEST_S = "1800"


def _tests(proof: str, name: str, minutes: float, cores: float, *tests: str, marked: bool = True, **more: str) -> Piece:
    wanted = ("-m", "proof") if marked else ()
    arguments = ("-m", "pytest", *wanted, *tests, "--timeout", LONGEST_TEST_S, "-rA", "--durations=10")
    return Piece(proof, name, arguments, minutes, cores, more)


def _others(folder: str, *elsewhere: str) -> tuple[str, ...]:
    return (folder, *(f"--ignore={path}" for path in elsewhere))


_TWELVE, _MORE, _SEEN = (
    "tests/journeys/test_twelve.py",
    "tests/journeys/test_journeys.py",
    "tests/proof/test_journeys_seen.py",
)
_SOAK, _SHUT_IN = "tests/proof/test_soak.py", ("tests/journeys/test_escapes.py", "tests/journeys/test_residue.py")
_LAYOUT, _STRESS = "tests/ui/test_layout.py", "tests/ui/test_dirty_region.py"
_MATRIX, _CODECS, _CONFORM = "tests/drivers/matrix", "tests/drivers/fuzz", "tests/drivers/test_conformance.py"
_DAY = "tests/drivers/soak"
_PAPERS, _SIGHT = ("tests/drivers/document", "tests/drivers/receipt"), ("tests/drivers/vision", "tests/drivers/chip")
_FOUND = "tests/technician/test_selftest_finds_faults.py"
_HEARD = ("tests/voice/test_voice_proof.py", "tests/voice/test_measure_proof.py", "tests/voice/test_segments_proof.py")
_NEURAL, _PACKS = "tests/voice/test_neural_proof.py", "tests/voice/packs"
_CASES, _FUZZED = "tests/backoffice/test_proof_casework.py", "tests/backoffice/test_proof_schemathesis.py"
_ATTACKS = "tests/backoffice/attacks"

_PIECES = (
    # Kills and power cuts of the one line from COMMIT to acknowledgement.
    _tests("line", "kills", 5, 0.9, "tests/proof/test_line.py"),
    # A photograph over the slowest line.
    _tests("line", "slow", 1, 0.2, "tests/contract"),
    # The longer journeys, and every label of every picture of the demo as a reader's eye finds it.
    _tests("journeys", "longer, Minnan", 45, 0.25, _MORE, "-k", "not cmn"),
    _tests("journeys", "longer, Mandarin", 23, 0.25, _MORE, "-k", "cmn"),
    _tests("journeys", "seen", 2, 0.9, _SEEN),
    _tests("journeys", "from a wheel", 3, 0.9, "tests/proof/test_wheel.py"),
    # Who is shut out elsewhere is served here.
    *(
        _tests("access", f"twelve, {name}", 10, 0.25, _TWELVE, "-k", wanted)
        for name, wanted in (
            ("ideal, Minnan", "not ladder and not cmn"),
            ("ideal, Mandarin", "not ladder and cmn"),
            ("ladder, Minnan", "ladder and not cmn"),
            ("ladder, Mandarin", "ladder and cmn"),
        )
    ),
    _tests("access", "500 visits", 6, 1.0, _SOAK, "-k", "window"),
    _tests("access", "10,000 visits", 2, 1.0, _SOAK, "-k", "engine"),
    _tests("access", "walks", 1, 1.0, "tests/unit"),
    _tests("access", "shut in", 2, 0.5, *_SHUT_IN, marked=False),
    _tests("access", "compositor", 0.5, 1.0, "tests/ui/test_compositor.py"),
    _tests("access", "every layout", 3, 1.0, _LAYOUT, marked=False, ALL_SCENES="1"),
    _tests("access", "every screen", 6, 1.0, *_others("tests/ui", _LAYOUT), marked=False, ALL_SCENES="1"),
    # Chip cards in a real pcscd, A4 on a real IPP printer, conformance of every model, every fault found.
    _tests("devices", "fault matrix", 8, 0.3, _MATRIX),
    _tests("devices", "codecs", 2.5, 1.0, _CODECS),
    _tests("devices", "conformance", 10, 0.15, _CONFORM),
    _tests("devices", "papers", 6, 0.2, *_PAPERS),
    _tests("devices", "sight and chips", 5, 0.4, *_SIGHT),
    _tests("devices", "24 hours", 12, 0.4, _DAY),
    _tests("devices", "others", 4, 0.4, *_others("tests/drivers", _MATRIX, _CODECS, _CONFORM, _DAY, *_PAPERS, *_SIGHT)),
    _tests("devices", "self-test", 10, 0.15, _FOUND),
    _tests("devices", "technician", 4, 0.3, *_others("tests/technician", _FOUND)),
    # The natural voice is proved where its weights can be had; without a network that part says so and is left out.
    _tests("voice", "heard", 3, 1.0, *_HEARD),
    _tests("voice", "natural", 4, 1.0, _NEURAL),
    _tests("voice", "packs", 2, 1.0, _PACKS),
    _tests("voice", "paced", 2, 0.5, *_others("tests/voice", *_HEARD, _NEURAL, _PACKS)),
    # Every attack, every race, every kill of the office.
    _tests("backoffice", "casework", 3, 1.0, _CASES),
    _tests("backoffice", "fuzzed", 3, 1.0, _FUZZED),
    _tests("backoffice", "attacks", 2, 1.0, _ATTACKS),
    _tests(
        "backoffice",
        "others",
        4,
        0.9,
        *_others("tests/backoffice", _CASES, _FUZZED, _ATTACKS),
        "tests/proof/test_office.py",
    ),
    # Whatever hands, voice and settings do: after every frame the X screen is the one that would have been drawn whole.
    Piece(
        "press-stress",
        "2,000 actions",
        ("-m", "pytest", _STRESS, "--timeout", LONGEST_TEST_S, "-rA"),
        6,
        1.0,
        {"WINDOW_TESTS_ON": "x11", "PRESS_STRESS_ACTIONS": "2000"},
        (sys.executable, "tests/with_display.py"),
    ),
)

PROOFS: dict[str, tuple[Piece, ...]] = {
    name: tuple(piece for piece in _PIECES if piece.of == name)
    for name in ("line", "journeys", "access", "devices", "voice", "backoffice", "press-stress")
}
