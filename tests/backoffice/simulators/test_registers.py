"""The register simulator as a process and over HTTP: all 33 look-ups, its faults, and requests that mean nothing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.domain.facts.derive import LookupState
from backoffice.gateways.answers import SPECS, read_answer
from backoffice.gateways.lookups import HttpLookups
from backoffice.gateways.questions import Grounds
from backoffice.simulators.lookups import build_server
from backoffice.simulators.population import Population, generate
from backoffice.simulators.registers import LOOKUPS, MODES, BadLookupRequest, Registers, read_records
from drivers.sim.lifetime import ends_with_us

ROOT = Path(__file__).resolve().parents[3]
GROUNDS = Grounds(frozenset(("L03", "L05", "L22")), "a clause")


@pytest.fixture(scope="module")
def population() -> Population:
    return generate(21, 1200)


@pytest.fixture(scope="module")
def server(population: Population) -> Iterator[tuple[str, Registers]]:
    made, registers = build_server(population.residents, 0)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{made.server_address[1]}", registers
    registers.stopping.set()
    made.shutdown()
    made.server_close()
    thread.join()


def details_of(record: dict[str, Any]) -> dict[str, str]:
    return {
        "photo_ref": record["registers"].get("L02", {}).get("photo_ref", "none"),
        "certificate_type": "id_card",
        "meter_no": next(iter(record["meters"]), "none"),
        "payment_code": next(iter(record["payments"]), "none"),
        "area": "350213",
        "work": "service",
    }


def test_the_simulator_knows_the_same_registers_as_the_gateway() -> None:
    assert tuple(SPECS) == LOOKUPS


def test_every_answer_about_everybody_has_the_agreed_form(population: Population) -> None:
    registers = Registers()
    registers.fill(population.residents)
    answered = set()
    for record in population.residents:
        known = {**details_of(record), "name": record["name"], "number": record["number"], "account_ref": "other"}
        for code, spec in SPECS.items():
            question = {name: known[name] for name in spec.asks}
            on_the_wire = json.loads(json.dumps(registers.answer(code, question)))
            if read_answer(code, on_the_wire, question[spec.subject]) is not None:
                answered.add(code)
    assert answered == set(SPECS)


def test_all_33_are_asked_side_by_side_over_http(
    server: tuple[str, Registers], population: Population, clock: Any
) -> None:
    gateway = HttpLookups(server[0], clock)
    for record in population.residents[::300]:
        asked = gateway.ask(tuple(SPECS), record["name"], record["number"], details=details_of(record), grounds=GROUNDS)
        expected = set(SPECS) - (set() if "L16" in record["registers"] else {"L28"})
        assert set(asked.lookups) == expected
        assert all(lookup.state.answered for lookup in asked.lookups.values())
        assert {call.lookup for call in asked.calls} == expected


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode not in ("timeout", "slow")])
def test_each_fault_makes_each_register_worthless_and_nothing_worse(
    server: tuple[str, Registers], population: Population, clock: Any, mode: str
) -> None:
    url, registers = server
    registers.set_fault({"lookup": "*", "mode": mode, "count": 0})
    record = next(record for record in population.residents if record["payments"] and "L16" in record["registers"])
    details = {**details_of(record), "account_ref": record["registers"]["L16"]["account_ref"]}
    asked = HttpLookups(url, clock).ask(
        tuple(SPECS), record["name"], record["number"], retries=0, details=details, grounds=GROUNDS
    )
    registers.heal()
    expected = {
        "error": LookupState.ERROR,
        "garbage": LookupState.GARBAGE,
        "wrong_person": LookupState.GARBAGE,
        "stale": LookupState.STALE,
    }
    assert {code: lookup.state for code, lookup in asked.lookups.items() if lookup.state is not expected[mode]} == {}
    assert len(asked.lookups) == len(SPECS) == 33


def test_an_outage_has_a_window() -> None:
    moments = iter((50.0, 50.0, 60.0, 64.9, 65.0))
    registers = Registers(monotonic=lambda: next(moments))
    registers.set_outage({"lookup": "L12", "after_s": 10, "for_s": 5})
    seen = [registers.out_of_service("L12") for _ in range(4)]
    assert seen == [False, True, True, False]


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/faults", {}),
        ("/faults", {"lookup": "L34", "mode": "error"}),
        ("/faults", {"lookup": ["L01"], "mode": "error"}),
        ("/faults", {"lookup": "L01", "mode": "mood"}),
        ("/faults", {"lookup": "L01", "mode": "error", "count": -1}),
        ("/faults", {"lookup": "L01", "mode": "error", "count": True}),
        ("/latency", {"lookup": "L01", "delay_s": "1"}),
        ("/latency", {"lookup": "L01", "delay_s": -1}),
        ("/latency", {"lookup": "L01", "delay_s": 1e300}),
        ("/outages", {"lookup": "L01", "for_s": None}),
        ("/lookups/L01", {"number": 1}),
        ("/lookups/L01", {"number": "1" * 257}),
    ],
)
def test_a_command_that_means_nothing_is_refused_and_changes_nothing(
    server: tuple[str, Registers], path: str, command: dict[str, Any]
) -> None:
    answer = httpx.post(server[0] + path, json=command, trust_env=False)
    assert answer.status_code == 400 and answer.json()["error"]
    assert not server[1].faults and not server[1].latency_s and not server[1].outages


def raw(url: str, payload: bytes) -> bytes:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(payload)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "9" * 5000, "70000", "0x10", "5, 5", " "])
def test_a_length_that_is_none_is_refused(server: tuple[str, Registers], length: str) -> None:
    head = f"POST /lookups/L01 HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()
    assert raw(server[0], head + b"{}").split(b" ")[1] == b"400"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.sampled_from(["/lookups/L01", "/lookups/L28", "/lookups/", "/faults", "/latency", "/outages", "/x"]),
    st.one_of(
        st.binary(max_size=200),
        st.just(b"[" * 60000),
        st.just(b'{"number": "\\ud800"}'),
        st.dictionaries(st.text(max_size=9), st.text(max_size=9)).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_any_request_is_answered_and_the_server_lives(server: tuple[str, Registers], path: str, body: bytes) -> None:
    url, registers = server
    answer = httpx.post(url + path, content=body, trust_env=False)
    assert answer.status_code in (200, 400, 404)
    assert isinstance(answer.json(), dict)
    registers.heal()


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"number": "1", "name": "x"}', '{"number": 1, "name": "x", "registers": {}}'],
)
def test_a_file_that_holds_no_residents_is_refused_with_the_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "residents.jsonl"
    file.write_text("{}\n" + text + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        read_records(file)


def test_a_demo_person_without_a_field_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "residents.toml"
    file.write_text('[a]\nnumber = "1"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="a person has no"):
        read_records(file)


def test_demo_residents_and_a_population_are_answered_by_one_process(population: Population) -> None:
    arguments = ("simulate", "lookups", "--residents", str(ROOT / "config/demo/residents.toml"))
    command = [sys.executable, "-m", "backoffice", *arguments, "--population", "21:300"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(ends_with_us(command), stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        try:
            for name, number in (
                ("陈阿金", "350221194403150021"),
                (population.residents[0]["name"], population.residents[0]["number"]),
            ):
                answer = httpx.post(f"{url}/lookups/L01", json={"name": name, "number": number}, trust_env=False)
                assert answer.json()["matches"] is True and answer.json()["subject"] == number
        finally:
            process.terminate()
        assert process.wait(20) == 0


def test_a_wrong_question_raises_in_the_registers_themselves() -> None:
    with pytest.raises(BadLookupRequest, match="L01 to L33"):
        Registers().set_fault({"lookup": None, "mode": "error"})
