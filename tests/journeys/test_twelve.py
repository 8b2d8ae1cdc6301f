"""The twelve journeys: each once in a way that stays the same; by `make proof-access` in every way, with new faults."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from playing import AT_ONCE, LIMIT_S, Played, play

FOLDER = Path(__file__).parent / "twelve"
TWELVE = [path.stem for path in sorted(FOLDER.glob("[0-9][0-9]_*.toml"))]
LONGEST = ("03", "09", "10", "11", "07", "02", "12")
"""By their numbers; they begin first, so that none is played alone at the end."""
KEPT = os.environ.get("JOURNEY_SEED") or "kept"
"""Which way a journey takes in the suite: as its other examples, it depends on the tests alone."""
SEED = os.environ.get("JOURNEY_SEED") or secrets.token_hex(4)
"""The proof looks for faults that nobody has met; it is printed."""
LANGS = ("nan", "cmn")


def drawn(journey: str) -> tuple[str, str]:
    """Language, and the seed of the ladder or nothing."""
    chance = random.Random(f"{KEPT}/{journey}")
    return chance.choice(LANGS), chance.choice(("", KEPT))


@pytest.fixture(scope="module")
def plays(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Played]]]:
    """The wanted journeys, some at a time."""
    folder = tmp_path_factory.mktemp("twelve")
    wanted = [item.callspec.params["journey"] for item in request.session.items if item.originalname == ONCE]
    wanted.sort(key=lambda name: LONGEST.index(name[:2]) if name[:2] in LONGEST else len(LONGEST))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(played_as_drawn, name, folder / name) for name in wanted}


def played_as_drawn(journey: str, out: Path) -> Played:
    lang, ladder = drawn(journey)
    return play(FOLDER / f"{journey}.toml", lang, out, ladder)


ONCE = "test_each_journey_holds_with_what_the_seed_draws"


@pytest.mark.timeout(3 * LIMIT_S)
@pytest.mark.parametrize("journey", TWELVE)
def test_each_journey_holds_with_what_the_seed_draws(journey: str, plays: dict[str, Future[Played]]) -> None:
    lang, ladder = drawn(journey)
    print(f"JOURNEY_SEED={KEPT}: {journey} in {lang}, {'on the ladder' if ladder else 'ideal devices'}")
    played = plays[journey].result()
    assert played.code == 0, f"JOURNEY_SEED={KEPT} ({lang})\n{played.output}"


@pytest.mark.proof
@pytest.mark.timeout(3 * LIMIT_S)
@pytest.mark.parametrize("ladder", ["", SEED], ids=["ideal", "ladder"])
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("journey", TWELVE)
def test_each_journey_holds_in_both_languages_with_ideal_and_with_bad_devices(
    journey: str, lang: str, ladder: str, tmp_path: Path
) -> None:
    played = play(FOLDER / f"{journey}.toml", lang, tmp_path / "out", ladder)
    assert played.code == 0, f"JOURNEY_SEED={SEED}\n{played.output}"
