"""Each attack succeeds on a back office that is broken on purpose, and fails on ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attacks import broken, table, target

from backoffice.office import Office

OUT = Path(__file__).resolve().parents[3] / "out" / "proof"


ATTACKS = {attack.name: attack for attack in table.all_attacks()}

CASE = {"case_no": "3502130078261124000016", "query_code": "4711", "visit_token": "the-token-of-the-visit"}
PERSON = {"login": "victim", "password": "the-password-of-the-victim", "secret": "JBSWY3DPEHPK3PXP" * 2}


class Helpless(broken.Broken):
    """What an operator does has no effect on it."""

    def suspend(self, device: str) -> None: ...
    def renew_key(self, device: str) -> None: ...


@pytest.fixture
def ours(office: Office, terminal: Any, clock: Any, submission: Callable[..., dict[str, Any]]) -> Any:
    return target.Target(target.Ours(office, terminal, submission()), clock)


def noticed(attack: Any, clock: Any) -> bool:
    """On a fresh broken back office."""
    with closing(Helpless(CASE, PERSON, "AB3DEFGHJK")) as victim:
        return bool(attack.run(target.Target(victim, clock)))


def succeeds(attack: Any, ours: Any) -> bool:
    """On ours; and it fails for its own reason: honest people are served before and after."""
    assert ours.call("K2", "GET", table.HEALTH).fine, f"before {attack.name}"
    return bool(attack.run(ours))


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 60


@pytest.mark.parametrize("name", sorted(name for name, attack in ATTACKS.items() if not attack.slow))
def test_it_succeeds_on_a_broken_back_office(name: str, clock: Any) -> None:
    assert noticed(ATTACKS[name], clock), "this attack would not notice anything"


def test_none_of_the_fast_ones_succeeds_on_ours(ours: Any) -> None:
    fast = [attack for attack in ATTACKS.values() if not attack.slow]
    assert not [attack.name for attack in fast if succeeds(attack, ours)]
    assert ours.as_staff("clerk", table.OTHER, "GET", "/staff/v1/me").fine


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_every_attack_on_both(office: Office, ours: Any, clock: Any, place: Any) -> None:
    works = [name for name, attack in ATTACKS.items() if noticed(attack, clock)]
    succeeded = [attack.name for attack in ATTACKS.values() if succeeds(attack, ours)]
    OUT.mkdir(parents=True, exist_ok=True)
    figures = {"attacks": len(ATTACKS), "succeed_on_broken": len(works), "succeed_on_ours": len(succeeded)}
    (OUT / f"attacks{'-postgresql' if place.db else ''}.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    assert len(works) == len(ATTACKS) and not succeeded, succeeded
