"""The journey format: strict, told with file, line and step, and documented word by word."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.play import verbs
from kiosk.play.command import BAD_SCRIPT, run
from kiosk.play.schema import ScriptError
from kiosk.play.script import load_script

HEAD = 'journey = "j"\n'


def written(folder: Path, body: str, head: str = HEAD) -> Path:
    path = folder / "j.toml"
    path.write_text(head + body, encoding="utf-8")
    return path


def refused(folder: Path, body: str, head: str = HEAD) -> str:
    with pytest.raises(ScriptError) as caught:
        load_script(written(folder, body, head))
    return str(caught.value)


def test_a_bare_value_stands_for_the_verb_s_main_option(tmp_path: Path) -> None:
    script = load_script(written(tmp_path, '[[step]]\ntouch = "confirm.yes"\n[[step]]\ncard = "a_kim"\n'))
    assert [(step.verb, step.options) for step in script.steps] == [
        ("touch", {"target": "confirm.yes"}),
        ("card", {"resident": "a_kim"}),
    ]


def test_the_language_of_the_command_line_outranks_the_file_s_and_fills_the_texts(tmp_path: Path) -> None:
    path = written(tmp_path, '[[step]]\ntouch = "welcome.start_{lang}"\n', HEAD + 'lang = "nan"\n')
    assert load_script(path).steps[0].options == {"target": "welcome.start_nan"}
    assert load_script(path, "cmn").steps[0].options == {"target": "welcome.start_cmn"}


def test_a_part_is_played_with_its_own_words_and_knows_its_own_lines(tmp_path: Path) -> None:
    (tmp_path / "part.toml").write_text('[vars]\nresident = "a_kim"\n[[step]]\ncard = "{resident}"\n', encoding="utf-8")
    steps = '[[step]]\nuse = "part.toml"\n[[step]]\nuse = {file = "part.toml", with = {resident = "hmt"}}\n'
    script = load_script(written(tmp_path, steps))
    assert [step.options["resident"] for step in script.steps] == ["a_kim", "hmt"]
    assert script.steps[0].place == "part.toml:3: step 1"


def test_a_part_that_uses_itself_is_an_error_and_not_the_end_of_the_stack(tmp_path: Path) -> None:
    (tmp_path / "part.toml").write_text('[[step]]\nuse = "part.toml"\n', encoding="utf-8")
    assert "nested" in refused(tmp_path, '[[step]]\nuse = "part.toml"\n')


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('[[step]]\nlift = true\n\n[[step]]\npoke = "x"\n', "j.toml:5: step 2: unknown verb 'poke'"),
        ('[[step]]\ntouch = {key = "a", jiter_mm = 3}\n', "j.toml:2: step 1: touch: unknown key 'jiter_mm'"),
        ('[[step]]\ntouch = "a"\nlift = true\n', "one verb a step"),
        ('[[step]]\nnote = "x"\n', "needs a verb"),
        ("[[step]]\ntouch = {x_mm = 3}\n", "x_mm and y_mm go together"),
        ('[[step]]\ntouch = {key = "a", text = "b"}\n', "exactly one of target, key, text"),
        ('[[step]]\npress = "F1"\n', "'F1' is not one of up, down"),
        ("[[step]]\nclock = {advance_s = -1}\n", "below 0"),
        ("[[step]]\nclock = {advance_s = nan}\n", "finite"),
        ("[[step]]\nclock = {advance_s = 1, skew_s = 1}\n", "exactly one of advance_s, everywhere_s, skew_s"),
        ("[[step]]\nnetwork = {cut_at_byte = true}\n", "whole number"),
        ('[[step]]\nnetwork = {state = "cut", path = "/v1"}\n', "belongs to a cut at a byte"),
        ('[[step]]\ntouch = "a"\nat = {after_s = 1}\n', "cannot wait with at"),
        ('[[step]]\ncard = {block_hex = "abc"}\n', "hexadecimal"),
        ('[[step]]\nclerk = "answer_call"\n', "not yet"),
        ('[[step]]\ntechnician = "unplug"\n', "'device' is needed"),
        ('[[step]]\nwait = {screen = "a"}\nexpect = {screen = "b"}\n', "wait stands alone"),
        ('[[step]]\nwait = {scren = "a"}\n', "unknown key 'scren'"),
        ('[[step]]\nwait = {outcome = "done"}\n', "'done' is not one of finished"),
        ('[[step]]\ntouch = "{who}"\n', "{who} is not defined"),
        ('[expect]\noutcome = "ok"\n[[step]]\nlift = true\n', "'ok' is not one of"),
        ("[[step]]\nlift = true\n[expect]\nshiny = true\n", "unknown key 'shiny'"),
        ("", "at least one [[step]]"),
        ("[[step]\n", "not TOML"),
        ('date = "2026-11-24T09:30:00"\n[[step]]\nlift = true\n', "needs an offset"),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_place(tmp_path: Path, body: str, said: str) -> None:
    assert said in refused(tmp_path, body)


def test_the_command_ends_with_2_and_one_line_before_anything_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([str(written(tmp_path, '[[step]]\npoke = "x"\n'))]) == BAD_SCRIPT
    assert capsys.readouterr().out.count("\n") == 1


def every_word() -> list[str]:
    """Each verb, option and expectation of the format."""
    found = [*verbs.VERBS, *verbs.EXPECT_STEP.params, *verbs.EXPECT_END.params, *verbs.AT.params, *verbs.OUTCOMES]
    for shape in verbs.VERBS.values():
        found += shape.params
        for param in shape.params.values():
            found += param.choices
    return sorted(set(found))


@pytest.mark.parametrize("word", every_word())
def test_the_manual_explains_every_word_of_the_format(word: str) -> None:
    manual = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    assert f"`{word}`" in manual or f"`{word} " in manual or f'"{word}"' in manual


def test_the_example_in_the_manual_can_be_played(tmp_path: Path) -> None:
    manual = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    example = manual.split("```toml\n# full example", 1)[1].split("```", 1)[0]
    assert len(load_script(written(tmp_path, example, "")).steps) > 5


SHIPPED = sorted(path.relative_to(Path(__file__).parent) for path in Path(__file__).parent.rglob("*.toml"))


@pytest.mark.parametrize("path", [path for path in SHIPPED if path.parts[0] != "parts"], ids=str)
def test_each_journey_that_is_shipped_can_be_read_with_all_its_parts(path: Path) -> None:
    assert load_script(Path(__file__).parent / path).steps


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(verb=st.sampled_from([*verbs.VERBS, "wait", "expect", "at", "use", "note"]), value=VALUES, data=st.data())
def test_no_value_of_any_verb_breaks_the_parser(verb: str, value: object, data: st.DataObject) -> None:
    """Whatever stands there, the answer is a step or a ScriptError."""
    from kiosk.play.script import _steps

    if isinstance(value, dict) and verb in verbs.VERBS:
        names = st.sampled_from(sorted(verbs.VERBS[verb].params))
        value = {data.draw(names): item for item in value.values()}
    try:
        steps = _steps([{verb: value}], Path("fuzz.toml"), "[[step]]", {"lang": "nan"}, 0)
    except ScriptError as error:
        assert str(error).startswith(("fuzz.toml:1: step 1", "fuzz.toml: "))
    else:
        assert len(steps) == 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_file_breaks_the_parser(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "j.toml"
        path.write_bytes(content)
        with pytest.raises(ScriptError, match=r"^j\.toml"):
            load_script(path)


def test_whoever_plays_in_a_process_of_its_own_has_its_signals_back(tmp_path: Path) -> None:
    """Otherwise a run of tests that is told to end fails one test and goes on."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    journey = written(tmp_path, '[[step]]\ntouch = "a"\n')
    (tmp_path / "file").write_bytes(b"")
    assert run([str(journey), "--out", str(tmp_path / "file" / "out")]) == BAD_SCRIPT
    assert [signal.getsignal(number) for number in numbers] == before
