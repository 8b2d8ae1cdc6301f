"""The OpenAPI document: signed headers on every operation, every failure as problem+json with its codes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from backoffice.api.models import FieldProblem, ProblemDetails
from backoffice.problem import CODES

_EVERYWHERE = ("unsigned", "unknown_signer", "clock_skew", "replayed", "too_large", "internal", "busy")

_HEADERS: dict[str, tuple[str, str]] = {
    "Device": (r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", "The terminal's name"),
    "Seq": (r"^[0-9]{1,15}$", "Counts the terminal's requests; never used twice"),
    "Nonce": (r"^[A-Za-z0-9_-]{8,64}$", "Random, never used twice"),
    "Time": (r"^[0-9]{1,15}$", "Unix milliseconds as the terminal believes them"),
    "Signature": (
        r"^hmac-(sm3|sha256)=[0-9a-f]{64}$",
        "MAC with the device key over METHOD, path?query, digest of the body, Device, Seq, Nonce, Time, "
        "joined by line feeds",
    ),
}


def failures(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation: what can go wrong everywhere, and here."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in (*codes, *_EVERYWHERE):
        by_status[CODES[code][0]].append(code)
    return {
        status: {
            "description": "; ".join(f"`{code}`: {CODES[code][1]}" for code in names),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
        for status, names in sorted(by_status.items())
    }


def describe(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's own way to extend its document


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    components = document.setdefault("components", {})
    components["parameters"] = {
        name: {
            "name": name,
            "in": "header",
            "required": True,
            "description": text,
            "schema": {"type": "string", "pattern": pattern},
        }
        for name, (pattern, text) in _HEADERS.items()
    }
    schemas = components["schemas"]
    template = "#/components/schemas/{model}"
    for model in (ProblemDetails, FieldProblem):
        schema = model.model_json_schema(ref_template=template)
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    shared = [{"$ref": f"#/components/parameters/{name}"} for name in _HEADERS]
    for path in document["paths"].values():
        for operation in path.values():
            operation["parameters"] = [*operation.get("parameters", []), *shared]
    components["schemas"] = dict(sorted(schemas.items()))
    return document
