"""Rows of the store's tables and the values they hold."""

from __future__ import annotations

import json
from typing import Any

from kiosk.domain.audit import AuditEvent, AuditKind
from kiosk.domain.outbox import ItemKind, ItemState, OutboxItem

COLUMNS = (
    "key, kind, case_no, ord, body, created_at, item_version, consent_version, attachments, "
    "state, attempts, last_problem, receipt"
)


def to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def item_row(item: OutboxItem) -> tuple[object, ...]:
    return (
        item.key,
        item.kind.value,
        item.case_no,
        item.order,
        to_json(dict(item.body)),
        item.created_at,
        item.item_version,
        item.consent_version,
        to_json(item.attachments),
        item.state.value,
        item.attempts,
        item.last_problem,
        to_json(dict(item.receipt)),
    )


def item_of(row: tuple[Any, ...]) -> OutboxItem:
    key, kind, case_no, order, body, created_at, version, consent, files, state, attempts, problem, receipt = row
    return OutboxItem(
        key=key,
        kind=ItemKind(kind),
        case_no=case_no,
        order=order,
        body=json.loads(body),
        created_at=created_at,
        item_version=version,
        consent_version=consent,
        attachments=tuple(json.loads(files)),
        state=ItemState(state),
        attempts=attempts,
        last_problem=problem,
        receipt=json.loads(receipt),
    )


def event_of(row: tuple[Any, ...]) -> AuditEvent:
    return AuditEvent(row[0], row[1], AuditKind(row[2]), json.loads(row[3]), row[4], row[5])
