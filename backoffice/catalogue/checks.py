"""What must hold across a whole release before it is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backoffice.catalogue.fields import GUIDE_WORDS
from backoffice.catalogue.place import CatalogueError
from backoffice.domain.items.form import FormField, Source
from backoffice.domain.items.item import Item, MaterialKind, Mode, Release, SelfService
from backoffice.domain.items.material import PROMISE
from backoffice.domain.items.terms import AUTHORITY, DeputyPromise

MOST_HOME = 6


def check_release(
    release: Release, forms: Mapping[str, Mapping[str, Any]], rulings: Mapping[str, Mapping[str, Any]]
) -> None:
    """:raises CatalogueError: the first thing that does not fit, with its place."""
    if release.author == release.signer:
        raise CatalogueError("release.toml: who writes a release does not sign it")
    if len(release.home) > MOST_HOME or not set(release.home) <= set(release.items):
        raise CatalogueError("release.toml: home must be at most six known items")
    for item_id in forms:
        if item_id not in release.items:
            raise CatalogueError(f"forms: {item_id} is no item of this release")
    for item_id, data in rulings.items():
        if data.get("item") != item_id or item_id not in release.items:
            raise CatalogueError(f"rules/{item_id}.toml is about {data.get('item')}")
        if data.get("version") != release.items[item_id].version:
            raise CatalogueError(f"rules/{item_id}.toml is about version {data.get('version')}")
    for item in release.items.values():
        _check_item(item, release)
    _check_dictionary(release)


def _check_item(item: Item, release: Release) -> None:
    where = f"items/{item.category}.toml {item.item_id}"
    self_served = item.self_service is not SelfService.NO
    if item.transact != self_served:
        needs = "needs a form" if self_served else "is served by humans and has no form"
        raise CatalogueError(f"{where}: {needs}")
    if (item.guide is None) != self_served:
        raise CatalogueError(f"{where}: a guide is of what humans serve, and of nothing else")
    if item.mode is Mode.GUIDE and self_served:
        raise CatalogueError(f"{where}: a guide is carried by nobody")
    if item.fee.register and item.fee.register not in item.lookups:
        raise CatalogueError(f"{where}.fee: {item.fee.register} is none of the item's look-ups")
    if item.deputy.promise is DeputyPromise.WITH_AUTHORITY and not AUTHORITY & set(item.deputy.who):
        raise CatalogueError(f"{where}.deputy: nobody here has an authority to promise by")
    _check_materials(where, item, release)
    _check_form(item)


def _check_materials(where: str, item: Item, release: Release) -> None:
    for material in item.materials:
        place = f"{where} material {material.name}"
        if material.quality and material.quality not in release.capture_rules:
            raise CatalogueError(f"{place}: there is no capture rule {material.quality}")
        if material.kind is MaterialKind.PHOTO and not material.quality:
            raise CatalogueError(f"{place}: a photo needs a capture rule")
        for substitute in material.replaced_by:
            if substitute != PROMISE and substitute not in item.lookups:
                raise CatalogueError(f"{place}: {substitute} is none of the item's look-ups")
        if material.kind is MaterialKind.PROMISE and PROMISE not in material.replaced_by:
            raise CatalogueError(f"{place}: a promise stands for it")


def _check_form(item: Item) -> None:
    form = item.form
    if form is None:
        return
    where = f"forms/{item.category}.toml {item.item_id}"
    # What is decided at once would else be decided without the commitment that the guide demands.
    wanted = f"commitment.{item.item_id}" if item.commitment and item.instant else ""
    if form.commitment != wanted:
        raise CatalogueError(f"{where}.commitment: {wanted or 'none'} is needed, not {form.commitment or 'none'}")
    checked = item.ruling is not None and item.ruling.check_workdays > 0
    if bool(wanted) != checked:
        needs = (
            "a commitment is checked within [commitment] check_workdays" if wanted else "no commitment is to be checked"
        )
        raise CatalogueError(f"rules/{item.item_id}.toml: {needs}")
    for field in form.fields:
        _check_field(where, field, item)


def _check_field(where: str, field: FormField, item: Item) -> None:
    if field.source is Source.LOOK_UP and not set(field.spec.filled_by) & set(item.lookups):
        named = ", ".join(field.spec.filled_by)
        raise CatalogueError(f"{where} field {field.key}: {named} is none of the item's look-ups")


def _check_dictionary(release: Release) -> None:
    """What nobody asks has no place in the dictionary, and a list that nobody chooses from none among the lists."""
    used = {field.key for item in release.items.values() if item.form for field in item.form.fields}
    unused = sorted(set(release.fields) - used)
    if unused:
        raise CatalogueError(f"fields.toml: no form asks {', '.join(unused)}")
    unlisted = sorted(set(release.lists) - {spec.table for spec in release.fields.values()} - {GUIDE_WORDS})
    if unlisted:
        raise CatalogueError(f"lists.toml: no field chooses from {', '.join(unlisted)}")
