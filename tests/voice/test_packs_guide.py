"""docs/voice.zh-CN.md tells a teacher what is really so: commands, tables, examples of the notation."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from voices.__main__ import COMMANDS, main, module
from voices.commands import guide
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


def test_its_numbers_are_those_of_the_texts() -> None:
    """Within one in twenty: a text more does not make it wrong, and `python -m voices guide` writes them anew."""
    told = re.findall(r"^\d+(?= 条要听)|(?<=还差 )\d+(?= 句)|(?<=^\[1/)\d+", GUIDE, re.MULTILINE)
    to_hear, to_record = guide.counts()
    assert [int(number) for number in told] == pytest.approx([to_hear, to_record, to_record], rel=0.05), (
        "python -m voices guide docs/voice.zh-CN.md"
    )


def test_other_numbers_are_written_into_the_guide_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "voice.zh-CN.md"
    file.write_text(guide.counted(GUIDE, 7, 1434), encoding="utf-8")
    stale = file.read_text(encoding="utf-8")
    assert "\n7 条要听。" in stale and "还差 1434 句。" in stale and "[1/1434] " in stale
    assert "\n一千四百多句,同样的话只念一次" in stale
    assert main(["guide", str(file)]) == 0
    assert file.read_text(encoding="utf-8") == guide.counted(GUIDE, *guide.counts())
    assert re.sub(r"\d+|[一二两三四五六七八九百千]+多句", "", stale) == re.sub(
        r"\d+|[一二两三四五六七八九百千]+多句", "", GUIDE
    )


def test_a_file_that_is_not_the_guide_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "other.md"
    file.write_text("7 条要听。\n", encoding="utf-8")
    assert main(["guide", str(file)]) == 1
    assert file.read_text(encoding="utf-8") == "7 条要听。\n"
    assert "nothing was written" in capsys.readouterr().err
    assert main(["guide", str(tmp_path / "nowhere.md")]) == 1
