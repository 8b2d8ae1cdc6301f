"""No test hangs on luck: a wait has an end and says what did not come, and whatever is drawn has a seed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FILES = sorted(TESTS.rglob("*.py"))

UNIQUE = {
    "support/office_support/contract_client.py": "nonces: no two are the same",
    "backoffice/api/generated_visit.py": "nonces: no two are the same",
    "support/office_support/postgres_cluster.py": "a password and a salt",
    "backoffice/api/test_connections.py": "nonces: no two are the same",
    "backoffice/api/test_proof_generated_client.py": "a device's key",
    "support/office_support/real_office.py": "a device's key",
    "bench/bench_codes.py": "a bench's seed, which it prints",
    "bench/bench_faces.py": "a bench's seed, which it prints",
    "drivers/fuzz/test_codecs.py": "the proof's seed, which it prints",
    "journeys/test_twelve.py": "the proof's seed, which it prints",
}
"""Where something is drawn without a seed on purpose, and what."""
SEEDED = {"Random", "default_rng", "SeedSequence", "Generator"}
DRAWING = {"random", "secrets"}
ENDS = (ast.Assert, ast.Raise, ast.Return, ast.Break, ast.Yield)
IDLE = {"sleep", "wait", "pause", "advance"}


def _waits_for_ever(loop: ast.While) -> bool:
    """It does nothing but wait, and neither its condition nor its body knows a clock or an end."""
    within = [node for part in loop.body for node in ast.walk(part)]
    if any(isinstance(node, ENDS) for node in within) or "monotonic" in ast.dump(loop.test):
        return False
    return all(isinstance(part, ast.Pass | ast.Continue) or _is_idle(part) for part in loop.body)


def _is_idle(part: ast.stmt) -> bool:
    call = part.value if isinstance(part, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in IDLE


def endless_waits(tree: ast.AST) -> list[int]:
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.While) and _waits_for_ever(node)]


def _name(node: ast.expr) -> str:
    """The last part: `random` of `np.random`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def drawn_without_a_seed(tree: ast.AST) -> Iterator[int]:
    """`random.choice(…)`, `secrets.…(…)`, `Random()` and `default_rng()`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if _name(called) in SEEDED:
            if not node.args and not node.keywords:
                yield node.lineno
        elif isinstance(called, ast.Attribute) and _name(called.value) in DRAWING:
            yield node.lineno


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.AST]:
    """Every file of the tests by its name."""
    return {str(path.relative_to(TESTS)): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def test_a_loop_that_only_waits_has_an_end(trees: dict[str, ast.AST]) -> None:
    found = {name: lines for name, tree in trees.items() if (lines := endless_waits(tree))}
    assert found == {}, "give the wait an end, and say what did not come"


def test_what_is_drawn_has_a_seed(trees: dict[str, ast.AST]) -> None:
    drawn = {name: lines for name, tree in trees.items() if (lines := list(drawn_without_a_seed(tree)))}
    assert {name: lines for name, lines in drawn.items() if name not in UNIQUE} == {}, "draw with random.Random(seed)"
    assert sorted(drawn) == sorted(UNIQUE), "nothing is excused that draws nothing"


@pytest.mark.parametrize(
    ("code", "is_endless"),
    [
        ("while not there():\n    time.sleep(0.1)", True),
        ("while not there():\n    threading.Event().wait(0.1)", True),
        ("while port.read(0.1) is not None:\n    pass", True),
        ("while not there():\n    assert time.monotonic() < end_s\n    time.sleep(0.1)", False),
        ("while not there() and time.monotonic() < end_s:\n    time.sleep(0.1)", False),
        ("while (piece := file.read(9)):\n    whole += piece", False),
    ],
)
def test_the_rule_knows_an_endless_wait(code: str, is_endless: bool) -> None:
    assert bool(endless_waits(ast.parse(code))) is is_endless


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("random.choice((1, 2))", 1),
        ("np.random.default_rng()", 1),
        ("secrets.token_hex(4)", 1),
        ("np.random.normal(size=3)", 1),
        ("random.Random(7).choice((1, 2))", 0),
        ("np.random.default_rng(7).normal()", 0),
    ],
)
def test_the_rule_knows_what_is_drawn_without_a_seed(code: str, count: int) -> None:
    assert len(list(drawn_without_a_seed(ast.parse(code)))) == count
