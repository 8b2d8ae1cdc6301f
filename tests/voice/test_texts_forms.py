"""What a form asks and what a commitment says has its words: every field, every answer, every point."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.app.keys.generate import PROMISED_POINTS, TOLD_POINTS
from voices import languages
from voices.prompts import Words

from .conftest import ROOT

CATALOGUE = ROOT / "config" / "catalogue"
FORMS = [
    form
    for path in sorted((CATALOGUE / "forms").glob("*.toml"))
    for form in tomllib.loads(path.read_text(encoding="utf-8"))["form"]
]
FIELDS = {
    field["key"]: field for field in tomllib.loads((CATALOGUE / "fields.toml").read_text(encoding="utf-8"))["field"]
}
COMMITMENTS = [form["item"] for form in FORMS if form["commitment"]]


def asked() -> Iterator[dict[str, Any]]:
    return (field for form in FORMS for field in form["field"] if field["source"] != "card")


@pytest.mark.parametrize("lang", languages.codes())
def test_every_field_has_its_question_help_label_and_answers(lang: str, words: Words) -> None:
    for field in asked():
        key = field["key"]
        answers = [f"ask.{key}.{option}" for option in FIELDS[key].get("options", ())]
        unanswered = [f"ask.{key}.unknown"] if field["source"] == "look_up" else []
        for name in (f"fact.{key}", f"ask.{key}", f"ask.{key}.help", *answers, *unanswered):
            assert words.spoken(lang, name, {}), name


@pytest.mark.parametrize("lang", languages.codes())
def test_two_answers_to_one_question_never_sound_alike(lang: str, words: Words) -> None:
    for key, field in FIELDS.items():
        said = [
            tuple(clause.reading.sound for clause in words.spoken(lang, f"ask.{key}.{option}", {}))
            for option in field.get("options", ())
            if f"ask.{key}.{option}" in words.keys(lang)
        ]
        assert len(set(said)) == len(said), key


@pytest.mark.parametrize("lang", languages.codes())
def test_a_commitment_is_told_in_six_points_and_promised_in_five(lang: str, words: Words) -> None:
    assert len(COMMITMENTS) == 17
    for item in COMMITMENTS:
        for point in TOLD_POINTS:
            assert words.spoken(lang, f"commitment.{item}.{point}", {}), (item, point)
        assert words.show(lang, f"commitment.{item}.basis", {}).startswith("依据"), item
    for point in PROMISED_POINTS:
        assert words.spoken(lang, f"commitment.promise.{point}", {}), point
