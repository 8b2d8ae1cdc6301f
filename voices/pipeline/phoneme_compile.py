"""From phoneme source to the engine's words: a small compiler for the statements our voice uses.

Encodings are facts of espeak-ng's data format (version 0x014801). Names of sounds are resolved against the
installed data's list of contents; a name that is not there is an error, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from voices.pipeline.phoneme_data import DataError, Entry, PhonemeData, TableData
from voices.pipeline.phoneme_source import Phoneme, PhonemeSourceError, Statement, Table

RETURN = 0x0001
SET_LENGTH = 0x0A
IPA = 0x0D
CONDITION, OR, NOT = 0x2000, 0x1000, 0x0003
JUMP_FALSE = 0x6800
PITCH_ENVELOPE, AMPLITUDE_ENVELOPE = 0x9200, 0x9300
VOWEL_IN, VOWEL_OUT = 0xA100, 0xA200
SOUND = {"FMT": 0xB000, "WAV": 0xC000, "VowelStart": 0xD000, "addWav": 0xF000}

STRESS, VOWEL, LIQUID, STOP, VOICED_STOP, FRICATIVE, VOICED_FRICATIVE, NASAL = 1, 2, 3, 4, 5, 6, 7, 8
_KINDS = {
    "stress": STRESS,
    "vwl": VOWEL,
    "liquid": LIQUID,
    "stp": STOP,
    "afr": STOP,
    "frc": FRICATIVE,
    "nas": NASAL,
}
_VOICELESS, _VOICED = 1 << 3, 1 << 4
_FLAGS = {"vls": _VOICELESS, "vcd": _VOICED, "sib": 1 << 5, "nolink": 1 << 6, "prevoice": 1 << 25}
_PALATAL = 1 << 9
_PLACES = {
    "blb": 1 << 16,
    "alv": 4 << 16,
    "alp": (6 << 16) | _PALATAL,
    "pal": (7 << 16) | _PALATAL,
    "vel": 8 << 16,
    "glt": 12 << 16,
}
_WHICH = {"prevPh": 0, "thisPh": 1, "nextPh": 2, "next2Ph": 3}
_PROPERTIES = {"isVowel": 0x02, "isNasal": 0x08, "isNotVowel": 0x8A, "isWordEnd": 0x93}
_TRANSITION_FLAGS = {"brk": 2, "rate": 4, "glstop": 8, "lenadd": 16, "f4": 32, "gpaus": 64}
_DEFAULT_VOWEL_LENGTH = 90


def compile_table(table: Table, into: PhonemeData) -> None:
    """Append a table and its programs.

    :raises PhonemeSourceError: a statement that this compiler does not know or a value out of range.
    :raises DataError: a base table, phoneme or sound that the installed data does not have.
    """
    codes = {name: entry.code for name, entry in into.codes(table.base).items()}
    free = into.next_code(table.base)
    for phoneme in table.phonemes:
        if phoneme.name not in codes:
            codes[phoneme.name] = free
            free += 1
    entries = [_Compiler(phoneme, codes, into).entry() for phoneme in table.phonemes]
    entries.sort(key=lambda entry: entry.code)
    into.tables.append(TableData(table.name, into.table_number(table.base), tuple(entries)))


@dataclass(slots=True)
class _Compiler:
    phoneme: Phoneme
    codes: dict[str, int]
    into: PhonemeData
    words: list[int] = field(default_factory=list)
    draft: Entry = field(init=False)
    sounded: bool = False
    """A FMT or WAV outside a condition ends the program by itself."""

    def __post_init__(self) -> None:
        self.draft = Entry(self.phoneme.name, 0, 0, self.codes[self.phoneme.name], 0, 0, 0, 0, 0)

    def entry(self) -> Entry:
        statements = list(self.phoneme.statements)
        while statements:
            self._one(statements.pop(0), statements)
        if not self.draft.kind:
            raise PhonemeSourceError(f"line {self.phoneme.line}: {self.phoneme.name} has no kind")
        if self.words and not self.sounded:
            self.words.append(RETURN)
        program = self.into.append_words(self.words) if self.words else self.draft.program
        return replace(self._voiced(), program=program)

    def _voiced(self) -> Entry:
        draft = self.draft
        if draft.flags & _VOICED:
            kind = {STOP: VOICED_STOP, FRICATIVE: VOICED_FRICATIVE}.get(draft.kind, draft.kind)
            draft = replace(draft, kind=kind)
        if draft.kind == VOWEL and not draft.length:
            draft = replace(draft, length=_DEFAULT_VOWEL_LENGTH)
        return draft

    def _one(self, statement: Statement, rest: list[Statement]) -> None:
        name = statement.name
        if name in _KINDS:
            self.draft = replace(self.draft, kind=_KINDS[name])
        elif name in _FLAGS:
            self.draft = replace(self.draft, flags=self.draft.flags | _FLAGS[name])
        elif name in _PLACES:
            self.draft = replace(self.draft, flags=self.draft.flags | _PLACES[name])
        elif name == "import_phoneme":
            self._import(statement)
        elif name in ("starttype", "endtype", "voicingswitch"):
            self._type(name, statement)
        elif name == "length":
            self.draft = replace(self.draft, length=_number(statement, 0, 511) // 2)
        elif name == "lengthmod":
            self.draft = replace(self.draft, length_mod=_number(statement, 0, 9))
        elif name == "IF":
            self._condition(statement, rest)
        else:
            self.words += self._sound(statement)
            self.sounded = self.sounded or name in ("FMT", "WAV")

    def _import(self, statement: Statement) -> None:
        """Everything of a phoneme of another table, `table/name`, but its own name and code."""
        table, _, name = statement.args[0].partition("/")
        found = self.into.codes(table).get(name)
        if found is None:
            raise DataError(f"line {statement.line}: no phoneme {statement.args[0]}")
        if self.draft.kind or self.draft.flags or self.words:
            raise PhonemeSourceError(f"line {statement.line}: import_phoneme must come first")
        end = found.end if found.kind == VOWEL else 0
        self.draft = replace(found, mnemonic=self.draft.mnemonic, code=self.draft.code, end=end)

    def _type(self, name: str, statement: Statement) -> None:
        code = self._code(statement.args[0], statement.line)
        if name == "starttype":
            self.draft = replace(self.draft, start=code)
        elif name == "voicingswitch" or self.draft.kind == VOWEL:
            self.draft = replace(self.draft, end=code)

    def _sound(self, statement: Statement) -> list[int]:
        name = statement.name
        if name == "ipa":
            return _ipa(statement)
        if name in ("Vowelin", "Vowelout"):
            return _transition(statement, self.draft.kind)
        if name == "Tone":
            return self._tone(statement)
        if name in SOUND:
            value = int(statement.args[1]) if len(statement.args) > 1 else 0
            address = self._address(statement.args[0], statement.line) // 4
            return [SOUND[name] + ((value & 0xFF) << 4) + ((address >> 16) & 0xF), address & 0xFFFF]
        raise PhonemeSourceError(f"line {statement.line}: {name} is not known")

    def _tone(self, statement: Statement) -> list[int]:
        first, second = int(statement.args[0]), int(statement.args[1])
        self.draft = replace(self.draft, start=min(first, second), end=max(first, second))
        words: list[int] = []
        for instruction, name in zip((PITCH_ENVELOPE, AMPLITUDE_ENVELOPE), statement.args[2:], strict=False):
            if name != "NULL":
                address = self._address(name, statement.line)
                words += [instruction + ((address >> 16) & 0xF), address & 0xFFFF]
        return words

    def _condition(self, statement: Statement, rest: list[Statement]) -> None:
        """`IF … THEN` one or more statements `ENDIF`; a single word needs no jump: the engine skips it."""
        self.words += self._test(statement)
        inside: list[int] = []
        count = 0
        while rest and rest[0].name != "ENDIF":
            inner = rest.pop(0)
            count += 1
            inside += self._inside(inner)
        if not rest:
            raise PhonemeSourceError(f"line {statement.line}: ENDIF is missing")
        rest.pop(0)
        if count > 1:
            self.words.append(JUMP_FALSE + len(inside) + 1)
        self.words += inside

    def _inside(self, statement: Statement) -> list[int]:
        if statement.name == "length":
            return [(SET_LENGTH << 8) + _number(statement, 0, 511) // 2]
        return self._sound(statement)

    def _test(self, statement: Statement) -> list[int]:
        words: list[int] = []
        items = list(statement.args)
        while items:
            negated = items[0] == "NOT"
            which, what = items[1:3] if negated else items[:2]
            del items[: 3 if negated else 2]
            if which not in _WHICH:
                raise PhonemeSourceError(f"line {statement.line}: {which} is not known")
            if what in _PROPERTIES:
                word = CONDITION | (_WHICH[which] << 8) + _PROPERTIES[what] + 0x700
            else:
                word = CONDITION | (_WHICH[which] << 8) + self._code(what, statement.line)
            if items and items.pop(0) == "OR":
                word |= OR
            words += [word, NOT] if negated else [word]
        return words

    def _code(self, name: str, line: int) -> int:
        if name not in self.codes:
            raise DataError(f"line {line}: no phoneme {name}")
        return self.codes[name]

    def _address(self, name: str, line: int) -> int:
        if name not in self.into.addresses:
            raise DataError(f"line {line}: the installed data has no {name}")
        return self.into.addresses[name]


def _number(statement: Statement, low: int, high: int) -> int:
    value = int(statement.args[0])
    if not low <= value <= high:
        raise PhonemeSourceError(f"line {statement.line}: {statement.name} {value} is not within {low}…{high}")
    return value


def _ipa(statement: Statement) -> list[int]:
    """The name in the phonetic alphabet, two bytes a word."""
    text = statement.args[0].encode("ascii", "backslashreplace").decode("ascii")
    raw = text.replace("U+", "\\u").encode("ascii").decode("unicode-escape").encode("utf-8")
    padded = raw + b"\0" * (len(raw) % 2)
    return [(IPA << 8) + len(raw), *(padded[at] << 8 | padded[at + 1] for at in range(0, len(padded), 2))]


def _scaled(value: int, divide: int, low: int, high: int) -> int:
    """Rounded half away from zero, clamped, counted from `low`."""
    half = divide // 2
    rounded = (value + half) // divide if value >= 0 else -((-value + half) // divide)
    return min(max(rounded, low), high) - low


def _transition(statement: Statement, kind: int) -> list[int]:
    """Formant transition into or out of a vowel: lengths in ms, frequencies in Hz, packed into four words."""
    entering = statement.name == "Vowelin"
    if entering:
        length, rms = (21, 15) if kind == STOP else (25, 12)
    else:
        length, rms = 18, 8
    flags = f1 = f2 = f2_low = f2_high = f3 = f3_gain = colour = 0
    items = list(statement.args)
    while items:
        item = items.pop(0)
        if item in _TRANSITION_FLAGS:
            flags |= _TRANSITION_FLAGS[item]
        elif item == "len=":
            length, flags = _scaled(int(items.pop(0)), 2, 0, 63), flags | 1
        elif item == "rms=":
            rms, flags = _scaled(int(items.pop(0)), 2, 0, 31), flags | 1
        elif item == "f1=":
            f1 = int(items.pop(0))
        elif item == "f2=":
            f2 = _scaled(int(items.pop(0)), 50, 0, 63)
            f2_low, f2_high = sorted(_scaled(int(items.pop(0)), 50, -15, 15) for _ in range(2))
        elif item == "f3=":
            f3 = _scaled(int(items.pop(0)), 50, -15, 15)
            f3_gain = _scaled(int(items.pop(0)), 8, 0, 15)
        elif item == "colr=":
            colour = int(items.pop(0))
        else:
            raise PhonemeSourceError(f"line {statement.line}: {item} is not known")
    word1 = length + (rms << 6) + (flags << 12)
    word2 = f2 + (f2_low << 6) + (f2_high << 11) + (f3 << 16) + (f3_gain << 21) + (f1 << 26) + (colour << 29)
    instruction = (VOWEL_IN if entering else VOWEL_OUT) + ((word1 >> 16) & 0xFF)
    return [instruction, word1 & 0xFFFF, (word2 >> 16) & 0xFFFF, word2 & 0xFFFF]
