"""The attacks: each says True when it got what it wanted. On the broken back office all do; on ours none may."""

from __future__ import annotations

import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from attacks.target import OTHER, OWN

HEALTH = "/v1/health"
SQL = ("' OR '1'='1", "x' UNION SELECT secret FROM cases --", "'; DROP TABLE cases; --", "' OR 1=1 --")
PERSON = {"document": "resident", "name": "x", "number": "11010119000101001X"}
JSON = ("Content-Type", "application/json")


@dataclass(frozen=True, slots=True)
class Attack:
    name: str
    run: Callable[[Any], bool]
    slow: bool = False


def all_attacks() -> list[Attack]:
    found = [*_signatures(), *_replays(), *_injections(), *_paths(), *_ownership(), *_sessions(), *_logins()]
    found += [*_enrolment(), *_administration(), *_bodies(), *_uploads()]
    names = [attack.name for attack in found]
    assert len(names) == len(set(names))
    return found


def _signatures() -> Iterator[Attack]:
    def unsigned(t: Any) -> bool:
        return t.send("GET", HEALTH, None, [("Device", "K1")]).fine

    def changed(signed: tuple[str, str, Any], sent: tuple[str, str, Any]) -> Callable[[Any], bool]:
        def run(t: Any) -> bool:
            return t.send(*sent, t.signed("K2", *signed)).status not in (401, 403)

        return run

    def with_signature(text: str) -> Callable[[Any], bool]:
        def run(t: Any) -> bool:
            headers = [(name, value) for name, value in t.signed("K1", "GET", HEALTH) if name != "Signature"]
            return t.send("GET", HEALTH, None, [*headers, ("Signature", text)]).fine

        return run

    def beside(name: str, signed: str | None, *sent: str) -> Callable[[Any], bool]:
        def run(t: Any) -> bool:
            headers = t.signed("K2", "GET", HEALTH, None, {name: signed} if signed else None)
            return t.send("GET", HEALTH, None, [*headers, *((name, value) for value in sent)]).fine

        return run

    def twice(name: str, value: str, first: bool) -> Callable[[Any], bool]:
        def run(t: Any) -> bool:
            headers = t.signed("K2", "GET", HEALTH)
            extra = (name, value)
            return t.send("GET", HEALTH, None, [extra, *headers] if first else [*headers, extra]).fine

        return run

    body = {"item_id": "", "applicant": PERSON}
    yield Attack("no signature at all", unsigned)
    yield Attack("another body than was signed", changed(("POST", "/v1/prefills", body), ("POST", "/v1/prefills", {})))
    yield Attack("another path than was signed", changed(("GET", HEALTH, None), ("GET", "/v1/catalogue", None)))
    yield Attack("another query than was signed", changed(("GET", HEALTH, None), ("GET", f"{HEALTH}?x=1", None)))
    yield Attack("another method than was signed", changed(("GET", HEALTH, None), ("POST", "/v1/health", None)))
    yield Attack("another key of a repeat than was signed", beside("Idempotency-Key", "a", "b"))
    yield Attack("a key of a repeat that was not signed", beside("Idempotency-Key", None, "b"))
    yield Attack("a second key of a repeat", beside("Idempotency-Key", "a", "a", "b"))
    for text in ("none=", "hmac-none=" + "0" * 64, "hmac-sm3=", "hmac-sm3=" + "0" * 64, "hmac-sha256=" + "0" * 64, "*"):
        yield Attack(f"a signature that is none: {text[:20]}", with_signature(text))
    for first in (True, False):
        where = "before" if first else "after"
        yield Attack(f"a second Device {where} the signed one", twice("Device", "K1", first))
        yield Attack(f"a second Signature {where} the right one", twice("Signature", "hmac-sm3=" + "0" * 64, first))
    yield Attack("the name of a terminal in other letters", lambda t: t.call("k1", "GET", HEALTH).fine)
    yield Attack("an unknown terminal", lambda t: t.call("K77", "GET", HEALTH).fine)


def _replays() -> Iterator[Attack]:
    def the_same_bytes(t: Any) -> bool:
        headers = t.signed("K2", "GET", HEALTH)
        t.send("GET", HEALTH, None, headers)
        return t.send("GET", HEALTH, None, headers).fine

    def again(first: dict[str, str], second: dict[str, str], device: str = "K2") -> Callable[[Any], bool]:
        def run(t: Any) -> bool:
            n = str(next(t.seq))
            t.send("GET", HEALTH, None, t.signed(device, "GET", HEALTH, **{k: v.format(n=n) for k, v in first.items()}))
            values = {name: value.format(n=n) for name, value in second.items()}
            return t.send("GET", HEALTH, None, t.signed(device, "GET", HEALTH, **values)).fine

        return run

    def at(ms: int) -> Callable[[Any], bool]:
        return lambda t: t.send("GET", HEALTH, None, t.signed("K2", "GET", HEALTH, Time=str(ms))).fine

    def far_behind(t: Any) -> bool:
        newest = next(t.seq) + 50_000
        t.send("GET", HEALTH, None, t.signed("K3", "GET", HEALTH, Seq=str(newest)))
        return t.send("GET", HEALTH, None, t.signed("K3", "GET", HEALTH, Seq=str(newest - 2_000))).fine

    yield Attack("the same bytes twice", the_same_bytes)
    yield Attack("an old nonce with a new number", again({"Nonce": "nonce-{n}"}, {"Nonce": "nonce-{n}"}))
    yield Attack("an old number with a new nonce", again({"Seq": "{n}"}, {"Seq": "{n}"}))
    yield Attack("an old number written with a nought", again({"Seq": "{n}"}, {"Seq": "0{n}"}))
    yield Attack("an old number written with a sign", again({"Seq": "{n}"}, {"Seq": "+{n}"}))
    yield Attack("an old number written with a line between", again({"Seq": "10{n}"}, {"Seq": "1_0{n}"}, "K4"))
    yield Attack("a number far behind", far_behind)
    yield Attack(
        "the number nought", lambda t: t.send("GET", HEALTH, None, t.signed("K2", "GET", HEALTH, Seq="0")).fine
    )
    yield Attack("a request of years ago", at(1_000_000_000_000))
    yield Attack("a request of years to come", at(4_000_000_000_000))
    yield Attack("a line feed in a signed header", again({}, {"Nonce": "nonce\nK1-{n}"}))


def _injections() -> Iterator[Attack]:
    """SQL in every place where a caller may write something."""
    q = quote
    help_call = {"case_no": "", "site": f"{OWN}007", "step": "", "item_id": "", "note": "", "called_at": ""}
    rating = {"visit_token": "", "level": 5, "labels": [], "rated_at": "2026-11-24T10:05:00+08:00"}
    consent = {"case_no": "0" * 22, "purpose": "", "text_version": "", "lang": "nan", "given_at": ""}
    as_k2: list[tuple[str, Callable[[Any, str], Any]]] = [
        ("q of progress", lambda t, s: t.call("K2", "GET", f"/v1/progress?q={q(s)}&code=1")),
        ("code of progress", lambda t, s: t.call("K2", "GET", f"/v1/progress?q={'0' * 16}&code={q(s)}")),
        ("case_no in a path", lambda t, s: t.call("K2", "GET", f"/v1/cases/{q(s, safe='')}")),
        ("Device", lambda t, s: t.send("GET", HEALTH, None, t.signed(f"K2{s}", "GET", HEALTH))),
        (
            "visit_token",
            lambda t, s: t.call("K2", "POST", f"/v1/cases/{'0' * 22}/rating", {**rating, "visit_token": s}),
        ),
        ("step of a help call", lambda t, s: t.call("K2", "POST", "/v1/help-calls", {**help_call, "step": s})),
        ("note of a help call", lambda t, s: t.call("K2", "POST", "/v1/help-calls", {**help_call, "note": s})),
        ("site of a help call", lambda t, s: t.call("K2", "POST", "/v1/help-calls", {**help_call, "site": s})),
        (
            "item_id of a prefill",
            lambda t, s: t.call("K2", "POST", "/v1/prefills", {"item_id": s, "applicant": PERSON}),
        ),
        ("purpose of a consent", lambda t, s: t.call("K2", "POST", "/v1/consents", {**consent, "purpose": s})),
        (
            "number of a withdrawal",
            lambda t, s: t.call(
                "K2", "POST", "/v1/consent-withdrawals", {"number": s, "code": "1", "withdrawn_at": ""}
            ),
        ),
        ("login", lambda t, s: t.log_in(login=s)),
        (
            "enrolment code",
            lambda t, s: t.send("POST", "/public/v1/enrolments", {"code": s, "public_key": "A" * 43}, [JSON]),
        ),
        ("town of the audit", lambda t, s: t.as_staff("auditor", OTHER, "GET", f"/staff/v1/audit?town={q(s)}")),
        ("item_id of the queue", lambda t, s: t.as_staff("intake", OTHER, "GET", f"/staff/v1/cases?item_id={q(s)}")),
        ("cursor of the queue", lambda t, s: t.as_staff("intake", OTHER, "GET", f"/staff/v1/cases?after={q(s)}")),
        ("case_no of staff", lambda t, s: t.as_staff("intake", OTHER, "GET", f"/staff/v1/cases/{q(s, safe='')}")),
    ]
    for place, ask in as_k2:
        yield Attack(f"SQL in {place}", lambda t, ask=ask: any(t.told(ask(t, text)) for text in SQL))


def _paths() -> Iterator[Attack]:
    def reaches_staff(path: str) -> Callable[[Any], bool]:
        """A terminal, or nobody at all, at a door of staff."""

        def run(t: Any) -> bool:
            return t.told(t.call("K2", "GET", path)) or t.told(t.send("GET", path))

        return run

    for path in (
        "/v1/../staff/v1/accounts",
        "/v1/%2e%2e/staff/v1/accounts",
        "/v1/..%2fstaff/v1/accounts",
        "/v1/cases/../../staff/v1/accounts",
        "/v1/./../staff/v1/accounts",
        "//staff/v1/accounts",
        "/STAFF/v1/accounts",
        "/%73taff/v1/accounts",
        "/public/v1/../../staff/v1/accounts",
        "/v1/..;/staff/v1/accounts",
    ):
        yield Attack(
            f"a way around the gate: {path}",
            reaches_staff(path.replace("..;", "..")) if ";" in path else reaches_staff(path),
        )
    override = {"X_HTTP_Method_Override": "GET"}
    path = "/v1/cases/%27%20OR%20%271%27=%271"
    yield Attack("another method in a header", lambda t: t.told(t.call("K2", "DELETE", path, **override)))


def _ownership() -> Iterator[Attack]:
    def of_case(t: Any, path: str = "") -> str:
        return f"/v1/cases/{t.victim.case['case_no']}{path}"

    def guess_codes(t: Any) -> bool:
        """The code has four digits; a thousand guesses are a tenth of them all."""
        shown = t.victim.case["case_no"][-16:]
        answers = [t.call("K2", "GET", f"/v1/progress?q={shown}&code={n:04d}") for n in range(40)]
        return sum(answer.status not in (429, 422) for answer in answers) > 10

    def both_forms(t: Any) -> bool:
        whole = t.victim.case["case_no"]
        wrong = f"{(int(t.victim.case['query_code']) + 1) % 10_000:04d}"
        forms = itertools.cycle((whole, whole[-16:]))
        answers = [t.call("K2", "GET", f"/v1/progress?q={next(forms)}&code={wrong}") for _ in range(12)]
        return sum(answer.status not in (429, 422) for answer in answers) > 6

    def key_theft(t: Any) -> bool:
        """K1's key, used by K2: the answer to it carries the token of the visit."""
        t.call("K1", "POST", "/v1/cases", {"note": "x"}, Idempotency_Key="a-key")
        keys = (t.victim.case["case_no"], "a-key")
        return any(t.told(t.call("K2", "POST", "/v1/cases", {}, Idempotency_Key=key)) for key in keys)

    def key_with_another_body(t: Any) -> bool:
        path, body = "/v1/help-calls", {"case_no": "", "site": f"{OWN}007", "step": "a", "item_id": "", "note": ""}
        body["called_at"] = "2026-11-24T10:00:00+08:00"
        t.call("K2", "POST", path, body, Idempotency_Key="k")
        return t.call("K2", "POST", path, {**body, "step": "b"}, Idempotency_Key="k").fine

    def rate(t: Any, device: str, token: str) -> Any:
        body = {"visit_token": token, "level": 1, "labels": [], "rated_at": "2026-11-24T10:05:00+08:00"}
        return t.call(device, "POST", of_case(t, "/rating"), body)

    def consent_onto(t: Any) -> bool:
        body = {"case_no": t.victim.case["case_no"], "purpose": "consent.data_use", "text_version": "1", "lang": "nan"}
        body["given_at"] = "2026-11-24T10:00:00+08:00"
        return t.call("K2", "POST", "/v1/consents", body, Idempotency_Key="c-1").fine

    def digits(t: Any) -> bool:
        wide = "".join(chr(0xFF10 + int(d)) for d in t.victim.case["case_no"])
        return t.call("K2", "GET", f"/v1/progress?q={quote(wide)}&code={t.victim.case['query_code']}").fine

    yield Attack(
        "another terminal's case",
        lambda t: (
            t.told(t.call("K2", "GET", of_case(t) + "%27%20OR%20%271%27=%271"))
            or t.told(t.call("K2", "GET", of_case(t)))
        ),
    )
    yield Attack("another terminal's rating with its token", lambda t: rate(t, "K2", t.victim.case["visit_token"]).fine)
    yield Attack("a rating with a made-up token", lambda t: rate(t, "K1", "made-up").fine)
    yield Attack("trying query codes out", guess_codes)
    yield Attack("trying query codes out under both forms of a number", both_forms)
    yield Attack("a key of another terminal", key_theft)
    yield Attack("a key with another body", key_with_another_body)
    yield Attack("a consent on another terminal's case", consent_onto)
    yield Attack("a case number in full-width digits", digits)


def _sessions() -> Iterator[Attack]:
    me = "/staff/v1/me"

    def guess(t: Any) -> bool:
        t.victim.open_session("admin", OWN)
        token = t.victim.open_session("clerk", OTHER)
        guesses = [token[:-1] + c for c in "0123456789abcdef"] + [f"token-{n:037d}" for n in range(1, 30)]
        return any(t.as_staff("", "", "GET", me, token=one).fine for one in guesses if one != token)

    def after(change: Callable[[Any, str], Any]) -> Callable[[Any], bool]:
        def run(t: Any) -> bool:
            token = t.victim.open_session("clerk", OWN)
            change(t, token)
            return t.as_staff("", "", "GET", me, token=token).fine

        return run

    def logged_out(t: Any, token: str) -> None:
        session = json.loads(t.as_staff("", "", "GET", me, token=token).text)
        session_id = session["session_id"] if isinstance(session, dict) else "x"
        t.as_staff("", "", "DELETE", f"/staff/v1/sessions/{session_id}", token=token)

    def two(t: Any) -> bool:
        mine, other = t.victim.open_session("clerk", OTHER), "a" * 43
        told = [("Authorization", f"Bearer {other}"), ("Authorization", f"Bearer {mine}")]
        return t.send("GET", me, None, told).fine

    def in_query(t: Any) -> bool:
        return t.send("GET", f"{me}?access_token={t.victim.open_session('clerk', OWN)}").fine

    yield Attack("guessing tokens beside a known one", guess)
    yield Attack("a session after it was ended", after(logged_out))
    yield Attack("a session unused for half an hour", after(lambda t, _: t.clock.advance(minutes=30)))
    yield Attack("a session after twelve hours", after(lambda t, _: t.clock.advance(hours=12)))
    yield Attack("two tokens in one request", two)
    yield Attack("a token in the address", in_query)


def _logins() -> Iterator[Attack]:
    def rested(run: Callable[[Any], bool]) -> Callable[[Any], bool]:
        """What was locked before is open again, and no code of before is good."""

        def after_a_rest(t: Any) -> bool:
            t.clock.advance(hours=2)
            return run(t)

        return after_a_rest

    def code_twice(t: Any) -> bool:
        t.log_in()
        return t.log_in().fine

    def brute(t: Any) -> bool:
        answers = [t.log_in(password=f"wrong-{n}") for n in range(8)]
        return all(answer.status == 401 for answer in answers)

    def spoofed(t: Any) -> bool:
        answers = [t.log_in([("X-Forwarded-For", f"10.0.0.{n}")], login=f"nobody{n}") for n in range(40)]
        return all(answer.status == 401 for answer in answers)

    def enumerate_names(t: Any) -> bool:
        wrong = [t.log_in(password="not-the-password"), t.log_in(login="nobody")]
        texts = {answer.text.partition('"instance"')[0] for answer in wrong}
        return len(texts) > 1

    def with_login(text: str) -> Callable[[Any], bool]:
        return lambda t: t.told(t.log_in(login=text, password=t.victim.person["password"]))

    yield Attack("a one-time code twice", rested(code_twice))
    yield Attack("a one-time code of a while ago", rested(lambda t: t.log_in(code=t.code(ago_s=90)).fine))
    yield Attack("no one-time code", rested(lambda t: t.log_in(code="").fine))
    yield Attack("trying passwords out", rested(brute))
    yield Attack("trying out under made-up addresses", rested(spoofed))
    yield Attack("learning who has an account", rested(enumerate_names))
    yield Attack("a login with a quote in it", rested(with_login("x' OR device='K1")))


def _enrolment() -> Iterator[Attack]:
    def enrol(t: Any, code: str, key: str = "A" * 42 + "E") -> Any:
        return t.send("POST", "/public/v1/enrolments", {"code": code, "public_key": key}, [JSON])

    def low_order(t: Any) -> bool:
        return enrol(t, t.victim.enrolment_code, "A" * 43).fine

    def twice(t: Any) -> bool:
        t.clock.advance(hours=2)
        enrol(t, t.victim.enrolment_code)
        return enrol(t, t.victim.enrolment_code).fine

    def too_old(t: Any) -> bool:
        t.clock.advance(hours=25)
        return enrol(t, t.victim.enrolment_code).fine

    def guess(t: Any) -> bool:
        t.clock.advance(hours=2)
        return sum(enrol(t, f"222222222{n}").status != 429 for n in range(2, 10)) > 5

    def timing(t: Any) -> bool:
        """A guess that begins right takes longer: then a code is found character by character."""
        right = t.victim.enrolment_code
        guesses = (right[:8] + "22", "2" * 10 if right[0] != "2" else "3" * 10)
        took: list[list[float]] = [[], []]
        for _ in range(15):
            for n, guess in enumerate(guesses):
                t.clock.advance(hours=2)
                began = time.perf_counter()
                t.victim.code_fits(guess)
                took[n].append(time.perf_counter() - began)
        return statistics.median(took[0]) > 3 * statistics.median(took[1])

    yield Attack("a key that makes the secret public", low_order)
    yield Attack("an enrolment code twice", twice)
    yield Attack("an enrolment code of yesterday", too_old)
    yield Attack("trying enrolment codes out", guess)
    yield Attack("measuring how much of a code was right", timing, slow=True)
    yield Attack("a terminal that was suspended", _after_operator("suspend", "K5"))
    yield Attack("a key after enrolling anew", _after_operator("renew_key", "K6"))


def _after_operator(what: str, device: str) -> Callable[[Any], bool]:
    def run(t: Any) -> bool:
        assert t.call(device, "GET", HEALTH).fine, "before that it must work"
        getattr(t.victim, what)(device)
        return bool(t.call(device, "GET", HEALTH).fine)

    return run


def _administration() -> Iterator[Attack]:
    account = {"login": "newcomer", "roles": ["clerk"], "town": OWN, "department": None}
    of_victim = "/staff/v1/accounts/victim"
    state = {"suspended": True}

    def as_(role: str, town: str, method: str, path: str, body: Any = None, **headers: str) -> Callable[[Any], bool]:
        return lambda t: t.as_staff(role, town, method, path, body, **headers).fine

    def own_roles(t: Any) -> bool:
        token = t.victim.open_session("admin", OWN)
        told = json.loads(t.as_staff("", "", "GET", "/staff/v1/me", token=token).text)
        login = told["login"] if isinstance(told, dict) else "x"
        path = f"/staff/v1/accounts/{login}/roles"
        return t.as_staff("", "", "PUT", path, {"roles": ["operator"]}, token=token, If_Match='"1"').fine

    foreign = "another town's"
    yield Attack("an account made by a clerk", as_("clerk", OWN, "POST", "/staff/v1/accounts", account))
    yield Attack(f"{foreign} account made", as_("admin", OTHER, "POST", "/staff/v1/accounts", account))
    whole = {**account, "town": None}
    yield Attack("an account of the district by a town", as_("admin", OWN, "POST", "/staff/v1/accounts", whole))
    both = {**account, "roles": ["intake", "decider"]}
    yield Attack("two roles that nobody holds", as_("admin", OWN, "POST", "/staff/v1/accounts", both))
    for extra in ({"state": "active"}, {"row_version": 9}, {"password_hash": "x"}, {"id": 1, "is_admin": True}):
        more = {**account, "login": "massive", **extra}
        yield Attack(f"mass assignment of {next(iter(extra))}", as_("admin", OWN, "POST", "/staff/v1/accounts", more))
    yield Attack(
        "a login in letters that look alike",
        as_("admin", OWN, "POST", "/staff/v1/accounts", {**account, "login": "vісtіm"}),
    )
    yield Attack(
        "a login with a mark that nobody sees",
        as_("admin", OWN, "POST", "/staff/v1/accounts", {**account, "login": "vic\u200btim"}),
    )
    yield Attack("one's own roles", own_roles)
    yield Attack(f"{foreign} account stopped", as_("admin", OTHER, "PUT", f"{of_victim}/state", state, If_Match='"1"'))
    yield Attack("a change without If-Match", as_("admin", OWN, "PUT", f"{of_victim}/state", state))
    for text in ("*", '"0"', 'W/"1"', "1", '"1", "2"', '"-1"'):
        yield Attack(
            f"a change with If-Match {text}", as_("admin", OWN, "PUT", f"{of_victim}/state", state, If_Match=text)
        )
    yield Attack(
        f"{foreign} case",
        lambda t: t.told(t.as_staff("intake", OTHER, "GET", f"/staff/v1/cases/{t.victim.case['case_no']}")),
    )
    yield Attack(f"{foreign} audit", as_("auditor", OTHER, "GET", f"/staff/v1/audit?town={OWN}"))
    yield Attack("cases for an admin", lambda t: t.told(t.as_staff("admin", OWN, "GET", "/staff/v1/cases")))
    for cursor in ("eyJ0b3duIjoiMzUwMjEzMDA3In0", "AAAA", "350213007", "%00", "..%2f.."):
        path = f"/staff/v1/cases?after={cursor}"
        yield Attack(f"a cursor made by hand: {cursor[:8]}", as_("intake", OTHER, "GET", path))


def _bodies() -> Iterator[Attack]:
    """Bodies that nobody expects: an answer of 5xx, or 2xx, is a success of the attacker."""
    deep = b'{"item_id":' + b"[" * 60_000 + b"]" * 60_000 + b"}"
    person = json.dumps(PERSON).encode()
    bodies: dict[str, bytes] = {
        "nested deeply": deep,
        "a NUL": b'{"item_id":"\\u0000","family":1,"applicant":' + person + b"}",
        "half a surrogate": b'{"item_id":"\\ud800","applicant":' + person + b"}",
        "bytes that are no UTF-8": b'{"item_id":"\xff\xfe","applicant":' + person + b"}",
        "a number that is none": b'{"item_id":NaN,"applicant":' + person + b"}",
        "an endless number": b'{"item_id":' + b"9" * 5_000 + b',"applicant":' + person + b"}",
        "a field too many": b'{"item_id":"","outcome":"approved","applicant":' + person + b"}",
        "a list for an object": b'[{"item_id":"","applicant":' + person + b"}]",
        "text for a boolean": b'{"item_id":"","applicant":true}',
        "too large": b'{"item_id":"' + b" " * (300 * 1024) + b'"}',
        "a byte order mark": b'\xef\xbb\xbf{"item_id":"","family":1,"applicant":' + person + b"}",
    }

    def post(body: bytes, kind: str = "application/json") -> Callable[[Any], bool]:
        def run(t: Any) -> bool:
            headers = [(n, v) for n, v in t.signed("K2", "POST", "/v1/prefills", body) if n != "Content-Type"]
            answer = t.send("POST", "/v1/prefills", body, [*headers, ("Content-Type", kind)])
            return answer.fine or answer.status >= 500

        return run

    for name, body in bodies.items():
        yield Attack(f"a body with {name}" if name != "too large" else "a body that is too large", post(body))
    right = json.dumps({"item_id": "", "applicant": PERSON}).encode()
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
    ):
        yield Attack(f"JSON that says it is {kind.partition(';')[0]}", post(right, kind))


def _uploads() -> Iterator[Attack]:
    tus = {"Tus_Resumable": "1.0.0"}
    for name in ("..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "....%2f%2f....%2f%2fetc", "%00", "1%0d%0aSet-Cookie:x"):
        path = f"/v1/uploads/{name}"
        yield Attack(f"a file by its path: {name[:18]}", lambda t, path=path: t.call("K2", "HEAD", path, **tus).fine)

    def beyond(t: Any) -> bool:
        path = "/v1/uploads/00000000-0000-0000-0000-000000000000"
        told = {"Tus-Resumable": "1.0.0", "Upload-Offset": "999999"}
        headers = [(n, v) for n, v in t.signed("K2", "PATCH", path, b"x" * 9, told) if n != "Content-Type"]
        headers += list(told.items())
        return t.send("PATCH", path, b"x" * 9, [*headers, ("Content-Type", "application/offset+octet-stream")]).fine

    def no_length(t: Any) -> bool:
        return t.call("K2", "POST", "/v1/uploads", None, **tus, Idempotency_Key="u-1").fine

    def lying(t: Any) -> bool:
        return t.call("K2", "POST", "/v1/uploads", None, **tus, Upload_Length="-5", Idempotency_Key="u-2").fine

    yield Attack("bytes for an upload that nobody began", beyond)
    yield Attack("an upload without a length", no_length)
    yield Attack("an upload of less than nothing", lying)
