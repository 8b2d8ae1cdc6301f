"""What each paper says, from plain values: one function a template. The data are complete; a template adds no fact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

import segno

from backoffice.documents.words import day_text, in_fours, words
from backoffice.domain.check_code import grouped

Data = dict[str, Any]
Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on every paper."""

    template: str
    title: str
    case_no: str
    department: str
    made_at: datetime
    item: str = ""
    phone: str = ""
    supervision: str = ""
    code: str = ""
    """Empty on papers that nobody checks."""
    digest: str = ""
    verify_url: str = ""
    copy: int = 1
    purpose: str = ""
    """Words; a paper with a purpose carries it as a watermark."""
    body: Data = field(default_factory=dict)


def data_of(sheet: Sheet) -> Data:
    """Everything that the template reads."""
    own, common = words().get(sheet.template, {}), words()["sheet"]
    day = day_text(sheet.made_at.date())
    mark = {"purpose": sheet.purpose, "code": grouped(sheet.code), "date": day}
    texts = {name: text for name, text in own.items() if isinstance(text, str)}
    return {
        "title": sheet.title,
        "item": sheet.item,
        "place": words()["place"]["name"],
        "case_groups": in_fours(sheet.case_no),
        "department": sheet.department,
        "date": day,
        "phone_line": common["phone"].format(phone=sheet.phone or "-", supervision=sheet.supervision or "-"),
        "code": _two_lines(grouped(sheet.code)) if sheet.code else [],
        "digest": grouped(sheet.digest[:8], 4),
        "qr": _qr(sheet.verify_url) if sheet.code else "",
        "copy_mark": common["copy"].format(n=sheet.copy) if sheet.copy > 1 else "",
        "watermark": [text.format(**mark) for text in common["watermark"]] if sheet.purpose else [],
        "words": {
            **texts,
            **{name: common[name] for name in ("case_no", "seal", "verify", "digest", "legal")},
        },
        **sheet.body,
    }


def _two_lines(groups: str) -> list[str]:
    half = (len(groups) + 1) // 2
    return [groups[:half].strip(), groups[half:].strip()]


def _qr(url: str) -> str:
    """As SVG; level M survives a crease and a bad printer."""
    drawn = BytesIO()
    segno.make(url, error="m", micro=False).save(drawn, kind="svg", border=4, xmldecl=False, light="white")
    return drawn.getvalue().decode()


def labelled(template: str, values: dict[str, str]) -> list[list[str]]:
    """Pairs in the order of the words' table; a value that is not there leaves its line out."""
    labels: dict[str, str] = words()[template]["rows"]
    return [[label, values[name]] for name, label in labels.items() if values.get(name)]


def receipt(values: dict[str, str], materials: Iterable[str], query_code: str) -> Data:
    query = str(words()["receipt"]["query"]).format(code=query_code)
    return {"rows": labelled("receipt", values), "materials": list(materials), "query": query}


def acceptance(values: dict[str, str], *, provisional: bool) -> Data:
    own = words()["acceptance"]
    return {
        "opening": own["opening"],
        "rows": labelled("acceptance", values),
        "provisional": own["provisional"] if provisional else "",
        "supervision": own["supervision"],
    }


def supplement(values: dict[str, str], reasons: Iterable[str], next_step: str) -> Data:
    opening = words()["supplement"]["opening"]
    return {"opening": opening, "rows": labelled("supplement", values), "reasons": list(reasons), "next": next_step}


@dataclass(frozen=True, slots=True)
class Remedy:
    """Within how many days, and how many months, somebody may complain and go to court."""

    days: int
    months: int


Reasons = Iterable[tuple[str, str]]
"""Each with its legal basis."""


def _with_basis(reasons: Reasons) -> list[Data]:
    return [{"why": why, "basis": basis} for why, basis in reasons]


def advice(values: dict[str, str], reasons: Reasons, steps: Iterable[str], remedy: Remedy) -> Data:
    """What rules found to be missing: no refusal, and how one would be answered."""
    own = words()["advice"]
    text = own["remedy_text"].format(days=remedy.days, months=remedy.months)
    told = {"reasons": _with_basis(reasons), "next": "\n".join(steps), "remedy": text}
    return {"rows": labelled("advice", values), **told}


def review(values: dict[str, str], reasons: Reasons, *, provisional: bool) -> Data:
    """What the machine left open for somebody of the staff."""
    own = words()["review"]
    return {
        "rows": labelled("review", values),
        "reasons": _with_basis(reasons) or [{"why": own["nothing"], "basis": ""}],
        "next": own["provisional"] if provisional else "",
        "remedy": own["remedy_text"],
    }


def refusal(
    kind: str, values: dict[str, str], reasons: Iterable[str], basis: Iterable[str], elsewhere: str, remedy: Remedy
) -> Data:
    """:param kind: intake (不予受理) or licence (不予许可). :param values: with applicant and decided (the day)."""
    own = words()["refusal"]
    return {
        "opening": own[f"opening_{kind}"].format(applicant=values["applicant"], decided=values["decided"]),
        "rows": labelled("refusal", values),
        "reasons": list(reasons),
        "basis": list(basis),
        "elsewhere": elsewhere,
        "remedy": own["remedy_text"].format(days=remedy.days, months=remedy.months),
    }


def decision(outcome: str, values: dict[str, str], reasons: Iterable[str], next_step: str) -> Data:
    """:param outcome: approved or done."""
    return {
        "opening": words()["decision"][f"opening_{outcome}"],
        "rows": labelled("decision", values),
        "reasons": list(reasons),
        "next": next_step,
    }


def certificate(person: dict[str, str], statement: str, groups: Iterable[tuple[str, Rows]], values: Data) -> Data:
    """:param groups: title (whose register) and lines."""
    labels: dict[str, str] = words()["certificate"]["person"]
    return {
        "person": [[label, person[name]] for name, label in labels.items() if person.get(name)],
        "statement": statement,
        "groups": [{"title": title, "rows": [list(row) for row in rows]} for title, rows in groups],
        "rows": labelled("certificate", values),
    }


def payment(values: dict[str, str], amount: str, amount_words: str, steps: Sequence[str]) -> Data:
    return {
        "rows": labelled("payment", values),
        "amount": amount,
        "amount_words": amount_words,
        "steps": list(steps),
    }
