"""The report is built from what was seen; an expectation that does not hold says so in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from kiosk.play import verbs
from kiosk.play.checks.expect import CHECKS, Moment, problems
from kiosk.play.checks.residue import needles, search_bytes, search_files
from kiosk.play.checks.verdict import CHECKS as END_CHECKS
from kiosk.play.checks.verdict import Ending, verdict
from kiosk.play.observer import SeenEvent, Tree, parse_tree
from kiosk.play.report import Account, Delivery, build, compare
from kiosk.play.slips import Page
from kiosk.play.speech_log import SpeechLog, Spoken

A, B = "3502130178261124000014", "3502130178261124000022"


def event(kind: str, t_ms: int = 0, **data: Any) -> SeenEvent:
    return SeenEvent(kind, t_ms, data)


def told(*events: SeenEvent) -> Account:
    account = Account()
    for one in events:
        account.take(one)
    return account


FINISHED = (
    event("visit_begun", case_no=A, step="choose"),
    event("screen", 100, step="choose", overlay="none"),
    event("screen", 200, step="choose", overlay="help"),
    event("stored", case_no=A),
    event("printed_proved", case_no=A),
    event("visit_ended", case_no=A, outcome="finished"),
    event("screen", 900, step="welcome", overlay="none"),
)


def test_a_visit_is_told_from_its_first_screen_to_its_wipe() -> None:
    account = told(*FINISHED)
    assert account.outcome == "finished" and account.case_no == A and account.wiped
    assert account.steps == [
        {"step": "choose", "screen": "choose", "t_ms": 100},
        {"step": "choose", "screen": "help", "t_ms": 200},
        {"step": "welcome", "screen": "welcome", "t_ms": 900},
    ]
    assert account.printed == [{"device": "receipt_printer", "pages": 0, "proved": True}]


@pytest.mark.parametrize(("stored", "worth"), [(True, "saved"), (False, "failed")])
def test_a_visit_that_a_crash_ended_is_worth_what_was_stored(stored: bool, worth: str) -> None:
    account = told(*FINISHED[:2], *([event("stored", case_no=A)] if stored else []))
    account.lost()
    assert account.outcome == worth


def test_a_visit_that_still_goes_on_is_not_called_wiped() -> None:
    account = told(*FINISHED[:-1])
    assert not account.wiped


def test_duplicates_are_second_cases_of_a_number_and_cases_of_no_visit() -> None:
    assert compare([A], [A], [{"case_no": A}]) == Delivery(1, 0)
    assert compare([A], [A], [{"case_no": A}, {"case_no": A}]) == Delivery(1, 1)
    assert compare([A], [A], [{"case_no": A}, {"case_no": B}]) == Delivery(1, 1)
    assert compare([A], [A], []) == Delivery(0, 0, (A,))


def test_the_report_has_exactly_the_promised_fields() -> None:
    spoken = [Spoken("welcome.invite", "nan", "x", "speaker")]
    report = build("demo", told(*FINISHED), spoken, Delivery(1, 0), wiped=True, failed=[])
    assert list(report) == [
        "journey",
        "outcome",
        "case_no",
        "steps",
        "spoken",
        "printed",
        "delivered",
        "duplicates",
        "wiped",
        "faults",
        "failed_expectations",
    ]
    assert report["spoken"] == [{"key": "welcome.invite", "lang": "nan", "text": "x", "route": "speaker"}]
    two = told(*FINISHED, event("visit_begun", case_no=B))
    assert [visit["case_no"] for visit in build("d", two, [], Delivery(1, 0), wiped=False, failed=[])["visits"]] == [
        A,
        B,
    ]


TREE = parse_tree(
    {
        "seq": 3,
        "step": "confirm_who",
        "overlay": "none",
        "screen": "confirm_who",
        "lang": "nan",
        "px_per_mm": 4.0,
        "width_px": 1080,
        "height_px": 1920,
        "ready": True,
        "nodes": [
            {"role": "text", "name": "这是你吗？", "key": "confirm.question", "state": [], "box_px": [0, 0, 10, 10]},
            {"role": "button", "name": "是", "key": "confirm.yes", "state": ["likely"], "box_px": [10, 20, 100, 50]},
        ],
    }
)
SAID = (Spoken("confirm.question", "nan", "这是你吗", "speaker"),)


def drawn() -> Image.Image:
    """A dark bar of 8 px = 2 mm in the box of the question, on white; the button is grey on white."""
    picture = Image.new("RGB", (1080, 1920), "white")
    ImageDraw.Draw(picture).rectangle((1, 1, 3, 8), fill="black")
    ImageDraw.Draw(picture).rectangle((30, 30, 80, 50), fill="#595959")
    return picture


def moment(tree: Tree = TREE, account: Account | None = None, **more: Any) -> Moment:
    counts = {"pages": lambda: 1, "sheets": lambda: 1, "delivered": lambda: 1}
    seen = {"picture": drawn, "mount_mm": 1250.0}
    fields: dict[str, Any] = {"events": (), "spoken": SAID, "faults": (), **counts, **seen}
    return Moment(tree=tree, account=account or told(*FINISHED), **{**fields, **more})


HOLDS_AND_NOT: dict[str, tuple[Any, Any]] = {
    "ink_mm": (2.0, 2.5),
    "contrast": (6.9, 7.5),
    "reach_mm": ((1232.0, 1246.0), (400.0, 1220.0)),
    "screen": ("confirm_who", "help"),
    "step": ("confirm_who", "ask"),
    "overlay": ("none", "help"),
    "lang": ("nan", "cmn"),
    "text": (("是",), ("不是",)),
    "contains": (("是你",), ("不是",)),
    "key": (("confirm.yes",), ("confirm.no",)),
    "not_text": (("不是",), ("是",)),
    "not_contains": (("陈",), ("你吗",)),
    "not_key": (("confirm.no",), ("confirm.yes",)),
    "likely": ("confirm.yes", "confirm.question"),
    "disabled": (None, "confirm.yes"),
    "spoken": (
        ({"key": "confirm.question", "lang": "nan", "text": "是你"},),
        ({"key": "confirm.question", "lang": "cmn"},),
    ),
    "not_spoken": (({"lang": "cmn"},), ({"route": "speaker"},)),
    "spoken_lang": ("nan", "cmn"),
    "events": ((), ({"key": "stored"},)),
    "not_events": (("stored",), None),
    "outcome": ("finished", "refused"),
    "faults": ((), ("paper_out",)),
    "pages": (1, 2),
    "sheets": (1, 0),
    "stored": (1, 0),
    "delivered": (1, 0),
}


def test_every_expectation_of_a_step_is_checked_both_ways() -> None:
    assert set(HOLDS_AND_NOT) == set(CHECKS) == set(verbs.EXPECT_STEP.params) - {"within_s", "unchanged_s"}


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_an_expectation_of_a_step_holds_or_says_what_is_wrong(name: str) -> None:
    good, bad = HOLDS_AND_NOT[name]
    if good is not None:
        assert problems({name: good}, moment()) == []
    if bad is not None:
        assert len(problems({name: bad}, moment())) == 1


def test_a_picture_is_measured_and_others_are_asked_only_when_all_the_rest_holds() -> None:
    asked: list[str] = []

    def delivered() -> int:
        asked.append("delivered")
        return 1

    def picture() -> Image.Image:
        asked.append("picture")
        return drawn()

    now = moment(delivered=delivered, picture=picture)
    assert problems({"delivered": 1, "ink_mm": 2.0, "screen": "help"}, now) == [
        "screen is 'confirm_who', not 'help'",
    ]
    assert asked == []
    assert len(problems({"delivered": 0, "ink_mm": 2.5, "screen": "confirm_who"}, now)) == 2
    assert asked == ["delivered", "picture"]


def test_events_are_compared_by_kind_and_by_every_named_field() -> None:
    now = moment(events=(event("visit_ended", outcome="saved"),))
    assert problems({"events": ({"key": "visit_ended"},)}, now) == []
    assert problems({"events": ({"kind": "visit_ended", "outcome": "saved"},)}, now) == []
    assert problems({"events": ({"kind": "visit_ended", "outcome": "failed"},)}, now)
    assert problems({"not_events": ("visit_ended",)}, now)


def slip(folder: Path, number: str, name: str = "slip.png", complete: bool = True) -> Page:
    """A piece of paper with the number in a code, drawn by another library than reads it."""
    import segno

    picture = Image.new("L", (576, 700), 255)
    code = segno.make(f"tshupinn:{number}", error="m")
    for y, row in enumerate(code.matrix):
        for x, dark in enumerate(row):
            if dark:
                ImageDraw.Draw(picture).rectangle((60 + x * 8, 60 + y * 8, 67 + x * 8, 67 + y * 8), fill=0)
    picture.save(folder / name)
    return Page(folder / name, complete)


def ending(folder: Path, **changed: Any) -> Ending:
    fields: dict[str, Any] = {
        "account": told(*FINISHED),
        "spoken": SAID,
        "cases": ({"case_no": A, "state": "decided", "outcome": "approved"},),
        "audit": {"broken": 0, "events": [{"event": "accepted", "case_no": A}]},
        "delivery": Delivery(1, 0),
        "pages": (slip(folder, A, "own.png"),),
        "sheets": 1,
        "sheet_pages": 3,
        "charges": 1,
        "touches": 8,
        "exit_codes": (0,),
        "orphans": 0,
        "wiped": True,
        "left": (),
        "shown": ("confirm.yes", "王*明"),
        "bare": ("name (utf-8) in a screen",),
        "plugged_s": ((10.0, 20.0),),
    }
    return Ending(**{**fields, **changed})


END_HOLDS_AND_NOT: dict[str, tuple[Any, Any]] = {
    "outcome": ("finished", "saved"),
    "outcomes": (("finished",), ("finished", "finished")),
    "screens": (("choose", "welcome"), ("welcome", "choose")),
    "screen_s": ({"choose": 0.1, "help": 0.7}, {"help": 0.6}),
    "spoken": (({"key": "confirm.question"},), ({"key": "welcome.invite"},)),
    "not_spoken": (({"lang": "cmn"},), ({"lang": "nan"},)),
    "spoken_lang": ("nan", "cmn"),
    "routes": (("speaker",), ("headphone",)),
    "stored": (1, 2),
    "delivered": (1, 0),
    "duplicates": (0, 1),
    "same_number": (True, None),
    "cases": (({"state": "decided"},), ({"state": "accepted"},)),
    "in_order": (True, False),
    "audit": (True, None),
    "audited": ({"accepted": 1, "document_copied": 0}, {"accepted": 2}),
    "pages": (1, 0),
    "sheets": (1, 2),
    "sheet_pages": (3, 2),
    "charges": (1, 2),
    "incomplete_pages": (0, 1),
    "proved": (True, False),
    "slip_number": (True, False),
    "slip_ocr": (None, None),
    "slip_not_ocr": (None, None),
    "faults": ((), ("paper_out",)),
    "only_faults": (("paper_out",), None),
    "no_faults": (True, None),
    "max_touches": (8, 7),
    "clause_han": (4, 3),
    "never_shown": (("ask.phone",), ("confirm.",)),
    "masked": (False, True),
    "ear_only": (True, None),
    "clean_exit": (True, None),
    "wiped": (True, False),
}


def test_every_expectation_of_the_end_is_checked_both_ways() -> None:
    assert set(END_HOLDS_AND_NOT) == set(END_CHECKS) == set(verbs.EXPECT_END.params) - {"within_s"}


@pytest.mark.parametrize("name", sorted(END_CHECKS))
def test_an_expectation_of_the_end_holds_or_says_what_is_wrong(tmp_path: Path, name: str) -> None:
    good, bad = END_HOLDS_AND_NOT[name]
    if good is not None:
        assert verdict({name: good}, ending(tmp_path)) == []
    if bad is not None:
        assert len(verdict({name: bad}, ending(tmp_path))) == 1


def test_what_every_journey_must_keep_needs_not_be_written(tmp_path: Path) -> None:
    assert verdict({}, ending(tmp_path, delivery=Delivery(1, 1))) == ["duplicate cases: 1, not 0"]
    assert verdict({}, ending(tmp_path, exit_codes=(-9,))) == ["the kiosk ended with [-9]"]
    assert verdict({}, ending(tmp_path, orphans=2)) == ["2 processes outlived the kiosk"]
    torn = {"broken": 1, "events": []}
    assert verdict({}, ending(tmp_path, audit=torn)) == ["1 links of the audit are broken", f"no link for {A}"]
    left = ending(tmp_path, wiped=False, left=("number (utf-8) in state/x",))
    assert verdict({}, left) == ["left behind: number (utf-8) in state/x"]


def test_cases_that_came_in_another_order_are_found(tmp_path: Path) -> None:
    came = [{"event": "accepted", "case_no": number} for number in (B, A)]
    assert len(verdict({"in_order": True}, ending(tmp_path, audit={"broken": 0, "events": came}))) == 1


def test_another_number_on_the_slip_or_in_the_office_is_found(tmp_path: Path) -> None:
    assert verdict({"slip_number": True}, ending(tmp_path, pages=(slip(tmp_path, B),)))
    assert verdict({"same_number": True}, ending(tmp_path, cases=({"case_no": B},)))
    torn = slip(tmp_path, A, complete=False)
    assert verdict({"slip_number": True}, ending(tmp_path, pages=(torn,))) == ["no whole slip came out"]


def test_the_text_on_a_slip_is_read_by_another_program(tmp_path: Path) -> None:
    from PIL import ImageFont

    from kiosk.play.slips import read_text

    font = ImageFont.load_default(size=60)
    picture = Image.new("RGB", (576, 160), "white")
    ImageDraw.Draw(picture).text((20, 40), "7826 1124", fill="black", font=font)
    picture.save(tmp_path / "p.png")
    assert "78261124" in read_text(Page(tmp_path / "p.png", True))


def test_what_begins_aloud_while_a_headphone_is_in_is_found(tmp_path: Path) -> None:
    def said(at_s: float, route: str = "speaker") -> list[str]:
        clause = Spoken("ask.account", "nan", "帐户", route, first_sample_s=at_s)
        return verdict({"ear_only": True}, ending(tmp_path, spoken=(clause,)))

    assert said(15.0) == ["on the loudspeaker with a headphone in: ask.account"]
    assert said(10.4) == said(20.1) == said(9.0) == said(15.0, "headphone") == []
    assert verdict({"ear_only": True}, ending(tmp_path, plugged_s=())) == ["no headphone was in"]


PERSON = {"name": "王小明", "number": "110101199003070011", "address": "某市某区某路1号"}


@pytest.mark.parametrize("field", ["name", "number", "address"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "gbk"])
def test_a_trace_of_a_resident_is_found_in_every_spelling(tmp_path: Path, field: str, encoding: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / ".hidden").write_bytes(b"\x00\xff" + PERSON[field].encode(encoding) + b"\x00")
    hits = search_files([tmp_path], needles([PERSON]))
    assert field in {hit.field for hit in hits}
    assert all(PERSON[field] not in str(hit) for hit in hits), "the finding repeats nothing"


def test_an_old_number_of_fifteen_digits_is_a_trace_too() -> None:
    old = "110101" + "900307001"
    assert [hit.field for hit in search_bytes(old.encode("utf-16-le"), "state", needles([PERSON]))] == ["number"]


def test_names_of_files_are_searched_and_masked_texts_are_no_trace(tmp_path: Path) -> None:
    (tmp_path / "110101199003070011.txt").write_text("王*明 1101**********0011", encoding="utf-8")
    hits = search_files([tmp_path], needles([PERSON]))
    assert [(hit.field, hit.place.startswith("the name of")) for hit in hits] == [("number", True)]
    assert search_bytes("王*明".encode(), "screen", needles([PERSON])) == []


def test_the_speech_log_is_read_while_it_grows_and_never_half_a_line(tmp_path: Path) -> None:
    path = tmp_path / "speech.jsonl"
    log = SpeechLog(path)
    assert log.read() == []
    row = json.dumps(
        {"key": "a", "lang": "nan", "text": "甲", "route": "speaker", "completed": False}, ensure_ascii=False
    )
    data = (row + "\n" + row).encode()
    path.write_bytes(data[:-3])
    assert len(log.read()) == 1
    with path.open("ab") as file:
        file.write(data[-3:] + b"\n")
    assert log.read() == [Spoken("a", "nan", "甲", "speaker", False)] * 2
