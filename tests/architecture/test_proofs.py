"""No proof and no test is left out, none is played twice, and the cores are never promised to more than they bear."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
CORES = 2.0


def _loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, TESTS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def runner() -> Iterator[ModuleType]:
    names = ("children", "beside", "prerequisites", "rooms", "proofs", "run_proofs")
    yield [_loaded(name) for name in names][-1]
    for name in names:
        del sys.modules[name]


def _plays(piece: Any, path: str) -> bool:
    arguments: tuple[str, ...] = piece.arguments
    shut_out = [one.removeprefix("--ignore=") for one in arguments if one.startswith("--ignore=")]
    return _lies_in(path, arguments) and not _lies_in(path, shut_out)


def _lies_in(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def test_every_file_with_a_proof_is_played_by_one_piece_or_by_pieces_that_share_its_tests(runner: ModuleType) -> None:
    pieces = [piece for of_one in runner.PROOFS.values() for piece in of_one if "proof" in piece.arguments]
    found = [path for path in TESTS.rglob("test_*.py") if re.search(r"mark\.proof\b", path.read_text(encoding="utf-8"))]
    assert len(found) > 30
    for path in found:
        if path.parent.name == "architecture":
            continue
        of_it = [piece for piece in pieces if _plays(piece, path.relative_to(ROOT).as_posix())]
        shares = [piece.arguments[piece.arguments.index("-k") + 1] for piece in of_it if "-k" in piece.arguments]
        assert of_it, f"no proof plays {path}"
        assert len(of_it) == 1 or len(set(shares)) == len(of_it), (path, [piece.name for piece in of_it])


def test_every_file_of_tests_is_played_by_one_piece_of_a_room_or_by_pieces_that_share_its_tests(
    runner: ModuleType,
) -> None:
    rooms = sys.modules["rooms"]
    pieces = [piece for piece in rooms.PIECES if "pytest" in piece.arguments]
    found = [path for path in TESTS.rglob("test_*.py") if not path.is_relative_to(TESTS / "proof")]
    assert len(found) > 250
    for path in found:
        of_it = [piece for piece in pieces if _plays(piece, path.relative_to(ROOT).as_posix())]
        shares = [piece.arguments[piece.arguments.index("-k") + 1] for piece in of_it if "-k" in piece.arguments]
        assert of_it, f"no room plays {path}"
        assert len(of_it) == 1 or (len(shares) == 2 and f"not {min(shares)}" == max(shares)), path
    assert {piece.of for piece in rooms.PIECES} == set(rooms.BUDGET_S)


def test_a_room_takes_of_the_time_what_its_pieces_used_of_the_processors(runner: ModuleType) -> None:
    used = sys.modules["beside"].Used
    table = [
        used("line", "waits", 0.0, 100.0, 20.0, 0),
        used("voice", "counts", 0.0, 50.0, 40.0, 0),
        used("voice", "counts on", 50.0, 20.0, 20.0, 0),
    ]
    shares = sys.modules["beside"].shares_s(table)
    assert sum(shares.values()) == pytest.approx(100.0)
    assert shares["voice"] == pytest.approx(50 * 0.8 + 20 * 1.0 / 1.2)


def test_shares_of_a_file_are_all_of_its_tests(runner: ModuleType) -> None:
    """By the language and the ladder in a test's name: either word stands there or it does not."""
    shares = {
        piece.arguments[piece.arguments.index("-k") + 1]
        for piece in runner.PROOFS["access"]
        if "tests/journeys/test_twelve.py" in piece.arguments
    }
    signs = ("", "not ")
    assert shares == {f"{ladder}ladder and {cmn}cmn" for ladder in signs for cmn in signs}
    names = [path.stem for path in (TESTS / "journeys").rglob("*.toml")]
    assert not [name for name in names if "cmn" in name or "ladder" in name]


def test_two_pieces_have_no_log_in_common(runner: ModuleType) -> None:
    logs = [runner.log_of(piece) for of_one in runner.PROOFS.values() for piece in of_one]
    assert len(set(logs)) == len(logs)


def test_what_runs_at_the_same_time_never_takes_more_than_the_cores(runner: ModuleType) -> None:
    beside = sys.modules["beside"]
    waiting = sorted((piece for of_one in runner.PROOFS.values() for piece in of_one), key=lambda piece: -piece.minutes)
    running: list[Any] = []
    while waiting:
        piece = beside.next_of(waiting, running, CORES)
        if piece is None:
            running.pop(0)
            continue
        waiting.remove(piece)
        running.append(beside.Running(piece, None))
        assert sum(one.piece.cores for one in running) <= CORES + beside.LEAST_FREE
    heavy = runner.Piece("line", "all", (), 1, 5.0)
    assert beside.next_of([heavy], [], CORES) is heavy
    assert beside.next_of([heavy], [beside.Running(heavy, None)], CORES) is None


def test_what_a_piece_used_and_how_it_ended_is_told(
    runner: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "OUT", tmp_path)
    good = runner.Piece("line", "good", ("-c", "print('held')"), 1, 1.0)
    bad = runner.Piece("line", "bad", ("-c", "import sys; sys.exit('did not hold')"), 1, 1.0)
    used = {one.piece: one for one in runner.played([good, bad], CORES, {}, runner.log_of)}
    assert (used["good"].code, used["bad"].code) == (0, 1)
    assert used["good"].cpu_s > 0 and used["good"].wall_s > 0
    assert runner.log_of(bad).read_text(encoding="utf-8") == "did not hold\n"
