"""What an item asks of registers: which look-ups, about whom, with what, and on what grounds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from backoffice.domain.facts.derive import APPLICANT, lookups_needed, role_and_lookup
from backoffice.domain.items.item import Item
from backoffice.domain.rules import facts_used
from backoffice.gateways.answers import SPECS, Needs
from backoffice.gateways.lookups import Asked, LookupGateway
from backoffice.gateways.questions import Grounds, Question, Subject


def keys_for(item: Item, *, with_form: bool = True) -> tuple[str, ...]:
    """The look-ups that an item's rules need, from the rules' own expressions; `deceased.L08` = about somebody else.

    :param with_form: False leaves out what only rules about the form need.
    """
    ruling = item.ruling
    if ruling is None:
        return ()
    names: set[str] = set()
    for rule in ruling.rules:
        used = facts_used(rule.cel)
        if with_form or not any(name.startswith("form_") for name in used):
            names.update(used)
    keys = set(lookups_needed(names, ruling.asking.roles))
    about = {role_and_lookup(key)[0] for key in keys}
    for role in ruling.confirmed(item.lookups):
        # An answer about a number counts when the population register knows it under this name.
        if role in about or role == APPLICANT:
            keys.add("L01" if role == APPLICANT else f"{role}.L01")
    return tuple(sorted(keys))


def consents_of(item: Item, registers: Collection[str] = ()) -> tuple[str, ...]:
    """Registers that this item asks and that need the resident's own word first, in the order of their codes.

    :param registers: that are asked beside those of the item's rules.
    """
    asked = {role_and_lookup(key)[1] for key in keys_for(item)} | set(registers)
    return tuple(sorted(code for code in asked if SPECS[code].needs is Needs.CONSENT))


def grounds_of(item: Item, agreed: Collection[str]) -> Grounds:
    """:param agreed: registers that the resident said yes to, on the screen, for this case."""
    statute = item.ruling.asking.statute if item.ruling is not None else ""
    return Grounds(frozenset(agreed), statute)


def questions_of(item: Item, keys: Sequence[str], name: str, number: str, form: Mapping[str, str]) -> list[Question]:
    """One question a look-up; a second person whose number the form leaves empty is not asked about."""
    if item.ruling is None:
        return []
    asking = item.ruling.asking
    known = {field: asking.detail(field, form) for field in asking.details}
    details = {field: value for field, value in known.items() if value}
    subjects = {APPLICANT: Subject(name, number, details)}
    for party in asking.parties:
        other, other_name = party.number_and_name(form)
        if other:
            subjects[party.role] = Subject(other_name, other, details)
    wanted = [role_and_lookup(key) for key in keys]
    return [Question(lookup, subjects[role], role) for role, lookup in wanted if role in subjects]


def ask_about(
    gateway: LookupGateway,
    item: Item,
    name: str,
    number: str,
    form: Mapping[str, str],
    agreed: Collection[str] = (),
    *,
    retries: int | None = None,
) -> Asked:
    """Ask all that the item's rules need. What she did not agree to is not asked, stays unknown, and a human looks.

    :param agreed: registers that the resident said yes to.
    :raises PurposeRefused: the item's data name no grounds for a look-up.
    """
    questions = questions_of(item, keys_for(item), name, number, form)
    declared = item.ruling.asking.consents if item.ruling is not None else ()
    allowed = [one for one in questions if one.lookup in agreed or one.lookup not in declared]
    return gateway.ask_all(allowed, retries=retries, grounds=grounds_of(item, set(agreed) & set(declared)))
