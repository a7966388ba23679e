"""What the next unit at a point is worth: the ladder of segments that an allocation fills from the top.

First come units that a point must be sent, then the steps of the survival floor, the emptiest points first,
and then what lessens the expected shortage most. Within a point the red tier is served first, so the first
units lessen the shortage of the red tier, later ones that of the others.

Demand is taken at its quantiles: each stands for the part of probability nearer to its level than to the
others. The expected shortage is then exact and falls by straight lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.supplies import SupplyProblem

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

GUARANTEED = -1
"""Step of units that must be sent, before the first step of the floor."""


def cell_probability(levels: Floats) -> Floats:
    """Return the probability that each quantile stands for; they sum to 1.

    Parameters
    ----------
    levels : float64[K]
        Rising, between 0 and 1.

    Returns
    -------
    float64[K]
    """
    edges = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]])
    return np.diff(edges)


@dataclass(frozen=True)
class PointNeeds:
    """The needs of one item, with the marks that cut them into segments.

    Parameters
    ----------
    need : int64[M]
        Row in the problem's needs.
    point : int64[M]
    available : int64[M]
        On hand and coming.
    guaranteed : int64[M]
    floor : int64[M]
        Units that the survival floor asks for, what is available included.
    marks : int64[M, K, 3]
        Units for the red tier, for red and yellow, and for all, at each quantile.
    daily_use : float64[M]
        Units that are expected to be used a day.
    """

    need: Integers
    point: Integers
    available: Integers
    guaranteed: Integers
    floor: Integers
    marks: Integers
    daily_use: Floats


def point_needs(problem: SupplyProblem, item: int) -> PointNeeds:
    """Return the needs of one item.

    Parameters
    ----------
    problem : SupplyProblem
    item : int

    Returns
    -------
    PointNeeds
    """
    needs = problem.needs
    rows = np.flatnonzero(needs.item == item)
    quantiles, share = needs.quantiles[rows], needs.tier_share[rows]
    marks = np.ceil(quantiles[:, :, None] * np.cumsum(share, axis=1)[:, None, :] - 1e-9).astype(np.int64)
    marks[:, :, 2] = quantiles
    daily = quantiles @ cell_probability(problem.levels) / problem.horizon_days
    claim = problem.severity[needs.point[rows]] * (share @ np.asarray(problem.tier_weight))
    if problem.average_claim is not None:
        average = float(problem.average_claim[item])
    else:
        average = float(daily @ claim) / float(daily.sum()) if daily.any() else 1.0
    floor = np.floor(problem.items.floor_days[item] * daily * claim / average + 0.5).astype(np.int64)
    return PointNeeds(
        rows,
        needs.point[rows],
        needs.on_hand[rows] + needs.coming[rows],
        needs.guaranteed[rows],
        np.minimum(floor, quantiles[:, -1]),
        marks,
        daily,
    )


class Ladder(NamedTuple):
    """Segments, highest rank first; an entry a segment.

    ``need`` numbers the entries of :class:`PointNeeds`; ``start`` is how many units are at the point before
    the segment. ``step`` is ``GUARANTEED``, a step of the floor, or the number of steps for what lies above
    it. ``value`` is what a unit lessens the weighted expected shortage by, ``by_tier`` the part of each tier
    unweighted. Segments of equal ``rank`` are worth the same. ``steps`` is the number of steps of the floor.
    """

    need: Integers
    start: Integers
    amount: Integers
    step: Integers
    value: Floats
    by_tier: Floats
    rank: Integers
    steps: int


def build_ladder(needs: PointNeeds, probability: Floats, weight: Floats, steps: int) -> Ladder:
    """Cut the needs of one item into segments and rank them.

    Parameters
    ----------
    needs : PointNeeds
    probability : float64[K]
        From :func:`cell_probability`.
    weight : float64[3]
        Of a unit lacking, by tier.
    steps : int
        Steps of the survival floor.

    Returns
    -------
    Ladder
    """
    count = needs.need.shape[0]
    floor_marks = -(-needs.floor[:, None] * np.arange(steps + 1)[None, :] // steps)
    ordered_to = needs.available + needs.guaranteed
    cuts = np.concatenate(
        [needs.available[:, None], ordered_to[:, None], floor_marks, needs.marks.reshape(count, -1)], axis=1
    )
    cuts = np.sort(np.maximum(cuts, needs.available[:, None]), axis=1)
    amount = np.diff(cuts, axis=1)
    row, column = np.nonzero(amount)
    start, size = cuts[row, column], amount[row, column]
    held = needs.marks[row] > start[:, None, None]
    exceeded = np.einsum("skt,k->st", held, probability)
    by_tier = np.diff(exceeded, axis=1, prepend=0.0)
    value = np.round(by_tier @ weight, 9)
    floor = needs.floor[row]
    step = np.where(start < floor, start * steps // np.maximum(floor, 1), steps)
    step[start < ordered_to[row]] = GUARANTEED
    useful = (step < steps) | (value > 0)
    row, start, size, step = row[useful], start[useful], size[useful], step[useful]
    value, by_tier = value[useful], by_tier[useful]
    # Of equal worth the smaller number comes first: which one makes no difference to any objective.
    order = np.lexsort((row, -value, step))
    key = np.stack([step, -value], axis=1)[order]
    rank = np.cumsum(np.any(np.diff(key, axis=0, prepend=key[:1]) != 0, axis=1))
    return Ladder(
        row[order], start[order], size[order], step[order], value[order], by_tier[order],
        rank.astype(np.int64), steps,
    )  # fmt: skip


def expected_shortage(needs: PointNeeds, probability: Floats, held: Integers) -> Floats:
    """Return the units that each tier is expected to lack.

    Parameters
    ----------
    needs : PointNeeds
    probability : float64[K]
    held : int64[M]
        Units at the point: on hand, coming and received.

    Returns
    -------
    float64[M, 3]
        Red, yellow, green.
    """
    beyond = np.maximum(needs.marks - held[:, None, None], 0)
    lacking = np.einsum("mkt,k->mt", beyond, probability)
    return np.diff(lacking, axis=1, prepend=0.0)
