"""Counts and alarms along a tree of places: province, city, county."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def depth_first(parents: Sequence[int]) -> list[int]:
    """Return the places with every child before its parent; ``parents[i]`` is -1 for a root."""
    depth = [0] * len(parents)
    for place in range(len(parents)):
        above, steps = parents[place], 0
        while above >= 0:
            steps += 1
            if steps > len(parents):
                raise ValueError(f"the tree of places has a circle through place {place}; mend its parents")
            above = parents[above]
        depth[place] = steps
    return sorted(range(len(parents)), key=lambda place: -depth[place])


def sum_up(counts: FloatArray, parents: Sequence[int]) -> FloatArray:
    """Return counts [time, place] in which a parent is the sum of its children.

    A parent without children keeps its own counts. A sum with a missing child is missing: it is never the sum
    of those that reported.
    """
    total = counts.copy()
    children: dict[int, list[int]] = {}
    for place, parent in enumerate(parents):
        if parent >= 0:
            children.setdefault(parent, []).append(place)
    for place in depth_first(parents):
        if place in children:
            total[:, place] = total[:, children[place]].sum(axis=1)
    return total


def lowest_alarms(alarm: BoolArray, parents: Sequence[int]) -> BoolArray:
    """Return the alarms [place] that no alarm further down the tree explains."""
    below = np.zeros(len(parents), dtype=np.bool_)
    for place in depth_first(parents):
        if parents[place] >= 0:
            below[parents[place]] |= below[place] or bool(alarm[place])
    return alarm & ~below
