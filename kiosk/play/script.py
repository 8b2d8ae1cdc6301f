"""A journey file: parsed strictly into frozen values before anything is started."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.play import verbs
from kiosk.play.schema import Param, ScriptError, Shape, Table, read_table

LANGS = ("nan", "cmn")
_MAX_NESTING = 4
_STEP_EXTRAS = ("expect", "wait", "at", "note")

_TOP = Shape(
    {
        "journey": Param("str", required=True),
        "title": Param("str"),
        "lang": Param("str", choices=LANGS),
        "date": Param("str"),
        "vars": Param("table"),
        "stage": Param("table"),
        "step": Param("rows"),
        "expect": Param("table"),
    }
)
_STAGE = Shape(
    {
        "backoffice": Param("str", choices=("up", "down")),
        "network": Param("str", choices=("up", "cut")),
        "paper": Param("str", choices=("ok", "low", "out")),
        "clock_s": Param("float", low=-1e9, high=1e9),
        "speech_speed": Param("float", low=1, high=100),
        "voice": Param("str", choices=("paced", "null")),
        "devices": Param("words"),
        "staff": Param("bool"),
        "payments": Param("str", choices=("up",)),
        "ladder": Param("words"),
    }
)
_USE = Shape({"file": Param("str", required=True), "with": Param("table")}, short="file")


@dataclass(frozen=True, slots=True)
class PlayStep:
    """One step: a verb with its options, when it happens, and what must hold afterwards."""

    place: str
    """File, line and number, for messages."""
    verb: str
    """Empty when the step only expects."""
    options: Table
    at: Table | None
    expect: Table | None
    note: str = ""

    @property
    def title(self) -> str:
        """What is printed while it plays."""
        said = self.options if self.verb else self.expect or {}
        shown = ", ".join(f"{key}={value}" for key, value in said.items())
        return self.note or f"{self.verb or 'wait'} {shown}".strip()


@dataclass(frozen=True, slots=True)
class Script:
    """A whole journey."""

    journey: str
    lang: str
    title: str = ""
    date: datetime | None = None
    stage: Table = field(default_factory=dict)
    armed: tuple[PlayStep, ...] = ()
    """Done before the first step, and no part of what it waits for."""
    steps: tuple[PlayStep, ...] = ()
    expect: Table = field(default_factory=dict)


def load_script(path: Path, lang: str | None = None) -> Script:
    """Read a journey; `lang` outranks the file's own. :raises ScriptError:"""
    text, data = _read_toml(path)
    steps = data.pop("step", [])
    top = read_table(_TOP, data, path.name)
    chosen = lang or top.get("lang", "nan")
    if chosen not in LANGS:
        raise ScriptError(f"{path.name}: language {chosen!r} is not one of {', '.join(LANGS)}")
    words = {"lang": chosen, **_vars(top.get("vars", {}), f"{path.name}: vars")}
    played = tuple(_steps(steps, path, text, words, 0))
    if not played:
        raise ScriptError(f"{path.name}: a journey needs at least one [[step]]")
    end = _fill(top.get("expect", {}), words, f"{path.name}: expect")
    stage = read_table(_STAGE, top.get("stage", {}), f"{path.name}: stage")
    for device in stage.get("devices", ()):
        if device not in verbs.EXTRAS:
            raise ScriptError(f"{path.name}: stage: device {device!r} is not one of {', '.join(verbs.EXTRAS)}")
    return Script(
        journey=top["journey"],
        lang=chosen,
        title=top.get("title", ""),
        date=_date(top.get("date"), path.name),
        stage=stage,
        steps=played,
        expect=_checked_outcomes(read_table(verbs.EXPECT_END, end, f"{path.name}: expect"), f"{path.name}: expect"),
    )


def _read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path.name}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ScriptError(f"{path.name}: not TOML: {error}") from error


def _vars(table: Mapping[str, object], place: str) -> dict[str, str]:
    for name, value in table.items():
        if not isinstance(value, str) or not re.fullmatch(r"[a-z_]+", name):
            raise ScriptError(f"{place}: {name!r} must be a lower-case name with a string")
    return {name: str(value) for name, value in table.items()}


def _date(text: str | None, place: str) -> datetime | None:
    if text is None:
        return None
    try:
        date = datetime.fromisoformat(text)
    except ValueError as error:
        raise ScriptError(f"{place}: date {text!r} is no ISO 8601 date and time") from error
    if date.tzinfo is None:
        raise ScriptError(f"{place}: date {text!r} needs an offset, e.g. +08:00")
    return date


def _steps(raw: object, path: Path, text: str, words: Mapping[str, str], depth: int) -> list[PlayStep]:
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise ScriptError(f"{path.name}: step must be a list of tables, [[step]]")
    lines = [text[: match.start()].count("\n") + 1 for match in re.finditer(r"^[ \t]*\[\[step\]\]", text, re.MULTILINE)]
    steps: list[PlayStep] = []
    for number, item in enumerate(raw, start=1):
        line = lines[number - 1] if number <= len(lines) else 1
        place = f"{path.name}:{line}: step {number}"
        if "use" in item:
            steps.extend(_part(item, path, words, place, depth))
        else:
            steps.append(_step(_fill(item, words, place), place))
    return steps


def _part(item: Table, path: Path, words: Mapping[str, str], place: str, depth: int) -> list[PlayStep]:
    """The steps of another file, with its own words: what journeys have in common is written once."""
    extra = [key for key in item if key not in ("use", "note")]
    if extra:
        raise ScriptError(f"{place}: use stands alone, not with {extra[0]!r}")
    if depth >= _MAX_NESTING:
        raise ScriptError(f"{place}: parts are nested more than {_MAX_NESTING} deep")
    use = read_table(_USE, _fill(item["use"], words, place) if isinstance(item["use"], dict) else item["use"], place)
    part = (path.parent / use["file"]).resolve()
    try:
        text, data = _read_toml(part)
    except ScriptError as error:
        raise ScriptError(f"{place}: use: {error}") from error
    unknown = [key for key in data if key not in ("step", "vars")]
    if unknown:
        raise ScriptError(f"{part.name}: unknown key {unknown[0]!r} in a part; allowed: step, vars")
    own = _vars(data.get("vars", {}), f"{part.name}: vars") if isinstance(data.get("vars", {}), dict) else {}
    given = _vars(use.get("with", {}), f"{place}: with")
    return _steps(data.get("step", []), part, text, {**own, **words, **given}, depth + 1)


def _step(item: Table, place: str) -> PlayStep:
    named = [key for key in item if key not in _STEP_EXTRAS]
    unknown = [key for key in named if key not in verbs.VERBS]
    if unknown:
        raise ScriptError(f"{place}: unknown verb {unknown[0]!r}; allowed: {', '.join(verbs.VERBS)}, wait, use")
    if len(named) > 1:
        raise ScriptError(f"{place}: one verb a step, not {' and '.join(named)}")
    if not named and "expect" not in item and "wait" not in item:
        raise ScriptError(f"{place}: a step needs a verb, wait or expect")
    if "wait" in item and (named or "expect" in item):
        raise ScriptError(f"{place}: wait stands alone; after a verb it is called expect")
    verb = named[0] if named else ""
    options = _options(verb, item[verb], place) if verb else {}
    at = read_table(verbs.AT, item["at"], f"{place}: at") if "at" in item else None
    if at is not None and verb not in verbs.OUTSIDE:
        raise ScriptError(f"{place}: {verb or 'expect'} cannot wait with at; use expect before it")
    word = "wait" if "wait" in item else "expect"
    expect = read_table(verbs.EXPECT_STEP, item[word], f"{place}: {word}") if word in item else None
    note = item.get("note", "")
    if not isinstance(note, str):
        raise ScriptError(f"{place}: note must be a string")
    return PlayStep(place, verb, options, at, _checked_outcomes(expect, f"{place}: expect"), note)


def _options(verb: str, value: object, place: str) -> Table:
    options = read_table(verbs.VERBS[verb], value, f"{place}: {verb}")
    later = verbs.NOT_YET.get(verb, ())
    if options.get("do") in later:
        raise ScriptError(f"{place}: {verb} {options['do']}: not yet, the product cannot do it")
    if verb in ("lift", "close_window") and not options["on"]:
        raise ScriptError(f"{place}: {verb} is done with true; leave the step out otherwise")
    if verb == "touch":
        _check_touch(options, f"{place}: touch")
    if "block_hex" in options and not re.fullmatch(r"([0-9a-fA-F]{2})+", options["block_hex"]):
        raise ScriptError(f"{place}: card: block_hex must be pairs of hexadecimal digits")
    if verb == "network":
        _check_network(options, f"{place}: network")
    if verb == "technician" and options["do"] in ("unplug", "replug") and "device" not in options:
        raise ScriptError(f"{place}: technician {options['do']}: 'device' is needed")
    return options


def _check_touch(options: Table, place: str) -> None:
    named = [key for key in ("target", "key", "text") if key in options]
    by_place = "x_mm" in options or "y_mm" in options
    if by_place and ("x_mm" not in options or "y_mm" not in options):
        raise ScriptError(f"{place}: x_mm and y_mm go together")
    if len(named) + by_place != 1:
        raise ScriptError(f"{place}: exactly one of target, key, text or x_mm with y_mm is needed")


def _check_network(options: Table, place: str) -> None:
    if "state" in options:
        extra = [key for key in ("method", "path", "then") if key in options]
        if extra:
            raise ScriptError(f"{place}: {extra[0]!r} belongs to a cut at a byte or a delay")
    if "then" in options and "delay_s" in options:
        raise ScriptError(f"{place}: 'then' belongs to a cut at a byte")


def _checked_outcomes(expect: Table | None, place: str) -> Any:
    if expect is None:
        return None
    for outcome in (*expect.get("outcomes", ()), *((expect["outcome"],) if "outcome" in expect else ())):
        if outcome not in verbs.OUTCOMES:
            raise ScriptError(f"{place}: outcome {outcome!r} is not one of {', '.join(verbs.OUTCOMES)}")
    return expect


def _fill(value: Any, words: Mapping[str, str], place: str) -> Any:
    """Replace `{name}` in every string. :raises ScriptError: no such word."""
    if isinstance(value, dict):
        return {key: _fill(item, words, place) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, words, place) for item in value]
    if not isinstance(value, str):
        return value

    def word(match: re.Match[str]) -> str:
        if match[1] not in words:
            raise ScriptError(f"{place}: {{{match[1]}}} is not defined; known: {', '.join(words)}")
        return words[match[1]]

    return re.sub(r"\{([a-z_]+)\}", word, value)
