"""docs/voice.zh-CN.md tells a teacher what is really so: commands, tables, examples of the notation."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from voices.__main__ import COMMANDS, module
from voices.pipeline import accent as accents
from voices.pipeline import tailo
from voices.pipeline.accent import Accent, SandhiRule
from voices.recording.judge import Fault

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "voice.zh-CN.md").read_text(encoding="utf-8")
EXAMPLES = {1: "君 kun1", 2: "滚 kun2", 3: "棍 kun3", 4: "骨 kut4", 5: "群 kun5", 7: "郡 kun7", 8: "滑 kut8"}


def levels(contour: Sequence[int]) -> str:
    return "".join(map(str, contour))


def rule(accent: Accent, found: SandhiRule) -> str:
    """A sandhi rule as the guide writes it."""
    if isinstance(found, str):
        return levels(accent.contours[found])
    parts = []
    for name, form in (("next", "{}调前 {}"), ("coda", "-{} 尾 {}")):
        choices = found.get(name, {})
        assert isinstance(choices, dict)
        for code in dict.fromkeys(choices.values()):
            tones = "、".join(each for each, other in choices.items() if other == code)
            parts.append(form.format(tones, levels(accent.contours[code])))
    return ",".join([*parts, f"其余 {levels(accent.contours[str(found['else'])])}"])


@pytest.mark.parametrize("tone", EXAMPLES)
def test_the_table_of_accents_is_that_of_the_voice(tone: int) -> None:
    cells = [str(tone), EXAMPLES[tone]]
    for accent in map(accents.load, ("tongan", "xiamen")):
        cells += [levels(accent.contours[str(tone)]), rule(accent, accent.sandhi[str(tone)])]
    assert f"| {' | '.join(cells)} |" in GUIDE


def test_every_example_is_a_syllable() -> None:
    chapter = GUIDE.split("## 三 ")[1].split("## 五 ")[0]
    found = re.findall(r"[㐀-鿿] ?([a-z]+[1-9](?:--?[a-z]+[1-9])*)", chapter)
    assert len(found) > 40
    for example in found:
        tailo.groups(example)


def test_every_command_is_one() -> None:
    asked = re.findall(r"python -m voices (\w+)((?: [^\n`&>|（(]+)?)", GUIDE)
    assert {name for name, _ in asked} >= {"review", "record", "pack", "say", "check"}
    for name, rest in asked:
        parser = argparse.ArgumentParser(prog=name)
        module(name).arguments(parser)
        words = re.findall(r'"[^"]*"|\S+', rest.replace(" 退回上一版", ""))
        known = {flag for action in all_actions(parser) for flag in action.option_strings}
        flags = [word for word in words if word.startswith("--")]
        assert name in COMMANDS and set(flags) <= known, (name, flags)


def all_actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Those of its subcommands, too."""
    found = list(parser._actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                found += all_actions(inner)
    return found


def test_every_refusal_of_a_take_stands_in_the_guide() -> None:
    table = GUIDE.split("| 它说 | 怎么办 |")[1].split("\n\n")[0]
    words = {
        Fault.CLIPPED: "录破了",
        Fault.SOFT: "声音太小",
        Fault.LOUD: "声音太大",
        Fault.NOISY: "四周太吵",
        Fault.SHORT: "没读完",
        Fault.LONG: "太长",
        Fault.CUT: "被切掉了",
        Fault.KNOCK: "碰撞声",
        Fault.SILENT: "没有录到声音",
    }
    assert set(words) == set(Fault)
    assert all(word in table for word in words.values())
    assert all(word in fault.value for fault, word in words.items())
