"""What `make proof` plays, by the name of its target; every piece can run beside every other."""

from __future__ import annotations

import sys

from beside import Piece

LONGEST_TEST_S = "1800"


def _tests(proof: str, name: str, minutes: float, cores: float, *tests: str, marked: bool = True, **more: str) -> Piece:
    wanted = ("-m", "proof") if marked else ()
    arguments = ("-m", "pytest", *wanted, *tests, "--timeout", LONGEST_TEST_S, "-rA", "--durations=10")
    return Piece(proof, name, arguments, minutes, cores, more)


def _explored(name: str, minutes: float, examples: str, *tests: str) -> Piece:
    """The suite's tests of made-up examples, with examples that no earlier run has seen."""
    arguments = ("-m", "pytest", "-m", "hypothesis and not proof", *tests, "--timeout", LONGEST_TEST_S, "-rA")
    return Piece("line", name, arguments, minutes, 1.0, {"HYPOTHESIS_EXAMPLES": examples})


def _others(folder: str, *elsewhere: str) -> tuple[str, ...]:
    return (folder, *(f"--ignore={path}" for path in elsewhere))


_TWELVE, _MORE, _SEEN = (
    "tests/journeys/test_twelve.py",
    "tests/journeys/test_journeys.py",
    "tests/proof/test_journeys_seen.py",
)
_TO_O = " or ".join(f"more/{first}" for first in "abcdefghijklmno")
_SOAK, _SHUT_IN = "tests/proof/test_soak.py", ("tests/journeys/test_escapes.py", "tests/journeys/test_residue.py")
_LAYOUT, _STRESS = "tests/ui/test_layout.py", "tests/ui/test_dirty_region.py"
_MATRIX, _CODECS, _CONFORM = "tests/drivers/matrix", "tests/drivers/fuzz", "tests/drivers/test_conformance.py"
_DAY = "tests/drivers/soak"
_PAPERS, _SIGHT = ("tests/drivers/document", "tests/drivers/receipt"), ("tests/drivers/vision", "tests/drivers/chip")
_FOUND = "tests/technician/test_selftest_finds_faults.py"
_HEARD = (
    "tests/voice/test_voice_proof.py",
    "tests/voice/measure/test_measure_proof.py",
    "tests/voice/measure/test_segments_proof.py",
)
_NEURAL, _PACKS = "tests/voice/neural/test_neural_proof.py", "tests/voice/packs"
_CASES, _FUZZED = "tests/backoffice/casework/test_proof_casework.py", "tests/backoffice/api/test_proof_schemathesis.py"
_ATTACKS = "tests/backoffice/api/test_attacks.py"
_MADE_UP = ("tests/backoffice", "tests/contract", "tests/drivers", "tests/journeys", "tests/technician", "tests/voice")

_PIECES = (
    # Kills and power cuts of the one line from COMMIT to acknowledgement.
    _tests("line", "kills", 2.5, 0.54, "tests/proof/test_line.py"),
    # A photograph over the slowest line.
    _tests("line", "slow", 3, 0.05, "tests/contract"),
    # Every rule of the visit and of the slip is cheap to ask much; the others are asked as much as in the suite.
    _explored("explored", 2, "explored", "tests/unit"),
    _explored("explored elsewhere", 1, "fresh", *_MADE_UP),
    # The longer journeys, and every label of every picture of the demo as a reader's eye finds it.
    _tests("journeys", "longer, Minnan, a to o", 23, 0.29, _MORE, "-k", f"not cmn and ({_TO_O})"),
    _tests("journeys", "longer, Minnan, p to z", 23, 0.29, _MORE, "-k", f"not cmn and not ({_TO_O})"),
    _tests("journeys", "longer, Mandarin", 29, 0.24, _MORE, "-k", "cmn"),
    _tests("journeys", "seen", 2, 0.93, _SEEN),
    _tests("journeys", "from a wheel", 1.5, 0.68, "tests/proof/test_wheel.py"),
    # Who is shut out elsewhere is served here.
    *(
        _tests("access", f"twelve, {name}", 18.5, 0.18, _TWELVE, "-k", wanted)
        for name, wanted in (
            ("ideal, Minnan", "not ladder and not cmn"),
            ("ideal, Mandarin", "not ladder and cmn"),
            ("ladder, Minnan", "ladder and not cmn"),
            ("ladder, Mandarin", "ladder and cmn"),
        )
    ),
    _tests("access", "500 visits", 3.5, 0.87, _SOAK, "-k", "window"),
    _tests("access", "10,000 visits", 2.5, 1, _SOAK, "-k", "engine"),
    _tests("access", "walks", 1, 0.99, "tests/unit"),
    _tests("access", "shut in", 2, 0.2, *_SHUT_IN, marked=False),
    _tests("access", "screen reader", 1, 0.5, "tests/proof/test_screen_reader.py"),
    _tests("access", "compositor", 0.5, 0.78, "tests/ui/test_compositor.py"),
    _tests("access", "every layout", 5.5, 0.96, _LAYOUT, marked=False, ALL_SCENES="1"),
    _tests("access", "every screen", 7.5, 0.99, *_others("tests/ui", _LAYOUT), marked=False, ALL_SCENES="1"),
    # Chip cards in a real pcscd, A4 on a real IPP printer, conformance of every model, every fault found.
    _tests("devices", "fault matrix", 11.5, 0.41, _MATRIX),
    _tests("devices", "codecs", 2, 0.72, _CODECS),
    _tests("devices", "conformance", 9, 0.12, _CONFORM),
    _tests("devices", "papers", 3, 0.07, *_PAPERS),
    _tests("devices", "sight and chips", 3.5, 0.12, *_SIGHT),
    _tests("devices", "24 hours", 15, 0.3, _DAY),
    _tests(
        "devices", "others", 4, 0.11, *_others("tests/drivers", _MATRIX, _CODECS, _CONFORM, _DAY, *_PAPERS, *_SIGHT)
    ),
    _tests("devices", "self-test", 20.5, 0.17, _FOUND),
    _tests("devices", "technician", 4.5, 0.06, *_others("tests/technician", _FOUND)),
    # The natural voice is proved where its weights can be had; without a network that part says so and is left out.
    _tests("voice", "heard", 5, 0.95, *_HEARD),
    _tests("voice", "natural", 1, 0.97, _NEURAL),
    _tests("voice", "packs", 1, 0.7, _PACKS),
    _tests("voice", "paced", 3, 0.28, *_others("tests/voice", *_HEARD, _NEURAL, _PACKS)),
    # Every attack, every race, every kill of the office.
    _tests("backoffice", "casework", 1, 0.9, _CASES),
    _tests("backoffice", "fuzzed", 1.5, 0.9, _FUZZED),
    _tests("backoffice", "attacks", 0.5, 0.81, _ATTACKS),
    _tests(
        "backoffice",
        "others",
        14,
        0.8,
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
