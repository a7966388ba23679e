"""Least shipments in the ladder: the first units of a point come together or not at all.

A point receives nothing, or at least the least shipment. No plan is worth more than one that may also send a
part of these first units at their average worth: that is the least concave function above what is possible.
So the first units of each point become one block of their average worth, and the ladder of blocks is filled
like any other. Few blocks remain partly filled, and the weights of the steps of the floor bound the shortage
of every plan that is as fair (Lagrange; Geoffrion 1974, DOI 10.1007/BFb0120690).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.ladder import Ladder, PointNeeds

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_STEP_WEIGHT = 10.0
"""What a step of the floor counts beside the most that a unit can be worth above it."""


@dataclass(frozen=True)
class Blocks:
    """A ladder whose first units by point stand in blocks, in the order in which it is filled.

    Parameters
    ----------
    ladder : Ladder
        ``step`` is that of the first unit of a block, ``value`` the average of its units.
    lift : float64[S]
        Average weight of the steps that its units stand in, 0 above the floor.
    """

    ladder: Ladder
    lift: Floats


def step_weight(ladder: Ladder, red_weight: float) -> Floats:
    """Return float64[S]: what a unit counts by its step of the floor, falling by step, 0 above the floor."""
    weight: Floats = _STEP_WEIGHT * red_weight * (ladder.steps - ladder.step).astype(np.float64)
    return weight


def build_blocks(ladder: Ladder, needs: PointNeeds, least: int, red_weight: float) -> Blocks:
    """Join the first units of each point.

    Parameters
    ----------
    ladder : Ladder
    needs : PointNeeds
        Of the same item.
    least : int
        Units of a block; at least 1.
    red_weight : float
        Of a unit that the red tier lacks: the most that a unit can be worth.

    Returns
    -------
    Blocks
        In falling order of the first step, then of how much of a block stands in it, then of worth.
    """
    count = needs.need.shape[0]
    before = ladder.start - needs.available[ladder.need]
    inside = np.clip(least - before, 0, ladder.amount)
    lift = step_weight(ladder, red_weight)
    first_step = np.full(count, ladder.steps, np.int64)
    np.minimum.at(first_step, ladder.need[inside > 0], ladder.step[inside > 0])
    in_first = inside * (ladder.step == first_step[ladder.need])
    has = np.flatnonzero(np.bincount(ladder.need, inside, count))
    mean = [
        (np.bincount(ladder.need, inside * each, count) / least)[has]
        for each in (ladder.value, ladder.by_tier[:, 0], ladder.by_tier[:, 1], ladder.by_tier[:, 2], lift)
    ]
    rest = np.flatnonzero(ladder.amount > inside)
    need = np.concatenate([has, ladder.need[rest]])
    start = np.concatenate([needs.available[has], (ladder.start + inside)[rest]])
    amount = np.concatenate([np.full(has.shape[0], least), (ladder.amount - inside)[rest]])
    step = np.concatenate([first_step[has], ladder.step[rest]])
    filling = np.concatenate([(np.bincount(ladder.need, in_first, count) / least)[has], np.ones(rest.shape)])
    value = np.round(np.concatenate([mean[0], ladder.value[rest]]), 9)
    by_tier = np.concatenate([np.stack(mean[1:4], axis=1), ladder.by_tier[rest]])
    weight = np.round(np.concatenate([mean[4], lift[rest]]), 9)
    order = np.lexsort((need, -value, -weight, -filling, step))
    key = np.stack([step, filling, weight, value], axis=1)[order]
    rank = np.cumsum(np.any(np.diff(key, axis=0, prepend=key[:1]) != 0, axis=1))
    joined = Ladder(
        need[order], start[order], amount[order], step[order], value[order], by_tier[order],
        rank.astype(np.int64), ladder.steps,
    )  # fmt: skip
    return Blocks(joined, weight[order])


def by_worth(blocks: Blocks) -> Ladder:
    """Return the blocks in falling order of the weight of their steps and their value together.

    Filled from the top, they are worth more than any plan that keeps the least shipment; ``value`` is that
    worth.
    """
    held = blocks.ladder
    worth = np.round(blocks.lift + held.value, 9)
    order = np.argsort(-worth, kind="stable")
    rank = np.cumsum(np.diff(worth[order], prepend=worth[order][:1]) != 0)
    return Ladder(
        held.need[order], held.start[order], held.amount[order], held.step[order], worth[order],
        held.by_tier[order], rank.astype(np.int64), held.steps,
    )  # fmt: skip
