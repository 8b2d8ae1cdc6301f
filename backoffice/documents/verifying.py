"""What anybody may learn who holds a paper's code: whether it is genuine, and how often it came out. No more."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from backoffice.documents.making import FAILED, PRINTED, UNKNOWN, content_of
from backoffice.documents.words import moment_text, words
from backoffice.domain.check_code import grouped, read_code
from backoffice.office import Office
from backoffice.store.tables.papers import document, document_copy

DIGITS = 8
Answer = dict[str, Any]


def verify(office: Office, text: str) -> Answer:
    """State of the paper with this code: genuine, withdrawn, void or unknown. A mistyped code is never looked for."""
    code = read_code(text)
    row = None
    if code is not None:
        with office.database.read() as connection:
            row = connection.execute(select(document).where(document.c.code == code)).one_or_none()
            copies = _copies(connection, row.document_id) if row is not None else []
    if row is None:
        return {"state": "unknown", "document": None}
    content = content_of(office, row)
    printed = [copy for copy in copies if copy.state == PRINTED]
    return {
        "state": _state(row.withdrawn_at, copies),
        "document": {
            "code": row.code,
            "title": content["sheet"]["title"],
            "item": content["sheet"]["item"],
            "department": content["sheet"]["department"],
            "applicant": content["applicant"],
            "made_at": row.made_at,
            "printed": len(printed),
            "last_printed_at": max((copy.told_at for copy in printed), default=None),
            "unclear": sum(copy.state == UNKNOWN for copy in copies),
            "withdrawn_at": row.withdrawn_at,
            "digest": row.digest[:DIGITS],
        },
    }


def _state(withdrawn_at: str | None, copies: Sequence[Any]) -> str:
    """Void: no copy came out whole, so what somebody holds is a spoiled piece. The next copy makes it genuine."""
    if withdrawn_at is not None:
        return "withdrawn"
    return "void" if copies and all(copy.state == FAILED for copy in copies) else "genuine"


def _copies(connection: Connection, document_id: str) -> list[Any]:
    return list(connection.execute(select(document_copy).where(document_copy.c.document_id == document_id)))


STYLE = """
body{margin:0;font:20px/1.6 "Noto Sans CJK SC","Noto Sans SC",sans-serif;color:#1a1a1a;background:#fff}
main{max-width:34em;margin:0 auto;padding:1.2em}
h1{font-size:1.3em;margin:0 0 .6em}
p.state{font-size:1.5em;font-weight:700;padding:.6em;border:3px solid;border-radius:.3em;margin:0 0 .8em}
.genuine{color:#0b5d2a}.withdrawn,.void,.unknown{color:#8c1d18}
dl{display:grid;grid-template-columns:auto 1fr;gap:.5em 1em;margin:0}dt{color:#4a4a4a}dd{margin:0;font-weight:700}
small{display:block;margin-top:1.2em;font-size:.8em;color:#4a4a4a}
"""


def page(answer: Answer) -> str:
    """The same as a small page: large, no script, nothing from elsewhere."""
    own, state = words()["verify"], answer["state"]
    rows = "".join(f"<dt>{html.escape(label)}</dt><dd>{html.escape(value)}</dd>" for label, value in _rows(answer))
    hint = f"<small>{html.escape(own['hint'])}</small>" if rows else ""
    legal = html.escape(words()["sheet"]["legal"])
    heading, said = html.escape(own["heading"]), html.escape(own[state])
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{heading}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<style>{STYLE}</style></head><body><main><h1>{heading}</h1>"
        f'<p class="state {state}" role="status">{said}</p><dl>{rows}</dl>{hint}<small>{legal}</small>'
        "</main></body></html>"
    )


def _rows(answer: Answer) -> Iterator[tuple[str, str]]:
    found, own = answer["document"], words()["verify"]
    if found is None:
        return
    for name in ("title", "item", "applicant", "department"):
        if found[name]:
            yield own[name], found[name]
    yield own["made"], moment_text(found["made_at"])
    yield own["printed"], _printed(found)
    if found["unclear"]:
        yield own["printed"], own["unclear"].format(n=found["unclear"])
    if found["withdrawn_at"]:
        yield own["withdrawn_at"], moment_text(found["withdrawn_at"])
    yield own["digest"], grouped(found["digest"], 4)


def _printed(found: Answer) -> str:
    own = words()["verify"]
    if not found["printed"]:
        return str(own["printed_none"])
    return str(own["times"]).format(n=found["printed"], at=moment_text(found["last_printed_at"]))
