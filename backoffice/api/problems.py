"""Problem details (RFC 9457): every answer that is not a success has this one form."""

from __future__ import annotations

import json
import uuid
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from backoffice.problems.problem import Problem, busy, passing
from backoffice.store.database import DatabaseBusy

MEDIA_TYPE = "application/problem+json"
_NEEDED = {"Idempotency-Key": "idempotency_key_missing", "If-Match": "if_match_missing"}
_OF_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}


def problem_body(problem: Problem, instance: str) -> bytes:
    body: dict[str, Any] = {
        "type": f"urn:tshu-pinn:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": f"urn:uuid:{instance}",
        "code": problem.code,
        "next": problem.advice.next.value,
        "speech": problem.advice.speech,
        **problem.extensions,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def problem_response(problem: Problem, instance: str) -> Response:
    return Response(problem_body(problem, instance), problem.status, problem.headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(DatabaseBusy, _on_busy)


def _instance(request: Request) -> str:
    return str(request.scope.get("request_id") or uuid.uuid4())


def _on_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return problem_response(problem, _instance(request))


def _on_busy(request: Request, problem: Exception) -> Response:
    return problem_response(passing(problem) or busy(), _instance(request))


def _on_http(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    if problem.status_code == 400:
        # The framework's own word for a body that cannot be parsed.
        return problem_response(Problem("malformed_json"), _instance(request))
    code = _OF_STATUS.get(problem.status_code, "invalid_request")
    return problem_response(Problem(code, headers=problem.headers), _instance(request))


def _on_invalid(request: Request, problem: Exception) -> Response:
    """Name the field and the rule, never the value: it may be somebody's name or number."""
    assert isinstance(problem, RequestValidationError)
    errors = problem.errors()
    if any(error["type"] == "json_invalid" for error in errors):
        return problem_response(Problem("malformed_json"), _instance(request))
    for header, code in _NEEDED.items():
        if any(error["type"] == "missing" and tuple(error["loc"]) == ("header", header) for error in errors):
            return problem_response(Problem(code), _instance(request))
    fields = [{"pointer": _pointer(error["loc"]), "detail": str(error["type"])} for error in errors[:20]]
    return problem_response(Problem("invalid_request", errors=fields), _instance(request))


def _pointer(location: tuple[int | str, ...]) -> str:
    known = [str(part)[:64] for part in location]
    return "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in known)
