"""Look-ups, certificates and guides: the kiosk's client against the real back office, a process of its own."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from office_support import real_office
from pypdf import PdfReader

from backoffice.queries.views import OWN_CASES, VIEWS
from kiosk.adapters.backoffice_http import HttpBackOffice
from kiosk.adapters.catalogue_json import parse_catalogue
from kiosk.adapters.signing import Signer
from kiosk.adapters.store.kiosk_key import read_hex_key
from kiosk.adapters.words import VoicesWords
from kiosk.app.sheets import contract as sheets_contract
from kiosk.app.slip.printing import PrintingService
from kiosk.domain.case_number import day_of, mint
from kiosk.domain.catalogue import Catalogue, Mode
from kiosk.domain.outbox import ItemKind, OutboxItem, Verdict, judge_send
from kiosk.domain.ports import Reply
from kiosk.domain.screens.compose import view
from kiosk.domain.sheets.state import Refusal, Sheets, Trouble
from kiosk.domain.slip.blocks import NextSteps, SlipFact, SlipTerminal
from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit.machine import Ev, Step, VisitState
from kiosk.domain.visit.readiness import Capabilities, Capability, Unusable, gap

SITE = "350213007007"
SEQ, SERIAL = itertools.count(1), itertools.count(1)
WORDS = VoicesWords()
TERMINAL = SlipTerminal("后村社区", "后村社区服务大厅", "KIOSK-0071")


@pytest.fixture(scope="module")
def talker(office: Any) -> HttpBackOffice:
    signer = Signer(real_office.DEVICE, read_hex_key(office.key_file))
    return HttpBackOffice(office.url, signer, lambda: next(SEQ), real_office.HereClock())


@pytest.fixture(scope="module")
def catalogue(talker: HttpBackOffice) -> Catalogue:
    return parse_catalogue(talker.catalogue().body)


def visit(item_id: str, form: Mapping[str, str], resident: str = "pensioner") -> dict[str, object]:
    now = datetime.now().astimezone()
    return {
        "case_no": mint("350213", 7, 8, day_of(now.date()), next(SERIAL)),
        "item_id": item_id,
        "item_version": 1,
        "consent_version": "2026-1",
        "applicant": real_office.person(resident),
        "form": dict(form),
        "commitment": None,
        "created_at": now.isoformat(),
        "site": SITE,
        "lang": "nan",
        "boot_id": "boot",
        "monotonic_s": 12.5,
    }


def asked(talker: HttpBackOffice, route: str, body: Mapping[str, object]) -> Reply:
    return talker.post(route, body, str(body["case_no"]))


def test_what_registers_say_comes_as_lines_with_the_age_of_each(talker: HttpBackOffice) -> None:
    reply = asked(talker, "/v1/queries", visit("XA009", {"month_from": "2026-01", "month_to": "2026-10"}))
    assert reply.status == 201 and reply.body["case"]
    told = sheets_contract.told(reply.body)
    assert told.figure is not None and told.figure.key == "row.pension.payment"
    assert [row.args["month"].value for row in told.rows if row.key == "row.pension.payment"] == [
        str(month) for month in range(10, 0, -1)
    ]
    assert all(register.is_fresh for register in told.registers)


def test_who_is_in_no_register_is_told_so_and_by_whom(talker: HttpBackOffice) -> None:
    reply = asked(talker, "/v1/prints", visit("XA008", {"record_year": "2025"}, "a_kim"))
    refusal = sheets_contract.refusal(reply)
    assert refusal.trouble is Trouble.REFUSED and refusal.next_step is not None
    assert [reason.key for reason in refusal.reasons] == ["reason.pension_missing"]


def test_a_certificate_is_made_once_fetched_with_its_digest_and_its_proof_is_told(talker: HttpBackOffice) -> None:
    body = visit("XA104", {"month_from": "2006-01", "month_to": "2026-02"})
    body["applicant"] = {**real_office.person("pensioner"), "vouched_by": "1042", "vouched_at": str(body["created_at"])}
    first, second = asked(talker, "/v1/prints", body), asked(talker, "/v1/prints", body)
    document = sheets_contract.document_of(first.body)
    assert first.status == 201 and sheets_contract.document_of(second.body) == document
    target = f"/v1/documents/{document.document_id}"
    file = talker.file(target, document.digest)
    assert file.status == 200 and len(PdfReader(io.BytesIO(file.content)).pages) >= 3
    assert talker.file(target, "0" * 64).status == 0, "other bytes than announced are no answer"
    report = {"document_id": document.document_id, "outcome": "printed"}
    case_no = str(body["case_no"])
    item = OutboxItem(f"{case_no}/printed/1/1", ItemKind.PRINTED, case_no, 1, report, str(body["created_at"]))
    for _ in range(2):
        reply = talker.send(item)
        assert judge_send(item, reply.status, reply.body) is Verdict.DELIVERED


def test_another_copy_is_counted(talker: HttpBackOffice) -> None:
    body = visit("XA008", {"record_year": "2025"})
    case = asked(talker, "/v1/prints", body).body["case"]
    assert isinstance(case, dict)
    code = {"number": body["case_no"], "code": case["query_code"]}
    again = sheets_contract.document(talker.post("/v1/documents/reprints", code, f"{body['case_no']}/copy/1").body)
    assert again.copy == 2
    assert talker.file(f"/v1/documents/{again.document_id}", again.digest).status == 200


def test_guidance_is_kept_under_the_number_minted_here(talker: HttpBackOffice, catalogue: Catalogue) -> None:
    item = catalogue.item("XA028")
    full = visit(item.item_id, {})
    body = {key: full[key] for key in ("case_no", "created_at", "site", "lang", "boot_id", "monotonic_s")}
    body |= {"item_id": item.item_id, "item_version": item.version}
    case_no = str(body["case_no"])
    kept = OutboxItem(case_no, ItemKind.GUIDANCE, case_no, 0, body, str(body["created_at"]), item.version)
    for _ in range(2):
        reply = talker.send(kept)
        assert judge_send(kept, reply.status, reply.body) is Verdict.DELIVERED


def test_a_refused_look_up_leaves_a_number_with_its_cause(talker: HttpBackOffice, catalogue: Catalogue) -> None:
    """The number on the slip of who was sent elsewhere is known to the office, with what was said to her."""
    item = catalogue.item("XA008")
    full = visit(item.item_id, {"record_year": "2025"}, "a_kim")
    refusal = sheets_contract.refusal(asked(talker, "/v1/prints", full))
    told = VisitState(step=Step.GUIDE, item_id=item.item_id, sheets=Sheets(refusal=refusal))
    because = sheets_contract.because(item, told)
    assert because == {"cause": "refused", "reasons": ["reason.pension_missing"]}
    body = {key: full[key] for key in ("case_no", "created_at", "site", "lang", "boot_id", "monotonic_s")}
    body |= {"item_id": item.item_id, "item_version": item.version}
    case_no = str(body["case_no"])
    for given, verdict in ((body, Verdict.REJECTED), (body | {"because": because}, Verdict.DELIVERED)):
        kept = OutboxItem(case_no, ItemKind.GUIDANCE, case_no, 0, given, str(body["created_at"]), item.version)
        reply = talker.send(kept)
        assert judge_send(kept, reply.status, reply.body) is verdict
    facts = reply.body["decision"]["facts"]
    assert facts["cause"] == "refused" and facts["basis"]


def test_why_the_way_is_shown_is_said_of_a_service_that_this_kiosk_carries(catalogue: Catalogue) -> None:
    certificate, explained = catalogue.item("XA008"), catalogue.item("XA028")
    without_paper = Capabilities().without(Unusable(Capability.PRINT_DOCUMENT, "paper_out"))
    state = VisitState(step=Step.GUIDE, item_id="XA008", capabilities=without_paper)
    assert sheets_contract.because(certificate, state) == {"cause": "no_printer"}
    assert sheets_contract.because(explained, replace(state, item_id="XA028")) is None
    silent = replace(state, sheets=Sheets(refusal=Refusal(Trouble.OFFLINE)))
    assert sheets_contract.because(certificate, silent) == {"cause": "offline", "reasons": []}


def test_no_query_is_begun_that_no_register_answers(catalogue: Catalogue) -> None:
    """What the back office has no view for would be asked for nothing."""
    looked_up = {item.item_id for item in catalogue.items if item.mode in (Mode.QUERY, Mode.PRINT)}
    begun = {item.item_id for item in catalogue.items if gap(item) is None}
    assert looked_up & begun <= VIEWS.keys() | {OWN_CASES}


@pytest.mark.parametrize("lang", list(Lang))
def test_each_guide_says_where_when_and_what_to_bring(talker: HttpBackOffice, catalogue: Catalogue, lang: Lang) -> None:
    """On the screen and on the slip, with today's hours and without the network; nothing on paper goes stale."""
    guides = [item for item in catalogue.items if not item.transact]
    assert len(guides) == 22
    for item in guides:
        way = sheets_contract.way(talker.get(f"/v1/guides/{item.item_id}?site={SITE}").body)
        for known in (None, way):
            sheets = Sheets(way=known, is_guided=True)
            state = VisitState(
                step=Step.GUIDE, lang=lang, item_id=item.item_id, sheets=sheets, case_no="3502130078261124000019"
            )
            shown = view(state, catalogue)
            facts = {fact.label: fact.value.value for fact in shown.facts}
            assert any(line.key == "guide.go" for line in shown.body), item.item_id
            assert shown.facts[0].label == "guide.bring" and item.materials[0] in facts["guide.bring"]
            assert facts["guide.when"] and facts["guide.office"], item.item_id
            assert "guide.bring" in {said.line.key for said in shown.say}
            assert all(choice.event.kind is not Ev.BACK for choice in shown.choices), "the bar has its own way back"
            _check_slip(replace(state, stored=True), catalogue, item.materials)


def _check_slip(state: VisitState, catalogue: Catalogue, materials: tuple[str, ...]) -> None:
    slip = PrintingService(WORDS, TERMINAL).slip(state, catalogue, datetime(2026, 11, 24, 9, 42))
    facts = [block for block in slip.blocks if isinstance(block, SlipFact)]
    labels = [fact.label.key for fact in facts]
    assert labels[0] == "guide.where" and "guide.when" in labels
    brought = [fact.value.args["text"].value for fact in facts if fact.label.key == "guide.material"]
    assert brought == list(materials)
    boxed = [line for block in slip.blocks if isinstance(block, NextSteps) for line in block.lines]
    assert {line.key for line in boxed} == {"guide.go", "guide.bring"}
    for line in (*boxed, *(part for fact in facts for part in (fact.label, fact.value))):
        _check_words(state.lang, line)


def _check_words(lang: Lang, line: Line) -> None:
    assert WORDS.show(lang, line.key, line.args)
