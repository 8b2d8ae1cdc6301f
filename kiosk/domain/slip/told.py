"""The figures of a slip for somebody who cannot read it: the same values that are printed, each with its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kiosk.domain.slip.blocks import Contact, Slip, SlipFact
from kiosk.domain.speech import Arg, ArgKind
from kiosk.domain.visit.state import SlipFigure

_NAMES: Mapping[str, str] = {
    "slip.label.document": "fact.number",
    "slip.label.account": "fact.account",
    "slip.label.amount": "fact.slip_amount",
    "slip.label.query_code": "fact.query_code",
    "slip.label.time": "fact.slip_time",
}
"""Label on paper -> name that is said."""
OTHER, PHONE = "fact.slip_other", "fact.desk_phone"
NAMES = (*_NAMES.values(), OTHER, PHONE)
_FIGURES = frozenset((ArgKind.DIGITS, ArgKind.COUNT, ArgKind.MONEY, ArgKind.DATE, ArgKind.TIME, ArgKind.PHONE))


def figures_of(slip: Slip) -> tuple[SlipFigure, ...]:
    """In the order of the paper, but for the large number, which the screen has anyhow, and the terminal's own name."""
    return tuple(
        figure
        for block in slip.blocks
        for figure in (
            _of_fact(block)
            if isinstance(block, SlipFact)
            else ((PHONE, arg) for arg in block.where.args.values() if arg.kind is ArgKind.PHONE)
            if isinstance(block, Contact)
            else ()
        )
    )


def _of_fact(fact: SlipFact) -> Iterator[SlipFigure]:
    name = _NAMES.get(fact.label.key, OTHER)
    for arg in fact.value.args.values():
        if arg.kind in _FIGURES or _is_masked(arg):
            yield name, arg


def _is_masked(arg: Arg) -> bool:
    """A number of which the ends are left."""
    return arg.kind is ArgKind.TEXT and "*" in arg.value
