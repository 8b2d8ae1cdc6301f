"""What an item asks of registers: which look-ups, about whom, with what, and on what grounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backoffice.domain.facts import APPLICANT, lookups_needed, role_and_lookup
from backoffice.domain.item import Item
from backoffice.domain.rules import facts_used
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


def grounds_of(item: Item) -> Grounds:
    """Consent is in the item's consent text: a submission with another text was never accepted."""
    if item.ruling is None:
        return Grounds()
    return Grounds(frozenset(item.ruling.asking.consents), item.ruling.asking.statute)


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
    *,
    retries: int | None = None,
) -> Asked:
    """Ask all that the item's rules need. :raises PurposeRefused: the item's data name no grounds for a look-up."""
    questions = questions_of(item, keys_for(item), name, number, form)
    return gateway.ask_all(questions, retries=retries, grounds=grounds_of(item))
