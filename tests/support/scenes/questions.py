"""Every screen that a typed question can have, for the layout at all sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.app.keys.questions import of_field
from kiosk.domain.catalogue import Catalogue, FieldSource, FieldType, FormField
from kiosk.domain.visit.machine import Step, VisitState

FIELDS = (
    FormField("phone", FieldSource.ASK, type=FieldType.PHONE, check="mainland_phone", optional=True),
    FormField("capital", FieldSource.ASK, type=FieldType.MONEY, check="money_range"),
    FormField("work_since", FieldSource.LOOK_UP, type=FieldType.DATE, check="past_date", confirm=True),
    FormField("policy_no", FieldSource.ASK, type=FieldType.TEXT, check="policy_no"),
    FormField("child", FieldSource.ASK, type=FieldType.PERSON, check="person"),
    FormField("home_address", FieldSource.ASK, type=FieldType.TEXT, check="plain_text"),
)


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    base = replace(visit(Step.ASK), today="2026-11-27")
    return {f"question_{field.key}_{at}": state for field in FIELDS for at, state in enumerate(of_field(base, field))}
