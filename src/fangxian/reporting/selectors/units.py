"""Which units stand in a place and which of them owe a form."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from fangxian.base.errors import NotPermitted
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.places.choices import Level
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.rules import is_open

Row = TypeVar("Row", bound=Model)
MANY = 500
"""More units than this are not named one by one in a question."""


class Unit(NamedTuple):
    """A facility as the reporting pages need it; read in bulk, so a plain record."""

    pk: int
    code: str
    name: str
    name_en: str
    kind: str
    grade: str
    telephone: str
    opened: date | None
    closed: date | None
    population: int | None
    synthetic: bool
    place_id: int
    place_code: str
    place_name: str
    tree_left: int


_COLUMNS = (
    "pk",
    "code",
    "name",
    "name_en",
    "kind",
    "grade",
    "telephone",
    "opened",
    "closed",
    "population_served",
    "synthetic",
    "place_id",
    "place__code",
    "place__name",
    "place__tree_left",
)


def facilities_in(place: Place, forms: Iterable[Form] | None = None) -> QuerySet[Facility]:
    """Return the facilities in a subtree, only those of the kinds that the forms name, to be read."""
    query = Facility.objects.filter(place__tree_left__range=(place.tree_left, place.tree_right))
    if forms is not None:
        query = query.filter(kind__in={kind for form in forms for kind in form.reporters.facility_kinds})
    return query


def units_in(place: Place, forms: Iterable[Form] | None = None) -> list[Unit]:
    """Return the units in a subtree with all that a page may show of them; slower than their columns."""
    rows = facilities_in(place, forms).order_by("code").values_list(*_COLUMNS)
    return [Unit._make(row) for row in rows]


def units_standing_in(place: Place, form: Form) -> list[Unit]:
    """Return the units of a form that stand in a place itself, not in a place below."""
    standing = facilities_in(place, [form]).filter(place=place).order_by("code")
    return [Unit._make(row) for row in standing.values_list(*_COLUMNS)]


def units_by_pk(place: Place, forms: Iterable[Form], pks: Collection[int]) -> dict[int, Unit]:
    """Return some of the units in a place in full; where they are many, all are read and the rest left."""
    if len(pks) > MANY:
        wanted = set(pks)
        return {unit.pk: unit for unit in units_in(place, forms) if unit.pk in wanted}
    rows = Facility.objects.filter(pk__in=pks).order_by().values_list(*_COLUMNS)
    return {row[0]: Unit._make(row) for row in rows}


def keep_named(query: QuerySet[Row], column: str, values: Sequence[int] | Sequence[date]) -> QuerySet[Row]:
    """Keep the rows whose column is one of many values: one bound value goes out, not one for each."""
    if not values:
        return query.none()
    column = f"{query.model._meta.db_table}.{column}"
    if connection.vendor == "postgresql":  # of the column's own type: only so are many compared at once
        kind = "date" if isinstance(values[0], date) else "bigint"
        any_of = f"{column} = ANY(%s::{kind}[])"
        return query.extra(where=[any_of], params=[list(values)])  # noqa: S610 -- fixed names
    named = json.dumps([str(one) if isinstance(one, date) else one for one in values])
    inside = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608 -- fixed names
    return query.extra(where=[inside], params=[named])  # noqa: S610 -- the same


def is_reporter(form: Form, kind: str, grade: str) -> bool:
    """Say whether a facility of this kind and grade fills in the form."""
    reporters = form.reporters
    return kind in reporters.facility_kinds and (not reporters.grades or grade in reporters.grades)


def owes(form: Form, unit: Unit | Facility, day: date) -> bool:
    """Say whether a unit owes a form on a day."""
    return is_reporter(form, unit.kind, unit.grade) and is_open(unit.opened, unit.closed, day)


def permit(
    viewer: User | None, action: Action, *, place: Place | None = None, unit: Facility | None = None
) -> None:
    """Refuse a viewer whom the policy does not allow; nobody (``None``) is the system itself."""
    if viewer is None:
        return
    decision = policy.may(viewer, action, place=place, facility=unit)
    if not decision.allowed:
        raise NotPermitted(
            {"zh": decision.reason_zh, "en": decision.reason_en},
            {"zh": "如工作需要，请向管理员申请。", "en": "Ask an administrator if your work needs it."},
        )


def totals_chain(place: Place) -> list[int]:
    """Return the places whose totals a report from here enters: this one and those above, no villages."""
    return list(
        Place.objects.filter(
            tree_left__lte=place.tree_left, tree_right__gte=place.tree_left, level__lt=Level.VILLAGE
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def keeps_totals(place: Place) -> bool:
    """Say whether totals are kept for a place; villages are read from their reports."""
    return place.level < Level.VILLAGE


def children_of(place: Place) -> Sequence[Place]:
    """Return the places right below, in tree order; merged ones hang under their successor."""
    return list(Place.objects.filter(parent=place).order_by("tree_left"))
