"""Reads our phoneme source: the part of espeak-ng's phoneme language (docs/phonemes.md) that our voice needs.

One file holds tables (`phonemetable NAME BASE`) of phonemes. A phoneme is features, settings and sound
statements. What this reader does not know it refuses with file and line, so nothing is dropped silently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r"//[^\n]*|[(),]|[a-z][a-z0-9]*=|[^\s(),]+")


class PhonemeSourceError(ValueError):
    """The source says something that the compiler cannot turn into words; the message names the line."""


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Statement:
    """`name(args)`, `name args` or a condition; `line` for messages."""

    name: str
    args: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Phoneme:
    name: str
    statements: tuple[Statement, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    base: str
    phonemes: tuple[Phoneme, ...] = field(default=())


ONE_WORD = frozenset(("starttype", "endtype", "length", "lengthmod", "ipa", "voicingswitch", "import_phoneme"))
BRACKETED = frozenset(("FMT", "WAV", "Tone", "addWav", "VowelStart"))
TRANSITIONS = frozenset(("Vowelin", "Vowelout"))
_TRANSITION_ITEM = re.compile(r"(len|rms|f1|f2|f3|colr|amp)=|brk$|rate$|glstop$|lenadd$|f4$|gpaus$|-?\d+$")


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = [
            Token(match[0], text.count("\n", 0, match.start()) + 1)
            for match in _TOKEN.finditer(text)
            if not match[0].startswith("//")
        ]
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._tokens)

    def peek(self) -> str:
        return "" if self.done else self._tokens[self._at].text

    @property
    def line(self) -> int:
        return self._tokens[min(self._at, len(self._tokens) - 1)].line

    def take(self) -> Token:
        if self.done:
            raise PhonemeSourceError("the file ends inside a phoneme")
        self._at += 1
        return self._tokens[self._at - 1]

    def expect(self, text: str) -> None:
        token = self.take()
        if token.text != text:
            raise PhonemeSourceError(f"line {token.line}: {text} expected, not {token.text}")

    def bracketed(self) -> tuple[str, ...]:
        self.expect("(")
        items: list[str] = []
        while (token := self.take()).text != ")":
            if token.text != ",":
                items.append(token.text)
        return tuple(items)


def parse(text: str) -> tuple[Table, ...]:
    """:raises PhonemeSourceError: something unknown or unfinished."""
    reader = _Reader(text)
    tables: list[Table] = []
    phonemes: list[Phoneme] = []
    while not reader.done:
        token = reader.take()
        if token.text == "phonemetable":
            phonemes = []
            tables.append(Table(reader.take().text, reader.take().text))
        elif token.text == "phoneme" and tables:
            phonemes.append(_phoneme(reader, token.line))
            tables[-1] = Table(tables[-1].name, tables[-1].base, tuple(phonemes))
        else:
            raise PhonemeSourceError(f"line {token.line}: a table or a phoneme expected, not {token.text}")
    return tuple(tables)


def _phoneme(reader: _Reader, line: int) -> Phoneme:
    name = reader.take().text
    statements: list[Statement] = []
    while reader.peek() != "endphoneme":
        statements.append(_statement(reader))
    reader.take()
    return Phoneme(name, tuple(statements), line)


def _statement(reader: _Reader) -> Statement:
    token = reader.take()
    if token.text in ONE_WORD:
        return Statement(token.text, (reader.take().text,), token.line)
    if token.text in BRACKETED:
        return Statement(token.text, reader.bracketed(), token.line)
    if token.text in TRANSITIONS:
        return Statement(token.text, tuple(_transition(reader)), token.line)
    if token.text == "IF":
        return Statement("IF", tuple(_condition(reader)), token.line)
    return Statement(token.text, (), token.line)


def _transition(reader: _Reader) -> list[str]:
    items: list[str] = []
    while _TRANSITION_ITEM.match(reader.peek()):
        items.append(reader.take().text)
    return items


def _condition(reader: _Reader) -> list[str]:
    """`nextPh ( x ) OR nextPh ( y ) THEN` as nextPh, x, OR, nextPh, y."""
    items: list[str] = []
    while (token := reader.take()).text != "THEN":
        items.append(token.text)
        if token.text not in ("OR", "AND", "NOT"):
            items.extend(reader.bracketed())
    return items
