"""Which units owe what: the denominators of the brief for all its places and days at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.models import Count, Q, Sum
from numpy.typing import NDArray

from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.selectors.units import is_reporter

FloatArray = NDArray[np.float64]
_FOREVER = date.max.toordinal() + 1


@dataclass(frozen=True)
class Units:
    """The units in a place, alike ones of one place together; arrays are [group]."""

    roles: Sequence[tuple[str, str]]
    opened: NDArray[np.int64]
    closed: NDArray[np.int64]
    tree_left: NDArray[np.int64]
    number: NDArray[np.int64]
    population: NDArray[np.int64]
    stating_population: NDArray[np.int64]
    synthetic: bool


def units_of(place: Place) -> Units:
    """Return the units in a place and below it."""
    below = Facility.objects.filter(place__tree_left__range=(place.tree_left, place.tree_right))
    alike = below.order_by().values_list("kind", "grade", "opened", "closed", "place__tree_left")
    rows = alike.annotate(
        number=Count("pk"),
        people=Sum("population_served"),
        stating=Count("population_served"),
        made_up=Count("pk", filter=Q(synthetic=True)),
    )
    columns = list(zip(*rows, strict=True)) or [()] * 9
    kind, grade, opened, closed, left, number, people, stating, made_up = columns
    return Units(
        roles=list(zip(kind, grade, strict=True)),
        opened=_whole(day.toordinal() if day else 0 for day in opened),
        closed=_whole(day.toordinal() if day else _FOREVER for day in closed),
        tree_left=_whole(left),
        number=_whole(number),
        population=_whole(one or 0 for one in people),
        stating_population=_whole(stating),
        synthetic=any(made_up),
    )


def owed(
    form: Form, units: Units, places: Sequence[Place], days: Sequence[date]
) -> tuple[FloatArray, FloatArray]:
    """Return units that owe a form and the people they serve, [time, place]; people nobody states are NaN.

    ``places[0]`` holds all the units, the others lie side by side within it in tree order.
    """
    fills = {role: is_reporter(form, *role) for role in set(units.roles)}
    chosen = np.flatnonzero(np.array([fills[role] for role in units.roles], dtype=np.bool_))
    lefts, rights = (_whole(getattr(one, side) for one in places[1:]) for side in ("tree_left", "tree_right"))
    beneath = np.searchsorted(lefts, units.tree_left[chosen], side="right")
    inside = beneath > 0
    inside[inside] = units.tree_left[chosen][inside] <= rights[beneath[inside] - 1]
    position = np.concatenate((np.zeros(len(chosen), dtype=np.int64), beneath[inside]))
    group = np.concatenate((chosen, chosen[inside]))
    first, length = days[0].toordinal(), len(days)
    begin = np.clip(units.opened[group] - first, 0, length)
    end = np.clip(np.maximum(units.closed, units.opened)[group] - first, 0, length)

    def running(weight: NDArray[np.int64]) -> FloatArray:
        shape = (len(places), length + 1)
        steps = np.zeros(shape)
        np.add.at(steps, (position, begin), weight[group])
        np.subtract.at(steps, (position, end), weight[group])
        return np.cumsum(steps, axis=1)[:, :length].T

    people = np.where(running(units.stating_population) > 0, running(units.population), np.nan)
    return running(units.number), people


def _whole(values: object) -> NDArray[np.int64]:
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload]
