"""The client against the real back office, a process of its own."""

from __future__ import annotations

import io
import itertools
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from office_support import real_office
from PIL import Image

from drivers import registry
from drivers.api import IdCardReader
from drivers.sim.client import Control
from drivers.sim.lifetime import ends_with_us
from kiosk.adapters.backoffice_http import HttpBackOffice
from kiosk.adapters.backoffice_uploads import FIRST_PIECE, GOES_ON, WHOLE
from kiosk.adapters.catalogue_json import parse_catalogue
from kiosk.adapters.signing import Signer
from kiosk.adapters.store.kiosk_key import read_hex_key
from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.app import contract
from kiosk.app.identify.residents import of_id_card
from kiosk.app.outbox.audit_delivery import AuditDelivery
from kiosk.domain.attachments import KeptFile
from kiosk.domain.case_number import day_of, mint, shown
from kiosk.domain.outbox import MATERIALS_MISSING, ItemKind, OutboxItem, Verdict, judge_ask, judge_send
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import Chosen, DecisionKind, Ev, Event, Prepared, Step, VisitState, advance
from kiosk.domain.visit.plan import plan
from kiosk.domain.visit.readiness import gap

SEQ = itertools.count(1)
SERIAL = itertools.count(1)
PIECES_AT_MOST = 100


class ShiftedClock:
    def __init__(self, by: timedelta) -> None:
        self._by = by

    def wall(self) -> datetime:
        return datetime.now().astimezone() + self._by

    def correct(self, by_s: float) -> None:
        self._by += timedelta(seconds=by_s)


def client(office: Any, clock: ShiftedClock | None = None, key: bytes | None = None) -> HttpBackOffice:
    signer = Signer(real_office.DEVICE, key or read_hex_key(office.key_file))
    return HttpBackOffice(office.url, signer, lambda: next(SEQ), clock or ShiftedClock(timedelta()))


def case(resident: str = "a_kim", **changes: object) -> OutboxItem:
    now = datetime.now().astimezone()
    case_no = mint("350213", 7, 8, day_of(now.date()), next(SERIAL))
    body: dict[str, object] = {
        "case_no": case_no,
        "item_id": "XA032",
        "item_version": 1,
        "consent_version": "2026-1",
        "applicant": real_office.person(resident),
        "form": {"account": "yes"},
        "commitment": None,
        "created_at": now.isoformat(),
        "site": "350213007007",
        "lang": "nan",
        "boot_id": "boot",
        "monotonic_s": 12.5,
        **changes,
    }
    return OutboxItem(case_no, ItemKind.CASE, case_no, 0, body, now.isoformat(), 1, "2026-1")


def rating(of: OutboxItem, token: object) -> OutboxItem:
    body = {"level": 5, "labels": [], "rated_at": of.created_at, "visit_token": token}
    return OutboxItem(f"{of.key}/rating", ItemKind.RATING, of.case_no, 2, body, of.created_at)


def test_the_published_catalogue_is_one_the_kiosk_can_use(office: Any) -> None:
    reply = client(office).catalogue()
    catalogue = parse_catalogue(reply.body)
    assert len(catalogue.items) == 106
    assert len(catalogue.categories) == 12
    assert catalogue.home[0] == "XA032"
    item = catalogue.item("XA032")
    assert item.transact
    assert [(field.key, field.options) for field in item.form if field.is_question and not field.optional] == [
        ("account", ("yes", "other", "none"))
    ]
    assert {"XA032", "XA034", "XA035", "XA041"} <= {each.item_id for each in catalogue.items if gap(each) is None}


def test_the_catalogue_is_not_fetched_twice(office: Any) -> None:
    back_office = client(office)
    assert back_office.catalogue() == back_office.catalogue()


def test_a_case_is_taken_once_under_the_number_minted_here(office: Any) -> None:
    back_office, item = client(office), case()
    assert judge_ask(item, *_pair(back_office.ask(item))) is Verdict.ABSENT
    first, second = back_office.send(item), back_office.send(item)
    assert judge_send(item, *_pair(first)) is Verdict.DELIVERED
    assert judge_send(item, *_pair(second)) is Verdict.DELIVERED
    asked = back_office.ask(item)
    assert judge_ask(item, *_pair(asked)) is Verdict.DELIVERED
    assert first.body["visit_token"] == second.body["visit_token"] == asked.body["visit_token"]
    assert sum(known["case_no"] == item.key for known in office.cases()) == 1


def test_another_body_under_the_same_number_is_refused_for_good(office: Any) -> None:
    back_office, item = client(office), case()
    back_office.send(item)
    reply = back_office.send(replace(item, body={**item.body, "form": {"account": "other"}}))
    assert reply.body["code"] == "idempotency_mismatch"
    assert judge_send(item, *_pair(reply)) is Verdict.REJECTED


def test_a_body_outside_the_contract_is_refused_for_good(office: Any) -> None:
    item = case(form={"account": "perhaps"})
    assert judge_send(item, *_pair(client(office).send(item))) is Verdict.REJECTED


def test_a_rating_needs_the_visits_token_and_counts_once(office: Any) -> None:
    back_office, item = client(office), case()
    token = back_office.send(item).body["visit_token"]
    wrong = rating(item, "x" * 32)
    assert judge_send(wrong, *_pair(back_office.send(wrong))) is Verdict.REJECTED
    right = rating(item, token)
    assert judge_send(right, *_pair(back_office.send(right))) is Verdict.DELIVERED
    again = replace(right, key=right.key + "/again")
    reply = back_office.send(again)
    assert (reply.status, reply.body["code"]) == (409, "already_rated")
    assert judge_send(again, *_pair(reply)) is Verdict.DELIVERED


def test_a_call_for_help_gets_its_ticket(office: Any) -> None:
    item = case()
    body = {
        "case_no": item.case_no,
        "site": "350213007007",
        "step": "ask",
        "item_id": "XA032",
        "note": "",
        "called_at": item.created_at,
    }
    call = OutboxItem(f"{item.key}/call/1", ItemKind.CALL, item.case_no, 1, body, item.created_at)
    back_office = client(office)
    reply = back_office.send(call)
    assert judge_send(call, *_pair(reply)) is Verdict.DELIVERED
    assert back_office.send(call).body["ticket"] == reply.body["ticket"]


def test_progress_is_told_for_number_and_code(office: Any) -> None:
    back_office, item = client(office), case()
    code = str(back_office.send(item).body["query_code"])
    reply = back_office.progress(shown(item.key).replace(" ", ""), code)
    assert reply.status == 200
    assert back_office.progress(item.key, "0000" if code != "0000" else "1111").status == 404


def test_known_facts_come_before_the_questions(office: Any) -> None:
    person = real_office.person("a_kim")
    applicant = {name: person[name] for name in ("document", "name", "number")}
    reply = client(office).prefill({"item_id": "XA032", "applicant": applicant})
    assert reply.status == 200
    assert reply.body["known"] == {"account": {"bank": "农商银行", "last4": "6821"}}


@pytest.mark.parametrize("by", [timedelta(days=-3), timedelta(days=4000), timedelta(minutes=-20)])
def test_a_terminal_with_a_wrong_clock_gets_through(office: Any, by: timedelta) -> None:
    clock = ShiftedClock(by)
    assert client(office, clock).health().status == 200
    assert abs((clock.wall() - datetime.now().astimezone()).total_seconds()) < 5


def test_a_foreign_key_is_refused_and_the_matter_is_not_given_up(office: Any) -> None:
    item = case()
    reply = client(office, key=b"\x07" * 32).send(item)
    assert reply.status == 401
    assert judge_send(item, *_pair(reply)) is Verdict.REFUSED_NOW


def _pair(reply: Any) -> tuple[int, Any]:
    return reply.status, reply.body


# ---- whose card is no resident's -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader_and_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[IdCardReader, Control]]:
    """A reader's driver on the line of its simulated device, and the hand that lays cards on it."""
    folder = tmp_path_factory.mktemp("id_card")
    link, control = folder / "line", folder / "ctl"
    settings = json.dumps({"residents_file": str(real_office.RESIDENTS)})
    options = ["--link", str(link), "--control", str(control), "--settings", settings]
    command = ends_with_us([sys.executable, "-m", "drivers.sim", "id_card", *options])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=real_office.ROOT) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        reader = registry.create("id_card", "sam_v", {"port": str(link)})
        assert isinstance(reader, IdCardReader)
        hand = Control(control)
        reader.open()
        yield reader, hand
        reader.close()
        hand.close()
        process.stdin.close()
        assert process.wait(10) is not None


@pytest.mark.parametrize("who", ["foreigner_2017", "foreigner_2023", "hmt"])
def test_who_is_no_mainland_resident_goes_from_the_card_to_a_decision(
    office: Any, reader_and_card: tuple[IdCardReader, Control], who: str
) -> None:
    reader, hand = reader_and_card
    hand("present", resident=who)
    resident = of_id_card(reader.read(2.0), date.today())
    hand("lift")
    assert resident.document == who
    back_office = client(office)
    item = parse_catalogue(back_office.catalogue().body).item("XA049")
    asked = {"document": resident.document, "name": resident.name, "number": resident.number}
    known = contract.facts(back_office.prefill({"item_id": item.item_id, "applicant": asked}).body)
    now = datetime.now().astimezone()
    case_no = mint("350213", 7, 8, day_of(now.date()), next(SERIAL))
    state = VisitState()
    for event in (
        Event(Ev.START, Lang.NAN),
        Event(Ev.CHOSEN, Chosen(item.item_id, item.version, item.consent_version, transact=True)),
        Event(Ev.CARD_READ, resident),
        Event(Ev.YES),
        Event(Ev.CARD_REMOVED),
        Event(Ev.PREPARED, Prepared(item.item_id, plan(item, known), known, False, now.date().isoformat())),
        Event(Ev.ANSWER, "pick_up"),
        Event(Ev.SKIP),
        Event(Ev.SEND),
    ):
        state = replace(advance(state, event)[0], case_no=case_no)
    assert state.step is Step.SUBMIT
    body = contract.case_body(state, "350213007007", now.isoformat(), "boot", 12.5, lambda lang, key: "v1")
    reply = back_office.send(OutboxItem(case_no, ItemKind.CASE, case_no, 0, body, now.isoformat(), 1, "2026-1"))
    decision = contract.decision(reply.body)
    assert decision is not None and decision.kind is DecisionKind.APPROVED
    state, _ = advance(advance(state, Event(Ev.STORED, case_no))[0], Event(Ev.DECIDED, decision))
    assert state.step is Step.RESULT


# ---- files ---------------------------------------------------------------------------------------------------


def paper(back_office: HttpBackOffice, of: OutboxItem, content: bytes) -> KeptFile:
    digest = Signer("K", bytes(32)).digest_of(content)
    return KeptFile(of.case_no, digest, "image/jpeg", "letter", content, of.created_at)


def jpeg(length: int) -> bytes:
    """A picture that can be drawn, with so many bytes of comments in it."""
    out, chance = io.BytesIO(), random.Random(length)
    Image.new("RGB", (16, 16)).save(out, "JPEG")
    most = 65_000
    cut = [min(most, length - start) for start in range(0, length, most)]
    comments = b"".join(b"\xff\xfe" + (size + 2).to_bytes(2, "big") + chance.randbytes(size) for size in cut)
    return out.getvalue()[:2] + comments + out.getvalue()[2:]


def with_paper(of: OutboxItem, file: KeptFile) -> OutboxItem:
    named = [{"material": file.material, "digest": file.digest}]
    return replace(of, body={**of.body, "materials": named}, attachments=(file.digest,))


def test_a_case_goes_after_its_file_and_not_before(office: Any) -> None:
    back_office, item = client(office), case()
    file = paper(back_office, item, jpeg(4 * FIRST_PIECE))
    item = with_paper(item, file)
    early = back_office.send(item)
    assert (early.body["code"], judge_send(item, *_pair(early))) == (MATERIALS_MISSING, Verdict.REFUSED_NOW)
    answers = [back_office.upload(file).status]
    while answers[-1] == GOES_ON:
        assert len(answers) < PIECES_AT_MOST, answers
        answers.append(back_office.upload(file).status)
    assert answers[-1] == WHOLE and len(answers) >= 3
    assert judge_send(item, *_pair(back_office.send(item))) is Verdict.DELIVERED


def test_another_process_goes_on_where_the_last_one_ended(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first, item, sent = client(office), case(), list[int]()
    file = paper(first, item, jpeg(8 * FIRST_PIECE))

    def counted(of: HttpBackOffice) -> HttpBackOffice:
        ask = of._tus
        monkeypatch.setattr(of._uploads, "_ask", lambda *request: (sent.append(len(request[2])), ask(*request))[1])
        return of

    assert [counted(first).upload(file).status for _ in range(2)] == [GOES_ON, GOES_ON]
    already = sum(sent)
    assert 0 < already < len(file.content)
    second = counted(client(office))
    ended = [second.upload(file).status]
    while ended[-1] == GOES_ON:
        assert len(ended) < PIECES_AT_MOST, ended
        ended.append(second.upload(file).status)
    assert sum(sent) == len(file.content), "nothing that was acknowledged is sent again"
    assert judge_send(item, *_pair(second.send(with_paper(item, file)))) is Verdict.DELIVERED


def test_what_is_no_picture_is_refused_and_says_so(office: Any) -> None:
    back_office, item = client(office), case()
    assert back_office.upload(paper(back_office, item, b"no picture at all")).body["code"] == "upload_type"


def test_a_consent_is_taken_once(office: Any) -> None:
    back_office, item = client(office), case()
    body = {"case_no": item.case_no, "purpose": "capture.may.papers", "text_version": "0" * 64, "lang": "nan"}
    consent = OutboxItem(
        f"{item.case_no}/consent/0", ItemKind.CONSENT, item.case_no, 1, {**body, "given_at": item.created_at}, ""
    )
    back_office.send(item)
    answers = [judge_send(consent, *_pair(back_office.send(consent))) for _ in range(2)]
    assert answers == [Verdict.DELIVERED, Verdict.DELIVERED]


def _audit(office: Any, *more: str) -> str:
    command = [sys.executable, "-m", "backoffice", "audit", "--data", str(office.data), *more]
    return subprocess.run(command, cwd=real_office.ROOT, capture_output=True, text=True, timeout=60, check=False).stdout


def test_the_terminals_audit_chain_is_followed_and_another_one_is_an_alarm(office: Any, tmp_path: Path) -> None:
    back_office, wall = client(office), datetime.now().astimezone
    store = SqlcipherStore(tmp_path / "outbox.db", bytes(32), wall)
    for number in range(70):
        store.record_login("0042", "in" if number % 2 else "wrong")
    delivery = AuditDelivery(store, back_office)
    delivery.deliver()
    last = store.audit_chain()[-1]
    held = back_office.post("/v1/audit-links", {"links": []}).body
    assert (held["seq"], held["digest"]) == (last.seq, last.digest) and last.seq > 70
    store.record_login("0042", "in")
    AuditDelivery(store, back_office).deliver()
    assert back_office.post("/v1/audit-links", {"links": []}).body["seq"] == last.seq + 1
    assert "1 chains of terminals held, 0 alarms" in _audit(office)
    store.close()

    another = SqlcipherStore(tmp_path / "another.db", bytes(32), wall)
    another.record_login("0042", "in")
    delivery = AuditDelivery(another, back_office)
    delivery.deliver()
    told = _audit(office)
    assert f"terminal {real_office.DEVICE}: its chain was shortened" in told and "1 alarms" in told
    another.record_login("0042", "in")
    delivery.deliver()
    newest = another.audit_chain()[-1]
    assert back_office.post("/v1/audit-links", {"links": []}).body == {"seq": newest.seq, "digest": newest.digest}
    assert "0 alarms" in _audit(office, "--looked-into", real_office.DEVICE)
    another.close()
