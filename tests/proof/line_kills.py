"""Kill the kiosk again and again at the worst moments; compare what it told its residents with the back office.

python line_kills.py --kills 300 --seed 1 [--out FILE.json]
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from drivers.sim.lifetime import ends_with_us

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent), str(ROOT / "tests" / "support")]

from kill_child import Life  # noqa: E402  (the path is set above)
from killing_proxy import KillingProxy  # noqa: E402
from office_support.real_office import DEVICE, ENVIRONMENT, RealOffice, person  # noqa: E402

MOMENTS = ("before_commit", "after_commit", "request_sent", "reply_lost", "before_purge")
OUTSIDE = ("request_sent", "reply_lost")
PEOPLE = ("a_kim", "seventy_nine", "dated_card", "hmt", "already_paid", "rare_name")
SIGKILLED = -9


@dataclass(slots=True)
class Result:
    kills: int = 0
    moments: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    """Cases and ratings that a resident was told are kept and that the back office does not have."""
    doubled: int = 0
    """Cases or ratings that the back office has twice, or that no resident ever made."""
    numbers_given_twice: int = 0
    rejected: int = 0
    left_in_outbox: int = 0
    sent_again_after_lost_reply: int = 0
    """Cases sent a second time although the server had them: the kiosk must ask first."""
    acknowledged: int = 0
    rated: int = 0
    delivered: int = 0
    delivered_unacknowledged: int = 0
    """Killed between COMMIT and word to the resident: kept all the same."""
    requests_that_never_arrived: int = 0
    """Of the kills at request_sent: the server has nothing, so the kiosk must send it again."""
    sent_again: int = 0
    """POSTs beyond one for an item: killed while the server was still working; the same key, so no second case."""
    lives: int = 0
    seed: int = 0
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        return not (
            self.lost
            or self.doubled
            or self.numbers_given_twice
            or self.rejected
            or self.left_in_outbox
            or self.sent_again_after_lost_reply
        )


class Zygote:
    """The process that is the kiosk's parent in every life."""

    def __init__(self) -> None:
        child = [sys.executable, str(Path(__file__).with_name("kill_child.py"))]
        self._process = subprocess.Popen(
            ends_with_us(child), env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def begin(self, life: Life) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(life)) + "\n")
        self._process.stdin.flush()
        return int(self._line()["pid"])

    def end(self) -> int:
        return int(self._line()["ended"])

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


class Proof:
    def __init__(self, folder: Path, seed: int, acknowledge_too_early: bool) -> None:
        self._folder, self._rng, self._early = folder, random.Random(seed), acknowledge_too_early
        self.result = Result(seed=seed)
        self._notes = folder / "notes.jsonl"
        self._office = RealOffice(folder)
        self._proxy = KillingProxy(self._office.url)
        self._zygote = Zygote()
        self._outside_hits: Counter[str] = Counter()

    def run(self, kills: int) -> Result:
        began = time.monotonic()
        plan = [MOMENTS[number % len(MOMENTS)] for number in range(kills)]
        self._rng.shuffle(plan)
        try:
            for moment in plan:
                while not self._live(moment):
                    if self.result.lives > 3 * kills + 20:
                        raise RuntimeError(f"{moment} is not reached")
            self._drain()
            self._compare()
        finally:
            self._zygote.close()
            self._proxy.close()
            self._office.close()
        self.result.seconds = round(time.monotonic() - began, 1)
        return self.result

    def _live(self, moment: str) -> bool:
        """One life that shall end at a moment; True when it did."""
        self.result.lives += 1
        visits, rates = self._rng.randint(1, 3), self._rng.random() < 0.6
        # At least one of the events that this life brings by itself; leftovers of the life before come on top.
        nth = self._rng.randint(1, visits * (2 if rates else 1))
        before = self._hits(moment)
        pid = self._zygote.begin(self._life(moment, nth, visits, rates))
        if moment in OUTSIDE:
            # For the kiosk it is one moment; every other time the network swallows the request.
            lost = moment == "request_sent" and self._rng.random() < 0.5
            there = "request_lost" if lost else moment
            self._proxy.arm(there, nth, pid, lambda: self._outside_hits.update({moment, there}))
        ended = self._zygote.end()
        self._proxy.disarm()
        if ended != SIGKILLED:
            if ended:
                raise RuntimeError(f"the kiosk ended with {ended} by itself; {self._office.log()}")
            return False
        assert self._hits(moment) == before + 1, "killed by somebody else"
        self.result.kills += 1
        self.result.moments[moment] = self.result.moments.get(moment, 0) + 1
        return True

    def _life(self, moment: str, nth: int, visits: int, rates: bool) -> Life:
        return Life(
            state_dir=str(self._folder / "kiosk"),
            url=self._proxy.url,
            device=DEVICE,
            key_file=str(self._office.key_file),
            notes=str(self._notes),
            moment=moment,
            nth=nth,
            visits=visits,
            rates=rates,
            person=person(self._rng.choice(PEOPLE)),
            acknowledge_too_early=self._early,
        )

    def _hits(self, moment: str) -> int:
        if moment in OUTSIDE:
            return self._outside_hits[moment]
        return sum(note == {"what": "hit", "number": moment} for note in self._read_notes())

    def _read_notes(self) -> list[dict[str, str]]:
        if not self._notes.exists():
            return []
        return [json.loads(line) for line in self._notes.read_text("ascii").splitlines()]

    def _drain(self) -> None:
        """The last start: nobody kills it any more."""
        self._zygote.begin(self._life("", 1, visits=0, rates=False))
        self.result.left_in_outbox = int(self._zygote.end() != 0)

    def _compare(self) -> None:
        notes, cases, result = self._read_notes(), self._office.cases(), self.result
        told = {what: [n["number"] for n in notes if n["what"] == what] for what in ("minted", "acknowledged", "rated")}
        there = Counter(case["case_no"] for case in cases)
        ratings = {case["case_no"]: _count(case["ratings"]) for case in cases}
        result.acknowledged, result.rated, result.delivered = len(told["acknowledged"]), len(told["rated"]), len(cases)
        result.lost = sum(not there[number] for number in told["acknowledged"])
        result.lost += sum(not ratings.get(number) for number in told["rated"])
        result.doubled = sum(count - 1 for count in there.values()) + sum(max(0, n - 1) for n in ratings.values())
        result.doubled += len(set(there) - set(told["minted"]))
        result.delivered_unacknowledged = len(set(there) - set(told["acknowledged"]))
        result.numbers_given_twice = len(told["minted"]) - len(set(told["minted"]))
        result.rejected = sum(note["what"] == "rejected" for note in notes)
        posts = self._proxy.posts
        result.requests_that_never_arrived = self._outside_hits["request_lost"]
        result.sent_again = sum(count - 1 for count in posts.values())
        asked = [key for key in self._proxy.lost_replies if "/" not in key]
        result.sent_again_after_lost_reply = sum(posts[key] - 1 for key in asked)


def _count(ratings: object) -> int:
    return len(ratings) if isinstance(ratings, list) else int(str(ratings or 0))


def run(kills: int, seed: int, acknowledge_too_early: bool = False) -> Result:
    with tempfile.TemporaryDirectory(prefix="line-kills-") as folder:
        return Proof(Path(folder), seed, acknowledge_too_early).run(kills)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--acknowledge-too-early", action="store_true", help="counter-proof: must lose something")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    result = run(options.kills, options.seed, options.acknowledge_too_early)
    text = json.dumps(asdict(result), indent=1)
    print(text)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text + "\n", "utf-8")
    return 0 if result.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
