"""What native speakers found: one JSON object a line, only ever added to."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from voices.packs.errors import PackError
from voices.packs.row import MACHINE, REVIEWED, REVIEWERS_NEEDED, Row, people, person

RIGHT, WRONG, BETTER = "right", "wrong", "better"
VERDICTS = (RIGHT, WRONG, BETTER)
_LINE_BYTES = 8_000


@dataclass(frozen=True, slots=True)
class Review:
    """One verdict of one person on one clause as she heard it."""

    at: str
    """When, ISO 8601 with the zone."""
    reviewer: str
    lang: str
    accent: str
    key: str
    index: int
    han: str
    """The words as they were when she heard them."""
    sound: str
    clip: str
    """SHA-256 of the clip she heard; empty when the machine spoke live."""
    verdict: str
    better: str = ""
    """The reading she wants instead (nan: Tâi-lô with tone digits)."""
    better_han: str = ""
    note: str = ""


def add(path: Path, review: Review) -> None:
    """Append, on the disk when this returns; what stood there stays.

    :raises PackError: the file cannot be written.
    """
    line = json.dumps(asdict(review), ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise PackError(f"{path} cannot be written ({error.strerror}); nothing was noted") from error


def read(path: Path) -> list[Review]:
    """All that was noted, oldest first; a file that is not there yet is empty.

    :raises PackError: a line is no review; the message has its number.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{path} cannot be read ({error})") from error
    return [_review(path, number, line) for number, line in enumerate(lines, 1)]


def _review(path: Path, number: int, line: str) -> Review:
    try:
        table = json.loads(line) if len(line) <= _LINE_BYTES else None
    except (ValueError, RecursionError) as error:
        raise PackError(f"{path.name} line {number} is no review ({error}); take it out") from error
    if not isinstance(table, dict) or not _typed(table):
        raise PackError(f"{path.name} line {number} is no review; take it out")
    try:
        review = Review(**table)
    except TypeError as error:
        raise PackError(f"{path.name} line {number} is no review ({error}); take it out") from error
    if review.verdict not in VERDICTS or not person(review.reviewer):
        raise PackError(f"{path.name} line {number}: verdict or reviewer are none; take the line out")
    return review


def _typed(table: Mapping[str, object]) -> bool:
    names = {each.name for each in fields(Review)}
    texts = (value for name, value in table.items() if name != "index")
    return set(table) <= names and type(table.get("index")) is int and all(isinstance(value, str) for value in texts)


def latest(found: Iterable[Review]) -> Iterator[Review]:
    """Each person's last word on each clause as it was heard."""
    last: dict[tuple[object, ...], Review] = {}
    for review in found:
        which = (person(review.reviewer), review.lang, review.accent, review.key, review.index)
        last[(*which, review.han, review.sound, review.clip)] = review
    return iter(last.values())


def approve(rows: Iterable[Row], found: Iterable[Review], own: Iterable[str]) -> tuple[list[Row], Mapping[str, str]]:
    """The rows with their reviewers: `reviewed` when two heard this very clip and found it right, and nobody wrong.

    :param own: speaker and author, whose word does not count.
    :returns: the rows, and for each that is not reviewed (by key and clause) why not.
    """
    not_counted = set(map(person, own))
    by_clip: dict[str, list[Review]] = {}
    for review in latest(found):
        if review.clip and person(review.reviewer) not in not_counted:
            by_clip.setdefault(review.clip, []).append(review)
    judged: list[Row] = []
    why: dict[str, str] = {}
    for row in rows:
        said = [each for each in by_clip.get(row.sha256, []) if (each.key, each.index) == (row.key, row.index)]
        right = tuple(sorted({each.reviewer.strip() for each in said if each.verdict == RIGHT}))
        against = [each.reviewer for each in said if each.verdict != RIGHT]
        missing = REVIEWERS_NEEDED - people(right)
        if against:
            why[f"{row.key} clause {row.index}"] = f"{', '.join(against)} found it wrong; record it again"
        elif missing > 0:
            why[f"{row.key} clause {row.index}"] = f"{missing} more reviewers have to find it right"
        reviewed = not against and missing <= 0
        judged.append(replace(row, reviewers=right, status=REVIEWED if reviewed else MACHINE))
    return judged, why
