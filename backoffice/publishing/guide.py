"""The guide of an item: from the same release as the terminals' catalogue, for the window and for paper.

Pure: a release in, blocks of official texts out. Who prints it decides how it looks, never what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backoffice.catalogue.fields import GUIDE_WORDS
from backoffice.catalogue.release import CatalogueError
from backoffice.domain.help_desk import Post
from backoffice.domain.items.item import Item, Release
from backoffice.domain.items.material import Handling, Material, MaterialKind
from backoffice.domain.items.terms import FeeKind


@dataclass(frozen=True, slots=True)
class Block:
    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemGuide:
    item_id: str
    version: int
    release: int
    effective_from: str
    """Of the release, ISO 8601."""
    title: str
    village: str
    plain: str
    blocks: tuple[Block, ...]
    edition: str
    """Version, release and day on one line, as each guide shows them."""

    def plain_text(self) -> str:
        """For a window's screen: one line a text."""
        lines = [self.title, self.village, self.plain, ""]
        for block in self.blocks:
            lines += [block.heading, *(f"  {line}" for line in block.lines), ""]
        return "\n".join((*lines, self.edition))


def guide_of(release: Release, item_id: str, posts: Sequence[Post] = ()) -> ItemGuide:
    """
    :param posts: whose hours are told where an item is served by humans.
    :raises KeyError: no such item in this release.
    :raises CatalogueError: the release has no word for something that the guide says.
    """
    item, words = release.items[item_id], _Words(release)
    return ItemGuide(
        item_id=item_id,
        version=item.version,
        release=release.release,
        effective_from=release.effective_from,
        title=item.official,
        village=item.village,
        plain=item.plain,
        blocks=tuple(block for block in _blocks(item, words, posts) if block.lines),
        edition="  ".join(
            (
                f"{words.of('version.item')} {item.version}",
                f"{words.of('version.release')} {release.release}",
                f"{words.of('version.from')} {release.effective_from}",
            )
        ),
    )


def hours_line(release: Release, post: Post) -> str:
    """Days and hours of a post as its guide says them. :raises CatalogueError: the release has no word for a day."""
    return _hours(_Words(release), post)


class _Words:
    def __init__(self, release: Release) -> None:
        self._words = release.lists.get(GUIDE_WORDS, {})

    def of(self, code: str) -> str:
        if code not in self._words:
            raise CatalogueError(f"lists.toml {GUIDE_WORDS}: no word for {code}")
        return self._words[code]


def _blocks(item: Item, words: _Words, posts: Sequence[Post]) -> Iterator[Block]:
    def block(heading: str, *lines: str) -> Block:
        return Block(words.of(f"heading.{heading}"), tuple(line for line in lines if line))

    by_kind = {kind: [each for each in item.materials if each.kind is kind] for kind in MaterialKind}
    brought = (*by_kind[MaterialKind.PRESENT], *by_kind[MaterialKind.PHOTO])
    yield block("where", *_where(item, words, posts))
    yield block("bring", *(_material(material, words) for material in brought))
    yield block("shared", *(material.name for material in by_kind[MaterialKind.SHARED]))
    yield block("promise", *(material.name for material in by_kind[MaterialKind.PROMISE]))
    yield block("asked", *_asked(item))
    yield block("fee", _fee(item, words))
    yield block(
        "limit",
        f"{words.of('limit.legal')} {item.legal_limit.text}",
        f"{words.of('limit.promised')} {item.promised_limit.text}",
    )
    if item.technical_review.what:
        yield block("technical", item.technical_review.what, item.technical_review.basis)
    yield block("deputy", item.deputy.text)
    yield block("result", item.result)
    yield block("fallback", words.of(f"place.{item.fallback.where}"), item.fallback.text)


def _where(item: Item, words: _Words, posts: Sequence[Post]) -> Iterator[str]:
    if item.guide is None:
        yield words.of("where.kiosk")
        return
    yield words.of(f"place.{item.guide.place}")
    yield item.department
    for post in posts:
        if post.who == item.guide.hours:
            yield _hours(words, post)


def _hours(words: _Words, post: Post) -> str:
    days = " ".join(words.of(f"day.{day}") for day in post.days)
    return f"{days}  {'  '.join(_span(span) for span in post.open)}"


def _span(span: tuple[int, int]) -> str:
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in span)


def _material(material: Material, words: _Words) -> str:
    remarks = [
        words.of("material.photo") if material.kind is MaterialKind.PHOTO else "",
        words.of("material.original") if material.original else "",
        words.of("material.two_sides") if material.sides == 2 else "",
        words.of("material.all_pages") if material.pages == 0 else "",
        words.of(f"material.{material.handling}") if material.handling is not Handling.NONE else "",
    ]
    said = ", ".join(remark for remark in remarks if remark)
    return f"{material.name} ({said})" if said else material.name


def _asked(item: Item) -> Iterator[str]:
    """The labels of what is asked, or the published words where no form is."""
    if item.form is None:
        yield from item.asks
        return
    yield from (field.spec.label for field in item.form.fields)


def _fee(item: Item, words: _Words) -> str:
    kind = words.of(f"fee.{item.fee.kind}")
    if item.fee.kind is FeeKind.FIXED:
        kind = f"{kind} {item.fee.amount_fen / 100:.2f}"
    return kind if item.fee.text in ("", "0") else f"{kind}: {item.fee.text}"
