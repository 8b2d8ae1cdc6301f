"""Every journey is played on the real kiosk: window, devices, voice, store, network and back office."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from playing import AT_ONCE, Played, play

FOLDER = Path(__file__).parent
PLAYED = [(path.stem, "nan") for path in sorted(FOLDER.glob("*.toml"))]
MORE = [f"more/{path.stem}" for path in sorted((FOLDER / "more").glob("*.toml"))]
"""Journeys that cost more than a working day's test may: played by `make proof`."""
MORE_PLAYED = [(name, "nan") for name in MORE] + [(name, "cmn") for name in MORE[::2]]
"""She speaks Minnan: all are played in it. Every second one is enough in Mandarin, where only the words are others, and
those are shown, measured and heard scene by scene elsewhere: `make proof` must end within an hour."""


@pytest.fixture(scope="module")
def plays(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Played]]]:
    """The wanted journeys, some at a time."""
    folder = tmp_path_factory.mktemp("journeys")
    wanted = [item.callspec.params["journey"] for item in request.session.items if item.originalname == PLAYS]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {
            f"{name}-{lang}": pool.submit(
                play, FOLDER / f"{name}.toml", lang, folder / f"{name}-{lang}", pictures=name == PICTURED
            )
            for name, lang in wanted
        }
        yield futures
        for future in futures.values():
            future.cancel()


PICTURED = "demo"
PLAYS = "test_every_expectation_of_the_journey_holds"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("journey", PLAYED, ids=[f"{name}-{lang}" for name, lang in PLAYED])
def test_every_expectation_of_the_journey_holds(journey: tuple[str, str], plays: dict[str, Future[Played]]) -> None:
    played = plays["-".join(journey)].result()
    assert played.code == 0, played.output
    assert played.report["failed_expectations"] == []
    pictures = list((played.out / "screens").glob("*.png"))
    assert bool(pictures) == (journey[0] == PICTURED), "a journey leaves pictures where they are wanted"


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("journey", "lang"), MORE_PLAYED, ids=[f"{name}-{lang}" for name, lang in MORE_PLAYED])
def test_every_expectation_of_a_longer_journey_holds(journey: str, lang: str, tmp_path: Path) -> None:
    played = play(FOLDER / f"{journey}.toml", lang, tmp_path / "out")
    assert played.code == 0, played.output


UNWANTED = ("never_shown", "not_key", "not_spoken")
LIKE_A_KEY = re.compile(r"[a-z_]+\.[A-Za-z0-9_.]*")


def texts(value: object) -> Iterator[str]:
    """All of a tree: names of tables as well as what stands in them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def unwanted(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner) if name in UNWANTED else unwanted(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from unwanted(inner)


def test_what_must_not_be_shown_or_said_is_something_that_could_be() -> None:
    """A key that has gone is never shown: the expectation would hold whatever the kiosk did."""
    known = sorted(texts(json.loads((FOLDER.parents[1] / "config/schema/prompt_keys.json").read_text("utf-8"))))
    gone = [
        (str(path.relative_to(FOLDER)), text)
        for path in sorted(FOLDER.rglob("*.toml"))
        for text in unwanted(tomllib.loads(path.read_text("utf-8")))
        if LIKE_A_KEY.fullmatch(text) and not any(key.startswith(text) for key in known)
    ]
    assert gone == []


WRONG = """
journey = "wrong"
[[step]]
touch = "welcome.start_cmn"
expect = { screen = "choose", lang = "nan", within_s = 2 }
[expect]
outcome = "finished"
"""


@pytest.mark.timeout(120)
def test_a_journey_that_does_not_hold_says_what_and_where_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text(WRONG, encoding="utf-8")
    played = play(tmp_path / "wrong.toml", "nan", tmp_path / "out")
    assert played.code == 1, played.output
    failed = played.report["failed_expectations"]
    assert isinstance(failed, list)
    assert "wrong.toml:3: step 1: after 2 s language is 'cmn', not 'nan'" in failed
    assert any(text.startswith("outcome") for text in failed)
