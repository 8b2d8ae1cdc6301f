"""Every codec against many thousand made-up messages: 5,000 with every change, 50,000 as proof.

With every change the examples are always the same. The proof draws a seed, prints it and keeps it in
out/proof/fuzz.json; `KIOSK_FUZZ_SEED=<seed>` plays those examples again.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import secrets
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fuzz import contents, streams
from hypothesis import HealthCheck, given, seed, settings

import drivers.codec

OUT = Path(__file__).resolve().parents[3] / "out" / "proof"
PROPERTIES = {**streams.PROPERTIES, **contents.PROPERTIES}
SHARES = sum(found.share for found in PROPERTIES.values())
WITH_EVERY_CHANGE, AS_PROOF = 5_000, 50_000
MORE = 1.1
"""A property of few different cases runs out of them; the others make up for it."""
COUNTED: Counter[str] = Counter()
MOST_GROWTH_BYTES = 128 << 20
"""What all examples of one property together may leave, after some to warm up: hypothesis itself remembers what it has
tried. What a parser may hold is bounded far below in each property, after every piece."""
WARM_UP = 0.1


def _run(name: str, examples: int, fuzz_seed: int | None) -> int:
    """Check the property on so many examples; returns how many truly ran."""
    found = PROPERTIES[name]
    ran = 0

    def check(case: Any) -> None:
        nonlocal ran
        ran += 1
        found.check(case)

    wish = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=fuzz_seed is None,
        suppress_health_check=list(HealthCheck),
    )
    test = wish(given(found.cases)(check))
    (test if fuzz_seed is None else seed(fuzz_seed)(test))()
    return ran


def _own_bytes() -> int:
    """Memory of this process that is no file's: font files that are looked into are the system's to drop."""
    gc.collect()
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("RssAnon:")[2].split()[0]) << 10


def _examples(name: str, total: int) -> int:
    return round(total * MORE * PROPERTIES[name].share / SHARES)


@pytest.mark.parametrize("name", PROPERTIES)
def test_the_codec_holds(name: str) -> None:
    COUNTED[name] = _run(name, _examples(name, WITH_EVERY_CHANGE), None)


def test_so_many_examples_ran(request: pytest.FixtureRequest) -> None:
    if len([item for item in request.session.items if item.name.startswith("test_the_codec_holds[")]) < len(PROPERTIES):
        pytest.skip("not all properties were asked for")
    assert COUNTED.total() >= WITH_EVERY_CHANGE


def test_every_codec_has_a_property() -> None:
    found = pkgutil.walk_packages(drivers.codec.__path__, "drivers.codec.")
    modules = {module.name.removeprefix("drivers.codec.") for module in found if not module.ispkg}
    assert {module for found in PROPERTIES.values() for module in found.modules} == modules


@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_all_codecs_hold_over_50_000_examples() -> None:
    fuzz_seed = int(os.environ.get("KIOSK_FUZZ_SEED") or secrets.randbelow(2**32))
    print(f"KIOSK_FUZZ_SEED={fuzz_seed}")
    began_s = time.monotonic()
    counts, grown = {}, {}
    try:
        for name in PROPERTIES:
            wanted = _examples(name, AS_PROOF)
            warm = _run(name, round(wanted * WARM_UP), fuzz_seed + 1)
            before = _own_bytes()
            counts[name] = warm + _run(name, wanted, fuzz_seed)
            grown[name] = _own_bytes() - before
    finally:
        report = {
            "seed": fuzz_seed,
            "examples": sum(counts.values()),
            "seconds": round(time.monotonic() - began_s, 1),
            "by_property": {
                name: {"modules": PROPERTIES[name].modules, "examples": count, "grown_bytes": grown.get(name)}
                for name, count in counts.items()
            },
        }
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / "fuzz.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    assert sum(counts.values()) >= AS_PROOF
    assert max(grown.values()) < MOST_GROWTH_BYTES
