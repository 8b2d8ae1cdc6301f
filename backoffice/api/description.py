"""The OpenAPI document: who may call each operation, and every failure as problem+json with its codes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from backoffice.api.entrances import PUBLIC, STAFF, TERMINAL
from backoffice.api.models import FieldProblem, ProblemDetails
from backoffice.api.signing import COVERED, UNTOLD_BYTES
from backoffice.problems.problem import CODES

_EVERYWHERE = ("too_large", "too_many_requests", "internal", "disk_full", "busy")
_OF_GATE: dict[str, tuple[str, ...]] = {
    TERMINAL: ("unsigned", "unknown_signer", "suspended", "clock_skew", "replayed"),
    STAFF: ("no_session", "forbidden"),
    PUBLIC: (),
}

_HEADERS: dict[str, tuple[str, str]] = {
    "Device": (r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", "The terminal's name"),
    "Seq": (r"^[0-9]{1,15}$", "Counts the terminal's requests; never used twice"),
    "Nonce": (r"^[A-Za-z0-9_-]{8,64}$", "Random, never used twice"),
    "Time": (r"^[0-9]{1,15}$", "Unix milliseconds as the terminal believes them"),
    "Signature": (
        r"^hmac-(sm3|sha256)=[0-9a-f]{64}$",
        "The profile's name, `=`, and the HMAC with the 32-byte device key in small hexadecimal, over these lines, "
        "joined by line feeds, without one at the end: METHOD in capitals; path?query exactly as sent, without what a "
        "proxy takes away in front of it; the body's digest (SM3, or SHA-256 with hmac-sha256) in small hexadecimal, "
        "of no bytes when there is no body; Device; "
        "Seq without leading noughts; Nonce; Time; then for each of these headers that is sent, in this order, its "
        f"name, a colon and its value: {', '.join(COVERED)}",
    ),
}
_TOLD = {
    "name": "Body-Digest",
    "in": "header",
    "required": False,
    "description": "The body's digest as it is signed, in small hexadecimal. Needed with a body of more than "
    f"{UNTOLD_BYTES} bytes: the signature is checked before the body is read",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}
_SCHEMES: dict[str, dict[str, str]] = {
    "terminal": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "Each request is signed with the key that enrolment made; with Device, Seq, Nonce and Time.",
    },
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "opaque",
        "description": "The token of a login with password and one-time code; 12 hours at most, 30 minutes unused.",
    },
}
_SECURITY: dict[str, list[dict[str, list[str]]]] = {TERMINAL: [{"terminal": []}], STAFF: [{"staff": []}], PUBLIC: []}
_CODES = "x-problem-codes"
_TAGS: dict[str, tuple[str, str]] = {
    TERMINAL: ("terminal", "What a terminal asks and sends; each request is signed with its key"),
    STAFF: ("staff", "What those who work in the offices do, after a login"),
    PUBLIC: ("public", "What anybody may ask without a key"),
}
_INFO = {
    "description": "Terminals in village halls take cases in; offices decide them. Every failure is problem+json "
    "(RFC 9457) with a code of the list.",
    "contact": {"name": "Tshù-pinn"},
    "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
}
_SERVERS = [
    {
        "url": "http://127.0.0.1:8350",
        "description": "Where `backoffice serve` listens; outside, the address of the TLS proxy in front of it",
    }
]


def failures(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation: what can go wrong here. What its gate, body and key can do wrong is added."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(codes):
        by_status[CODES[code][0]].append(code)
    return {status: _response(names) for status, names in sorted(by_status.items())}


def _response(codes: Iterable[str]) -> dict[str, Any]:
    names = list(dict.fromkeys(codes))
    return {
        "description": "; ".join(f"`{code}`: {CODES[code][1]}" for code in names),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        _CODES: names,
    }


def describe(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's own way to extend its document


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    document["info"] |= _INFO
    document["servers"] = _SERVERS
    document["tags"] = [{"name": name, "description": text} for name, text in _TAGS.values()]
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
    components["parameters"][_TOLD["name"]] = _TOLD
    components["securitySchemes"] = _SCHEMES
    schemas = components["schemas"]
    template = "#/components/schemas/{model}"
    for model in (ProblemDetails, FieldProblem):
        schema = model.model_json_schema(ref_template=template)
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(operation, _gate(path))
    components["schemas"] = dict(sorted(schemas.items()))
    return document


def _gate(path: str) -> str:
    """:raises StopIteration: a route outside every gate; nobody could ever call it."""
    return next(prefix for prefix in _OF_GATE if path.startswith(prefix))


def _complete(operation: dict[str, Any], gate: str) -> None:
    codes = [*_asked_of(operation), *_OF_GATE[gate], *_EVERYWHERE]
    responses: dict[str, Any] = operation["responses"]
    for status, described in failures(*codes).items():
        own = responses.get(str(status), {}).get(_CODES, ())
        responses[str(status)] = _response((*own, *described[_CODES]))
    operation["responses"] = dict(sorted(responses.items()))
    operation["security"] = _SECURITY[gate]
    operation["tags"] = [_TAGS[gate][0]]
    if gate == TERMINAL:
        shared = [{"$ref": f"#/components/parameters/{name}"} for name in _HEADERS]
        if "requestBody" in operation:
            shared.append({"$ref": f"#/components/parameters/{_TOLD['name']}"})
        operation["parameters"] = [*operation.get("parameters", []), *shared]


def _asked_of(operation: dict[str, Any]) -> list[str]:
    """What the shape of a request alone makes possible."""
    parameters = operation.get("parameters", [])
    body = operation.get("requestBody", {}).get("content", {})
    codes = ["invalid_request"] if parameters or body else []
    codes += ["body_slow"] if body else []
    if "application/json" in body:
        codes += ["malformed_json", "unsupported_media_type"]
    if any(parameter.get("name") == "Idempotency-Key" and parameter["required"] for parameter in parameters):
        codes += ["idempotency_key_missing", "idempotency_mismatch"]
    if any(parameter.get("name") == "If-Match" for parameter in parameters):
        codes += ["if_match_missing", "version_stale"]
    return codes
