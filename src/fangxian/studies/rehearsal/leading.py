"""Which of several effects of one kind leads in each place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import Effect

Kind = TypeVar("Kind", bound=Effect)
FloatArray = NDArray[np.float64]
NOWHERE = -1


class Leading(Generic[Kind]):
    """For each place the strongest of the effects that are in force there; of two alike the first.

    Parameters
    ----------
    effects : sequence of (effect, bool array [P])
        Effects of one kind and where they are in force.
    places : int
        P.
    strength : callable
        Of an effect: the larger leads.
    """

    def __init__(
        self,
        effects: Sequence[tuple[Kind, NDArray[np.bool_]]],
        places: int,
        strength: Callable[[Kind], float],
    ) -> None:
        self.effects = tuple(effect for effect, _ in effects)
        self.number = np.full(places, NOWHERE)
        """Index of the leading effect of each place, ``NOWHERE`` without one; int array [P]."""
        best = np.full(places, -np.inf)
        for index, (effect, where) in enumerate(effects):
            stronger = where & (strength(effect) > best)
            self.number[stronger], best[stronger] = index, strength(effect)

    def values(self, of: Callable[[Kind], float], otherwise: float) -> FloatArray:
        """Return a number of the leading effect of each place; float array [P]."""
        numbers = np.array([*(of(effect) for effect in self.effects), otherwise], dtype=np.float64)
        taken: FloatArray = numbers[self.number]
        return taken

    def rows(self, of: Callable[[Kind], FloatArray], otherwise: FloatArray) -> FloatArray:
        """Return an array of the leading effect of each place; float array [P, ...]."""
        numbers = np.stack([*(of(effect) for effect in self.effects), otherwise])
        taken: FloatArray = numbers[self.number]
        return taken
