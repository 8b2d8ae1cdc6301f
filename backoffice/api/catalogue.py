"""The catalogue as the contract shows it, serialised once a release."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from backoffice.domain.item import Item, Release, SelfService


def catalogue_json(release: Release) -> tuple[bytes, str]:
    """Body and ETag."""
    document = {
        "release": release.release,
        "categories": list(release.categories),
        "home": list(release.home),
        "items": [_item(item) for item in release.items.values()],
    }
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _item(item: Item) -> dict[str, Any]:
    form = item.form
    fields = form.fields if form else ()
    return {
        "item_id": item.item_id,
        "version": item.version,
        "category": item.category,
        "official": item.official,
        "village": item.village,
        "plain": item.plain,
        "mode": item.mode.value,
        "transact": item.transact,
        "form": [
            {"key": field.key, "source": field.source, "options": list(field.options), "confirm": field.confirm}
            for field in fields
        ],
        "commitment": form.commitment if form else "",
        "consent_version": form.consent_version if form else "",
        "materials": [material.name for material in item.materials if material.to_bring],
        "fallback": item.fallback,
        "self_service": item.self_service is SelfService.YES,
        "instant": item.instant,
    }
