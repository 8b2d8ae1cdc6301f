"""Minnan numbers as characters with their sound.

Three series (lexicon/terms.tsv; NAER 臺灣台語語法, 數字讀法): counting (一 tsit8, 两 nng7), inside larger numbers,
in ordinals and dates (一 it4, 二 ji7), and by digits, literary (it4 ji7 sam1 su3 ngoo2 liok8 tshit4 pat4 kiu2).

Where people shorten: a number that ends in one digit right below 百, 千 or 万 leaves its last unit out: 一百一 110,
一千五 1,500, 一万五 15,000 (MOE 臺灣閩南語常用詞辭典: 百五, 千二, 萬二箍, 百二桌), so zeros inside are said: 一百空一
101, once for any run of them. 十 inside a number has no 一: 一百十一 111, 两千空十九 2,019. Tone groups end after 千,
万 and 亿, not after 百 (NAER: tsi̍t-tshing# sì-pah; MOE, Kinmen: tsi̍t-pah-khòng-it), nor before a shortened end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from voices.reading import Reading, Unreadable

Syllable = tuple[str, str]
"""A character and its Tâi-lô; a neutral one begins with `--`."""
Group = list[Syllable]
"""A tone group."""

HAN = "空一二三四五六七八九"
COUNTING = ("khong3", "tsit8", "nng7", "sann1", "si3", "goo7", "lak8", "tshit4", "pueh4", "kau2")
INSIDE = ("khong3", "it4", "ji7", "sann1", "si3", "goo7", "lak8", "tshit4", "pueh4", "kau2")
BY_DIGIT = ("khong3", "it4", "ji7", "sam1", "su3", "ngoo2", "liok8", "tshit4", "pat4", "kiu2")
GAP: Syllable = ("空", "khong3")
TWO: Syllable = ("两", "nng7")
_UNITS = ((1000, ("千", "tshing1")), (100, ("百", "pah4")), (10, ("十", "tsap8")))
_TEN_THOUSAND: Syllable = ("万", "ban7")
_HUNDRED_MILLION: Syllable = ("亿", "ik4")
_ENDS_A_GROUP = "千万亿"
LARGEST = 10**12 - 1
_SHORT_UP_TO = 10**6
"""一万五 and 十万五 are heard as they are meant; beyond, the last unit is said."""


def number(n: int) -> list[Group]:
    """A cardinal: 12 tsap8 ji7, 20 ji7 tsap8, 101 tsit8 pah4 khong3 it4, 200 nng7 pah4, 1500 tsit8 tshing1 goo7.

    :raises ValueError: negative or beyond `LARGEST`.
    """
    if not 0 <= n <= LARGEST:
        raise ValueError(f"no reading for {n}")
    if n < 10:
        return [[_digit(n, COUNTING)]]
    said: Group = []
    head, rest = divmod(n, 10**8)
    if head:
        said += [*_section(head), _HUNDRED_MILLION]
    head, rest = divmod(rest, 10**4)
    if head:
        said += [*_gap(said, head), *_section(head, bool(said)), _TEN_THOUSAND]
    if rest:
        said += [*_gap(said, rest if head else 0), *_last_section(n, rest, bool(said))]
    return list(_groups(said))


def _gap(said: Group, below: int) -> Group:
    """空 when something was said and the next place, the thousands of what is below, is empty."""
    return [GAP] if said and below < 1000 else []


def _last_section(n: int, rest: int, inside: bool) -> Group:
    """What is below 万, the last unit left out where people do."""
    place = _short_place(n, rest)
    if not place:
        return _section(rest, inside)
    digit = rest // place % 10
    before = rest - digit * place
    return [*(_section(before, inside) if before else []), _digit(digit, INSIDE)]


def _short_place(n: int, rest: int) -> int:
    """10, 100 or 1,000 when that is the last place said and the place above it is said, too; else 0."""
    for place in (10, 100, 1000):
        if rest % (place * 10):
            above = n // (place * 10)
            said = above % 10 if place < 1000 else above and n < _SHORT_UP_TO
            return place if rest % place == 0 and said else 0
    return 0


def _section(n: int, inside: bool = False) -> Group:
    """1 to 9,999 in full. `inside`: something larger was said before."""
    said: Group = []
    gap = False
    for size, unit in _UNITS:
        digit, n = divmod(n, size)
        if digit:
            said += [*([GAP] if gap else []), *_before_unit(digit, size), unit]
            gap = False
        elif said:
            gap = True
    if n:
        said += [*([GAP] if gap else []), _digit(n, INSIDE if said or inside else COUNTING)]
    return said


def _before_unit(digit: int, size: int) -> Group:
    if size == 10:
        return [] if digit == 1 else [_digit(digit, INSIDE)]
    return [_digit(digit, COUNTING)]


def _digit(digit: int, series: Sequence[str]) -> Syllable:
    """两 where 2 is nng7, as it is written."""
    return TWO if series[digit] == TWO[1] else (HAN[digit], series[digit])


def _groups(said: Group) -> Iterable[Group]:
    group: Group = []
    for at, syllable in enumerate(said):
        group.append(syllable)
        after = said[at + 1 :]
        if syllable[0] in _ENDS_A_GROUP and len(after) > 1 and after[0][0] not in _ENDS_A_GROUP:
            yield group
            group = []
    yield group


def ordinal(n: int) -> list[Group]:
    """As in dates and after 第: it4 and ji7 for 1 and 2, the rest as cardinals (NAER)."""
    return [[_digit(n, INSIDE)]] if 0 <= n < 10 else number(n)


def counted(n: int, *unit: Syllable) -> list[Group]:
    """A cardinal and its measure word in one tone group."""
    return followed(number(n), *unit)


def followed(groups: list[Group], *after: Syllable) -> list[Group]:
    return [*groups[:-1], [*groups[-1], *after]]


def digits(text: str) -> Group:
    """Digit by digit, literary.

    :raises Unreadable: something else than digits.
    """
    for c in text:
        if not (c.isascii() and c.isdigit()):
            raise Unreadable("not a digit", c)
    return [(HAN[int(c)], BY_DIGIT[int(c)]) for c in text]


def join(groups: Iterable[Group]) -> Reading:
    """:raises Unreadable: nothing to read."""
    kept = [group for group in groups if group]
    if not kept:
        raise Unreadable("nothing to read")
    script = "".join(han for group in kept for han, _ in group)
    return Reading(script, " | ".join(" ".join(sound for _, sound in group).replace(" --", "--") for group in kept))
