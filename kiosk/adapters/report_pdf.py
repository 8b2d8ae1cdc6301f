"""Sets the readiness report as one A4 page that a technician can sign."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import typst
from fontTools.ttLib import TTFont

FAMILY = "Noto Sans CJK SC"

_TEMPLATE = r"""
#let report = json(bytes(sys.inputs.report))
#set document(title: "Readiness report " + report.terminal.device)
#set page(paper: "a4", margin: (x: 15mm, y: 12mm))
#set text(font: "FAMILY", size: 9pt, lang: "zh", fallback: false)
#set par(leading: 0.5em)
#let grey = luma(95)
#let label(body) = text(size: 8pt, fill: grey, body)
#let headed(title, body) = block(above: 5mm, width: 100%, [#text(size: 11pt, weight: "bold", title)
  #v(-2mm) #line(length: 100%, stroke: 0.6pt) #v(-1mm) #body])

#grid(columns: (1fr, auto), align: (left, right + top),
  [#text(size: 20pt, weight: "bold")[Readiness report]
   #v(-2mm) #text(size: 12pt)[#report.terminal.village #h(2mm) #report.terminal.place]],
  [#text(size: 14pt, weight: "bold", report.terminal.device)\ #label[site] #report.terminal.site\ #report.at])

#block(above: 4mm, width: 100%, inset: 3mm, stroke: 1.5pt, radius: 2mm)[
  #text(size: 16pt, weight: "bold", report.verdict)
  #for reason in report.reasons [\ #text(size: 9pt, reason)]
]

#headed[Devices][
  #table(columns: (auto, 1fr, auto, auto, 1.35fr, auto, auto), stroke: (x, y) => (bottom: 0.4pt + luma(180)),
    inset: (x: 1.2mm, y: 1.3mm), align: (x, y) => if x >= 5 { right } else { left },
    ..("Device", "Model and firmware", "State", "Self-test", "Measured", "Paper", "Health")
      .map(head => text(size: 8pt, weight: "bold", head)),
    ..report.rows.map(row => (
      text(weight: "bold", row.device),
      [#row.model #if row.firmware != "" [\ #label(row.firmware)]],
      [#row.state #if row.faults != "" [\ #text(weight: "bold", row.faults)]],
      [#text(weight: if row.passed { "regular" } else { "bold" }, row.result)\ #label(row.tested)],
      text(size: 8pt, row.measured), row.paper, row.health)).flatten())
]

#grid(columns: (1fr, 1fr), column-gutter: 8mm,
  headed[Outbox][#for (name, value) in report.outbox [#label(name) #h(1mm) #value #h(4mm)]],
  headed[Versions][#for (name, value) in report.versions [#label(name) #h(1mm) #value #h(4mm)]])

#headed([What changed since #report.since])[
  #if report.changes.len() == 0 [nothing] else [#for line in report.changes [#sym.bullet #line \ ]]
]

#place(bottom, float: false, block(width: 100%)[
  #text(size: 9pt)[Devices that ask for a hand were tried by hand on the day stated. The support bundle of this report
  holds no key and nothing of a resident.]
  #v(9mm)
  #grid(columns: (1fr, 1fr, 35mm), column-gutter: 8mm,
    ..("Technician", "For the village", "Date").map(who => [#line(length: 100%, stroke: 0.6pt) #v(-2mm) #label(who)]))
])
"""


class FontsUnusable(Exception):
    """The page cannot be set in its fonts; the text says which and where they were looked for."""


def render(report: Mapping[str, object], font_dir: Path, kind: Literal["pdf", "png"] = "pdf") -> list[bytes]:
    """The document's one PDF, or its pages as PNG (`kind` png).

    :param report: what `kiosk.technician.report_page.page` made.
    :raises FontsUnusable: the family is missing, or a character that the page needs is in none of its faces.
    """
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_dir)])
    if FAMILY not in fonts.families():
        raise FontsUnusable(
            f"{FAMILY} is not in {font_dir}: `python -m kiosk.ui.drawing.fonts build {font_dir}` makes it"
        )
    data = json.dumps(report, ensure_ascii=False)
    if missing := _not_in(font_dir, data):
        # Typst leaves such a character out without a word.
        raise FontsUnusable(f"no face in {font_dir} has {' '.join(missing)}")
    made, warnings = typst.compile_with_warnings(
        _TEMPLATE.replace("FAMILY", FAMILY).encode(),
        format=kind,
        font_paths=fonts,
        ppi=110 if kind == "png" else None,
        sys_inputs={"report": data},
    )
    if warnings:
        raise FontsUnusable("; ".join(str(warning) for warning in warnings))
    return made if isinstance(made, list) else [made]


def _not_in(font_dir: Path, text: str) -> list[str]:
    """Characters that none of the faces can draw, as code points."""
    points = {ord(char) for char in text if char.isprintable()}
    for file in sorted(font_dir.glob("*.otf")):
        with TTFont(file, lazy=True) as face:
            points -= set(face.getBestCmap())
    return [f"U+{point:04X}" for point in sorted(points)]
