"""Which effects of a plan are in force where: always, or by the level of the county or the city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import AnyEffect, Effect, Level, Measure, Plan

BoolArray = NDArray[np.bool_]
Kind = TypeVar("Kind", bound=Effect)


@dataclass(frozen=True, eq=False)
class Applied:
    """One effect, and in which places it is in force.

    Parameters
    ----------
    measure : Measure
        The measure that it belongs to.
    effect : AnyEffect
        What it does.
    where : bool array [P]
        Places in which it is in force.
    """

    measure: Measure
    effect: AnyEffect
    where: BoolArray


@dataclass(frozen=True, eq=False)
class InForce:
    """All effects that are in force somewhere on a day."""

    effects: tuple[Applied, ...]

    def of(self, kind: type[Kind]) -> list[tuple[Kind, BoolArray]]:
        """Return the effects of one kind with their places."""
        return [(one.effect, one.where) for one in self.effects if isinstance(one.effect, kind)]


class Switchboard:
    """Turns levels in force into effects in force.

    Parameters
    ----------
    plan : Plan
        Measures and levels.
    place_parent : int array [P]
        County of each place.
    off : Sequence of str
        Ids of measures that are never taken.
    """

    def __init__(self, plan: Plan, place_parent: NDArray[np.integer], off: Sequence[str] = ()) -> None:
        self.levels: tuple[Level, ...] = tuple(sorted(plan.levels, key=lambda level: level.rank))
        self._parent = np.asarray(place_parent)
        self._measures = tuple(measure for measure in plan.measures if measure.id not in off)

    def in_force(self, city_level: int, county_levels: NDArray[np.integer]) -> InForce:
        """Return what is in force.

        Parameters
        ----------
        city_level : int
            Index in ``levels`` of the level that holds for the whole city; -1 for none.
        county_levels : int array [counties]
            The same for each county.

        Returns
        -------
        InForce
            The graver of the two levels counts in each place.
        """
        own = np.asarray(county_levels)[self._parent]
        level = np.where(own < 0, city_level, np.where(city_level < 0, own, np.minimum(own, city_level)))
        applied = []
        for measure in self._measures:
            bringing = [index for index, one in enumerate(self.levels) if measure.id in one.measures]
            where = np.isin(level, bringing) | measure.always
            if where.any():
                applied += [Applied(measure, effect, where) for effect in measure.effects]
        return InForce(tuple(applied))
