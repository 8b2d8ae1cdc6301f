"""Every entry of every list that a resident chooses from is heard in both languages: who cannot read has only that."""

from __future__ import annotations

import csv
import tomllib

import pytest

from voices.prompts import Plain, Words
from voices.reading import Unreadable

from .conftest import ROOT, StartWorker

CATALOGUE = ROOT / "config" / "catalogue"
NAMES = ("places.tsv", "divisions.tsv", "villages.tsv")
ENTRY, SIGN = "ask.entry", "pad.sign"


def listed() -> set[str]:
    lists = tomllib.loads((CATALOGUE / "lists.toml").read_text(encoding="utf-8"))
    labels = {row["label"] for rows in lists.values() for row in rows}
    for file in NAMES:
        with (CATALOGUE / file).open(encoding="utf-8", newline="") as opened:
            labels |= {row["name"] for row in csv.DictReader(opened, delimiter="\t")}
    return labels


def signs() -> set[str]:
    fields = tomllib.loads((CATALOGUE / "fields.toml").read_text(encoding="utf-8"))["field"]
    return {sign for field in fields for sign in field.get("alphabet", ())}


def is_read(words: Words, lang: str, key: str, name: str) -> bool:
    try:
        return bool(words.spoken(lang, key, {"entry": Plain("place", name)}))
    except Unreadable:
        return False


@pytest.mark.parametrize(("key", "names"), [(ENTRY, listed()), (SIGN, signs())], ids=[ENTRY, SIGN])
def test_a_name_is_read_in_minnan_or_may_be_left_to_the_mandarin_voice(key: str, names: set[str], words: Words) -> None:
    assert len(names) > 20
    unread = {name for name in names if not is_read(words, "nan", key, name)}
    assert words.is_value("nan", key), "with words of Minnan around it no other voice can say it"
    assert {name for name in unread if not is_read(words, "cmn", key, name)} == set()
    assert {name for name in names if not is_read(words, "cmn", key, name)} == set()


def test_entries_sound(start_worker: StartWorker) -> None:
    """The real voice says a name with a reading, a bank's without one, and an amount of money."""
    worker = start_worker()
    names = ("新店镇", "邮政储蓄银行", "一年200元")
    items = [{"key": ENTRY, "args": {"entry": {"kind": "place", "value": name}}, "privacy": "public"} for name in names]
    worker.send(op="speak", gen=1, items=[*items, {"key": "bar.help", "privacy": "public"}], lang="nan")
    worker.done("bar.help", 1)
    assert [line["key"] for line in worker.fed()] == [*[ENTRY] * len(names), "bar.help"]
    assert [line["lang"] for line in worker.fed()] == ["nan", "cmn", "cmn", "nan"]
