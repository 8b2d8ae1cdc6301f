"""A slip on a sheet of A4: the same blocks as on the roll, in letters that can be read at arm's length.

Typst sets the page. The template is fixed; every word goes in as data, so that nothing in a name or a village can
be taken for markup.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import segno
import typst

from kiosk.domain.ports import Words
from kiosk.domain.slip.blocks import (
    Block,
    Contact,
    CopyMark,
    Header,
    Headline,
    NextSteps,
    Number,
    Remark,
    Rule,
    Slip,
    SlipFact,
    Verify,
)
from kiosk.domain.slip.typeset import typeset
from kiosk.domain.speech import Lang, Line

Show = Callable[[Line], str]
Row = dict[str, object]

_TEMPLATE = """
#set page(paper: "a4", margin: 22mm)
#set text(font: ("Noto Sans CJK SC", "LXGW WenKai", "LXGW WenKai Medium"), size: 14pt, lang: "zh")
#set par(leading: 0.7em, justify: false)
#let rows = json(bytes(sys.inputs.rows))
#let code(modules) = {
  let dot = 38mm / modules.len()
  box(width: 38mm, height: 38mm, for (y, line) in modules.enumerate() {
    for (x, on) in line.enumerate() {
      if on == 1 { place(dx: x * dot, dy: y * dot, rect(width: dot * 1.02, height: dot * 1.02, fill: black)) }
    }
  })
}
#for row in rows {
  if row.kind == "text" {
    block(width: 100%, above: 0.9em, align(center, text(size: row.pt * 1pt, weight: row.weight, row.text)))
  } else if row.kind == "pair" {
    block(width: 100%, above: 0.9em, grid(
      columns: (auto, 1fr), column-gutter: 8mm,
      text(size: row.pt * 1pt, row.label), align(right, text(size: row.pt * 1pt, weight: "bold", row.value)),
    ))
  } else if row.kind == "box" {
    block(width: 100%, above: 1.4em, below: 1.4em, stroke: 1.2pt, radius: 2mm, inset: 6mm,
      for line in row.lines { block(above: 0.7em, text(size: 18pt, weight: "bold", line)) })
  } else if row.kind == "rule" {
    block(width: 100%, above: 1em, line(length: 100%, stroke: (thickness: 0.8pt, dash: "dashed")))
  } else if row.kind == "code" {
    block(width: 100%, above: 1.6em, align(center, stack(spacing: 4mm, code(row.modules), row.text)))
  }
}
"""


class SlipSheets:
    """Makes the PDF of a slip. Stateless: safe to call from a device's worker thread.

    :param font_dirs: where the faces of the screens lie; the sheet uses the same.
    """

    def __init__(self, words: Words, font_dirs: Iterable[Path]) -> None:
        self._words = words
        self._fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in font_dirs])

    def pdf(self, slip: Slip, lang: Lang) -> bytes:
        """One page. :raises KeyError: a text key without words."""

        def show(line: Line) -> str:
            return typeset(self._words.show(lang, line.key, line.args))

        rows = [row for block in slip.blocks for row in _rows(block, show)]
        return typst.compile(
            _TEMPLATE.encode(),
            format="pdf",
            font_paths=self._fonts,
            sys_inputs={"rows": json.dumps(rows, ensure_ascii=False)},
        )


def _rows(block: Block, show: Show) -> list[Row]:
    match block:
        case Header(line):
            return [_text(show(line), 13)]
        case CopyMark(line):
            return [_text(show(line), 20, bold=True)]
        case Headline(line, subject):
            return [_text(show(line), 34, bold=True), *([_text(show(subject), 22, bold=True)] if subject else [])]
        case Number(label, digits):
            return [_text(show(label), 14), *(_text(row, 32, bold=True) for row in digits)]
        case SlipFact(label, value, minor):
            return [{"kind": "pair", "label": show(label), "value": show(value), "pt": 12 if minor else 18}]
        case NextSteps(lines):
            return [{"kind": "box", "lines": [show(line) for line in lines]}]
        case Remark(line):
            return [_text(show(line), 12)]
        case Contact(line, phone):
            return [{"kind": "pair", "label": show(line), "value": show(phone), "pt": 18}]
        case Verify(payload, line):
            return [{"kind": "code", "modules": _modules(payload), "text": show(line)}]
        case Rule():
            return [{"kind": "rule"}]


def _text(text: str, pt: int, bold: bool = False) -> Row:
    return {"kind": "text", "text": text, "pt": pt, "weight": "bold" if bold else "regular"}


def _modules(payload: str) -> list[list[int]]:
    return [list(line) for line in segno.make(payload, error="m", boost_error=False, micro=False).matrix]
