"""The catalogue as the contract shows it, serialised once a release."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from backoffice.api.catalogue_beside import Beside, beside
from backoffice.catalogue.fields import GUIDE_WORDS
from backoffice.decisions.asking import consents_of
from backoffice.domain.items.form import FormField
from backoffice.domain.items.item import Item, Limit, Release, SelfService
from backoffice.domain.items.material import Material
from backoffice.office import Office
from backoffice.queries.views import VIEWS


class ServedCatalogue:
    """Body and ETag of the release in force; made again only when another release is, or another day has come."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._made: tuple[Release, date, bytes, str] | None = None

    def current(self) -> tuple[bytes, str]:
        """:raises DatabaseBusy: it has to be made and divisions could not be read in time."""
        release, day = self._office.release, self._office.clock.now().date()
        made = self._made
        if made is None or made[0] is not release or made[1] != day:
            made = self._made = (release, day, *catalogue_json(release, beside(self._office, release, day)))
        return made[2], made[3]


def catalogue_json(release: Release, around: Beside) -> tuple[bytes, str]:
    """Body and ETag."""
    lists = {name: entries for name, entries in release.lists.items() if name != GUIDE_WORDS} | dict(around.lists)
    document = {
        "release": release.release,
        "effective_from": release.effective_from,
        "categories": list(release.categories),
        "home": list(release.home),
        "items": [_item(item) for item in release.items.values()],
        "capture_rules": [
            {
                "id": rule.rule_id,
                "label": rule.label,
                "least_dpi": rule.least_dpi,
                "whole_page": rule.whole_page,
                "glare": rule.glare,
                "face": rule.face,
            }
            for rule in release.capture_rules.values()
        ],
        "lists": {
            name: [{"code": code, "label": label} for code, label in entries.items()] for name, entries in lists.items()
        },
        "rating_labels": around.labels_json(),
    }
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _item(item: Item) -> dict[str, Any]:
    form, fee, deputy = item.form, item.fee, item.deputy
    return {
        "item_id": item.item_id,
        "version": item.version,
        "category": item.category,
        "official": item.official,
        "village": item.village,
        "plain": item.plain,
        "department": item.department,
        "mode": item.mode.value,
        "transact": item.transact,
        "form": [_field(field) for field in form.fields] if form else [],
        "commitment": form.commitment if form else "",
        "consent_version": form.consent_version if form else "",
        "consents": list(_consents(item)),
        "witness": view.witness if (view := VIEWS.get(item.item_id)) else True,
        "materials": [_material(material) for material in item.materials],
        "deputy": {"who": [who.value for who in deputy.who], "promise": deputy.promise.value, "text": deputy.text},
        "fee": {
            "kind": fee.kind.value,
            "text": fee.text,
            "amount_fen": fee.amount_fen,
            "register_code": fee.register,
        },
        "legal_limit": _limit(item.legal_limit),
        "promised_limit": _limit(item.promised_limit),
        "result": item.result,
        "fallback": {"where": item.fallback.where.value, "text": item.fallback.text},
        "technical_review": {
            "need": item.technical_review.need.value,
            "what": item.technical_review.what,
            "basis": item.technical_review.basis,
        },
        "guide": {"place": item.guide.place.value, "hours": item.guide.hours} if item.guide else None,
        "self_service": item.self_service is SelfService.YES,
        "instant": item.instant,
    }


def _consents(item: Item) -> tuple[str, ...]:
    """Registers that a visit asks only after the resident's own word."""
    view = VIEWS.get(item.item_id)
    return consents_of(item, view.registers if view else ()) if item.form else ()


def _field(field: FormField) -> dict[str, Any]:
    spec = field.spec
    return {
        "key": field.key,
        "label": spec.label,
        "type": spec.type.value,
        "check": spec.check,
        "source": field.source.value,
        "options": list(spec.options),
        "optional": field.optional,
        "confirm": field.confirm,
        "sensitive": spec.sensitive,
        "beside": field.beside,
        "when": {"key": field.when.key, "answer": field.when.answer} if field.when else None,
        "table": spec.table,
        "not_before": spec.not_before,
        "unit": spec.unit,
        "alphabet": spec.bounds.alphabet,
        "least": spec.bounds.least,
        "most": spec.bounds.most,
    }


def _material(material: Material) -> dict[str, Any]:
    return {
        "kind": material.kind.value,
        "name": material.name,
        "pages": material.pages,
        "sides": material.sides,
        "quality": material.quality,
        "replaced_by": list(material.replaced_by),
        "original": material.original,
        "handling": material.handling.value,
    }


def _limit(limit: Limit) -> dict[str, Any]:
    return {"text": limit.text, "count": limit.count, "unit": limit.unit}
