"""Who should have reported: the denominator beside every figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.selectors.units import Unit, is_reporter

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
class DueTable:
    """The units that owe a form, in tree order, so that a subtree is a slice."""

    tree_left: NDArray[np.int64]
    opened: NDArray[np.int64]
    closed: NDArray[np.int64]
    population: NDArray[np.int64]
    states_population: NDArray[np.bool_]

    @classmethod
    def of(cls, form: Form, units: Iterable[Unit]) -> DueTable:
        """Keep the units that fill in the form."""
        chosen = [unit for unit in units if is_reporter(form, unit.kind, unit.grade)]
        chosen.sort(key=lambda unit: unit.tree_left)
        return cls(
            _array([unit.tree_left for unit in chosen]),
            _array([unit.opened.toordinal() if unit.opened else 0 for unit in chosen]),
            _array([unit.closed.toordinal() if unit.closed else _FOREVER for unit in chosen]),
            _array([unit.population or 0 for unit in chosen]),
            np.array([unit.population is not None for unit in chosen], dtype=bool),
        )

    def count(self, place: Place, days: Sequence[date]) -> tuple[list[int], list[int | None]]:
        """Return for each day how many units owe the form in a place, and the people they serve."""
        first, last = np.searchsorted(self.tree_left, [place.tree_left, place.tree_right + 1])
        part = slice(int(first), int(last))
        moments = _array([day.toordinal() for day in days])[:, None]
        owing = (self.opened[part] <= moments) & (moments < self.closed[part])
        known = (owing & self.states_population[part]).any(axis=1)
        people = owing @ self.population[part]
        counts = owing.sum(axis=1)
        return (
            [int(count) for count in counts],
            [int(some) if sure else None for some, sure in zip(people, known, strict=True)],
        )

    def coverage(self, place: Place, day: date, reported: int, population: int | None) -> Coverage:
        """Return the coverage of one place on one day."""
        (due,), (people,) = self.count(place, [day])
        return Coverage(reported, due, population if people is not None else None, people)


def _array(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)
