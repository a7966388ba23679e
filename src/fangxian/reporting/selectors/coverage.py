"""Who should have reported: the denominator beside every figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Count, Q, Sum
from numpy.typing import NDArray

from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.selectors.units import facilities_in, is_reporter

_FOREVER = date.max.toordinal() + 1


class Coverage(NamedTuple):
    """How many of the units that owe a report have given one, and of how many people they speak."""

    reported: int
    due: int
    population_reported: int | None = None
    population_due: int | None = None

    @property
    def share(self) -> float | None:
        """Share of units, absent where none is due."""
        return self.reported / self.due if self.due else None

    @property
    def population_share(self) -> float | None:
        """Share of the people served, absent where no unit says whom it serves."""
        if self.population_due is None or self.population_reported is None:
            return None
        return self.population_reported / self.population_due if self.population_due else None

    @property
    def complete(self) -> bool:
        """Whether everybody who owes has reported."""
        return self.reported >= self.due


@dataclass(frozen=True)
class UnitGroups:
    """Units by columns, in tree order; alike ones of one place may stand together, ``number`` of them.

    ``population`` adds up those who state whom they serve, ``stating_population`` counts them, and
    ``synthetic`` those that a generator made.
    """

    roles: Sequence[tuple[str, str]]
    opened: NDArray[np.int64]
    closed: NDArray[np.int64]
    tree_left: NDArray[np.int64]
    number: NDArray[np.int64]
    population: NDArray[np.int64]
    stating_population: NDArray[np.int64]
    synthetic: NDArray[np.int64]

    @classmethod
    def of(cls, columns: Sequence[Sequence[Any]]) -> UnitGroups:
        """Return groups of columns: kind, grade, opened, closed, tree position, then the four numbers."""
        kind, grade, opened, closed, left, number, people, stating, synthetic = columns
        return cls(
            roles=list(zip(kind, grade, strict=True)),
            opened=whole([day.toordinal() if day else 0 for day in opened]),
            closed=whole([day.toordinal() if day else _FOREVER for day in closed]),
            tree_left=whole(left),
            number=whole(number),
            population=whole([some or 0 for some in people]),
            stating_population=whole(stating),
            synthetic=whole(synthetic),
        )

    def reporters(self, form: Form) -> NDArray[np.bool_]:
        """Say of each group whether its units fill in a form."""
        fills = {role: is_reporter(form, *role) for role in set(self.roles)}
        return np.array([fills[role] for role in self.roles], dtype=np.bool_)

    def open_on(self, day: date) -> NDArray[np.bool_]:
        """Say of each group whether its units exist on a day."""
        moment = day.toordinal()
        return (self.opened <= moment) & (moment < self.closed)


def groups_in(place: Place, forms: Iterable[Form] | None = None) -> UnitGroups:
    """Return the units of a subtree in groups, only those of the kinds that the forms name."""
    alike = facilities_in(place, forms).order_by("place__tree_left")
    rows = alike.values_list("kind", "grade", "opened", "closed", "place__tree_left").annotate(
        number=Count("pk"),
        people=Sum("population_served"),
        stating=Count("population_served"),
        made_up=Count("pk", filter=Q(synthetic=True)),
    )
    return UnitGroups.of(list(zip(*rows, strict=True)) or [()] * 9)


def groups_under(places: Sequence[Place], forms: Iterable[Form]) -> UnitGroups:
    """Return the units of the span of the tree that holds all these places, in groups."""
    left, right = min(place.tree_left for place in places), max(place.tree_right for place in places)
    return groups_in(Place(tree_left=left, tree_right=right), forms)


@dataclass(frozen=True)
class DueTable:
    """The units that owe a form, in tree order, so that a subtree is a slice."""

    groups: UnitGroups
    chosen: NDArray[np.int64]

    @classmethod
    def of(cls, form: Form, groups: UnitGroups) -> DueTable:
        """Keep the units that fill in the form."""
        return cls(groups, np.flatnonzero(groups.reporters(form)))

    def count(self, place: Place, days: Sequence[date]) -> tuple[list[int], list[int | None]]:
        """Return for each day how many units owe the form in a place, and the people they serve."""
        span = [place.tree_left, place.tree_right + 1]
        first, last = np.searchsorted(self.groups.tree_left[self.chosen], span)
        part = self.chosen[int(first) : int(last)]
        moments = whole([day.toordinal() for day in days])[:, None]
        owing = (self.groups.opened[part] <= moments) & (moments < self.groups.closed[part])
        known = (owing @ self.groups.stating_population[part]).tolist()
        people = (owing @ self.groups.population[part]).tolist()
        counts = (owing @ self.groups.number[part]).tolist()
        return counts, [some if sure else None for some, sure in zip(people, known, strict=True)]


def whole(values: Sequence[int]) -> NDArray[np.int64]:
    """Return whole numbers as an array."""
    return np.array(values, dtype=np.int64)
