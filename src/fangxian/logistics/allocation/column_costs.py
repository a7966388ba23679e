"""What a unit costs from each row of stock to each column: written in one pass over what reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

Integers = NDArray[np.int64]


@compiled()
def column_costs(  # noqa: PLR0913 -- what the cost of an arc is made of
    ends: tuple[Integers, Integers],
    lives: tuple[Integers, Integers],
    reach: NDArray[np.bool_],
    distance: Integers,
    base: Integers,
    late: int,
    no_way: int,
) -> Integers:
    """Return the costs of all arcs.

    Parameters
    ----------
    ends : tuple of int64[C] and int64[R]
        Need of each column, and row of stock of each warehouse.
    lives : tuple of int64[C] and int64[R]
        How many shelf lives are over before a column is used up, and which shelf life a row has.
    reach : bool[M, S]
    distance : int64[M, S]
    base : int64[R]
        Cost of a unit of a row wherever it goes.
    late : int
        Added where a row does not last until the column is used up.
    no_way : int
        Cost where the row does not reach the need.

    Returns
    -------
    int64[C, R + 1]
        The last is left 0: what is not filled at all.
    """
    need, row = ends
    begins, life = lives
    cost = np.zeros((need.shape[0], row.shape[0] + 1), np.int64)
    for column in range(need.shape[0]):
        at = need[column]
        for place in range(row.shape[0]):
            if reach[at, row[place]]:
                over = late if life[place] < begins[column] else 0
                cost[column, place] = distance[at, row[place]] + base[place] + over
            else:
                cost[column, place] = no_way
    return cost
