"""The effort report as one page that needs nothing else: its figures, and a bar an item, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

from effort_support.figures import CHARACTERS_A_MINUTE, GOALS, Effort, Spread, by_kind, by_why, spreads
from effort_support.whys import Why
from effort_support.world import World
from kiosk.domain.speech import Lang

_COLOURS: Mapping[Why, tuple[str, str]] = {
    Why.FIND: ("#4e6e9e", "#fff"),
    Why.IDENTIFY: ("#8fb8de", "#1d1a17"),
    Why.ANSWER: ("#2f8f6b", "#fff"),
    Why.CONFIRM: ("#a5d8b9", "#1d1a17"),
    Why.PROMISE: ("#b5651d", "#fff"),
    Why.PAPER: ("#f2c078", "#1d1a17"),
    Why.PAY: ("#7d4f8c", "#fff"),
    Why.END: ("#9a938a", "#fff"),
}
"""Of the ground and of the number on it."""
_MEANS: Mapping[Why, str] = {
    Why.FIND: "language, category, page, item",
    Why.IDENTIFY: "the card is hers",
    Why.ANSWER: "a question that no register answers",
    Why.CONFIRM: "a register is right, send, print, book",
    Why.PROMISE: "consent, commitment, signature",
    Why.PAPER: "pictures of papers and of her face",
    Why.PAY: "how it is paid",
    Why.END: "slip, certificate, rating",
}
_WORLDS: Mapping[World, str] = {
    World.ANSWERING: "registers answer",
    World.SILENT: "registers silent",
}
_LANGS: Mapping[Lang, str] = {Lang.NAN: "Minnan", Lang.CMN: "Mandarin"}
_NAMES: Mapping[str, str] = {
    "touches": "touches",
    "act_s": "seconds until answered",
    "by_ear_s": "seconds by ear alone",
    "spoken_s": "seconds spoken",
}
_STATISTICS: Mapping[str, str] = {"median": "median", "p90": "p90", "most": "max", "total": "sum"}
_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; min-width: 1200px; background: #f6f3ee; color: #1d1a17;
  font: 15px/1.45 system-ui, "Noto Sans CJK SC", sans-serif; }
main { max-width: 1500px; margin: 0 auto; padding: 28px 32px 48px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 34px 0 10px; }
p { margin: 0 0 14px; max-width: 100ch; color: #55504a; }
table { border-collapse: collapse; background: #fff; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 7px; font-size: 14px; text-align: right; border-bottom: 1px solid #e6e0d8; white-space: nowrap; }
th { font-weight: 600; color: #55504a; background: #fbf9f6; }
th.text, td.text { text-align: left; }
th.group { text-align: center; border-left: 1px solid #e6e0d8; }
td.first, th.first { border-left: 1px solid #e6e0d8; }
.met { color: #1f7a54; } .missed { color: #b3261e; font-weight: 600; }
.goal { color: #8a837a; font-size: 12px; font-weight: 400; }
.key { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 7px; vertical-align: -1px; }
.meaning { color: #8a837a; } .kinds { white-space: normal; color: #55504a; font-size: 13px; }
.items { display: grid; grid-template-columns: 64px 196px 58px 1fr 1fr 92px 72px 78px; background: #fff; }
.items > div { padding: 3px 8px; border-bottom: 1px solid #f0ebe4; line-height: 22px; }
.items > .head { position: sticky; top: 0; z-index: 1; background: #fbf9f6; color: #55504a; font-weight: 600;
  border-bottom: 1px solid #d8d2c8; line-height: 18px; padding: 8px; }
.items > .number { text-align: right; font-variant-numeric: tabular-nums; }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.mode { color: #8a837a; }
.bar { display: flex; align-items: center; }
.bar i { display: block; height: 18px; font: 11px/18px system-ui, sans-serif; text-align: center; overflow: hidden; }
.bar i:first-child { border-radius: 3px 0 0 3px; } .bar i:nth-last-child(2) { border-radius: 0 3px 3px 0; }
.bar b { padding-left: 6px; font-weight: 600; font-variant-numeric: tabular-nums; }
"""
_NUMBER_FROM = 2
"""A part of so many touches bears its number; a narrower one has no room for it."""
_BAR_PERCENT = 90
"""Of its column; the rest is for the sum behind the longest bar."""


def page(efforts: Sequence[Effort]) -> str:
    """The whole document.

    :param efforts: every item in each world and language.
    :raises ValueError: there is no effort to show.
    """
    main = "".join((*_head(), _summary(efforts), _reasons(efforts), _items(efforts)))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Effort of a visit</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main>{main}</main></body></html>\n"
    )


def _head() -> Iterator[str]:
    yield "<h1>What a visit costs the one who stands there</h1>"
    yield (
        "<p>Every item that the kiosk carries from beginning to end, driven through the machine of a visit on its "
        "shortest honest path. A touch is a press on a choice, a key, or a character that is drawn. Where registers "
        "answer, what is optional is passed over; where they are silent, every question is answered, also those that "
        f"only some answers open. Speech is reckoned at {CHARACTERS_A_MINUTE} characters a minute.</p>"
    )


# ---- figures over all items --------------------------------------------------------------------------------


def _summary(efforts: Sequence[Effort]) -> str:
    groups = "".join(f'<th class="group" colspan="4">{_NAMES[name]}</th>' for name in _NAMES)
    names = "".join(
        f'<th class="{"first" if at == 0 else ""}">{label}</th>'
        for _ in _NAMES
        for at, label in enumerate(_STATISTICS.values())
    )
    goals = "".join(_goal(name, statistic) for name in _NAMES for statistic in _STATISTICS)
    rows = "".join(
        f'<tr><td class="text">{_WORLDS[world]}</td><td class="text">{_LANGS[lang]}</td>'
        f"{_spread_cells(spreads(_of(efforts, world, lang)), judged=world is World.ANSWERING)}</tr>"
        for world in World
        for lang in Lang
    )
    return (
        f'<h2>Over all items</h2><table><tr><th class="text" colspan="2"></th>{groups}</tr>'
        f'<tr><th class="text">world</th><th class="text">language</th>{names}</tr>{rows}'
        f'<tr><td class="text goal" colspan="2">goal, where registers answer</td>{goals}</tr></table>'
    )


def _of(efforts: Iterable[Effort], world: World, lang: Lang) -> list[Effort]:
    return [one for one in efforts if (one.world, one.lang) == (world, lang)]


def _goal(name: str, statistic: str) -> str:
    limit = GOALS.get((name, statistic))
    first = " first" if statistic == "median" else ""
    return f'<td class="goal{first}">{"" if limit is None else f"≤ {limit:.0f}"}</td>'


def _spread_cells(found: Mapping[str, Spread], *, judged: bool) -> str:
    cells = []
    for name in _NAMES:
        for statistic in _STATISTICS:
            value, limit = getattr(found[name], statistic), GOALS.get((name, statistic))
            classes = ["first"] if statistic == "median" else []
            if judged and limit is not None:
                classes.append("met" if value <= limit else "missed")
            cells.append(f'<td class="{" ".join(classes)}">{value:.0f}</td>')
    return "".join(cells)


def _reasons(efforts: Sequence[Effort]) -> str:
    by_world = {world: by_why(_of(efforts, world, Lang.NAN)) for world in World}
    heads = "".join(f'<th class="first">{_WORLDS[world]}</th><th>share</th>' for world in World)
    rows = "".join(
        f'<tr><td class="text">{_key(why)}{why}</td><td class="text meaning">{_MEANS[why]}</td>'
        f'<td class="text kinds">{_kinds(efforts, why)}</td>'
        + "".join(
            f'<td class="first">{by_world[world][why]}</td>'
            f"<td>{100 * by_world[world][why] / max(sum(by_world[world].values()), 1):.0f} %</td>"
            for world in World
        )
        + "</tr>"
        for why in Why
    )
    return (
        '<h2>Why each touch is there, in Minnan</h2><table><tr><th class="text">reason</th><th class="text"></th>'
        '<th class="text">touches by kind, where registers answer</th>'
        f"{heads}</tr>{rows}</table>"
    )


def _kinds(efforts: Sequence[Effort], why: Why) -> str:
    these = by_kind(_of(efforts, World.ANSWERING, Lang.NAN), why)
    return ", ".join(f"{escape(kind.replace('_', ' '))} {count}" for kind, count in these)


def _key(why: Why) -> str:
    return f'<span class="key" style="background:{_COLOURS[why][0]}"></span>'


# ---- a bar an item -----------------------------------------------------------------------------------------


def _items(efforts: Sequence[Effort]) -> str:
    most = max(one.touches for one in efforts)
    ordered = sorted((one for one in efforts if one.lang is Lang.NAN), key=lambda one: one.item_id)
    by_item = [{one.world: one for one in group} for _, group in groupby(ordered, key=lambda one: one.item_id)]
    by_item.sort(key=lambda each: tuple(-each[world].touches for world in World))
    heads = "".join(
        f'<div class="head{css}">{label}</div>'
        for label, css in (
            *(("item", ""), ("name", ""), ("mode", "")),
            *((f"touches, {_WORLDS[world]}", "") for world in World),
            *(("answered", " number"), ("by ear", " number"), ("spoken", " number")),
        )
    )
    rows = "".join(_row(each, most) for each in by_item)
    note = "<p>The worst first, in Minnan. The last three columns are seconds, where registers answer.</p>"
    return f'<h2>Item by item</h2>{note}<div class="items">{heads}{rows}</div>'


def _row(by_world: Mapping[World, Effort], most: int) -> str:
    one = by_world[World.ANSWERING]
    bars = "".join(_bar(by_world[world], most) for world in World)
    seconds = "".join(f'<div class="number">{value:.0f}</div>' for value in (one.act_s, one.by_ear_s, one.spoken_s))
    name = escape(one.name)
    return (
        f'<div>{one.item_id}</div><div class="name" title="{name}">{name}</div><div class="mode">{one.mode}</div>'
        f"{bars}{seconds}"
    )


def _bar(one: Effort, most: int) -> str:
    parts = "".join(
        f'<i style="width:{_BAR_PERCENT * count / most:.2f}%;background:{_COLOURS[why][0]};color:{_COLOURS[why][1]}">'
        f"{count if count >= _NUMBER_FROM else ''}</i>"
        for why in Why
        if (count := one.whys[why])
    )
    tip = ", ".join(f"{why} {count}" for why in Why if (count := one.whys[why]))
    more = f"{one.screens} screens, {one.waiting} of them wait, {one.papers} papers"
    signs = f"{one.typed} signs typed, {one.handwritten} characters drawn"
    return f'<div class="bar" title="{tip}; {more}; {signs}">{parts}<b>{one.touches}</b></div>'
