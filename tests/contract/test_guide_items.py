"""What is only explained says where, when and what to bring: from the catalogue as the back office serves it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from backoffice.api.catalogue import catalogue_json
from backoffice.api.catalogue_beside import Beside
from backoffice.catalogue.release import read_release, read_tables
from backoffice.publishing.guide import hours_line
from kiosk.adapters.catalogue_json import parse_catalogue
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.screens.compose import sheet
from kiosk.domain.sheets.slip import slip_of_sheets
from kiosk.domain.sheets.state import Sheets
from kiosk.domain.slip.blocks import Contact, NextSteps, SlipFact, SlipTerminal
from kiosk.domain.visit.machine import Ev, Step, VisitState

CONFIG = Path(__file__).parents[2] / "config" / "catalogue"
CASE_NO = "3502130018261124000010"
TERMINAL = SlipTerminal("后村社区", "后村社区服务大厅", "KIOSK-0071")
WALL = datetime(2026, 11, 24, 9, 42)


def _served() -> Catalogue:
    release, posts = read_release(CONFIG), read_tables(CONFIG).posts
    hours = {post.who: hours_line(release, post) for post in posts}
    villages = {"villages": {"350213001001": "a village"}, "towns": {}, "places": {}}
    return parse_catalogue(json.loads(catalogue_json(release, Beside({"hours": hours, **villages}))[0]))


SERVED = _served()
GUIDES = [item for item in SERVED.items if not item.transact]


def test_there_are_eighty_four_items_to_do_and_twenty_two_to_explain() -> None:
    assert (len(SERVED.items), len(GUIDES)) == (106, 22)


@pytest.mark.parametrize("item_id", [item.item_id for item in GUIDES])
def test_screen_and_slip_say_where_when_and_what_to_bring_without_the_network(item_id: str) -> None:
    item = SERVED.item(item_id)
    state = VisitState(step=Step.GUIDE, item_id=item_id, case_no=CASE_NO)
    shown = sheet(state, SERVED)
    facts = [(fact.label, fact.value.value) for fact in shown.facts]
    (go,) = (line for line in shown.body if line.key == "guide.go")
    assert go.args["place"].value == f"place.{item.terms.place}"
    assert next(value for label, value in facts if label == "guide.when") not in ("", "guide.when.ask")
    assert item.materials and ("guide.bring", "、".join(item.materials)) in facts
    assert {"guide.go", "guide.bring"} <= {utterance.line.key for utterance in shown.say}
    assert {Ev.PRINT, Ev.CALL} <= {choice.event.kind for choice in shown.choices}

    told = VisitState(step=Step.PRINT, item_id=item_id, case_no=CASE_NO, stored=True, sheets=Sheets(is_guided=True))
    slip = slip_of_sheets(told, SERVED, TERMINAL, WALL)
    assert slip is not None
    labels = [block.label.key for block in slip.blocks if isinstance(block, SlipFact)]
    assert {"guide.where", "guide.when", "guide.material"} <= set(labels)
    assert labels.count("guide.material") == len(item.materials)
    assert any(isinstance(block, NextSteps) and block.lines for block in slip.blocks)
    assert any(isinstance(block, Contact) for block in slip.blocks)
