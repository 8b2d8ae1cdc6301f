"""Packages (一件事, 一业一证) with their cases, the elements of items compared by level, and supervision.

`effective_to` is the first day on which a row no longer holds; NULL: no end is known.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from backoffice.store.metadata import metadata


def _period() -> tuple[Column[str], Column[str]]:
    return Column("effective_from", String(10), nullable=False), Column("effective_to", String(10))


package = Table(
    "package",
    metadata,
    Column("package_no", String(16), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("ends_in", String(16), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("lead", String(64), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("flow", Text, nullable=False),
    Column("shared_form", Text, nullable=False),
    Column("total_workdays", Integer),
    Column("elder", String(8), nullable=False),
    *_period(),
    Column("source", Text, nullable=False),
)
"""What is done as one: several items with one form and one limit. `ends_in` licence: one licence for all of them."""

package_item = Table(
    "package_item",
    metadata,
    Column("package_no", ForeignKey("package.package_no"), nullable=False),
    Column("item_id", String(16), nullable=False),
    PrimaryKeyConstraint("package_no", "item_id"),
)

bundle = Table(
    "bundle",
    metadata,
    Column("bundle_no", String(40), primary_key=True),
    Column("package_no", ForeignKey("package.package_no"), nullable=False),
    Column("town", String(9), nullable=False),
    Column("opened_at", String(40), nullable=False),
    Column("licence_no", String(64), unique=True),
    Column("licensed_at", String(40)),
)
"""A package as somebody went through it: the one number of its cases."""

bundle_case = Table(
    "bundle_case",
    metadata,
    Column("case_no", ForeignKey("service_case.case_no"), primary_key=True),
    Column("bundle_no", ForeignKey("bundle.bundle_no"), nullable=False),
    Index("bundle_case_bundle", "bundle_no"),
)

item_element = Table(
    "item_element",
    metadata,
    Column("item_id", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("element", String(64), nullable=False),
    Column("value", Text, nullable=False),
    *_period(),
    PrimaryKeyConstraint("item_id", "level", "element", "effective_from"),
)
"""One element of an item as one level publishes it."""

supervision_item = Table(
    "supervision_item",
    metadata,
    Column("item_no", String(16), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("department", String(64), nullable=False),
    *_period(),
)
"""监管事项主项: what a department watches over."""

supervision_plan = Table(
    "supervision_plan",
    metadata,
    Column("plan_no", String(16), primary_key=True),
    Column("department", String(64), nullable=False),
    Column("day", String(10), nullable=False),
)

supervision_officer = Table(
    "supervision_officer",
    metadata,
    Column("officer_no", String(16), primary_key=True),
    Column("department", String(64), nullable=False),
    *_period(),
)
"""A number and a department, no name: this table is for counting."""

supervision_act = Table(
    "supervision_act",
    metadata,
    Column("act_no", String(16), primary_key=True),
    Column("item_no", ForeignKey("supervision_item.item_no"), nullable=False),
    Column("plan_no", ForeignKey("supervision_plan.plan_no")),
    Column("day", String(10), nullable=False),
    Column("exposed", Boolean, nullable=False),
)
"""监管行为: one check, inspection or penalty; `exposed`: its result was made public."""
