"""From what lines of print say to the fields of a card. Pure: no picture, no engine, no clock of its own.

Whatever comes in, nothing raises, and a number comes out only when it passes every test (`number.is_number`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from drivers.vision.faces.number import birth_of, is_number, sex_of
from drivers.vision.faces.places import Gazetteer, mended
from drivers.vision.faces.printed import printed

SURE = 0.8
"""A character less sure than this makes its field one to be asked for aloud."""
LONGEST_NAME, SHORTEST_ADDRESS = 15, 6
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af\u3007·•]")
_ADDRESS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af\u30070-9A-Za-z()（）#\-－—、·,.]")


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """What one line says and how sure its least sure character is. The repr shows no content."""

    text: str
    sure: float = 1.0

    def __repr__(self) -> str:
        return f"Said({len(self.text)} characters)"


@dataclass(frozen=True, slots=True, repr=False)
class Front:
    """One reading of the front; empty where nothing was read. `number` is empty or passes every test."""

    name: str = ""
    sex: str = ""
    nation: str = ""
    birth: date | None = None
    address: str = ""
    number: str = ""
    number_rejected: bool = False
    """Something like a number was read that is none, or that the printed birth or sex contradicts."""
    doubts: frozenset[str] = field(default_factory=frozenset)

    def __repr__(self) -> str:
        return "Front(***)"

    @property
    def is_whole(self) -> bool:
        return bool(self.number and self.name and self.address and self.nation)


@dataclass(frozen=True, slots=True, repr=False)
class Back:
    """One reading of the back; empty where nothing was read."""

    issuer: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    unlimited: bool = False
    doubts: frozenset[str] = field(default_factory=frozenset)

    def __repr__(self) -> str:
        return "Back(***)"

    @property
    def is_whole(self) -> bool:
        return bool(self.issuer and self.valid_from and (self.unlimited or self.valid_until))


def without_label(text: str, label: str = "") -> str:
    """The text behind a label that was read together with it (`label`, or any of the card's), even a part of it."""
    for known in (label,) if label else printed().labels:
        # A single character is taken for a label's rest only where that very label stands.
        for cut in range(len(known) - (0 if label else 1)):
            if text.startswith(known[cut:]):
                return text[len(known) - cut :]
        # One character of a long label may be read wrongly.
        head = text[: len(known)]
        if len(known) > 3 and len(head) == len(known) and _apart(head, known) <= 1:
            return text[len(known) :]
    return text


def name_of(said: Said) -> str:
    """A name as printed, without what cannot stand in one; never folded to another script."""
    text = "".join(_HAN.findall(without_label(said.text.replace(" ", ""), printed().labels[0])))
    return text if len(text) <= LONGEST_NAME else ""


def sex_in(text: str) -> str:
    """GB/T 2261.1; empty when neither or both are there."""
    male, female = printed().male in text, printed().female in text
    return "" if male == female else "1" if male else "2"


def nation_of(text: str) -> tuple[str, bool]:
    """The code of the closed list, and whether the text had to be bent to fit it; empty when nothing fits."""
    words = printed()
    bare = "".join(_HAN.findall(text.translate(words.simplified)))
    at = bare.find(words.nation_label[-1])
    bare = bare[at + 1 :] if at >= 0 else without_label(bare, words.nation_label)
    for code, name in words.nations.items():
        if bare == name:
            return code, False
    near = [
        code
        for code, name in words.nations.items()
        if len(name) > 1 and len(name) == len(bare) and _apart(name, bare) == 1
    ]
    return (near[0], True) if len(near) == 1 else ("", True)


def birth_in(text: str) -> date | None:
    """A date printed as year, month, day with their marks."""
    year, month, day = tuple(printed().birth_marks)
    found = re.search(rf"(\d{{4}}){year}(\d{{1,2}}){month}(\d{{1,2}}){day}?", text.replace(" ", ""), re.ASCII)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def number_in(text: str, today: date) -> tuple[str, bool]:
    """The number within, and whether something like one was there that is none."""
    plain = text.upper().replace(" ", "")
    runs = re.findall(r"[0-9]{14,}[0-9X]*", plain, re.ASCII)
    for run in runs:
        if len(run) == 18 and is_number(run, today):
            return run, False
    return "", bool(runs)


def address_of(rows: Iterable[Said], places: Gazetteer | None) -> tuple[str, bool]:
    """The rows joined, known places mended, and whether anything was."""
    words = printed()
    parts = []
    for place, row in enumerate(rows):
        text = row.text.replace(" ", "").translate(words.simplified)
        if place == 0:
            text = without_label(text, words.labels[4])
        parts.append("".join(_ADDRESS.findall(text)))
    address = "".join(parts)
    if len(address) < SHORTEST_ADDRESS:
        return "", False
    return mended(address, places) if places is not None else (address, False)


def front(
    name: Said,
    sex: Said,
    nation: Said,
    birth: Said,
    address: Sequence[Said],
    number: Said,
    today: date,
    places: Gazetteer | None = None,
) -> Front:
    """The fields, each tested against the others. What the printed birth or sex contradicts is no number."""
    digits, rejected = number_in(number.text, today)
    printed_birth, printed_sex = birth_in(birth.text), sex_in(sex.text)
    if digits and _contradicted(digits, printed_birth, printed_sex if sex.sure >= SURE else ""):
        digits, rejected = "", True
    code, bent = nation_of(nation.text)
    where, was_mended = address_of(address, places)
    who = name_of(name)
    unsure = {
        "name": name.sure < SURE or len(who) < 2,
        "nation": bent or nation.sure < SURE,
        "address": was_mended
        or not where.endswith(tuple(printed().address_ends))
        or min((row.sure for row in address), default=0.0) < SURE,
        # Nothing printed confirms the number: its check digit alone speaks for it.
        "number": bool(digits) and printed_birth is None,
    }
    return Front(
        name=who,
        sex=sex_of(digits) if digits else printed_sex,
        nation=code,
        birth=birth_of(digits) if digits else printed_birth,
        address=where,
        number=digits,
        number_rejected=rejected,
        doubts=frozenset(field for field, doubtful in unsure.items() if doubtful),
    )


def back(issuer: Said, validity: Said, today: date) -> Back:
    """Who issued the card and how long it holds; a card cannot have been issued tomorrow."""
    words = printed()
    text = without_label(issuer.text.replace(" ", "").translate(words.simplified), words.labels[6])
    who = "".join(_HAN.findall(text))
    who = who if who.endswith(words.issuer_ends) else ""
    begin, end, unlimited = validity_in(validity.text.translate(words.simplified))
    if begin is not None and begin > today:
        begin = end = None
        unlimited = False
    unsure = {"issuer": issuer.sure < SURE, "validity": validity.sure < SURE}
    return Back(who, begin, end, unlimited, frozenset(name for name, doubtful in unsure.items() if doubtful))


def validity_in(text: str) -> tuple[date | None, date | None, bool]:
    """Begin, end, and whether there is no end. The years between must be 5, 10 or 20 (Identity Card Law, article 5)."""
    plain = text.replace(" ", "")
    dates = [_date(*parts) for parts in re.findall(r"(\d{4})[.,·:]?(\d{2})[.,·:]?(\d{2})", plain, re.ASCII)]
    if not dates or dates[0] is None:
        return None, None, False
    if len(dates) == 1:
        return dates[0], None, printed().unlimited in plain
    end = dates[1]
    if end is None or end.year - dates[0].year not in (5, 10, 20):
        return dates[0], None, False
    return dates[0], end, False


def _contradicted(number: str, birth: date | None, sex: str) -> bool:
    return (birth is not None and birth != birth_of(number)) or (sex != "" and sex != sex_of(number))


def _apart(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
