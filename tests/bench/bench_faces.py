"""Printed identity cards read by camera: fictitious people, ordinary and rough conditions, from a seed that is printed.

    python tests/bench/bench_faces.py [SEED] [CARDS]      the table of conditions, for one seed

Every card goes through the operation of the process that sees, as frames of a camera with a tremor and noise of their
own: the picture has to be found, straightened and read, and two of them have to agree. A card that is refused with
a hint is not read; the table tells refused and wrong apart. One thread: the engine has one, and so has OpenCV.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import secrets
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import cv2
import numpy as np
from bench_row import Row

from drivers.codec.citizen_number import check_character
from drivers.sim._camera import optics, pictures
from drivers.sim._camera.paper_conditions import CARD_CONDITIONS, CARD_FACTOR, CARD_ROUGH
from drivers.vision.faces import places
from drivers.vision.faces.number import is_number
from drivers.vision.faces.operation import PLACES, FaceOp, engine
from drivers.vision.frames import Frame

CARDS, ROUGH_CARDS = 48, 42
CONDITIONS = {**CARD_CONDITIONS, **CARD_ROUGH}
BACK_EVERY = 3
"""Every third card lies with its back up."""
FRAMES = 10
"""Two seconds of looking; then the card counts as refused."""
FRAME_S = 0.2
FRONT_FIELDS = ("name", "sex", "nation", "birth", "address", "number")
BACK_FIELDS = ("issuer", "valid_from", "valid_until")
SURNAMES = "陈林黄张吴李王郑蔡杨许洪郭苏曾彭何朱蒋康谢邱庄刘叶周柯宋卢颜施梁"
GIVEN = "阿金水木天送美玉秀英国强志明丽华建成文德福来春花宝珠清海山石火土旺财根发满月兰桂香梅菊凤莲锦荣辉宗耀祖添丁招治"
NATIONS = ("01", "01", "01", "01", "01", "01", "22", "23", "15", "03", "08", "02")
LANES = ("顶厝", "下厝", "东头", "后壁山", "大埕", "西井", "埔尾", "桥头", "祖厝边", "")
ISSUERS = ("厦门市公安局翔安分局", "厦门市公安局同安分局", "厦门市公安局思明分局")


@dataclass
class Tally:
    """What came of the cards of one condition."""

    cards: int = 0
    whole: int = 0
    refused: int = 0
    wrong: int = 0
    wrong_unmarked: int = 0
    """Cards with a wrong field that was not marked as one to be asked for aloud."""
    fields: int = 0
    right: int = 0
    bad_numbers: int = 0
    seconds: list[float] = field(default_factory=list)
    hints: Counter[str] = field(default_factory=Counter)
    misread: Counter[str] = field(default_factory=Counter)


def person(rng: np.random.Generator) -> dict[str, object]:
    """A fictitious resident with a valid number and an address of the district's own list."""
    gazetteer = places.load(PLACES)
    town = str(rng.choice(sorted(gazetteer.towns)))
    village = str(rng.choice(gazetteer.towns[town]))
    birth = date(1930, 1, 1) + timedelta(days=int(rng.integers(0, 365 * 60)))
    sex = int(rng.integers(1, 3))
    region = str(rng.choice(["350221", "350212", "350213", "350203", "350521", "360102"]))
    serial = int(rng.integers(1, 50)) * 10 + int(rng.integers(0, 5)) * 2 + (sex % 2)
    first17 = f"{region}{birth:%Y%m%d}{serial:03d}"
    issued = date(2008, 1, 1) + timedelta(days=int(rng.integers(0, 365 * 16)))
    years = int(rng.choice([0, 10, 20]))
    name = str(rng.choice(list(SURNAMES))) + "".join(rng.choice(list(GIVEN), int(rng.integers(1, 3))))
    return {
        "name": name,
        "sex": str(sex),
        "nation": str(rng.choice(NATIONS)),
        "birth": birth.isoformat(),
        "address": f"{gazetteer.district}{town}{village}{rng.choice(LANES)}{rng.integers(1, 400)}号",
        "number": first17 + check_character(first17),
        "issuer": str(rng.choice(ISSUERS)),
        "valid_from": issued.isoformat(),
        "valid_until": issued.replace(year=issued.year + years, day=min(issued.day, 28)).isoformat() if years else "",
    }


def read_card(drawn: Mapping[str, object], side: str, condition: str, rng: np.random.Generator, tally: Tally) -> None:
    """One card before the camera, until it is read or its time is over."""
    thing = pictures.id_back(drawn) if side == "back" else pictures.id_front(drawn)
    shot = optics.shoot(thing, CONDITIONS[condition], rng, CARD_FACTOR)
    operation = FaceOp()
    operation.start({"want": side})
    spent_s, hint, answer = 0.0, "", None
    for count in range(FRAMES):
        frame = Frame(shot.compressed(rng), 1000.0 + count * FRAME_S, count)
        began_s = time.thread_time()
        replies = operation.on_frame(frame)
        spent_s += time.thread_time() - began_s
        for reply in replies:
            hint = str(reply["hint"]) if reply["ev"] == "hint" else hint
            answer = reply if reply["ev"] in ("face", "back") else answer
        if answer is not None:
            break
    _count(tally, drawn, side, answer, hint)
    if answer is not None:
        tally.seconds.append(spent_s)


def _count(
    tally: Tally, drawn: Mapping[str, object], side: str, answer: Mapping[str, object] | None, hint: str
) -> None:
    wanted = BACK_FIELDS if side == "back" else FRONT_FIELDS
    tally.cards += 1
    tally.fields += len(wanted)
    if answer is None:
        tally.refused += 1
        tally.hints[hint or "nothing"] += 1
        return
    wrong = [name for name in wanted if answer[name] != drawn[name]]
    tally.right += len(wanted) - len(wrong)
    tally.whole += not wrong
    tally.wrong += bool(wrong)
    uncertain = answer["uncertain"]
    assert isinstance(uncertain, list)
    marked = {"valid_from": "validity", "valid_until": "validity"}
    tally.wrong_unmarked += any(marked.get(name, name) not in uncertain for name in wrong)
    tally.misread.update(wrong)
    if side == "front":
        number = str(answer["number"])
        tally.bad_numbers += not is_number(number, date.today()) or number != drawn["number"]


def measure(seed: int, cards: int = CARDS, conditions: Iterable[str] = CARD_CONDITIONS) -> dict[str, Tally]:
    """Read `cards` cards, as many under each condition."""
    cv2.setNumThreads(1)
    engine()
    tallies = {name: Tally() for name in conditions}
    for at in range(cards):
        rng = np.random.default_rng([seed, at])
        side = "back" if at // len(tallies) % BACK_EVERY == BACK_EVERY - 1 else "front"
        condition = list(tallies)[at % len(tallies)]
        read_card(person(rng), side, condition, rng, tallies[condition])
    return tallies


def _sum(tallies: Mapping[str, Tally], name: str) -> int:
    return sum(int(getattr(tally, name)) for tally in tallies.values())


def table(tallies: Mapping[str, Tally]) -> str:
    """One line a condition."""
    lines = [f"{'condition':12} cards whole refused wrong unmarked fields  s/card"]
    for name, tally in tallies.items():
        middle = statistics.median(tally.seconds) if tally.seconds else 0.0
        share = 100 * tally.right / max(tally.fields, 1)
        told = ", ".join(f"{what} {times}" for what, times in (tally.hints + tally.misread).items())
        lines.append(
            f"{name:12} {tally.cards:5} {tally.whole:5} {tally.refused:7} {tally.wrong:5} {tally.wrong_unmarked:8} "
            f"{share:5.1f}%  {middle:.2f}  {told}"
        )
    return "\n".join(lines)


def rows() -> list[Row]:
    seed = secrets.randbelow(1_000_000)
    tallies = measure(seed)
    print(f"faces: seed {seed}\n{table(tallies)}", flush=True)
    rough = measure(seed, ROUGH_CARDS, CARD_ROUGH)
    print(f"faces, careless light, edges and dirt: seed {seed}\n{table(rough)}", flush=True)
    cards = _sum(tallies, "cards")
    seconds = [spent for tally in tallies.values() for spent in tally.seconds]
    return [
        Row("printed cards: fields right, of all", _sum(tallies, "right") / _sum(tallies, "fields"), at_least=0.95),
        Row("printed cards: whole cards right, of all", _sum(tallies, "whole") / cards, at_least=0.85),
        Row("printed cards: returned numbers that are wrong", float(_sum(tallies, "bad_numbers")), at_most=0.0),
        Row("printed cards: seconds of one thread, median", statistics.median(seconds), at_most=1.5),
        Row("printed cards: refused with a hint, of all", _sum(tallies, "refused") / cards),
        Row("printed cards: wrong and not marked uncertain", float(_sum(tallies, "wrong_unmarked")), at_most=0.0),
        Row("rough cards: fields delivered right, of all", _sum(rough, "right") / _sum(rough, "fields"), at_least=0.9),
        Row("rough cards: returned numbers that are wrong", float(_sum(rough, "bad_numbers")), at_most=0.0),
        Row("rough cards: wrong and not marked uncertain", float(_sum(rough, "wrong_unmarked")), at_most=0.0),
    ]


if __name__ == "__main__":
    chosen = int(sys.argv[1]) if len(sys.argv) > 1 else secrets.randbelow(1_000_000)
    count = int(sys.argv[2]) if len(sys.argv) > 2 else CARDS
    print(f"seed {chosen}\n{table(measure(chosen, count, CONDITIONS))}")
