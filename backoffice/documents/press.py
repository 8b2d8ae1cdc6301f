"""Setting a paper: a template, data, a PDF. Nothing is looked up and nothing is decided here."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from backoffice.documents.fonts import font_dir
from backoffice.paths import OfficeFilesMissing
from backoffice.problems.problem import Problem

TEMPLATES = Path(__file__).with_name("templates")
VERSIONS = {
    "receipt": 1,
    "acceptance": 2,
    "supplement": 2,
    "advice": 1,
    "review": 1,
    "refusal": 2,
    "decision": 1,
    "certificate": 1,
    "guide": 1,
    "payment": 1,
}
"""A template that changes what a paper says gets a new number: it is kept with each document."""

_own = threading.local()
_log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _faces(folder: Path) -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])


def _installed_faces() -> Any:
    """:raises Problem: papers_unavailable. The path of the folder is logged and not answered."""
    try:
        return _faces(font_dir())
    except OfficeFilesMissing as cause:
        _log.error("no paper was made: %s", cause)
        raise Problem("papers_unavailable", headers={"Retry-After": "60"}) from cause


def press(template: str, data: Mapping[str, Any], made_at: datetime) -> bytes:
    """The PDF; the same data at the same moment give the same bytes.

    :raises KeyError: no such template. :raises Problem: papers_unavailable, while the faces are missing.
    :raises typst.TypstError: the data lack something that the template shows.
    """
    if template not in VERSIONS:
        raise KeyError(template)
    pdf: bytes = _compiler(template).compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(made_at.timestamp()),
    )
    return pdf


def _compiler(template: str) -> Any:
    """One for each thread: a compiler that two threads use at once refuses the second."""
    compilers: dict[str, Any] = _own.__dict__.setdefault("compilers", {})
    if template not in compilers:
        compilers[template] = typst.Compiler(
            str(TEMPLATES / f"{template}.typ"),
            root=str(TEMPLATES),
            font_paths=_installed_faces(),
            ignore_system_fonts=True,
        )
    return compilers[template]
