"""Which units owe what: the denominators of the brief for all its places and days at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.selectors.coverage import UnitGroups, whole

FloatArray = NDArray[np.float64]


def owed(
    form: Form, units: UnitGroups, places: Sequence[Place], days: Sequence[date]
) -> tuple[FloatArray, FloatArray]:
    """Return units that owe a form and the people they serve, [time, place]; people nobody states are NaN.

    ``places[0]`` holds all the units, the others lie side by side within it in tree order.
    """
    chosen = np.flatnonzero(units.reporters(form))
    lefts, rights = (
        whole([getattr(one, side) for one in places[1:]]) for side in ("tree_left", "tree_right")
    )
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
