"""What is different since the technician's last visit: two readiness reports compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Json = Mapping[str, object]
_OF_DEVICE = ("model", "port", "firmware", "state", "paper")
_LESS_HEALTH = 0.02
"""A smaller difference of the ratio is no news."""


def changes(before: Json, now: Json) -> list[str]:
    """One line each; empty when nothing is different."""
    return [*_devices(before, now), *_parts(before, now), *_named("version", before, now, "versions"),
            *_settings(before, now), *_outbox(before, now)]  # fmt: skip


def _table(report: Json, key: str) -> Mapping[str, object]:
    found = report.get(key)
    return found if isinstance(found, Mapping) else {}


def _by_class(report: Json) -> dict[str, Json]:
    rows = report.get("devices")
    return {str(row["class"]): row for row in rows if isinstance(row, Mapping)} if isinstance(rows, list) else {}


def _devices(before: Json, now: Json) -> Iterator[str]:
    old, new = _by_class(before), _by_class(now)
    yield from (f"{name}: new ({new[name].get('model')})" for name in new if name not in old)
    yield from (f"{name}: removed ({old[name].get('model')})" for name in old if name not in new)
    for name in (name for name in new if name in old):
        for key in _OF_DEVICE:
            if old[name].get(key) != new[name].get(key):
                yield f"{name}: {key} {_shown(old[name].get(key))} -> {_shown(new[name].get(key))}"
        yield from _faults(name, old[name], new[name])
        yield from _tests(name, old[name], new[name])
        yield from _health(name, old[name], new[name])


def _faults(name: str, old: Json, new: Json) -> Iterator[str]:
    had, has = _codes(old), _codes(new)
    yield from (f"{name}: {code} came" for code in sorted(has - had))
    yield from (f"{name}: {code} is gone" for code in sorted(had - has))


def _parts(before: Json, now: Json) -> Iterator[str]:
    had, has = _codes(before, "lacking"), _codes(now, "lacking")
    yield from (f"{code} came" for code in sorted(has - had))
    yield from (f"{code} is gone" for code in sorted(had - has))


def _codes(row: Json, key: str = "faults") -> set[str]:
    found = row.get(key)
    return {str(code) for code in found} if isinstance(found, list) else set()


def _tests(name: str, old: Json, new: Json) -> Iterator[str]:
    was, is_now = _table(old, "selftest").get("result"), _table(new, "selftest").get("result")
    if was != is_now:
        yield f"{name}: self-test {_shown(was)} -> {_shown(is_now)}"


def _health(name: str, old: Json, new: Json) -> Iterator[str]:
    was, is_now = old.get("health"), new.get("health")
    if isinstance(was, float) and isinstance(is_now, float) and abs(was - is_now) >= _LESS_HEALTH:
        yield f"{name}: health {was:.0%} -> {is_now:.0%}"


def _named(what: str, before: Json, now: Json, key: str) -> Iterator[str]:
    old, new = _table(before, key), _table(now, key)
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            yield f"{what} of {name}: {_shown(old.get(name))} -> {_shown(new.get(name))}"


def _settings(before: Json, now: Json) -> Iterator[str]:
    old, new = _table(before, "settings"), _table(now, "settings")
    yield from (f"settings of {name} were changed" for name in {**old, **new} if old.get(name) != new.get(name))


def _outbox(before: Json, now: Json) -> Iterator[str]:
    old, new = _table(before, "outbox"), _table(now, "outbox")
    for state in {**old, **new}:
        was, is_now = old.get(state, 0), new.get(state, 0)
        if was != is_now:
            yield f"outbox {state}: {_shown(was)} -> {_shown(is_now)}"


def _shown(value: object) -> str:
    return "none" if value is None or value == "" else str(value)
