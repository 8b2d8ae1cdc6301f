"""The written contract is what the server serves, and what it may say is listed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backoffice.__main__ import openapi_text
from backoffice.clock import SystemClock
from backoffice.office import Office, open_office
from backoffice.paths import schema_dir
from backoffice.problems.problem import CODES
from backoffice.queries.reason_keys import reason_keys, to_json

SIGNED = {"Device", "Seq", "Nonce", "Time", "Signature"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = open_office(tmp_path_factory.mktemp("office"), SystemClock())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def document(office: Office) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(openapi_text(office))
    return read


def stored(name: str) -> str:
    return (schema_dir() / name).read_text(encoding="utf-8")


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_stored_openapi_document_is_the_servers_own(office: Office) -> None:
    assert stored("openapi.json") == openapi_text(office), "run: python -m backoffice openapi"


def test_the_stored_text_keys_are_the_servers_own(office: Office) -> None:
    assert stored("reason_keys.json") == to_json(reason_keys(office.release)), "run: python -m backoffice keys"


def test_it_is_openapi_3_1_with_the_routes_that_a_terminal_began_with(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert {name for name, _ in operations(document)} >= {
        "get /v1/health",
        "get /v1/catalogue",
        "post /v1/prefills",
        "post /v1/cases",
        "get /v1/cases/{case_no}",
        "get /v1/progress",
        "post /v1/cases/{case_no}/rating",
        "post /v1/help-calls",
    }


def test_every_operation_says_who_may_call_and_how_it_fails(document: dict[str, Any]) -> None:
    asked = {"/v1/": "terminal", "/staff/v1/": "staff", "/public/v1/": None}
    assert set(document["components"]["securitySchemes"]) == {"terminal", "staff"}
    for name, operation in operations(document):
        gate = next(prefix for prefix in asked if name.partition(" ")[2].startswith(prefix))
        references = {parameter.get("$ref", "").rpartition("/")[2] for parameter in operation.get("parameters", ())}
        assert (references >= SIGNED) == (gate == "/v1/"), name
        assert operation["security"] == ([{asked[gate]: []}] if asked[gate] else []), name
        failures = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        everywhere = {"413", "429", "500", "503"}
        assert set(failures) >= (everywhere if gate == "/public/v1/" else everywhere | {"401", "403"}), name
        for status, answer in failures.items():
            assert list(answer["content"]) == ["application/problem+json"], (name, status)


def test_every_problem_code_is_documented_somewhere(document: dict[str, Any]) -> None:
    text = json.dumps([operation["responses"] for _, operation in operations(document)])
    without_an_operation = {"method_not_allowed"}
    assert {code for code in CODES if f"`{code}`" not in text} <= without_an_operation


def test_no_two_bodies_have_one_name(document: dict[str, Any]) -> None:
    """The framework would tell them apart by their modules, which are nobody's business."""
    assert not [name for name in document["components"]["schemas"] if "__" in name]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "$ref":
                    yield value
                else:
                    yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    found = set(references(document))
    assert found
    for reference in found:
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_the_shared_folder_is_found_from_the_checkout() -> None:
    assert schema_dir() == Path(__file__).resolve().parents[2] / "config" / "schema"


def _class_name(schema: str, property_name: str) -> str:
    return schema + "".join(part.capitalize() for part in property_name.split("_"))


def test_no_generator_gives_two_things_one_name(document: dict[str, Any]) -> None:
    """A generated class for the values of `Order.state` is called `OrderState`: no schema may have that name."""
    schemas = document["components"]["schemas"]
    taken = [
        _class_name(name, key)
        for name, schema in schemas.items()
        for key, value in schema.get("properties", {}).items()
        if ("enum" in value or "properties" in value or "enum" in value.get("items", {}))
        and _class_name(name, key) in schemas
    ]
    assert not taken


def test_the_document_says_whose_it_is_where_it_is_served_and_what_belongs_together(document: dict[str, Any]) -> None:
    info = document["info"]
    assert info["license"]["identifier"] == "Apache-2.0" and info["contact"]["name"] and info["description"]
    assert document["servers"][0]["url"].startswith("http")
    assert {tag["name"] for tag in document["tags"] if tag["description"]} == {"terminal", "staff", "public"}
    tags = {name: operation.get("tags", []) for name, operation in operations(document)}
    assert not [name for name, own in tags.items() if len(own) != 1 or own[0] not in {"terminal", "staff", "public"}]
