"""The words of papers, and how values are written on them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from backoffice.domain.text import Arg, Line

_FILE = Path(__file__).with_name("words.toml")


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def day_text(day: date) -> str:
    return str(words()["format"]["date"]).format(year=day.year, month=day.month, day=day.day)


def moment_text(moment: str) -> str:
    """:param moment: ISO 8601."""
    read = datetime.fromisoformat(moment)
    return f"{day_text(read.date())} {read:%H:%M}"


def money_text(fen: int) -> str:
    yuan, rest = divmod(fen, 100)
    amount = f"{yuan:,}" if rest == 0 else f"{yuan:,}.{rest:02d}"
    return str(words()["format"]["money"]).format(yuan=amount)


def row_text(line: Line) -> tuple[str, str]:
    """Label and value of one line as they stand on paper. :raises KeyError: a line without words."""
    label, pattern = words()["row"][line.key]
    return label, pattern.format(**_slots(line.args))


def _slots(args: Mapping[str, Arg]) -> dict[str, str]:
    slots = {name: value_text(arg) for name, arg in args.items()}
    if {"year", "month"} <= slots.keys():
        month = str(words()["format"]["month"]).format(year=args["year"].value, month=args["month"].value)
        slots |= {"since": month, "month": month}
    return slots


def value_text(arg: Arg) -> str:
    if arg.kind == "date":
        return day_text(date.fromisoformat(arg.value))
    if arg.kind == "money":
        return money_text(int(arg.value))
    if arg.kind == "key":
        short = {"word.yes": words()["format"]["yes"], "word.no": words()["format"]["no"]}
        return str(short.get(arg.value) or words()["value"][arg.value])
    return arg.value


def masked_name(name: str) -> str:
    """The first character and how many follow: enough to know one's own paper, too little for anybody else."""
    return name[:1] + "*" * (len(name) - 1) if len(name) > 1 else "*"


def masked_number(number: str) -> str:
    return number[:3] + "*" * max(0, len(number) - 7) + number[-4:] if len(number) > 8 else "*" * len(number)


def in_fours(number: str) -> list[str]:
    """Groups of four from the end, the first one may be shorter."""
    first = len(number) % 4
    groups = [number[:first]] if first else []
    return [*groups, *(number[at : at + 4] for at in range(first, len(number), 4))]
